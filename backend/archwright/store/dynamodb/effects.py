"""What a change does to each element that it touches: pure, one effect an element, the same as a fold's.

An element is stored as the body that it was added with and, beside it, the properties that were set since, each
under its own name. So an edit writes what it sets without reading what stands there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from archwright.diagram.change import Change
from archwright.diagram.model import Value
from archwright.diagram.ops import (
    AddEdge,
    AddNode,
    DeleteEdge,
    DeleteNode,
    DeleteSection,
    Op,
    SetSection,
    SetTitle,
    UpdateEdge,
    UpdateNode,
)
from archwright.errors import OpRefused

Place = tuple[str, str]
"""Kind and id of an element: N, E or S."""

_OPS_A_CHANGE = 1_000_000
NODE, EDGE, SECTION = "N", "E", "S"


@dataclass(frozen=True, slots=True)
class Put:
    """The element is this from now on. `created` is its place in the order; `existed`: it stood there before the
    change, which deleted it first."""

    body: dict[str, Any]
    created: int
    existed: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """These properties of the element have these values."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """The element is not there any more. `existed` is False for one that the change added itself."""

    existed: bool


Effect = Put | Patch | Gone


@dataclass(slots=True)
class Effects:
    """All effects of a change, and what it means for the head: the new title, and by how much the counts move."""

    elements: dict[Place, Effect] = field(default_factory=dict)
    title: str | None = None

    def moved(self, kind: str) -> int:
        """By how much the number of elements of this kind moves."""
        return sum(_moved(effect) for (found, _), effect in self.elements.items() if found == kind)


def effects_of(change: Change) -> Effects:
    """Raises OpRefused for an op on an element that the change itself deleted."""
    effects = Effects()
    for index, op in enumerate(change.ops):
        _add(effects, op, change.version * _OPS_A_CHANGE + index)
    return effects


def _add(effects: Effects, op: Op, created: int) -> None:
    match op:
        case AddNode():
            _put(effects, (NODE, op.node.id), op.node, created)
        case UpdateNode():
            _patch(effects, (NODE, op.id), op.set)
        case DeleteNode():
            _delete(effects, (NODE, op.id))
        case AddEdge():
            _put(effects, (EDGE, op.edge.id), op.edge, created)
        case UpdateEdge():
            _patch(effects, (EDGE, op.id), op.set)
        case DeleteEdge():
            _delete(effects, (EDGE, op.id))
        case SetSection():
            _set_section(effects, op, created)
        case DeleteSection():
            _delete(effects, (SECTION, op.slug))
        case SetTitle():
            effects.title = op.title


def _put(effects: Effects, place: Place, value: Value, created: int) -> None:
    effects.elements[place] = Put(value.model_dump(mode="json"), created, _existed(effects.elements.get(place)))


def _patch(effects: Effects, place: Place, fields: dict[str, Any]) -> None:
    match effects.elements.get(place):
        case None:
            effects.elements[place] = Patch(dict(fields))
        case Patch() as before:
            effects.elements[place] = Patch({**before.fields, **fields})
        case Put() as before:
            effects.elements[place] = Put({**before.body, **fields}, before.created, before.existed)
        case Gone():
            raise OpRefused(f"There is no '{place[1]}' to update: the same change deletes it.")


def _delete(effects: Effects, place: Place) -> None:
    before = effects.elements.get(place)
    effects.elements[place] = Gone(existed=before is None or _existed(before))


def _set_section(effects: Effects, op: SetSection, created: int) -> None:
    fields = op.model_dump(mode="json", include={"slug", "title", "body", "position"})
    place = (SECTION, op.slug)
    if op.before is None and not isinstance(effects.elements.get(place), Put | Patch):
        effects.elements[place] = Put(fields, created, _existed(effects.elements.get(place)))
    else:
        _patch(effects, place, fields)


def _existed(before: Effect | None) -> bool:
    """Whether the element of an effect stood there before the change; one without an effect yet did not, if it is
    to be added now."""
    return isinstance(before, Patch) or (before is not None and before.existed)


def _moved(effect: Effect) -> int:
    match effect:
        case Put(existed=False):
            return 1
        case Gone(existed=True):
            return -1
    return 0


@dataclass(slots=True)
class Element:
    """An element as it is stored: the JSON of its body and of each property set since, and who wrote it last."""

    version: int
    created: int
    body: dict[str, Any]


def replay(elements: dict[Place, Element], changes: Iterable[Change]) -> None:
    """Bring elements, of which some may have been read late, to the version of the last change, in place.

    An element that a change's version or a later one wrote already holds what the change did.
    """
    for change in changes:
        for place, effect in effects_of(change).elements.items():
            known = elements.get(place)
            if known is None or known.version < change.version:
                _replay(elements, place, effect, change.version)


def _replay(elements: dict[Place, Element], place: Place, effect: Effect, version: int) -> None:
    known = elements.get(place)
    match effect:
        case Put():
            elements[place] = Element(version, effect.created, effect.body)
        case Patch() if known is not None:
            elements[place] = Element(version, known.created, {**known.body, **effect.fields})
        case Gone() if known is not None:
            del elements[place]
