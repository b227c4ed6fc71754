"""Where the labels of edges go: on a stretch of their route that is free of boxes and of other labels."""

from collections.abc import Iterator
from dataclasses import dataclass

from archwright.diagram.layout.sizes import HEADER
from archwright.diagram.layout.text import text_width, wrap
from archwright.diagram.model import Diagram, Edge, Point

_WIDTH = 110.0
_LINE = 14.0
_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A label's lines around the centre (x, y)."""

    lines: tuple[str, ...]
    x: float
    y: float
    width: float

    @property
    def box(self) -> Box:
        half = len(self.lines) * _LINE / 2
        return (self.x - self.width / 2, self.y - half, self.x + self.width / 2, self.y + half)

    @property
    def corners(self) -> tuple[tuple[float, float], tuple[float, float]]:
        left, top, right, bottom = self.box
        return (left, top), (right, bottom)


def places(diagram: Diagram, size: float) -> tuple[Place, ...]:
    """Return a place for each label of an edge that has a route, in the order of the edges."""
    taken = [_box_of(node.position, node.size.width, node.size.height) for node in diagram.nodes.values()
             if node.type != "group"]  # fmt: skip
    taken += [_box_of(n.position, n.size.width, HEADER) for n in diagram.nodes.values() if n.type == "group"]
    found = list[Place]()
    for edge in diagram.edges.values():
        if edge.label and len(edge.route) > 1:
            lines = wrap(edge.label, _WIDTH, size)
            width = max(text_width(line, size) for line in lines)
            place = min(_choices(edge, lines, width), key=lambda p: _cost(p[1], taken) + p[0])[1]
            taken.append(place.box)
            found.append(place)
    return tuple(found)


def _box_of(position: Point, width: float, height: float) -> Box:
    return (position.x - 2, position.y - 2, position.x + width + 2, position.y + height + 2)


def _choices(edge: Edge, lines: tuple[str, ...], width: float) -> Iterator[tuple[float, Place]]:
    """Places along the route with a small cost each: the middle of a long horizontal stretch is best."""
    for a, b in zip(edge.route, edge.route[1:], strict=False):
        length = abs(a.x - b.x) + abs(a.y - b.y)
        level = abs(a.y - b.y) < abs(a.x - b.x)
        for share in _SHARES:
            cost = abs(share - 0.5) * 20 + (0 if level else 25) + max(0, (width + 16 if level else 24) - length)
            yield cost, Place(lines, a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share, width)


def _cost(place: Place, taken: list[Box]) -> float:
    return sum(_overlap(place.box, box) for box in taken)


def _overlap(a: Box, b: Box) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0
