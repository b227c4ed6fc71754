"""Server-sent events, read from bytes as the events of the Messages protocol. Pure: no SDK, no clock, no network.

The SDK's own reader passes over events without an `event:` line and ends at bytes that are no UTF-8.
"""

import codecs
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

Event = dict[str, Any]

EVENT_MAX = 10_000_000
"""Characters of one event; a whole turn has fewer."""
_INT_DIGITS = 18
_OVER = "[DONE]"


class EventReader:
    """Takes the bytes of an answer piece by piece, and gives its events as they become complete.

    Lenient in form: any kind of line end, no `event:` line or no `type`, no empty line between two events or after the
    last, bytes that are no UTF-8 (replaced). What is JSON but no object is passed over. Raises ValueError for an event
    that is no JSON, whose loss would leave a hole in the turn, or longer than EVENT_MAX."""

    def __init__(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._rest: list[str] = []
        self._name = ""
        self._lines: list[str] = []
        self._length = 0

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Take the next bytes and yield the events that they complete."""
        yield from self._read(self._decoder.decode(piece))

    def end(self) -> Iterator[Event]:
        """Yield the last event when no empty line followed it; what is no JSON there was cut off, and says nothing."""
        yield from self._read(self._decoder.decode(b"", final=True) + "\n")
        try:
            yield from self._dispatch()
        except ValueError:
            return

    def _read(self, text: str) -> Iterator[Event]:
        *lines, rest = text.split("\n")
        for line in lines:
            self._rest.append(line)
            whole = "".join(self._rest)
            self._rest = []
            if whole:
                self._take(whole)
            else:
                yield from self._dispatch()
        self._rest.append(rest)
        self._length += len(text)
        if self._length > EVENT_MAX:
            raise ValueError(f"an event of more than {EVENT_MAX:,} characters")

    def _take(self, line: str) -> None:
        field, _, value = line.partition(":")
        if field == "data":
            self._lines.append(value.removeprefix(" "))
        elif field == "event":
            self._name = value.strip()

    def _dispatch(self) -> Iterator[Event]:
        name, lines = self._name, self._lines
        self._name, self._lines, self._length = "", [], 0
        for value in _values(name, lines):
            if isinstance(value, dict):
                yield value if isinstance(value.get("type"), str) else {**value, "type": name or _kind(value)}


def _values(name: str, lines: Sequence[str]) -> list[Any]:
    """The JSON values of an event: one, or one a line where no empty line parted them."""
    text = "\n".join(lines)
    if text.strip() in ("", _OVER):
        return []
    try:
        return [_json(text)]
    except ValueError:
        if name == "error":
            return [{"type": "error", "error": {"message": text}}]
        if len(lines) == 1:
            raise
    return [_json(line) for line in lines if line.strip() not in ("", _OVER)]


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_int=_number)
    except RecursionError:
        raise ValueError("an event nested too deep") from None


def _number(digits: str) -> int | float:
    # Python refuses whole numbers of more than 4,300 digits; one so long counts nothing that is.
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)


def _kind(value: Event) -> str:
    return "error" if "error" in value else ""
