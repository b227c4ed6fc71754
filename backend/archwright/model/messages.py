"""The server's side of the Messages protocol: a reply as the stream of events that a client reads."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archwright.model.ports import Block

CHARS_A_TOKEN = 4
_TEXT_PIECE = 32
_INPUT_PIECE = 24


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of silence: before the first word, and for each character of what is said."""

    first_s: float = 0
    character_s: float = 0

    def times(self, factor: float) -> "Pace":
        return Pace(self.first_s * factor, self.character_s * factor)


def tokens_in(value: Any) -> int:
    """Estimate tokens as a quarter of the characters, at least one."""
    return max(1, len(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) // CHARS_A_TOKEN)


def prompt_tokens(body: dict[str, Any]) -> int:
    """Estimate the tokens of a request: its system prompt, tools and messages."""
    return sum(tokens_in(body[part]) for part in ("system", "tools", "messages") if body.get(part))


async def stream(
    message_id: str, body: dict[str, Any], content: Sequence[Block], stop_reason: str, pace: Pace
) -> AsyncIterator[bytes]:
    """Yield a reply as server-sent events, at the pace of a model."""
    usage = {"input_tokens": prompt_tokens(body), "output_tokens": 1}
    message = {"id": message_id, "type": "message", "role": "assistant", "model": body["model"], "content": []}
    yield event("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})
    await asyncio.sleep(pace.first_s)
    for index, block in enumerate(content):
        yield event("content_block_start", index=index, content_block=_opened(block))
        for delta in _deltas(block):
            await asyncio.sleep(pace.character_s * _length(delta))
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    used = {"output_tokens": sum(tokens_in(block) for block in content)}
    yield event("message_delta", delta={"stop_reason": stop_reason, "stop_sequence": None}, usage=used)
    yield event("message_stop")


def event(kind: str, **fields: Any) -> bytes:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def _opened(block: Block) -> Block:
    """The block as it is when nothing of it has been said."""
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_use":
            return {**block, "input": {}}
    return block


def _deltas(block: Block) -> Iterator[dict[str, Any]]:
    match block["type"]:
        case "text":
            for piece in _cut(block["text"], _TEXT_PIECE):
                yield {"type": "text_delta", "text": piece}
        case "thinking":
            for piece in _cut(block["thinking"], _TEXT_PIECE):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "tool_use":
            yield {"type": "input_json_delta", "partial_json": ""}
            for piece in _cut(json.dumps(block["input"]), _INPUT_PIECE):
                yield {"type": "input_json_delta", "partial_json": piece}


def _cut(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def _length(delta: dict[str, Any]) -> int:
    return sum(len(value) for name, value in delta.items() if name in ("text", "thinking", "partial_json"))
