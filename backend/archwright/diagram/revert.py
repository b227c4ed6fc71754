"""Undo one's own changes without touching another's work: a revert is per property.

A property goes back only while its value is still what the change wrote; an added element goes only while
nobody has built on it; whatever is left alone is reported, with the reason. Geometry follows silently.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from archwright.diagram.apply import check_parent
from archwright.diagram.change import Skip
from archwright.diagram.core import differing, to_json, with_set
from archwright.diagram.model import Diagram, Edge, Node, Section
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

GEOMETRY = frozenset({"position", "size", "route", "label_at", "pinned"})
CHANGED_SINCE = "changed since"

E = TypeVar("E", Node, Edge)
Step = tuple[Diagram, tuple[Skip, ...]]


@dataclass(frozen=True, slots=True)
class Reverted:
    diagram: Diagram
    skipped: tuple[Skip, ...]


def revert(diagram: Diagram, ops: Iterable[Op]) -> Reverted:
    """Return the diagram with recorded ops taken back, the newest first; `ops` are in the log's order.

    Of an element or property that several ops touched, what was left alone is reported once.
    """
    skipped: dict[tuple[str, str | None], Skip] = {}
    for op in reversed(tuple(ops)):
        diagram, skips = _take_back(diagram, op)
        for skip in skips:
            skipped.setdefault((skip.id, skip.property), skip)
    return Reverted(diagram, tuple(skipped.values()))


def _take_back(diagram: Diagram, op: Op) -> Step:
    match op:
        case AddNode():
            return _remove_node(diagram, op.node)
        case DeleteNode():
            return _restore_node(diagram, op.before)
        case UpdateNode():
            return _reset_node(diagram, op)
        case AddEdge():
            return _remove_edge(diagram, op.edge)
        case DeleteEdge():
            return _restore_edge(diagram, op.before)
        case UpdateEdge():
            return _reset_edge(diagram, op)
        case SetSection():
            return _reset_section(diagram, op)
        case DeleteSection():
            return _restore_section(diagram, op.before)
        case SetTitle():
            return _reset_title(diagram, op)


def _skip(diagram: Diagram, element: str, reason: str, name: str | None = None) -> Step:
    return diagram, (Skip(id=element, property=name, reason=reason),)


def _content_changed(written: E, current: E) -> bool:
    return not GEOMETRY.issuperset(differing(written, current))


def _remove_node(diagram: Diagram, written: Node) -> Step:
    current = diagram.nodes.get(written.id)
    if current is None:
        return diagram, ()
    if _content_changed(written, current):
        return _skip(diagram, written.id, CHANGED_SINCE)
    edge = next(diagram.touching(written.id), None)
    if edge is not None:
        return _skip(diagram, written.id, f"the edge '{edge.id}' was attached since")
    child = next(diagram.children(written.id), None)
    if child is not None:
        return _skip(diagram, written.id, f"'{child.id}' was put into it since")
    return diagram.replace(nodes={key: n for key, n in diagram.nodes.items() if key != written.id}), ()


def _restore_node(diagram: Diagram, lost: Node) -> Step:
    if lost.id in diagram.nodes:
        return _skip(diagram, lost.id, "a node with this id exists again")
    try:
        check_parent(diagram, lost)
    except OpRefused as error:
        orphan = lost.model_copy(update={"parent": None})
        return _skip(diagram.with_node(orphan), lost.id, error.detail, "parent")
    return diagram.with_node(lost), ()


def _reset_node(diagram: Diagram, op: UpdateNode) -> Step:
    node = diagram.nodes.get(op.id)
    if node is None:
        return _skip(diagram, op.id, "deleted since")
    values, skips = _still_ours(node, op.set, op.before)
    for name, reason in tuple(_impossible(diagram, node, values)):
        del values[name]
        skips.append(Skip(id=op.id, property=name, reason=reason))
    return (diagram.with_node(with_set(node, values)) if values else diagram), tuple(skips)


def _still_ours(element: E, written: dict[str, Any], before: dict[str, Any]) -> tuple[dict[str, Any], list[Skip]]:
    """Split what a change wrote into the values to put back and what somebody has changed since."""
    values: dict[str, Any] = {}
    skips: list[Skip] = []
    for name, value in written.items():
        if to_json(getattr(element, name)) == value:
            values[name] = before[name]
        elif name not in GEOMETRY:
            skips.append(Skip(id=element.id, property=name, reason=CHANGED_SINCE))
    return values, skips


def _impossible(diagram: Diagram, node: Node, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The properties among `values` that cannot go back in the newest state, with the reason."""
    if "parent" in values:
        try:
            check_parent(diagram, node.model_copy(update={"parent": values["parent"]}))
        except OpRefused as error:
            yield "parent", error.detail
    if values.get("type", "group") != "group" and any(diagram.children(node.id)):
        yield "type", "it has members now"


def _remove_edge(diagram: Diagram, written: Edge) -> Step:
    current = diagram.edges.get(written.id)
    if current is None:
        return diagram, ()
    if _content_changed(written, current):
        return _skip(diagram, written.id, CHANGED_SINCE)
    return diagram.replace(edges={key: e for key, e in diagram.edges.items() if key != written.id}), ()


def _restore_edge(diagram: Diagram, lost: Edge) -> Step:
    if lost.id in diagram.edges:
        return _skip(diagram, lost.id, "an edge with this id exists again")
    gone = [end for end in (lost.source, lost.target) if end not in diagram.nodes]
    if gone:
        return _skip(diagram, lost.id, f"its end '{gone[0]}' is gone")
    return diagram.with_edge(lost), ()


def _reset_edge(diagram: Diagram, op: UpdateEdge) -> Step:
    edge = diagram.edges.get(op.id)
    if edge is None:
        return _skip(diagram, op.id, "deleted since")
    values, skips = _still_ours(edge, op.set, op.before)
    for end in ("source", "target"):
        if end in values and values[end] not in diagram.nodes:
            skips.append(Skip(id=op.id, property=end, reason=f"the node '{values.pop(end)}' is gone"))
    return (diagram.with_edge(with_set(edge, values)) if values else diagram), tuple(skips)


def _reset_section(diagram: Diagram, op: SetSection) -> Step:
    current = diagram.sections.get(op.slug)
    if current is None:
        return (diagram, ()) if op.before is None else _skip(diagram, op.slug, "deleted since")
    if op.before is None:
        written = Section(slug=op.slug, title=op.title, body=op.body, position=op.position)
        if current != written:
            return _skip(diagram, op.slug, CHANGED_SINCE)
        return diagram.replace(sections={key: s for key, s in diagram.sections.items() if key != op.slug}), ()
    names = [n for n in ("title", "body", "position") if getattr(op, n) != getattr(op.before, n)]
    kept = [n for n in names if getattr(current, n) != getattr(op, n)]
    reset = current.model_copy(update={n: getattr(op.before, n) for n in names if n not in kept})
    skips = tuple(Skip(id=op.slug, property=n, reason=CHANGED_SINCE) for n in kept)
    return diagram.replace(sections={**diagram.sections, op.slug: reset}), skips


def _restore_section(diagram: Diagram, lost: Section) -> Step:
    if lost.slug in diagram.sections:
        return _skip(diagram, lost.slug, "a section with this slug exists again")
    return diagram.replace(sections={**diagram.sections, lost.slug: lost}), ()


def _reset_title(diagram: Diagram, op: SetTitle) -> Step:
    if diagram.title != op.title:
        return _skip(diagram, "title", CHANGED_SINCE, "title")
    return diagram.replace(title=op.before), ()
