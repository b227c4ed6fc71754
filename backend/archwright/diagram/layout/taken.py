"""Keeping the lines of edges off one another."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from archwright.diagram.layout.boxes import Box
from archwright.diagram.layout.ways import Way
from archwright.diagram.model import Point

_STEPS = (6.0, -6.0, 12.0, -12.0, 18.0, -18.0, 24.0, -24.0)
_CORNER = 5.0


class Taken:
    """The straight pieces of other edges' routes."""

    def __init__(self, routes: Iterable[Sequence[Point]] = ()) -> None:
        self._level: dict[int, list[tuple[float, float]]] = {}
        self._upright: dict[int, list[tuple[float, float]]] = {}
        for points in routes:
            self.add(points)

    def add(self, points: Sequence[Point]) -> None:
        for a, b in itertools.pairwise(points):
            lines, line, span = self._piece((a.x, a.y), (b.x, b.y))
            lines.setdefault(line, []).append(span)

    def shared(self, way: Way) -> float:
        """How far a way runs along other routes, or closer to them than three units."""
        return sum(self._along(*self._piece(a, b)) for a, b in itertools.pairwise(way))

    def _piece(
        self, a: tuple[float, float], b: tuple[float, float]
    ) -> tuple[dict[int, list[tuple[float, float]]], int, tuple[float, float]]:
        if abs(a[1] - b[1]) <= abs(a[0] - b[0]):
            return self._level, round(a[1] / 3), (min(a[0], b[0]), max(a[0], b[0]))
        return self._upright, round(a[0] / 3), (min(a[1], b[1]), max(a[1], b[1]))

    @staticmethod
    def _along(lines: dict[int, list[tuple[float, float]]], line: int, span: tuple[float, float]) -> float:
        near = itertools.chain.from_iterable(lines.get(line + by, ()) for by in (-1, 0, 1))
        return sum(max(0.0, min(span[1], high) - max(span[0], low)) for low, high in near)


def kept_apart(way: Way, ends: tuple[Box, Box], taken: Taken, is_free: Callable[[Way], bool]) -> Way:
    """Return the way, its pieces that run along other lines moved aside by a little where that is free."""
    for index in range(len(way) - 1):
        shared = taken.shared(way)
        if not shared:
            return way
        if taken.shared(way[index : index + 2]):
            moved = (some for some in _shifted(way, index, ends) if taken.shared(some) < shared and is_free(some))
            way = min(moved, key=taken.shared, default=way)
    return way


def _shifted(way: Way, index: int, ends: tuple[Box, Box]) -> Iterator[Way]:
    """The way with one piece moved across itself, its ends still on their sides."""
    (ax, ay), (bx, by) = way[index], way[index + 1]
    level = ay == by
    held = [end for end, is_last in zip(ends, (index == 0, index == len(way) - 2), strict=True) if is_last]
    for step in _STEPS:
        a, b = ((ax, ay + step), (bx, by + step)) if level else ((ax + step, ay), (bx + step, by))
        if all(_is_on_side(a, level, box) for box in held):
            yield [*way[:index], a, b, *way[index + 2 :]]


def _is_on_side(spot: tuple[float, float], level: bool, box: Box) -> bool:
    low, high, at = (box.y, box.bottom, spot[1]) if level else (box.x, box.right, spot[0])
    return low + _CORNER <= at <= high - _CORNER
