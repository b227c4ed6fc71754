"""Results of the Message Batches API, read as turns. Pure: no SDK, no clock, no network."""

from collections.abc import Iterator
from typing import Any

from archwright.errors import ModelError, ModelRetryable
from archwright.model.events import Event
from archwright.model.failures import failure_of_answer
from archwright.model.ports import Reply
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
    turn = Streamed(message["model"])
    for event in events_in(message):
        turn.take(event)
    return turn.reply(first_token_ms=None, total_ms=0.0)


def events_in(message: dict[str, Any]) -> Iterator[Event]:
    """Yield the events that a message would have come in had it been streamed. Raises as `reply_of`."""
    blocks, stopped = message["content"], message.get("stop_reason")
    yield {"type": "message_start", "message": message}
    for index, block in enumerate(blocks):
        is_call = block.get("type") == "tool_use"
        yield {"type": "content_block_start", "index": index, "content_block": block}
        if not (is_call and index == len(blocks) - 1 and may_be_cut(stopped)):
            yield {"type": "content_block_stop", "index": index}
    details = {"stop_reason": stopped, "stop_details": message.get("stop_details")}
    yield {"type": "message_delta", "delta": details, "usage": message.get("usage")}
