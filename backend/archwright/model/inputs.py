"""The arguments of a tool call, read from what a model wrote: an object that every store and answer can carry. Pure."""

import json
import math
import re
from typing import Any, NoReturn

DEPTH_MAX = 30
INT_MAX = 2**63 - 1
_WRAPS_MAX = 3
_SHOWN = 60
_FENCED = re.compile(r"```[a-zA-Z0-9]*[ \t]*\n?(.*?)\n?[ \t]*```", re.DOTALL)
_TEXT_OR_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)


class BadInput(ValueError):
    """What came is no object of arguments; the message says why, in words for the model."""


def read_input(text: str, *, mend: bool = True) -> dict[str, Any]:
    """Return the object that a call's arguments are; nothing and `null` are no arguments.

    With `mend`, JSON that is wrong in a way that leaves one meaning is taken: inside a code fence, with line breaks
    within its texts, with a comma too many, or as a JSON text of JSON. Raises BadInput for everything else, also for
    what could not be stored or sent on (see `sound`)."""
    value = _parsed(text, mend)
    for _ in range(_WRAPS_MAX if mend else 0):
        if isinstance(value, str):
            value = _parsed(value, mend)
    return object_of(value)


def object_of(value: object) -> dict[str, Any]:
    """Return a JSON value as arguments: an object, or nothing at all. Raises BadInput."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput(f"its arguments are {kind_of(value)} and no JSON object")
    cleaned: dict[str, Any] = sound(value)
    return cleaned


def sound(value: Any, depth: int = 0) -> Any:
    """Return a JSON value with halves of characters replaced, which no store or request can carry.

    Raises BadInput for numbers that JSON or 64 bits cannot hold, and for more than DEPTH_MAX levels."""
    if depth > DEPTH_MAX:
        raise BadInput(f"its arguments are nested more than {DEPTH_MAX} deep")
    match value:
        case str():
            return sound_text(value)
        case dict():
            return {sound_text(str(name)): sound(part, depth + 1) for name, part in value.items()}
        case list():
            return [sound(part, depth + 1) for part in value]
        case bool():
            return value
        case int() if abs(value) > INT_MAX:
            raise BadInput("its arguments hold a number of more than 64 bits")
        case float() if not math.isfinite(value):
            raise BadInput("its arguments hold a number that JSON has not")
    return value


def sound_text(text: str) -> str:
    """Return the text with halves of characters joined, and replaced where they stand alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def kind_of(value: object) -> str:
    """What a JSON value is, in a word."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "an object"


def _parsed(text: str, mend: bool) -> Any:
    whole = text.strip()
    if not whole:
        return None
    try:
        return _json(whole, strict=not mend)
    except BadInput as error:
        if not mend:
            raise
        broken = error
    fenced = _FENCED.fullmatch(whole)
    inner = fenced[1] if fenced else whole
    try:
        return _json(_TEXT_OR_COMMA.sub(lambda found: found[1] or "", inner), strict=False)
    except BadInput:
        raise broken from None


def _json(text: str, *, strict: bool) -> Any:
    try:
        return json.loads(text, strict=strict, parse_int=_whole_number, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        near = text[max(0, error.pos - _SHOWN // 2) : error.pos + _SHOWN // 2]
        raise BadInput(f"its arguments are no JSON ({error.msg} at character {error.pos}, near {near!r})") from None
    except RecursionError:
        raise BadInput(f"its arguments are nested more than {DEPTH_MAX} deep") from None


def _whole_number(digits: str) -> int:
    if len(digits) > len(str(INT_MAX)) + 1:
        raise BadInput("its arguments hold a number of more than 64 bits")
    return int(digits)


def _no_number(name: str) -> NoReturn:
    raise BadInput(f"its arguments hold {name}, which is no number in JSON")
