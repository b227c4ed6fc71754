"""Routes of edges: orthogonal, around boxes where a way exists."""

import heapq
import itertools
from collections.abc import Iterable, Sequence

from archwright.diagram.layout.boxes import Box, Index, around
from archwright.diagram.model import Point

CLEARANCE = 14.0
_STUB = 18.0
_BEND = 60.0
_LINES_MAX = 44

_SHARED = 4.0
"""What a unit along another edge's line costs, in units of length."""
_LANES = 5
_SHARES = (0.5, 0.25, 0.75, 0.38, 0.62)

Way = list[tuple[float, float]]


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


def route(
    source: Box, target: Box, obstacles: Index, lane: int = 0, *, thorough: bool = True, taken: Taken | None = None
) -> tuple[Point, ...]:
    """Return points from the border of the source to the border of the target.

    `obstacles` are the boxes to go around (neither end, nor a group around one of them); `lane` numbers parallel
    edges, so that they do not lie on one another. Without `thorough` only ways with few bends are tried. With
    `taken` the route keeps off the lines of other edges where it can.
    """
    if source == target:
        return _points(_loop(source, lane))
    if source.holds(target) or target.holds(source):
        return _points(_inside(source, target, lane))
    lanes = range(lane, lane + (_LANES if taken else 1))
    ways = [_tidied(way) for one in lanes for way in _candidates(source, target, one)]
    ways.sort(key=lambda way: _cost(way) + (_SHARED * taken.shared(way) if taken else 0))
    for way in ways:
        if not _blocked(way, obstacles):
            return _points(way)
    return _points((_search(source, target, obstacles, lane) if thorough else None) or ways[0])


def is_free(points: Sequence[Point], obstacles: Index) -> bool:
    """Whether a route keeps clear of the obstacles."""
    return not _blocked([(p.x, p.y) for p in points], obstacles, 2)


def _points(way: Way) -> tuple[Point, ...]:
    return tuple(Point(x=round(x, 1), y=round(y, 1)) for x, y in way)


def _offset(lane: int) -> float:
    return 12.0 * ((lane + 1) // 2) * (1 if lane % 2 else -1)


def _loop(box: Box, lane: int) -> Way:
    reach = 24.0 + 10 * lane
    x, y = box.right, box.y
    return [(x - 24, y), (x - 24, y - reach), (x + reach, y - reach), (x + reach, y + 24), (x, y + 24)]


def _inside(source: Box, target: Box, lane: int) -> Way:
    """Between a group and something in it: straight across the gap at the nearer side."""
    outer, inner = (source, target) if source.holds(target) else (target, source)
    y = min(max(inner.centre[1] + _offset(lane), inner.y + 4), inner.bottom - 4)
    left = inner.x - outer.x <= outer.right - inner.right
    ends = [(outer.x, y), (inner.x, y)] if left else [(outer.right, y), (inner.right, y)]
    return ends if outer is source else ends[::-1]


def _candidates(source: Box, target: Box, lane: int) -> Iterable[Way]:
    """Ways with few bends, between facing sides first."""
    off = _offset(lane)
    (sx, sy), (tx, ty) = source.centre, target.centre
    sy_, ty_ = _clamp(sy + off, source.y, source.bottom), _clamp(ty + off, target.y, target.bottom)
    sx_, tx_ = _clamp(sx + off, source.x, source.right), _clamp(tx + off, target.x, target.right)
    if source.right <= target.x:
        yield from _across((source.right, sy_), (target.x, ty_))
    elif target.right <= source.x:
        yield from _across((source.x, sy_), (target.right, ty_))
    if source.bottom <= target.y:
        yield from _down((sx_, source.bottom), (tx_, target.y))
    elif target.bottom <= source.y:
        yield from _down((sx_, source.y), (tx_, target.bottom))
    yield from _cornered(source, target, (sx_, sy_), (tx_, ty_))
    whole = around((source, target)).grown(_STUB + abs(off))
    for y in (whole.y, whole.bottom):
        top = y == whole.y
        yield [
            (sx_, source.y if top else source.bottom), (sx_, y), (tx_, y), (tx_, target.y if top else target.bottom)
        ]  # fmt: skip
    for x in (whole.x, whole.right):
        left = x == whole.x
        yield [
            (source.x if left else source.right, sy_), (x, sy_), (x, ty_), (target.x if left else target.right, ty_)
        ]  # fmt: skip


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low + 6), high - 6)


def _across(start: tuple[float, float], end: tuple[float, float]) -> Iterable[Way]:
    for share in _SHARES:
        x = start[0] + (end[0] - start[0]) * share
        yield [start, (x, start[1]), (x, end[1]), end]


def _down(start: tuple[float, float], end: tuple[float, float]) -> Iterable[Way]:
    for share in _SHARES:
        y = start[1] + (end[1] - start[1]) * share
        yield [start, (start[0], y), (end[0], y), end]


def _cornered(source: Box, target: Box, start: tuple[float, float], end: tuple[float, float]) -> Iterable[Way]:
    """One bend: out of a side of the source, into the top or bottom of the target, and the other way round."""
    (sx, sy), (tx, ty) = start, end
    side = source.right if tx > source.right else source.x if tx < source.x else None
    if side is not None and not target.y <= sy <= target.bottom:
        yield [(side, sy), (tx, sy), (tx, target.y if sy < target.y else target.bottom)]
    side = target.right if sx > target.right else target.x if sx < target.x else None
    if side is not None and not source.y <= ty <= source.bottom:
        yield [(sx, source.y if ty < source.y else source.bottom), (sx, ty), (side, ty)]


def _tidied(way: Way) -> Way:
    """Without points that are doubled or lie on a straight line."""
    kept: Way = []
    for point in way:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return kept


def _cost(way: Way) -> float:
    length = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in itertools.pairwise(way))
    return length + _BEND * (len(way) - 2)


def segment(a: tuple[float, float], b: tuple[float, float], margin: float) -> Box:
    """The box around a straight piece, widened by a margin across and along."""
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return Box(x, y, abs(a[0] - b[0]), abs(a[1] - b[1])).grown(margin)


def _blocked(way: Way, obstacles: Index, margin: float = CLEARANCE / 2) -> bool:
    return any(next(obstacles.near(segment(a, b, margin)), None) is not None for a, b in itertools.pairwise(way))


def crosses(points: Sequence[Point], box: Box) -> bool:
    """Whether a route runs through a box."""
    way = [(p.x, p.y) for p in points]
    return any(segment(a, b, 0.5).meets(box) for a, b in itertools.pairwise(way))


def _search(source: Box, target: Box, obstacles: Index, lane: int) -> Way | None:
    """The cheapest way along the lines that clear the boxes between and near the two ends."""
    region = around((source, target)).grown(220)
    boxes = list({box for _, box in obstacles.near(region)})
    xs, ys = _lines(source, target, boxes, region, _offset(lane))
    if not xs or len(xs) > _LINES_MAX * 3 or len(ys) > _LINES_MAX * 3:
        return None
    starts, ends = _gates(source, _offset(lane)), _gates(target, _offset(lane))
    way = _astar(xs, ys, [outer for _, outer in starts], {outer for _, outer in ends}, [*boxes, source, target])
    if way is None:
        return None
    first = next(border for border, outer in starts if outer == way[0])
    last = next(border for border, outer in ends if outer == way[-1])
    return _tidied([first, *way, last])


def _gates(box: Box, off: float) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where an edge may leave a box: the point on the border and the point outside before it."""
    x, y = _clamp(box.centre[0] + off, box.x, box.right), _clamp(box.centre[1] + off, box.y, box.bottom)
    return [
        ((box.right, y), (box.right + CLEARANCE, y)),
        ((box.x, y), (box.x - CLEARANCE, y)),
        ((x, box.bottom), (x, box.bottom + CLEARANCE)),
        ((x, box.y), (x, box.y - CLEARANCE)),
    ]


def _lines(source: Box, target: Box, boxes: Sequence[Box], region: Box, off: float) -> tuple[list[float], list[float]]:
    xs, ys = set[float](), set[float]()
    for box in (source, target):
        for _, (x, y) in _gates(box, off):
            xs.add(x)
            ys.add(y)
    for box in boxes:
        xs |= {box.x - CLEARANCE, box.right + CLEARANCE}
        ys |= {box.y - CLEARANCE, box.bottom + CLEARANCE}
    return (
        sorted(x for x in xs if region.x <= x <= region.right),
        sorted(y for y in ys if region.y <= y <= region.bottom),
    )


def _astar(
    xs: Sequence[float], ys: Sequence[float], starts: Sequence[tuple[float, float]],
    goals: set[tuple[float, float]], walls: Sequence[Box],
) -> Way | None:  # fmt: skip
    column, row = {x: i for i, x in enumerate(xs)}, {y: i for i, y in enumerate(ys)}
    index = Index((str(i), wall.grown(CLEARANCE / 2)) for i, wall in enumerate(walls))
    heap: list[tuple[float, int, int, int]] = []
    best: dict[tuple[int, int, int], float] = {}
    came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for x, y in starts:
        if x in column and y in row:
            for axis in (0, 1):
                best[column[x], row[y], axis] = 0.0
                heapq.heappush(heap, (0.0, column[x], row[y], axis))
    while heap:
        cost, i, j, axis = heapq.heappop(heap)
        if cost > best[i, j, axis]:
            continue
        if (xs[i], ys[j]) in goals:
            return _walked((i, j, axis), came, xs, ys)
        for ni, nj, turned in ((i + 1, j, 0), (i - 1, j, 0), (i, j + 1, 1), (i, j - 1, 1)):
            if not (0 <= ni < len(xs) and 0 <= nj < len(ys)):
                continue
            a, b = (xs[i], ys[j]), (xs[ni], ys[nj])
            reached = cost + abs(a[0] - b[0]) + abs(a[1] - b[1]) + (_BEND if turned != axis else 0)
            if reached < best.get((ni, nj, turned), float("inf")):
                if next(index.near(segment(a, b, 0.1)), None) is not None:
                    continue
                best[ni, nj, turned] = reached
                came[ni, nj, turned] = (i, j, axis)
                heapq.heappush(heap, (reached, ni, nj, turned))
    return None


def _walked(
    state: tuple[int, int, int], came: dict[tuple[int, int, int], tuple[int, int, int]],
    xs: Sequence[float], ys: Sequence[float],
) -> Way:  # fmt: skip
    way = [(xs[state[0]], ys[state[1]])]
    while state in came:
        state = came[state]
        way.append((xs[state[0]], ys[state[1]]))
    return way[::-1]
