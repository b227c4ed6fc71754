"""A call's arguments in the shapes that its tool asks for, or the sentence that refuses them. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from archwright.errors import OpRefused
from archwright.model.inputs import kind_of

Schema = dict[str, Any]

_WRAPS_MAX = 3
_NAMES = {"string": "text", "array": "a list", "object": "an object"}


def read_arguments(tool: str, call: Mapping[str, Any], properties: Mapping[str, Schema]) -> dict[str, Any]:
    """Return the arguments as the properties' schemas have them; what they do not name stays as it is.

    A list or an object that came as JSON text is taken as it was meant, a number in a list of texts as its text, and
    `null` as left out. Raises OpRefused, in words for the model, for everything else."""
    return {
        name: _value(f"{tool}: {name}", value, properties[name]) if name in properties else value
        for name, value in call.items()
        if value is not None
    }


def _value(where: str, value: Any, schema: Schema) -> Any:
    match schema["type"]:
        case "array":
            return _list(where, value, schema["items"])
        case "object":
            return _object(where, value, schema["properties"])
    if not isinstance(value, str):
        raise _refused(where, value, "string")
    return value


def _list(where: str, value: Any, items: Schema) -> list[Any]:
    listed = _meant(value)
    if not isinstance(listed, list):
        raise _refused(where, value, "array")
    return [_value(f"{where}.{n}", _text_of(item, items), items) for n, item in enumerate(listed)]


def _object(where: str, value: Any, properties: Mapping[str, Schema]) -> dict[str, Any]:
    meant = _meant(value)
    if not isinstance(meant, dict):
        raise _refused(where, value, "object")
    return {
        name: _value(f"{where}.{name}", part, properties[name]) if name in properties else part
        for name, part in meant.items()
        if part is not None
    }


def _text_of(item: Any, schema: Schema) -> Any:
    is_number = isinstance(item, int | float) and not isinstance(item, bool)
    return str(item) if schema["type"] == "string" and is_number else item


def _meant(value: Any) -> Any:
    """What a text is as JSON; anything else is meant as it is."""
    for _ in range(_WRAPS_MAX):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            break
    return value


def _refused(where: str, value: Any, wanted: str) -> OpRefused:
    return OpRefused(f"{where} must be {_NAMES[wanted]}, and is {kind_of(value)}.")
