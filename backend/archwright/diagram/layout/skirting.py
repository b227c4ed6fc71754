"""A way led close along what lies in it: always found where the boxes stand apart, in time that grows with what is
met alone."""

from collections.abc import Iterator
from itertools import pairwise

from archwright.diagram.layout.boxes import Box, Index
from archwright.diagram.layout.ways import CLEARANCE, TIGHT, Way, blocked, cost, segment, tidied

_ROUNDS = 80
_AHEAD = 5
"""How many corners on a shorter way is looked for."""
_LANES = 4
_LANE = 4.0
_CLOSE = (CLEARANCE / 2, 4.0, 2.0)
Spot = tuple[float, float]


def skirted(way: Way, obstacles: Index, ends: tuple[Box, Box], lane: int) -> Way | None:
    """Return the way with a detour around each obstacle in it, or nothing where boxes leave no room for that.

    `ends` are not entered either; `lane` says how far off the boxes it runs, where there is room.
    """
    walls = _Walls(obstacles, ends)
    at = 0
    for _ in range(_ROUNDS):
        met = _first_met(way, at, walls)
        if met is None:
            way = _shortened(tidied(way), walls)
            return None if blocked(way, walls, TIGHT) else way
        led = _past(way, met, walls, lane)
        if led is None:
            return None
        way, at = led
    return None


class _Walls(Index):
    """The obstacles, and the ends but for their borders."""

    def __init__(self, obstacles: Index, ends: tuple[Box, Box]) -> None:
        self._obstacles = obstacles
        pairs = (ends, ends[::-1])
        self._ends = [end.grown(-1.5 * TIGHT) for end, other in pairs if not end.holds(other)]

    def near(self, box: Box) -> Iterator[tuple[str, Box]]:
        yield from self._obstacles.near(box)
        yield from (("", end) for end in self._ends if end.meets(box))


def _first_met(way: Way, at: int, walls: Index) -> Box | None:
    """What the way meets first, from its piece of this number on."""
    for a, b in pairwise(way[at:]):
        met = [box for _, box in walls.near(segment(a, b, TIGHT))]
        if met:
            return min(met, key=lambda box: _distance(a, box))
    return None


def _distance(spot: Spot, box: Box) -> float:
    return max(box.x - spot[0], spot[0] - box.right, 0.0) + max(box.y - spot[1], spot[1] - box.bottom, 0.0)


def _past(way: Way, box: Box, walls: Index, lane: int) -> tuple[Way, int] | None:
    """The way with all between where it first meets the surroundings of a box and where it last leaves them led
    around the box, and the number of the piece with which it goes on from there."""
    for off in (_CLOSE[0] + _LANE * (lane % _LANES), *_CLOSE):
        ring = box.grown(off)
        if _holds(ring, way[0]) or _holds(ring, way[-1]):
            continue
        met = [(index, span) for index, (a, b) in enumerate(pairwise(way)) if (span := _within(a, b, ring))]
        (first, (entry, _)), (last, (_, leave)) = met[0], met[-1]
        for some in sorted(_both_ways(entry, leave, ring), key=cost):
            if not any(other != box for a, b in pairwise(some) for _, other in walls.near(segment(a, b, TIGHT))):
                return [*way[: first + 1], *some, *way[last + 1 :]], first + len(some)
    return None


def _holds(box: Box, spot: Spot) -> bool:
    return box.x < spot[0] < box.right and box.y < spot[1] < box.bottom


def _within(a: Spot, b: Spot, ring: Box) -> tuple[Spot, Spot] | None:
    """The part of a straight piece that lies in a ring, from a to b."""
    x = sorted((min(max(a[0], ring.x), ring.right), min(max(b[0], ring.x), ring.right)))
    y = sorted((min(max(a[1], ring.y), ring.bottom), min(max(b[1], ring.y), ring.bottom)))
    level = a[1] == b[1]
    if (level and not (ring.y < a[1] < ring.bottom and x[0] < x[1])) or (
        not level and not (ring.x < a[0] < ring.right and y[0] < y[1])
    ):
        return None
    low, high = ((x[0], a[1]), (x[1], a[1])) if level else ((a[0], y[0]), (a[0], y[1]))
    return (low, high) if a <= b else (high, low)


def _both_ways(entry: Spot, leave: Spot, ring: Box) -> tuple[Way, Way]:
    """Along the ring from one spot on it to another, clockwise and the other way round."""
    return _clockwise(entry, leave, ring), _clockwise(leave, entry, ring)[::-1]


def _clockwise(start: Spot, end: Spot, ring: Box) -> Way:
    whole = 2 * (ring.width + ring.height)
    corners = [(ring.x, ring.y), (ring.right, ring.y), (ring.right, ring.bottom), (ring.x, ring.bottom)]
    begin = _along(start, ring)
    length = (_along(end, ring) - begin) % whole
    passed = sorted(((_along(corner, ring) - begin) % whole, corner) for corner in corners)
    return [start, *(corner for at, corner in passed if 0 < at < length), end]


def _along(spot: Spot, ring: Box) -> float:
    """How far along the ring a spot lies, from the upper left corner."""
    x, y = spot[0] - ring.x, spot[1] - ring.y
    if y <= 0:
        return x
    if spot[0] >= ring.right:
        return ring.width + y
    if spot[1] >= ring.bottom:
        return ring.width + ring.height + (ring.right - spot[0])
    return 2 * ring.width + ring.height + (ring.bottom - spot[1])


def _shortened(way: Way, walls: Index) -> Way:
    """Without detours that two straight pieces can replace."""
    at = 0
    while at < len(way) - 3:
        for end in range(min(len(way) - 1, at + _AHEAD), at + 2, -1):
            (x, y), (to_x, to_y) = way[at], way[end]
            corners = [[(x, y), (to_x, y), (to_x, to_y)], [(x, y), (x, to_y), (to_x, to_y)]]
            found = next((some for some in corners if not blocked(tidied(some), walls)), None)
            if found is not None:
                way = tidied([*way[:at], *found, *way[end + 1 :]])
                break
        at += 1
    return way
