"""A streamed turn, put together from the events of the Messages protocol, or of what some server takes for it.

The one strict reader at the boundary: whatever comes becomes a turn, of which a call may be refused, or a
ModelRetryable. Pure: no SDK, no clock, no network.
"""

from collections.abc import Callable, Iterable
from typing import Any

from archwright.errors import ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.blocks import CALL, TEXT, THINKING, Growing, id_in, opened, text_in
from archwright.model.counts import counts_in
from archwright.model.inputs import BadInput, sound_text
from archwright.model.ports import CUT, Block, ModelEvent, Reply, TextDelta, ToolCallDone

_Index = int | float | str | None
_CHARS_A_TOKEN = 4
_WORD_MAX = 200
_REASON_MAX = 2_000
_STOPPED_SHORT = frozenset({"max_tokens", "model_context_window_exceeded", "refusal", "pause_turn"})
"""Stop reasons after which the last block may be a part of what the model meant to say."""
_TAKEN_IN = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
BROKEN_OFF = "The model's stream ended in the middle of its turn."
_REFUSED = "The call was not carried out: {why}. Send it again with its arguments as one JSON object."


class Streamed:
    """The blocks of one turn, growing with each event that is `take`n.

    Blocks are told apart by the order in which they open, and their `index` only says to which of them a delta
    belongs: where it was not opened, or as another kind, the delta goes to the last open block of its kind, or else to
    a new one. A block that nothing closes is closed by the turn's end.

    `taken` are the ids of the conversation's earlier tool calls: a call that repeats one, as some servers of local
    models do, or has none, gets another id, since an id stands for one effect. `prompt_tokens` estimates what a server
    that reports none took in.
    """

    def __init__(self, model: str, taken: Iterable[str] = (), prompt_tokens: Callable[[], int] = lambda: 0) -> None:
        self._model = model
        self._prompt_tokens = prompt_tokens
        self._taken = set(taken)
        self._message_id = ""
        self._started = False
        self._over = False
        self._stop_reason = ""
        self._stop_details: dict[str, Any] = {}
        self._cache_miss: str | None = None
        self._blocks: list[Growing] = []
        self._at: dict[_Index, Growing] = {}
        self._counts: dict[str, int] = {}
        self._output_is_told = False
        self._received = 0

    @property
    def has_started(self) -> bool:
        """Whether the provider took the request, and counts tokens for it."""
        return self._started

    @property
    def has_begun(self) -> bool:
        """Whether the model has said something: a first block is there, and is no empty text, which some servers open
        before they ask the model."""
        return any(block.kind != TEXT or block.grown for block in self._blocks)

    @property
    def is_over(self) -> bool:
        """Whether the server has said that nothing follows."""
        return self._over

    @property
    def is_whole(self) -> bool:
        """Whether the turn counts: the model said why it stopped, or at least that it has, and nothing is cut."""
        return bool(self._stop_reason) or self._is_told_whole()

    def take(self, event: object) -> tuple[ModelEvent, ...]:
        """Add an event, and return what became complete by it. What is no event of the protocol adds nothing."""
        if not isinstance(event, dict):
            return ()
        index = event.get("index")
        at = index if isinstance(index, int | float | str) else None
        match event.get("type"):
            case "message_start":
                self._start(_object(event.get("message")))
            case "content_block_start":
                return self._open(at, opened(_object(event.get("content_block"))))
            case "content_block_delta":
                return self._grow(at, _object(event.get("delta")))
            case "content_block_stop":
                return self._close(self._at.get(at))
            case "message_delta":
                self._stop({**event, **_object(event.get("delta"))})
                self._count(event.get("usage"), at_the_end=True)
            case "message_stop":
                self._over = True
        return ()

    @property
    def usage(self) -> Usage:
        """What the call has used so far; where the server does not count, an estimate."""
        counts = {"model_calls": 1, **self._counts}
        if not self._output_is_told:
            received = -(-self._received // _CHARS_A_TOKEN)
            counts["output_tokens"] = max(counts.get("output_tokens", 0), received)
        if not any(counts.get(name) for name in _TAKEN_IN):
            counts["input_tokens"] = self._prompt_tokens()
        return Usage(**counts)

    def reply(self, first_token_ms: float | None, total_ms: float) -> Reply:
        """Return the whole turn. A call whose arguments cannot be read is in it without them, and is refused.

        Raises ModelRetryable when the stream ended before the turn did."""
        if not self.is_whole:
            raise ModelRetryable(BROKEN_OFF, usage=self.usage)
        whole: list[Block] = []
        unfinished: list[Block] = []
        calls: list[ToolCallDone] = []
        for block in self._blocks:
            if self._may_be_cut(block) or (block.kind != CALL and not block.is_said()):
                unfinished.append(block.as_far_as_it_came())
            elif block.kind == CALL:
                calls.append(_call(block))
                whole.append(block.call(calls[-1].input))
            else:
                whole.append(block.said())
        runs = tuple(calls) if self._stop_reason != "refusal" else ()
        return self._turn(
            self._stop_reason or ("tool_use" if calls else "end_turn"),
            whole, runs, first_token_ms, total_ms, tuple(unfinished),
        )  # fmt: skip

    def partial(self, first_token_ms: float | None, total_ms: float) -> Reply | None:
        """Return what is complete of a turn that broke off, up to its last complete call, as a turn that stopped
        because it was CUT; None when no call is complete."""
        whole: list[Block] = []
        calls: list[ToolCallDone] = []
        upto = 0
        for block in self._blocks:
            if block.kind == CALL and _is_complete(block):
                calls.append(_call(block))
                whole.append(block.call(calls[-1].input))
                upto = len(whole)
            elif block.kind != CALL and block.is_said():
                whole.append(block.said())
        if not calls:
            return None
        return self._turn(CUT, whole[:upto], tuple(calls), first_token_ms, total_ms, ())

    def _turn(
        self, stop_reason: str, content: list[Block], calls: tuple[ToolCallDone, ...], first_token_ms: float | None,
        total_ms: float, unfinished: tuple[Block, ...],
    ) -> Reply:  # fmt: skip
        detail = text_in(self._stop_details.get("explanation")) or text_in(self._stop_details.get("category"))
        return Reply(
            message_id=self._message_id,
            model=self._model,
            content=tuple(content),
            stop_reason=stop_reason,
            usage=self.usage,
            first_token_ms=first_token_ms,
            total_ms=total_ms,
            tool_calls=calls,
            unfinished=unfinished,
            stop_detail=sound_text(detail[:_REASON_MAX]) or None,
            cache_miss=self._cache_miss,
        )

    def _start(self, message: dict[str, Any]) -> None:
        self._started = True
        self._message_id = _word(message.get("id")) or self._message_id
        self._model = _word(message.get("model")) or self._model
        miss = _object(_object(message.get("diagnostics")).get("cache_miss_reason"))
        self._cache_miss = _word(miss.get("type")) or None
        self._count(message.get("usage"))

    def _count(self, usage: object, *, at_the_end: bool = False) -> None:
        # Counts are running totals, and one that is left out keeps its value.
        counts = counts_in(usage)
        self._counts |= counts
        self._output_is_told |= at_the_end and "output_tokens" in counts

    def _stop(self, delta: dict[str, Any]) -> None:
        self._stop_reason = _word(delta.get("stop_reason")) or self._stop_reason
        self._stop_details = _object(delta.get("stop_details"))

    def _open(self, at: _Index, block: Growing) -> tuple[ModelEvent, ...]:
        told = self._close(self._at.get(at))
        self._add(at, block)
        self._received += len(block.text) + (len(str(block.given)) if block.given else 0)
        return (*told, *(TextDelta(sound_text(piece)) for piece in block.grown if block.kind == TEXT))

    def _add(self, at: _Index, block: Growing) -> Growing:
        if block.kind == CALL:
            block.wire["id"] = self._own_id(block.wire["id"])
        self._blocks.append(block)
        self._at[at] = block
        return block

    def _own_id(self, given: str) -> str:
        number, made = len(self._blocks), given
        while not made or made in self._taken:
            made = f"toolu_{id_in(self._message_id) or 'call'}_{number}"
            number += 1
        self._taken.add(made)
        return made

    def _grow(self, at: _Index, delta: dict[str, Any]) -> tuple[ModelEvent, ...]:
        match delta.get("type") or next((kind for field, kind in _KINDS.items() if field in delta), None):
            case "text_delta":
                piece = self._receive(self._block(at, TEXT), delta.get("text"))
                return (TextDelta(sound_text(piece)),) if piece else ()
            case "input_json_delta":
                self._take_input(self._block(at, CALL), delta.get("partial_json"))
            case "thinking_delta":
                self._receive(self._block(at, THINKING), delta.get("thinking"))
            case "signature_delta":
                self._block(at, THINKING).signature = sound_text(text_in(delta.get("signature")))
        return ()

    def _block(self, at: _Index, kind: str) -> Growing:
        """The block that a delta of this kind belongs to."""
        block = self._at.get(at)
        if block is None or block.kind != kind:
            block = next((b for b in reversed(self._blocks) if b.kind == kind and not b.closed), None)
        return block or self._add(at, opened({"type": kind}))

    def _take_input(self, call: Growing, piece: object) -> None:
        call.given = piece if isinstance(piece, dict) else call.given
        self._receive(call, piece)

    def _receive(self, block: Growing, piece: object) -> str:
        text = text_in(piece)
        block.grown += [text] if text else []
        self._received += len(text)
        return text

    def _close(self, block: Growing | None) -> tuple[ModelEvent, ...]:
        if block is None or block.closed:
            return ()
        block.closed = True
        if block.kind != CALL or not block.has_input:
            # A call without input is told with the reply only: until then it may be one that was cut at its start.
            return ()
        try:
            return (ToolCallDone(block.wire["id"], block.wire["name"], block.input(mend=False)),)
        except BadInput:
            return ()

    def _may_be_cut(self, block: Growing) -> bool:
        """Whether it is the last block of a turn that stopped short, and not known to be complete."""
        if block is not self._blocks[-1] or self._stop_reason not in _STOPPED_SHORT:
            return False
        return not (block.closed and _is_complete(block)) if block.kind == CALL else not block.is_said()

    def _is_told_whole(self) -> bool:
        calls = [block for block in self._blocks if block.kind == CALL]
        return self._over and bool(self._blocks) and not any(_call(call).refused for call in calls)


_KINDS = {"text": "text_delta", "partial_json": "input_json_delta", "thinking": "thinking_delta"}


def may_be_cut(stop_reason: str | None) -> bool:
    """Whether a turn that stopped for this reason may end in the middle of a block."""
    return stop_reason in _STOPPED_SHORT


def _is_complete(block: Growing) -> bool:
    """Whether a call is complete whatever follows: an object is, as soon as it can be read."""
    try:
        block.input(mend=False)
    except BadInput:
        return False
    return block.has_input


def _call(block: Growing) -> ToolCallDone:
    name, call_id = block.wire["name"], block.wire["id"]
    try:
        return ToolCallDone(call_id, name, block.input())
    except BadInput as error:
        return ToolCallDone(call_id, name, {}, refused=_REFUSED.format(why=error))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    """A short text of the provider's, such as an id."""
    return sound_text(text_in(value)[:_WORD_MAX])
