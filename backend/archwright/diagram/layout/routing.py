"""Routes of edges: orthogonal, around boxes where a way exists."""

import itertools
from collections.abc import Sequence

from archwright.diagram.layout.boxes import Box, Index
from archwright.diagram.layout.searching import search
from archwright.diagram.layout.skirting import skirted
from archwright.diagram.layout.taken import Taken, kept_apart
from archwright.diagram.layout.ways import TIGHT, Way, blocked, cost, offset, segment, tidied, ways
from archwright.diagram.model import Point

_SHARED = 4.0
"""What a unit along another edge's line costs, in units of length."""
_LANES = 5


def route(
    source: Box, target: Box, obstacles: Index, lane: int = 0, *, thorough: bool = True, taken: Taken | None = None,
    like: Sequence[Point] = (), quick: bool = False,
) -> tuple[Point, ...]:  # fmt: skip
    """Return points from the border of the source to the border of the target, clear of the obstacles.

    `obstacles` are what to go around (neither end, nor a group around one of them); `lane` numbers parallel
    edges, so that they do not lie on one another. Without `thorough` the way with fewest bends is not searched for.
    With `taken` the route keeps off the lines of other edges where it can. `like` is a route that would be
    good but for what lies in it. Only an end that is shut in by boxes without a gap gets a line through one, but
    `quick`, which is for thousands of boxes, takes the best of the simple ways.
    """
    lanes = range(lane, lane + (_LANES if taken else 1))
    simple = [way for one in lanes for found in ways(source, target, one) if len(way := tidied(found)) > 1]
    if source != target:
        simple.sort(key=lambda way: cost(way) + (_SHARED * taken.shared(way) if taken else 0))
    if like and not quick:
        led = skirted([(p.x, p.y) for p in like], obstacles, (source, target), lane)
        simple = [led, *simple] if led else simple
    open_ways = (way for way in simple if not blocked(way, obstacles) and not _enters(way, source, target))
    way = next(open_ways, [])
    if not way:
        found = (source, target, obstacles)
        way = _least_bad(simple, *found) if quick else _around(source, target, simple, obstacles, lane, thorough)
    if taken and source != target:
        way = kept_apart(way, (source, target), taken, lambda some: _is_clear(some, source, target, obstacles))
    return _points(way)


def _least_bad(simple: Sequence[Way], source: Box, target: Box, obstacles: Index) -> Way:
    return next((way for way in simple if _is_clear(way, source, target, obstacles)), simple[-1])


def _around(source: Box, target: Box, simple: Sequence[Way], obstacles: Index, lane: int, thorough: bool) -> Way:
    """A way around what lies in all the simple ones: the best there is nearby, else close along what is in the way,
    else through gaps however narrow, wherever they are."""
    found = search(source, target, obstacles, offset(lane)) if thorough else None
    found = found or next((way for way in simple if _is_clear(way, source, target, obstacles)), None)
    found = found or skirted(simple[0], obstacles, (source, target), lane)
    return found or search(source, target, obstacles, 0.0, everywhere=True) or simple[-1]


def fits(points: Sequence[Point], source: Box, target: Box, obstacles: Index) -> bool:
    """Whether a route leads from border to border, keeps clear of the obstacles, and enters neither end."""
    if len(points) < 2 or not (_is_on(points[0], source) and _is_on(points[-1], target)):
        return False
    return _is_clear([(p.x, p.y) for p in points], source, target, obstacles)


def _is_clear(way: Way, source: Box, target: Box, obstacles: Index) -> bool:
    return not _enters(way, source, target) and not blocked(way, obstacles, TIGHT)


def _enters(way: Way, source: Box, target: Box) -> bool:
    """Whether a way runs through one of its ends, other than a group with the other end in it."""
    inner = [end.grown(-TIGHT) for end, other in ((source, target), (target, source)) if not end.holds(other)]
    return any(segment(a, b, 0).meets(end) for a, b in itertools.pairwise(way) for end in inner)


def _is_on(point: Point, box: Box) -> bool:
    spot = Box(point.x, point.y, 0, 0)
    return box.grown(TIGHT).holds(spot) and not box.grown(-TIGHT).holds(spot)


def _points(way: Way) -> tuple[Point, ...]:
    return tuple(Point(x=round(x, 1), y=round(y, 1)) for x, y in way)
