"""The way with the fewest bends and the least length along lines that clear the boxes."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archwright.diagram.layout.boxes import Box, Index, around
from archwright.diagram.layout.ways import BEND, CLEARANCE, TIGHT, Way, clamp, segment, tidied

_REACH = 220.0
_FAR = 3e6
_LINES_MAX = 132
"""Lines in each direction up to which a search nearby takes some milliseconds."""
_STEPS_MAX = 200_000

Spot = tuple[float, float]
State = tuple[int, int, int]


def search(source: Box, target: Box, obstacles: Index, off: float, *, everywhere: bool = False) -> Way | None:
    """Return the cheapest way around the obstacles near the two ends, or nothing where there is none or are too many.

    With `everywhere` it looks as far as anything lies, and goes through narrow gaps too.
    """
    if source == target:
        return None
    clear = 1.5 * TIGHT if everywhere else CLEARANCE
    outer = source if source.holds(target) else target if target.holds(source) else None
    region = outer or around((source, target)).grown(_FAR if everywhere else _REACH)
    boxes = list({box for _, box in obstacles.near(region)})
    walls = [*boxes, *(end for end in (source, target) if end is not outer)]
    starts, ends = _gates(source, off, clear, outer), _gates(target, off, clear, outer)
    xs, ys = _lines((*starts, *ends), boxes, region, clear)
    if not everywhere and max(len(xs), len(ys)) > _LINES_MAX:
        return None
    grid = _Grid(xs, ys, Index((str(i), wall.grown(clear / 2)) for i, wall in enumerate(walls)))
    way = grid.way([outside for _, outside in starts], {outside for _, outside in ends})
    if way is None:
        return None
    first = next(border for border, outside in starts if outside == way[0])
    last = next(border for border, outside in ends if outside == way[-1])
    return tidied([first, *way, last])


def _gates(box: Box, off: float, clear: float, outer: Box | None) -> list[tuple[Spot, Spot]]:
    """Where an edge may leave a box: the point on the border and the point before it, which is outside, or inside
    where the box is around the other end."""
    x, y = clamp(box.centre[0] + off, box.x, box.right), clamp(box.centre[1] + off, box.y, box.bottom)
    out = -clear if box is outer else clear
    return [
        ((box.right, y), (box.right + out, y)),
        ((box.x, y), (box.x - out, y)),
        ((x, box.bottom), (x, box.bottom + out)),
        ((x, box.y), (x, box.y - out)),
    ]


def _lines(
    gates: Iterable[tuple[Spot, Spot]], boxes: Iterable[Box], region: Box, clear: float
) -> tuple[list[float], list[float]]:  # fmt: skip
    xs, ys = set[float](), set[float]()
    for _, (x, y) in gates:
        xs.add(x)
        ys.add(y)
    for box in boxes:
        xs |= {box.x - clear, box.right + clear}
        ys |= {box.y - clear, box.bottom + clear}
    return (
        sorted(x for x in xs if region.x <= x <= region.right),
        sorted(y for y in ys if region.y <= y <= region.bottom),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """Lines across and down, and the walls that lie in them."""

    xs: Sequence[float]
    ys: Sequence[float]
    walls: Index

    def way(self, starts: Sequence[Spot], goals: set[Spot]) -> Way | None:
        """The cheapest way from a start to a goal, by the A* algorithm."""
        column, row = {x: i for i, x in enumerate(self.xs)}, {y: i for i, y in enumerate(self.ys)}
        best: dict[State, float] = {}
        came: dict[State, State] = {}
        heap: list[tuple[float, float, State]] = []
        for x, y in starts:
            if x in column and y in row:
                for axis in (0, 1):
                    state = (column[x], row[y], axis)
                    best[state] = 0.0
                    heapq.heappush(heap, (_left((x, y), goals), 0.0, state))
        for _ in range(_STEPS_MAX):
            if not heap:
                return None
            _, cost, state = heapq.heappop(heap)
            if cost > best[state]:
                continue
            if (self.xs[state[0]], self.ys[state[1]]) in goals:
                return self._walked(state, came)
            for following, reached in self._onward(state, cost):
                if reached < best.get(following, _FAR) and self._is_open(state, following):
                    best[following], came[following] = reached, state
                    spot = self.xs[following[0]], self.ys[following[1]]
                    heapq.heappush(heap, (reached + _left(spot, goals), reached, following))
        return None

    def _onward(self, state: State, cost: float) -> Iterator[tuple[State, float]]:
        i, j, axis = state
        for ni, nj, turned in ((i + 1, j, 0), (i - 1, j, 0), (i, j + 1, 1), (i, j - 1, 1)):
            if 0 <= ni < len(self.xs) and 0 <= nj < len(self.ys):
                length = abs(self.xs[i] - self.xs[ni]) + abs(self.ys[j] - self.ys[nj])
                yield (ni, nj, turned), cost + length + (BEND if turned != axis else 0)

    def _is_open(self, a: State, b: State) -> bool:
        piece = segment((self.xs[a[0]], self.ys[a[1]]), (self.xs[b[0]], self.ys[b[1]]), 0.1)
        return next(self.walls.near(piece), None) is None

    def _walked(self, state: State, came: dict[State, State]) -> Way:
        way = [(self.xs[state[0]], self.ys[state[1]])]
        while state in came:
            state = came[state]
            way.append((self.xs[state[0]], self.ys[state[1]]))
        return way[::-1]


def _left(spot: Spot, goals: set[Spot]) -> float:
    """At least how far it is to a goal."""
    return min(abs(spot[0] - x) + abs(spot[1] - y) for x, y in goals)
