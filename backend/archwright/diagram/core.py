"""The algebra of the change log: `diff` makes recorded ops, `fold` applies them, `invert` turns them round.

For any diagrams a and b: fold(a, diff(a, b)) == b, and fold(b, invert(diff(a, b))) == a.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from archwright.diagram.model import Diagram, Edge, Node, Point, Section, Size, Value
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

E = TypeVar("E", Node, Edge)

_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "position": lambda value: Point(**value),
    "size": lambda value: Size(**value),
    "route": lambda value: tuple(Point(**point) for point in value),
    "label_at": lambda value: None if value is None else Point(**value),
}


def to_json(value: Any) -> Any:
    """Return a property's value in its JSON shape."""
    if isinstance(value, Value):
        return value.model_dump()
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value


def with_set(element: E, values: Mapping[str, Any]) -> E:
    """Return the element with properties replaced; values are in their JSON shapes and valid already."""
    parsed = {name: _FROM_JSON[name](value) if name in _FROM_JSON else value for name, value in values.items()}
    return element.model_copy(update=parsed)


def differing(before: E, after: E) -> tuple[str, ...]:
    """Return the names of the properties in which two elements differ."""
    return tuple(name for name in type(before).model_fields if getattr(before, name) != getattr(after, name))


def fold(diagram: Diagram, ops: Iterable[Op]) -> Diagram:
    """Return the diagram after recorded ops, in order. Total: recorded ops were validated when recorded."""
    nodes, edges, sections, title = dict(diagram.nodes), dict(diagram.edges), dict(diagram.sections), diagram.title
    for op in ops:
        match op:
            case AddNode():
                nodes[op.node.id] = op.node
            case UpdateNode():
                nodes[op.id] = with_set(nodes[op.id], op.set)
            case DeleteNode():
                nodes.pop(op.id, None)
            case AddEdge():
                edges[op.edge.id] = op.edge
            case UpdateEdge():
                edges[op.id] = with_set(edges[op.id], op.set)
            case DeleteEdge():
                edges.pop(op.id, None)
            case SetSection():
                sections[op.slug] = Section(slug=op.slug, title=op.title, body=op.body, position=op.position)
            case DeleteSection():
                sections.pop(op.slug, None)
            case SetTitle():
                title = op.title
    return Diagram(title=title, nodes=nodes, edges=edges, sections=sections)


def invert(ops: Sequence[Op]) -> tuple[Op, ...]:
    """Return the ops that undo these, whole, in the state that these left."""
    return tuple(_inverse(op) for op in reversed(ops))


def _inverse(op: Op) -> Op:
    match op:
        case AddNode():
            return DeleteNode(id=op.node.id, before=op.node)
        case DeleteNode():
            return AddNode(node=op.before)
        case UpdateNode():
            return UpdateNode(id=op.id, set=op.before, before=op.set)
        case AddEdge():
            return DeleteEdge(id=op.edge.id, before=op.edge)
        case DeleteEdge():
            return AddEdge(edge=op.before)
        case UpdateEdge():
            return UpdateEdge(id=op.id, set=op.before, before=op.set)
        case SetSection():
            return _inverse_section(op)
        case DeleteSection():
            return _section_op(op.before, before=None)
        case SetTitle():
            return SetTitle(title=op.before, before=op.title)


def _inverse_section(op: SetSection) -> Op:
    written = Section(slug=op.slug, title=op.title, body=op.body, position=op.position)
    if op.before is None:
        return DeleteSection(slug=op.slug, before=written)
    return _section_op(op.before, before=written)


def _section_op(section: Section, before: Section | None) -> SetSection:
    return SetSection(
        slug=section.slug, title=section.title, body=section.body, position=section.position, before=before
    )


def diff(before: Diagram, after: Diagram) -> tuple[Op, ...]:
    """Return the fewest recorded ops that lead from one diagram to the other.

    Additions of nodes come first, groups before their members; deletions of nodes come last but for the
    document, members before their groups: forwards or backwards, no op in between lacks a group or an end.
    """
    return (
        *_added_nodes(before, after),
        *_updated_nodes(before, after),
        *(DeleteEdge(id=e.id, before=e) for e in before.edges.values() if e.id not in after.edges),
        *_updated_edges(before, after),
        *(AddEdge(edge=e) for e in after.edges.values() if e.id not in before.edges),
        *_deleted_nodes(before, after),
        *_sections(before, after),
        *((SetTitle(title=after.title, before=before.title),) if after.title != before.title else ()),
    )


def _added_nodes(before: Diagram, after: Diagram) -> Iterator[AddNode]:
    added = (node for node in after.nodes.values() if node.id not in before.nodes)
    return (AddNode(node=node) for node in sorted(added, key=lambda n: _depth(after, n)))


def _deleted_nodes(before: Diagram, after: Diagram) -> Iterator[DeleteNode]:
    deleted = (node for node in before.nodes.values() if node.id not in after.nodes)
    return (DeleteNode(id=n.id, before=n) for n in sorted(deleted, key=lambda n: -_depth(before, n)))


def _depth(diagram: Diagram, node: Node) -> int:
    return sum(1 for _ in diagram.ancestors(node.id))


def _updated_nodes(before: Diagram, after: Diagram) -> Iterator[UpdateNode]:
    for node, old in _changed(before.nodes, after.nodes):
        names = differing(old, node)
        if names:
            yield UpdateNode(id=node.id, set=_values(node, names), before=_values(old, names))


def _updated_edges(before: Diagram, after: Diagram) -> Iterator[UpdateEdge]:
    for edge, old in _changed(before.edges, after.edges):
        names = differing(old, edge)
        if names:
            yield UpdateEdge(id=edge.id, set=_values(edge, names), before=_values(old, names))


def _changed(before: Mapping[str, E], after: Mapping[str, E]) -> Iterator[tuple[E, E]]:
    for key, element in after.items():
        old = before.get(key)
        if old is not None and old is not element:
            yield element, old


def _values(element: E, names: Iterable[str]) -> dict[str, Any]:
    return {name: to_json(getattr(element, name)) for name in names}


def _sections(before: Diagram, after: Diagram) -> Iterator[Op]:
    for section in after.sections.values():
        old = before.sections.get(section.slug)
        if old != section:
            yield _section_op(section, before=old)
    for section in before.sections.values():
        if section.slug not in after.sections:
            yield DeleteSection(slug=section.slug, before=section)
