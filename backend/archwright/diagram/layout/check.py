"""What is wrong with a diagram's geometry, in words."""

from collections.abc import Iterator
from itertools import combinations

from archwright.diagram.layout.boxes import Box, box_of
from archwright.diagram.layout.sizes import size_of
from archwright.diagram.model import Diagram, Edge, Node

_NEAR = 1.0


def check(diagram: Diagram) -> tuple[str, ...]:
    """Return each broken promise of the layout: overlaps, members outside their group, labels that do not fit,
    and routes that do not end on the borders of their nodes."""
    return (*_overlaps(diagram), *_outside(diagram), *_unfit(diagram), *_loose_ends(diagram))


def _overlaps(diagram: Diagram) -> Iterator[str]:
    siblings: dict[str | None, list[Node]] = {}
    for node in diagram.nodes.values():
        siblings.setdefault(node.parent, []).append(node)
    for members in siblings.values():
        for a, b in combinations(members, 2):
            if box_of(a).meets(box_of(b)):
                yield f"{a.id} and {b.id} overlap"


def _outside(diagram: Diagram) -> Iterator[str]:
    for node in diagram.nodes.values():
        if node.parent is not None and not box_of(diagram.nodes[node.parent]).holds(box_of(node)):
            yield f"{node.id} lies outside {node.parent}"


def _unfit(diagram: Diagram) -> Iterator[str]:
    for node in diagram.nodes.values():
        if node.type != "group":
            least = size_of(node)
            if node.size.width < least.width or node.size.height < least.height:
                yield f"the label of {node.id} does not fit"


def _loose_ends(diagram: Diagram) -> Iterator[str]:
    for edge in diagram.edges.values():
        yield from _loose_end(diagram, edge)


def _loose_end(diagram: Diagram, edge: Edge) -> Iterator[str]:
    if len(edge.route) < 2:
        yield f"{edge.id} has no route"
        return
    for point, node_id in ((edge.route[0], edge.source), (edge.route[-1], edge.target)):
        box = box_of(diagram.nodes[node_id])
        inner = Box(box.x + _NEAR, box.y + _NEAR, box.width - 2 * _NEAR, box.height - 2 * _NEAR)
        spot = Box(point.x, point.y, 0, 0)
        if not box.grown(_NEAR).holds(spot) or inner.holds(spot):
            yield f"{edge.id} does not end on the border of {node_id}"
