"""Where the labels of edges go: on a stretch of their route that is free of boxes, of other labels and of lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from archwright.diagram.layout.boxes import Box, Index, box_of
from archwright.diagram.layout.sizes import HEADER, TITLE_INDENT, edge_label_size, edge_lines, title_width
from archwright.diagram.model import Diagram, Edge, Point, Size

_SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
_SIDE, _ENDS = 5.0, 12.0
_BOX, _LABEL, _LINE = 3.0, 6.0, 0.5
_MIDDLE, _UPRIGHT, _SHORT = 30.0, 40.0, 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """A label's lines, in a box around the middle of the text."""

    edge: Edge
    lines: tuple[str, ...]
    box: Box


def places(diagram: Diagram) -> tuple[Place, ...]:
    """Return a place for each label of an edge that has a route: long labels first where they compete for room."""
    boxes = Index((node.id, box_of(node)) for node in diagram.nodes.values() if node.type != "group")
    for group in diagram.nodes.values():
        if group.type == "group":
            corner = group.position
            boxes.add(group.id, Box(corner.x, corner.y, TITLE_INDENT + title_width(group), HEADER))
    lines = Index((edge.id, line) for edge in diagram.edges.values() for line in _lines(edge))
    labels = Index(())
    found: dict[str, Place] = {}
    for edge in sorted(diagram.edges.values(), key=lambda e: (len(e.route), e.id)):
        if edge_lines(edge) and len(edge.route) > 1:
            box = min(_choices(edge), key=lambda choice: choice[0] + _cost(edge, choice[1], boxes, labels, lines))[1]
            labels.add(edge.id, box)
            found[edge.id] = Place(edge, edge_lines(edge), box)
    return tuple(found[edge_id] for edge_id in diagram.edges if edge_id in found)


def _choices(edge: Edge) -> Iterator[tuple[float, Box]]:
    """Places along the route, each with what speaks against it: the middle of a long level stretch is best."""
    size = edge_label_size(edge)
    last = len(edge.route) - 2
    for index, (a, b) in enumerate(pairwise(edge.route)):
        length, level = abs(a.x - b.x) + abs(a.y - b.y), abs(a.y - b.y) <= abs(a.x - b.x)
        ends = _ENDS * ((index == 0) + (index == last))
        missing = max(0.0, (size.width if level else size.height) + 2 * _SIDE + ends - length)
        for share in _SHARES:
            cost = abs(share - 0.5) * _MIDDLE + (0 if level else _UPRIGHT) + missing * _SHORT
            yield cost, _around(Point(x=a.x + (b.x - a.x) * share, y=a.y + (b.y - a.y) * share), size)


def _around(point: Point, size: Size) -> Box:
    return Box(point.x - size.width / 2, point.y - size.height / 2, size.width, size.height)


def _lines(edge: Edge) -> Iterator[Box]:
    for a, b in pairwise(edge.route):
        yield Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x), abs(a.y - b.y)).grown(1)


def _cost(edge: Edge, box: Box, boxes: Index, labels: Index, lines: Index) -> float:
    wide = box.grown(2)
    cost = sum(_BOX * _shared(wide, other) for other in {other for _, other in boxes.near(wide)})
    cost += sum(_LABEL * _shared(wide, other) for other in {other for _, other in labels.near(wide)})
    crossing = {(name, other) for name, other in lines.near(wide) if name != edge.id}
    return cost + sum(_LINE * _shared(wide, other) for _, other in sorted(crossing))


def _shared(a: Box, b: Box) -> float:
    """The area that two boxes have in common."""
    wide, high = min(a.right, b.right) - max(a.x, b.x), min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(0.0, wide) * max(0.0, high)
