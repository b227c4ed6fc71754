"""One content block of a turn while it grows, and what may be made of it. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any

from archwright.model.inputs import BadInput, object_of, read_input, sound, sound_text
from archwright.model.ports import Block

TEXT, THINKING, CALL = "text", "thinking", "tool_use"
UNNAMED = "unnamed"
"""The name of a call that came without one: no tool has it, so the call is refused with the names that there are."""
_NAME_MAX = 128
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]+")
_IS_ID = re.compile(r"[a-zA-Z0-9_-]{1,100}")


@dataclass(slots=True)
class Growing:
    """`wire` is the block as it was opened, without nulls and without what grows; `grown` are the pieces of its text,
    its thinking or its input; `given` is the input that came with its opening."""

    kind: str
    wire: Block
    grown: list[str] = field(default_factory=list)
    given: object = None
    signature: str = ""
    closed: bool = False

    @property
    def text(self) -> str:
        """All that has grown."""
        return "".join(self.grown)

    @property
    def has_input(self) -> bool:
        """Whether anything of a call's input came; without it may have been cut at its start."""
        return bool(self.text.strip() or self.given)

    def input(self, *, mend: bool = True) -> dict[str, Any]:
        """Return a call's arguments. Raises BadInput, which says what is wrong with them."""
        if self.text.strip():
            return read_input(self.text, mend=mend)
        return read_input(self.given, mend=mend) if isinstance(self.given, str) else object_of(self.given)

    def call(self, values: dict[str, Any]) -> Block:
        """Return a call with these arguments as it is sent back."""
        return {**self.wire, "input": values}

    def said(self) -> Block:
        """Return a block that is no call as it is sent back."""
        match self.kind:
            case "text":
                return {**self.wire, "text": sound_text(self.text)}
            case "thinking":
                return {**self.wire, "thinking": sound_text(self.text), "signature": self.signature}
        return self.wire

    def is_said(self) -> bool:
        """Whether there is something in it to send back: no empty text, no thinking without its signature."""
        match self.kind:
            case "text":
                return bool(self.text)
            case "thinking":
                return bool(self.signature)
        return bool(self.kind)

    def as_far_as_it_came(self) -> Block:
        """Return what there is of a block that is not whole, for the record."""
        if self.kind != CALL:
            return self.said()
        return {name: self.wire[name] for name in ("type", "id", "name")} | {"partial_json": sound_text(self.text)}


def opened(block: dict[str, Any]) -> Growing:
    """Return the block that an event opens; what has another form than the protocol's is left out of it."""
    kind = _kind(block)
    wire: Block = {"type": kind, **_carried({**block, "type": kind, **({"input": {}} if kind == CALL else {})})}
    growing = Growing(kind, wire)
    match kind:
        case "text":
            growing.grown = _pieces(block.get("text"))
        case "thinking":
            growing.grown = _pieces(block.get("thinking"))
            growing.signature = sound_text(text_in(block.get("signature")))
        case "tool_use":
            growing.given = block.get("input")
            wire |= {"id": id_in(block.get("id")), "name": _name(block.get("name"))}
    return growing


def text_in(value: object) -> str:
    """The value where it is text, else none."""
    return value if isinstance(value, str) else ""


def _pieces(value: object) -> list[str]:
    return [value] if isinstance(value, str) and value else []


def _kind(block: dict[str, Any]) -> str:
    kind = block.get("type")
    if isinstance(kind, str) and kind:
        return sound_text(kind)
    return CALL if "name" in block else next((name for name in (TEXT, THINKING) if name in block), "")


def _carried(fields: dict[str, Any]) -> dict[str, Any]:
    # An answer may say `null` where a request may not, and leaving it out says the same.
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        try:
            kept |= {sound_text(name): sound(value)} if value is not None else {}
        except BadInput:
            continue
    return kept


def id_in(value: object) -> str:
    """The value where it is an id that a request may carry for a call, else none."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else text_in(value)
    return text if _IS_ID.fullmatch(text) else ""


def _name(value: object) -> str:
    return _NOT_IN_NAMES.sub("_", text_in(value).strip())[:_NAME_MAX] or UNNAMED
