"""Results of the Message Batches API, read as turns. Pure: no SDK, no clock, no network."""

import json
from typing import Any

from archwright.errors import ModelError, ModelRetryable
from archwright.model.failures import failure_of_answer
from archwright.model.ports import Block, Reply
from archwright.model.streamed import Streamed, may_be_cut

_STATUS = {
    "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
    "timeout_error": 504, "overloaded_error": 529,
}  # fmt: skip
"""The status that an error has outside of a batch, which keeps its type alone."""


def result_of(item: dict[str, Any]) -> Reply | ModelError:
    """Return what one line of a batch's results says: the turn, or why there is none. A line of no known form, or one
    that expired or was cancelled, is a ModelRetryable: nothing was charged, and it may be asked again."""
    result = item.get("result") or {}
    try:
        if result.get("type") == "succeeded":
            return reply_of(result["message"])
        if result.get("type") == "errored":
            body = result["error"]
            return failure_of_answer(_STATUS.get(body["error"]["type"], 500), body, {})
    except ModelError as error:
        return error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return ModelRetryable(f"The result could not be read ({type(error).__name__}).")
    return ModelRetryable(f"The batch ended without a result for this request ({result.get('type') or 'none'}).")


def reply_of(message: dict[str, Any]) -> Reply:
    """Return a message that came whole as the turn that it would be had it been streamed.

    Raises KeyError, TypeError, AttributeError or ValueError for what is no message, ModelRetryable for one that does
    not say why it stopped."""
    turn, stopped = Streamed(message["model"]), message.get("stop_reason")
    turn.take({"type": "message_start", "message": message})
    blocks: list[Block] = message["content"]
    for index, block in enumerate(blocks):
        cut = may_be_cut(stopped) and index == len(blocks) - 1 and block.get("type") == "tool_use"
        _take_block(turn, index, block, cut)
    details = {"stop_reason": stopped, "stop_details": message.get("stop_details")}
    turn.take({"type": "message_delta", "delta": details, "usage": message.get("usage")})
    return turn.reply(first_token_ms=None, total_ms=0.0)


def _take_block(turn: Streamed, index: int, block: Block, cut: bool) -> None:
    is_call = block.get("type") == "tool_use"
    opened = {**block, "input": {}} if is_call else dict(block)
    turn.take({"type": "content_block_start", "index": index, "content_block": opened})
    if is_call:
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block.get("input"))}
        turn.take({"type": "content_block_delta", "index": index, "delta": delta})
    if not cut:
        turn.take({"type": "content_block_stop", "index": index})
