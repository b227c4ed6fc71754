"""Ways with few bends from one box to another, whatever lies in them."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from archwright.diagram.layout.boxes import Box, Index, around
from archwright.diagram.model import Point

CLEARANCE = 14.0
TIGHT = 1.0
"""The least room between a line and what it passes."""
BEND = 60.0
"""What a bend costs, in units of length."""
_STUB = 18.0
_SHARES = (0.5, 0.25, 0.75, 0.38, 0.62)
_REACHES = (14.0, 8.0, 3.0)

Way = list[tuple[float, float]]


def ways(source: Box, target: Box, lane: int) -> Iterable[Way]:
    """Return ways from border to border; `lane` numbers parallel edges, so that they do not lie on one another."""
    if source == target:
        return _loops(source, lane)
    if source.holds(target) or target.holds(source):
        return _inside(source, target, lane)
    return _candidates(source, target, lane)


def offset(lane: int) -> float:
    """How far a lane lies from the middle of a side."""
    return 12.0 * ((lane + 1) // 2) * (1 if lane % 2 else -1)


def _loops(box: Box, lane: int) -> Iterator[Way]:
    """Around a corner of the box, the upper right one first."""
    for reach in (24.0 + 10 * lane, *_REACHES):
        for x, right in ((box.right, 1), (box.x, -1)):
            for y, down in ((box.y, -1), (box.bottom, 1)):
                yield [
                    (x - 24 * right, y), (x - 24 * right, y + reach * down), (x + reach * right, y + reach * down),
                    (x + reach * right, y - 24 * down), (x, y - 24 * down),
                ]  # fmt: skip


def _inside(source: Box, target: Box, lane: int) -> Iterator[Way]:
    """Between a group and something in it: straight across the gap at each side."""
    outer, inner = (source, target) if source.holds(target) else (target, source)
    x = clamp(inner.centre[0] + offset(lane), inner.x, inner.right)
    y = clamp(inner.centre[1] + offset(lane), inner.y, inner.bottom)
    for way in (
        [(outer.x, y), (inner.x, y)], [(outer.right, y), (inner.right, y)],
        [(x, outer.y), (x, inner.y)], [(x, outer.bottom), (x, inner.bottom)],
    ):  # fmt: skip
        yield way if outer is source else way[::-1]


def _candidates(source: Box, target: Box, lane: int) -> Iterable[Way]:
    """Ways with few bends, between facing sides first."""
    off = offset(lane)
    (sx, sy), (tx, ty) = source.centre, target.centre
    sy_, ty_ = clamp(sy + off, source.y, source.bottom), clamp(ty + off, target.y, target.bottom)
    sx_, tx_ = clamp(sx + off, source.x, source.right), clamp(tx + off, target.x, target.right)
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


def clamp(value: float, low: float, high: float) -> float:
    """The value, kept off both ends of a side."""
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


def tidied(way: Way) -> Way:
    """Without points that are doubled or lie on a straight line."""
    kept: Way = []
    for point in way:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return kept


def cost(way: Way) -> float:
    """Its length, and what its bends cost."""
    length = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in itertools.pairwise(way))
    return length + BEND * (len(way) - 2)


def segment(a: tuple[float, float], b: tuple[float, float], margin: float) -> Box:
    """The box around a straight piece, widened by a margin across and along."""
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return Box(x, y, abs(a[0] - b[0]), abs(a[1] - b[1])).grown(margin)


def blocked(way: Way, obstacles: Index, margin: float = CLEARANCE / 2) -> bool:
    """Whether a way runs through an obstacle, or nearer to one than the margin."""
    return any(next(obstacles.near(segment(a, b, margin)), None) is not None for a, b in itertools.pairwise(way))


def crosses(points: Sequence[Point], box: Box, margin: float = 0.5) -> bool:
    """Whether a route runs through a box, or nearer to it than the margin."""
    left, top, right, bottom = box.x - margin, box.y - margin, box.right + margin, box.bottom + margin
    return any(
        (a.x if a.x < b.x else b.x) < right
        and (a.x if a.x > b.x else b.x) > left
        and (a.y if a.y < b.y else b.y) < bottom
        and (a.y if a.y > b.y else b.y) > top
        for a, b in itertools.pairwise(points)
    )
