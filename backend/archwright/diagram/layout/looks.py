"""How good a laid out diagram looks, as one number to compare two arrangements by."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise

from archwright.diagram.layout.boxes import around, box_of
from archwright.diagram.layout.dot import Direction
from archwright.diagram.layout.ways import crosses
from archwright.diagram.model import Diagram, Edge, Point

_CROSSING = 30.0
_BEND = 8.0
_THROUGH_GROUP = 50.0
_BACKWARDS = 100.0
_LENGTH = 0.05
_AREA = 1 / 4_000
_SCREEN = 1.6
"""The width of a screen for its height: what it takes of the screen is what counts."""
Stretch = tuple[float, float, float]
"""Where it lies, and from where to where it runs."""


def cost(diagram: Diagram, direction: Direction) -> float:
    """Return what speaks against an arrangement: crossings, bends, ways that lead back or through other groups, length
    and the room on a screen."""
    routes = [edge.route for edge in diagram.edges.values()]
    bends = sum(max(0, len(route) - 2) for route in routes)
    whole = around(box_of(node) for node in diagram.nodes.values())
    backwards = sum(not _leads_on(diagram, edge, direction) for edge in diagram.edges.values())
    return (
        _CROSSING * _crossings(routes)
        + _BEND * bends
        + _BACKWARDS * backwards
        + _THROUGH_GROUP * sum(_groups_crossed(diagram))
        + _LENGTH * sum(abs(a.x - b.x) + abs(a.y - b.y) for route in routes for a, b in pairwise(route))
        + _AREA * max(whole.width, _SCREEN * whole.height) ** 2 / _SCREEN
    )


def _crossings(routes: Iterable[tuple[Point, ...]]) -> int:
    level, upright = list[Stretch](), list[Stretch]()
    for route in routes:
        for a, b in pairwise(route):
            if a.y == b.y:
                level.append((a.y, min(a.x, b.x), max(a.x, b.x)))
            else:
                upright.append((a.x, min(a.y, b.y), max(a.y, b.y)))
    level.sort()
    heights = [y for y, *_ in level]
    return sum(
        left < x < right
        for x, low, high in upright
        for _, left, right in level[bisect_right(heights, low) : bisect_left(heights, high)]
    )


def _groups_crossed(diagram: Diagram) -> Iterator[int]:
    """For each edge, how many groups it runs through that hold neither end."""
    groups = [(node.id, box_of(node)) for node in diagram.nodes.values() if node.type == "group"]
    for edge in diagram.edges.values():
        own = _own(diagram, edge)
        yield sum(crosses(edge.route, box) for group, box in groups if group not in own)


def _leads_on(diagram: Diagram, edge: Edge, direction: Direction) -> bool:
    source, target = box_of(diagram.nodes[edge.source]), box_of(diagram.nodes[edge.target])
    return target.x >= source.right if direction == "LR" else target.y >= source.bottom


def _own(diagram: Diagram, edge: Edge) -> set[str]:
    ends = (edge.source, edge.target)
    return {*ends, *(group.id for end in ends for group in diagram.ancestors(end))}
