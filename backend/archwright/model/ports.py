"""What Archwright needs of a language model: one streamed turn at a time."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from archwright.jobs.model import Usage

Block = dict[str, Any]
Message = dict[str, Any]
StopReason = Literal[
    "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
    "model_context_window_exceeded", "compaction",
]  # fmt: skip


CUT = "cut"
"""Our own reason why a turn stopped: its stream broke off, and what was complete of it was kept."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `system` and `tools` are byte-stable within a job; `messages` only grow within it. `cached` are the
    indexes of messages up to which the provider's cache is likely to hold the request."""

    model: str
    system: str
    tools: tuple[dict[str, Any], ...]
    messages: tuple[Message, ...]
    max_tokens: int
    previous_message_id: str | None = None
    cached: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDone:
    """A tool call whose input is complete; it takes effect only when its turn is saved. One that is `refused` has no
    input, for what came of it could not be read: it is answered with that sentence and not carried out."""

    id: str
    name: str
    input: dict[str, Any]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The model has not said anything yet, `seconds` after it was asked."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole turn: content blocks verbatim, and what it used. `stop_reason` is always set.

    `content` may be sent back as it is; it can be empty after a refusal or a limit. `tool_calls` are its calls, to
    be run or answered, except after a refusal, which leaves nothing to run. `unfinished` are blocks that a limit cut,
    for the record only: never send them back. `stop_detail` is the provider's reason for a refusal, `cache_miss` why
    the prompt cache did not serve, when it says.
    """

    message_id: str
    model: str
    content: tuple[Block, ...]
    stop_reason: str
    usage: Usage
    first_token_ms: float | None
    total_ms: float
    tool_calls: tuple[ToolCallDone, ...] = ()
    unfinished: tuple[Block, ...] = ()
    stop_detail: str | None = None
    cache_miss: str | None = None


ModelEvent = TextDelta | ToolCallDone | Waiting | Reply


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
    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream one turn; the last event is the Reply.

        Raises ModelRetryable (overload, rate limit, network, stall, a stream that ended without a stop reason) or
        ModelRefused. `extra["usage"]` is what it had used so far when known, `extra["partial"]` the Reply that can
        be made of what was complete, `extra["cut"]` whether the model had begun to answer. Tries once: retrying is the
        caller's policy. Closing the iterator cancels the call."""
        ...

    def cards(self) -> tuple[ModelCard, ...]:
        """The models that this process can call, the default first."""
        ...

    async def close(self) -> None: ...
