"""What Archwright needs of a language model: one streamed turn at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from archwright.jobs.model import Usage

Block = dict[str, Any]
Message = dict[str, Any]
StopReason = Literal[
    "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
    "model_context_window_exceeded", "compaction",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `system` and `tools` are byte-stable within a job; `messages` only grow within it."""

    model: str
    system: str
    tools: tuple[dict[str, Any], ...]
    messages: tuple[Message, ...]
    max_tokens: int
    previous_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDone:
    """A tool call whose input is complete; it takes effect only when its turn is saved."""

    id: str
    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole turn: content blocks verbatim, and what it used. `stop_reason` is always set.
    `tool_calls` holds the calls whose input is complete and a JSON object."""

    message_id: str
    model: str
    content: tuple[Block, ...]
    stop_reason: str
    usage: Usage
    first_token_ms: float | None
    total_ms: float


ModelEvent = TextDelta | ToolCallDone | Reply


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model that a person may choose. Prices are US dollars per million tokens, with source and date in
    `model/pricing.py`."""

    id: str
    provider: str
    label: str
    description: str
    input_usd: float
    output_usd: float
    default: bool = False
    rule_based: bool = False


class Model(Protocol):
    def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Stream one turn; the last event is the Reply.

        Raises ModelRetryable (overload, rate limit, network, stall, a stream that ended without a stop reason;
        `extra["usage"]` is what it had used so far when known) or ModelRefused. Tries once: retrying is the
        caller's policy. Closing the iterator cancels the call."""
        ...

    def cards(self) -> tuple[ModelCard, ...]:
        """The models that this process can call, the default first."""
        ...

    async def close(self) -> None: ...
