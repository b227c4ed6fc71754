"""No answer grows without end: what is long is read in pages, each of at most so many bytes."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

import orjson

from archwright.diagram.model import Diagram, Edge, Node
from archwright.diagram.weight import elements_of, weight_of
from archwright.errors import InvalidRequest
from archwright.store.ports import Json

_CURSOR = re.compile(r"(\d{1,12})-(\d{1,9})")


def read_cursor(cursor: str) -> tuple[int, int]:
    """Return the version and the place in it that a cursor of ours names. Raises InvalidRequest."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidRequest("`cursor` is none that this address gave out.")
    return int(found[1]), int(found[2])


def content_page(diagram: Diagram, version: int, start: int, bound: int) -> Json:
    """Return the elements from a place on, as many as the bound holds and at least one, in the shape of a session's
    content; `next_cursor` says where the next ones are, if there are any."""
    taken: list[Any] = []
    room = bound
    for element in islice(elements_of(diagram), start, None):
        room -= weight_of(element)
        if taken and room < 0:
            break
        taken.append(element)
    end = start + len(taken)
    return {
        "nodes": [one.model_dump(mode="json") for one in taken if isinstance(one, Node)],
        "edges": [one.model_dump(mode="json") for one in taken if isinstance(one, Edge)],
        "document": {"sections": [one.model_dump(mode="json") for one in taken if not isinstance(one, Node | Edge)]},
        **following(f"{version}-{end}" if end < diagram.size() else None),
    }


def following(cursor: str | None) -> Json:
    """Return how an answer says where its next page is; the last page, and what is whole, say nothing."""
    return {} if cursor is None else {"next_cursor": cursor}


def fitting(items: Iterable[Any], bound: int) -> tuple[list[orjson.Fragment], int]:
    """Return the first items as JSON, as many as the bound holds and at least one if there are any, and the bytes that
    they take."""
    taken: list[orjson.Fragment] = []
    size = 0
    for item in items:
        written = orjson.dumps(item)
        if taken and size + len(written) > bound:
            break
        taken.append(orjson.Fragment(written))
        size += len(written)
    return taken, size


def bounded_change(result: Json, bound: int) -> Json:
    """Return the answer of a call that made a change; one that is too long leaves the ops out and says `reset`: the
    caller reads the session anew."""
    if len(orjson.dumps(result)) <= bound:
        return result
    return {**result, "change": {**result["change"], "ops": []}, "reset": True}
