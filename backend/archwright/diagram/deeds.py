"""What recorded ops amount to, and the sentence that says so: made of the log alone. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, TypeVar

from archwright.diagram.assumptions import PREFIX
from archwright.diagram.core import with_set
from archwright.diagram.model import Diagram, Edge, Node
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
from archwright.diagram.revert import GEOMETRY

NOTHING = "Nothing was changed."
_NAMES_MAX = 8
_IN_WORDS = {"parent": "group", "type": "kind"}

E = TypeVar("E", Node, Edge)


@dataclass(slots=True)
class Deeds:
    """What is there that was not, what is gone, and what is otherwise, once all ops took effect.

    What was added and removed again is neither. `written` are the properties of other elements that were written, by
    id and without geometry, `was` their values before; `lines` says which of these are edges. `wrote` and `dropped`
    are titles of sections, `fresh` those that are new, `title` is the diagram's.
    """

    added: dict[str, Node] = field(default_factory=dict)
    removed: dict[str, Node] = field(default_factory=dict)
    connected: dict[str, Edge] = field(default_factory=dict)
    disconnected: dict[str, Edge] = field(default_factory=dict)
    written: dict[str, dict[str, Any]] = field(default_factory=dict)
    was: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: set[str] = field(default_factory=set)
    wrote: dict[str, str] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    dropped: dict[str, str] = field(default_factory=dict)
    title: str = ""

    @property
    def renamed(self) -> dict[str, tuple[str, str]]:
        """The labels of nodes that have another now, before and after, by id."""
        return {
            one: (str(self.was[one]["label"]), str(values["label"]))
            for one, values in self.written.items()
            if "label" in values and one not in self.lines
        }

    def __bool__(self) -> bool:
        """Whether anything is otherwise than before."""
        parts = (self.added, self.removed, self.connected, self.disconnected, self.written, self.wrote, self.dropped)
        return any(parts) or bool(self.title)


def deeds_of(ops: Iterable[Op]) -> Deeds:
    """Return what recorded ops, in the log's order, amount to; where things stand on the canvas is no part of it."""
    deeds = Deeds()
    for op in ops:
        _take(deeds, op)
    return deeds


def _take(deeds: Deeds, op: Op) -> None:
    match op:
        case AddNode():
            _come(deeds.added, deeds.removed, op.node)
        case DeleteNode():
            _go(deeds.added, deeds.removed, op.before)
            deeds.written.pop(op.id, None)
        case AddEdge():
            _come(deeds.connected, deeds.disconnected, op.edge)
        case DeleteEdge():
            _go(deeds.connected, deeds.disconnected, op.before)
            deeds.written.pop(op.id, None)
        case UpdateNode():
            _write(deeds, deeds.added, op)
        case UpdateEdge():
            deeds.lines.add(op.id)
            _write(deeds, deeds.connected, op)
        case SetSection():
            _write_section(deeds, op)
        case DeleteSection():
            deeds.wrote.pop(op.slug, None)
            if op.slug not in deeds.fresh:
                deeds.dropped[op.slug] = op.before.title
        case SetTitle():
            deeds.title = op.title


def _come(here: dict[str, E], gone: dict[str, E], element: E) -> None:
    """An element that comes back as what it was is neither new nor gone."""
    lost = gone.get(element.id)
    if lost is not None and _looks(lost) == _looks(element):
        del gone[element.id]
    else:
        here[element.id] = element


def _go(here: dict[str, E], gone: dict[str, E], element: E) -> None:
    if here.pop(element.id, None) is None:
        gone[element.id] = element


def _write_section(deeds: Deeds, op: SetSection) -> None:
    if op.before is None and deeds.dropped.pop(op.slug, None) is None:
        deeds.fresh.add(op.slug)
    if op.before is None or (op.before.title, op.before.body) != (op.title, op.body):
        deeds.wrote[op.slug] = op.title


def _looks(element: Node | Edge) -> dict[str, Any]:
    return element.model_dump(exclude=set(GEOMETRY))


def _write(deeds: Deeds, new: dict[str, E], op: UpdateNode | UpdateEdge) -> None:
    values = {name: value for name, value in op.set.items() if name not in GEOMETRY and value != op.before.get(name)}
    if op.id in new:
        new[op.id] = with_set(new[op.id], values)
        return
    was = {**{name: op.before.get(name) for name in values}, **deeds.was.get(op.id, {})}
    now = {**deeds.written.get(op.id, {}), **values}
    deeds.was[op.id] = was
    deeds.written[op.id] = {name: value for name, value in now.items() if value != was.get(name)}
    if not deeds.written[op.id]:
        del deeds.written[op.id]


def told(deeds: Deeds, diagram: Diagram | None = None) -> str:
    """Return what was done, in sentences; of a diagram, the labels of nodes that were changed are taken."""
    labels = {one.id: one.label for one in (diagram.nodes if diagram else {}).values()}
    parts = [
        _counted("Added", deeds.added, deeds.connected),
        _counted("Removed", deeds.removed, deeds.disconnected),
        *(f"Renamed {before} to {after}." for before, after in list(deeds.renamed.values())[:_NAMES_MAX]),
        *_changed(deeds, labels),
        _sections("Wrote", [title for slug, title in deeds.wrote.items() if not slug.startswith(PREFIX)]),
        _noted([title for slug, title in deeds.wrote.items() if slug.startswith(PREFIX)]),
        _sections("Removed", list(deeds.dropped.values())),
        f"Called the diagram {deeds.title}." if deeds.title else "",
    ]
    return " ".join(part for part in parts if part) or NOTHING


def enumerated(names: Sequence[str]) -> str:
    """Return "a, b and c"; of many names the first eight and how many more there are."""
    shown = [*names[:_NAMES_MAX], *([f"{len(names) - _NAMES_MAX} more"] if len(names) > _NAMES_MAX else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _counted(verb: str, nodes: Mapping[str, Node], edges: Mapping[str, Edge]) -> str:
    parts = [node.label for node in nodes.values() if node.type != "group"]
    groups = [node.label for node in nodes.values() if node.type == "group"]
    told = [
        f"{_number(parts, 'component')} ({enumerated(parts)})" if parts else "",
        f"{_number(groups, 'group')} ({enumerated(groups)})" if groups else "",
        _number(edges, "connection") if edges else "",
    ]
    return f"{verb} {enumerated([one for one in told if one])}." if any(told) else ""


def _number(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def _changed(deeds: Deeds, labels: Mapping[str, str]) -> Iterator[str]:
    """What else of nodes and edges is otherwise, beside their names."""
    nodes = [one for one, values in deeds.written.items() if one not in deeds.lines and set(values) - {"label"}]
    lines = [one for one in deeds.written if one in deeds.lines]
    named = [f"{_name(deeds, labels, one)} ({', '.join(_properties(deeds.written[one]))})" for one in nodes]
    if named:
        yield f"Changed {enumerated(named)}."
    if lines:
        yield f"Changed {_number(lines, 'connection')}."


def _properties(values: Mapping[str, Any]) -> list[str]:
    return sorted(_IN_WORDS.get(name, name) for name in values if name != "label")


def _name(deeds: Deeds, labels: Mapping[str, str], node_id: str) -> str:
    return str(deeds.written[node_id].get("label") or labels.get(node_id) or node_id)


def _sections(verb: str, titles: Sequence[str]) -> str:
    return f"{verb} {_number(titles, 'section')} of the document ({enumerated(titles)})." if titles else ""


def _noted(topics: Sequence[str]) -> str:
    return f"Noted {_number(topics, 'assumption')} ({enumerated(topics)})." if topics else ""
