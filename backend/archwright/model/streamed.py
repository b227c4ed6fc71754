"""A streamed turn, put together from the wire events of the Messages API. Pure: no SDK, no clock, no network."""

import json
from collections.abc import Iterable
from typing import Any

from archwright.errors import ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.ports import Block, ModelEvent, Reply, TextDelta, ToolCallDone

Event = dict[str, Any]

_CHARS_A_TOKEN = 4
_STOPPED_SHORT = frozenset({"max_tokens", "model_context_window_exceeded", "refusal", "pause_turn"})
"""Stop reasons after which the last block may be a part of what the model meant to say."""

_USAGE = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}


class Streamed:
    """The blocks of one turn, in wire form, growing with each event that is `take`n.

    `taken` are the ids of the conversation's earlier tool calls: a call that repeats one, as some servers of local
    models do, or has none, gets another id, since an id stands for one effect.
    """

    def __init__(self, model: str, taken: Iterable[str] = ()) -> None:
        self._model = model
        self._taken = set(taken)
        self._message_id = ""
        self._stop_reason: str | None = None
        self._stop_details: dict[str, Any] = {}
        self._cache_miss: str | None = None
        self._blocks: dict[int, Block] = {}
        self._inputs: dict[int, str] = {}
        self._closed: set[int] = set()
        self._counts: dict[str, int] = {}
        self._received = 0

    @property
    def has_started(self) -> bool:
        """Whether the provider took the request, and counts tokens for it."""
        return bool(self._message_id)

    @property
    def has_begun(self) -> bool:
        """Whether the model has said something: a first block is there."""
        return bool(self._blocks)

    @property
    def is_whole(self) -> bool:
        """Whether the turn counts: the model said why it stopped."""
        return self._stop_reason is not None

    def take(self, event: Event) -> tuple[ModelEvent, ...]:
        """Add an event, and return what became complete by it. An unknown event adds nothing.

        Raises KeyError, TypeError, AttributeError or ValueError for an event that is not of the protocol."""
        match event.get("type"):
            case "message_start":
                self._start(event["message"])
            case "content_block_start":
                self._open(event["index"], _without_nulls(event["content_block"]))
            case "content_block_delta":
                return self._grow(event["index"], event["delta"])
            case "content_block_stop":
                return self._close(event["index"])
            case "message_delta":
                self._stop_reason = event["delta"].get("stop_reason") or self._stop_reason
                self._stop_details = event["delta"].get("stop_details") or {}
                self._count(event.get("usage") or {})
        return ()

    @property
    def usage(self) -> Usage:
        """What the call has used so far; before its end the output is at least an estimate of what has come."""
        counts = {"model_calls": 1, **self._counts}
        if not self.is_whole:
            received = -(-self._received // _CHARS_A_TOKEN)
            counts["output_tokens"] = max(counts.get("output_tokens", 0), received)
        return Usage(**counts)

    def reply(self, first_token_ms: float | None, total_ms: float) -> Reply:
        """Return the whole turn.

        Raises ModelRetryable when the stream ended without a stop reason, or a tool call that the model meant
        to be whole has no JSON object for input."""
        if self._stop_reason is None:
            raise ModelRetryable("The model's stream ended in the middle of its turn.", usage=self.usage)
        whole = tuple(block for index, block in self._ordered() if self._is_whole(index))
        unfinished = tuple(self._as_far_as_it_came(index) for index, _ in self._ordered() if not self._is_whole(index))
        broken = [block for block in unfinished if block["type"] == "tool_use"]
        if broken and self._stop_reason not in _STOPPED_SHORT:
            said = f"The model called {broken[0].get('name')} with an input that is no JSON object."
            raise ModelRetryable(said, usage=self.usage)
        return Reply(
            message_id=self._message_id,
            model=self._model,
            content=whole,
            stop_reason=self._stop_reason,
            usage=self.usage,
            first_token_ms=first_token_ms,
            total_ms=total_ms,
            tool_calls=() if self._stop_reason == "refusal" else _tool_calls(whole),
            unfinished=unfinished,
            stop_detail=self._stop_details.get("explanation") or self._stop_details.get("category"),
            cache_miss=self._cache_miss,
        )

    def _start(self, message: Event) -> None:
        self._message_id, self._model = message["id"], message.get("model") or self._model
        miss = (message.get("diagnostics") or {}).get("cache_miss_reason") or {}
        self._cache_miss = miss.get("type")
        self._count(message.get("usage") or {})

    def _open(self, index: int, block: Block) -> None:
        if block["type"] == "tool_use":
            if not block.get("id") or block["id"] in self._taken:
                block["id"] = f"toolu_{self._message_id}_{index}"
            self._taken.add(block["id"])
        self._blocks[index] = block

    def _count(self, usage: Event) -> None:
        # Counts are running totals, and one that is left out keeps its value.
        self._counts |= {ours: int(usage[wire]) for wire, ours in _USAGE.items() if usage.get(wire) is not None}

    def _grow(self, index: int, delta: Event) -> tuple[ModelEvent, ...]:
        block = self._blocks[index]
        match delta.get("type"):
            case "text_delta":
                block["text"] = block.get("text", "") + delta["text"]
                self._received += len(delta["text"])
                return (TextDelta(_sound(delta["text"])),) if delta["text"] else ()
            case "input_json_delta":
                self._inputs[index] = self._inputs.get(index, "") + delta["partial_json"]
                self._received += len(delta["partial_json"])
            case "thinking_delta":
                block["thinking"] = block.get("thinking", "") + delta["thinking"]
                self._received += len(delta["thinking"])
            case "signature_delta":
                block["signature"] = delta["signature"]
            case "citations_delta":
                block["citations"] = [*(block.get("citations") or []), delta["citation"]]
        return ()

    def _close(self, index: int) -> tuple[ModelEvent, ...]:
        block = self._blocks[index]
        self._closed.add(index)
        if block["type"] == "text":
            block["text"] = _sound(block["text"])
        if block["type"] != "tool_use" or not self._inputs.get(index):
            # A call without input is told with the reply only: until then it may be one that was cut at its start.
            return ()
        value = _json_object(self._inputs[index])
        if value is None:
            self._closed.discard(index)
            return ()
        block["input"] = value
        return (ToolCallDone(block["id"], block["name"], value),)

    def _is_whole(self, index: int) -> bool:
        block = self._blocks[index]
        match block["type"]:
            case "text":
                return bool(block.get("text"))
            case "thinking":
                return bool(block.get("signature"))
            case "tool_use" if index == max(self._blocks) and self._stop_reason in _STOPPED_SHORT:
                return index in self._closed and bool(self._inputs.get(index))
        return index in self._closed and ("input" not in block or isinstance(block["input"], dict))

    def _as_far_as_it_came(self, index: int) -> Block:
        block = self._blocks[index]
        if block["type"] != "tool_use":
            return block
        return {name: block.get(name) for name in ("type", "id", "name")} | {
            "partial_json": self._inputs.get(index, "")
        }

    def _ordered(self) -> list[tuple[int, Block]]:
        return sorted(self._blocks.items())


def may_be_cut(stop_reason: str | None) -> bool:
    """Whether a turn that stopped for this reason may end in the middle of a block."""
    return stop_reason in _STOPPED_SHORT


def _tool_calls(blocks: tuple[Block, ...]) -> tuple[ToolCallDone, ...]:
    return tuple(ToolCallDone(b["id"], b["name"], b["input"]) for b in blocks if b["type"] == "tool_use")


def _without_nulls(block: Block) -> Block:
    # An answer may say `null` where a request may not, and leaving it out says the same.
    return {name: value for name, value in block.items() if value is not None}


def _json_object(text: str) -> dict[str, Any] | None:
    """The object that the text is, if a later request can carry it."""
    try:
        value = json.loads(text)
        carried = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return json.loads(_sound(carried)) if isinstance(value, dict) else None


def _sound(text: str) -> str:
    """The text with halves of characters joined, and replaced where they stand alone: no request can carry them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
