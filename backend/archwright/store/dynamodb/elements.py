"""Elements as items and back, and the writes that bring them from a version to the next."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from archwright.diagram.change import Change
from archwright.diagram.model import Diagram, Edge, Node, Section
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed, pack
from archwright.store.dynamodb.effects import (
    EDGE,
    NODE,
    SECTION,
    Effect,
    Effects,
    Element,
    Gone,
    Patch,
    Place,
    Put,
    replay,
)
from archwright.store.dynamodb.keys import Key
from archwright.store.dynamodb.table import Table
from archwright.store.dynamodb.writes import Write, item, put, update

TOMBSTONE_KEPT_S = 24 * 3600
"""A tombstone tells a reader that began before the deletion that it happened; no read lasts that long."""

_SET = "set_"
_nodes: TypeAdapter[list[Node]] = TypeAdapter(list[Node])
_edges: TypeAdapter[list[Edge]] = TypeAdapter(list[Edge])
_sections: TypeAdapter[list[Section]] = TypeAdapter(list[Section])


def write_effects(
    session_id: str, version: int, effects: Effects, *, as_seen: bool
) -> Iterator[tuple[Write, tuple[Packed, ...]]]:
    """Yield the write of each element that a change of this version touches, with the bodies whose parts go first.

    With `as_seen` a write holds only if the element stands there, or does not, as the change supposes; without
    it may be repeated.
    """
    for (kind, element_id), effect in effects.elements.items():
        if effect != Gone(existed=False):
            home = keys.element(session_id, kind, element_id)
            write, bodies = _write(home, version, effect, as_seen)
            yield write, bodies


def _write(home: Key, version: int, effect: Effect, as_seen: bool) -> tuple[Write, tuple[Packed, ...]]:
    stands, absent = ("attribute_exists(#body)", "attribute_not_exists(#body)") if as_seen else ("", "")
    match effect:
        case Put():
            body = pack(_dump(effect.body), home)
            whole = item(home, version=version, created=effect.created, body=body.value)
            return put(whole, stands if effect.existed else absent), (body,)
        case Patch():
            bodies = {f"{_SET}{name}": pack(_dump(value), home) for name, value in effect.fields.items()}
            change = ", ".join(f"#{name} = :{name}" for name in ("version", *bodies))
            values = {name: packed.value for name, packed in bodies.items()}
            return update(home, f"SET {change}", stands, version=version, **values), tuple(bodies.values())
        case Gone():
            expires = int(time.time()) + TOMBSTONE_KEPT_S
            return put(item(home, version=version, expires=expires), stands), ()


def read_elements(table: Table, session_id: str) -> tuple[dict[Place, Element], int]:
    """Return the elements as each is now, and the newest version that wrote one of them or deleted it."""
    pk, newest = keys.session(session_id), 0
    elements: dict[Place, Element] = {}
    for found in table.query(pk, "EL#", keys.after("EL#")):
        version = int(found["version"]["N"])
        newest = max(newest, version)
        if "body" in found:
            kind = found["SK"]["S"][3]
            body = _body(table, found)
            elements[kind, body["slug" if kind == SECTION else "id"]] = Element(
                version, int(found["created"]["N"]), body
            )
    return elements, newest


def _body(table: Table, found: Item) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(table.body(found))
    for name in found:
        if name.startswith(_SET):
            body[name.removeprefix(_SET)] = json.loads(table.body(found, name))
    return body


def diagram_of(title: str, elements: dict[Place, Element], missing: Sequence[Change]) -> Diagram:
    """Return the diagram after the changes that some of the elements may not show yet, in order of creation."""
    replay(elements, missing)
    bodies: dict[str, list[dict[str, Any]]] = {NODE: [], EDGE: [], SECTION: []}
    for (kind, _), element in sorted(elements.items(), key=lambda entry: entry[1].created):
        bodies[kind].append(element.body)
    return Diagram(
        title=title,
        nodes={node.id: node for node in _nodes.validate_python(bodies[NODE])},
        edges={edge.id: edge for edge in _edges.validate_python(bodies[EDGE])},
        sections={section.slug: section for section in _sections.validate_python(bodies[SECTION])},
    )


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
