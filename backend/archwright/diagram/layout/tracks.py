"""The upright stretches of edges between two columns: which stands left of which, and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archwright.diagram.layout.boxes import Box
from archwright.diagram.layout.legs import Journey
from archwright.diagram.layout.sizes import edge_label_size

TRACK = 12.0
"""Room between two upright stretches."""
_OVERLAY = 100
_NEAR = 6.0


@dataclass(slots=True, eq=False)
class Bend:
    """An upright stretch of a journey, after its leg `index`, from the height `start` to the height `end`."""

    journey: Journey
    index: int
    start: float
    end: float
    place: int = 0
    """How many stretches must stand left of it."""
    room: int = 0
    """How many must stand right of it."""
    x: float = 0.0
    before: "list[Bend]" = field(default_factory=list)

    @property
    def lefts(self) -> tuple[float, ...]:
        """The heights at which it is met from the left."""
        return (self.start, self.end) if self.journey.turns else (self.start,)

    @property
    def rights(self) -> tuple[float, ...]:
        """The heights at which it is met from the right."""
        return () if self.journey.turns else (self.end,)

    @property
    def low(self) -> float:
        return min(self.start, self.end)

    @property
    def high(self) -> float:
        return max(self.start, self.end)

    def meets(self, other: "Bend") -> bool:
        """Whether the two would touch on one track."""
        return self.low < other.high + _NEAR and other.low < self.high + _NEAR


def bends_of(journeys: Iterable[Journey], columns: int) -> list[list[Bend]]:
    """Return the upright stretches between each column and the next, from left to right."""
    found: list[list[Bend]] = [[] for _ in range(columns)]
    for journey in journeys:
        for index, (leg, following) in enumerate(zip(journey.legs, journey.legs[1:], strict=False)):
            found[leg.last].append(Bend(journey, index, leg.level, following.level))
    return [_ordered(bends) for bends in found]


def _ordered(bends: list[Bend]) -> list[Bend]:
    """The order with few crossings, each bend with those that must stand left of it."""
    bends = sorted(bends, key=lambda b: (b.journey.crowd < 0, b.low, b.high, b.journey.edge.id))
    gain = [[0] * len(bends) for _ in bends]
    for i, a in enumerate(bends):
        for j in range(i + 1, len(bends)):
            if a.meets(bends[j]):
                gain[i][j] = _crossings(bends[j], a) - _crossings(a, bends[j])
                gain[j][i] = -gain[i][j]
    order = [bends[i] for i in _ranked(gain)]
    for index, bend in enumerate(order):
        bend.before = [other for other in order[:index] if other.meets(bend)]
        bend.place = max((other.place + 1 for other in bend.before), default=0)
    for bend in reversed(order):
        for other in bend.before:
            other.room = max(other.room, bend.room + 1)
    return order


def _crossings(left: Bend, right: Bend) -> int:
    """How many times two bends cross with one left of the other; lying on one another counts a hundred times."""
    crossings = sum(right.low < level < right.high for level in left.rights)
    crossings += sum(left.low < level < left.high for level in right.lefts)
    return crossings + _OVERLAY * sum(abs(a - b) < _NEAR for a in left.rights for b in right.lefts)


def _ranked(gain: Sequence[Sequence[int]]) -> list[int]:
    """An order in which few pairs stand the worse way round: always next whoever gains most before the rest."""
    left = list(range(len(gain)))
    score = [sum(row) for row in gain]
    order = list[int]()
    while left:
        best = max(left, key=lambda i: (score[i], -i))
        left.remove(best)
        order.append(best)
        for other in left:
            score[other] -= gain[other][best]
    return order


class Wall(NamedTuple):
    """An upright border of a group: its right one, or its left one."""

    x: float
    low: float
    high: float
    group: str
    is_right: bool

    def is_in_way(self, bend: Bend) -> bool:
        """Whether the bend would run through the group if it stood on the wrong side of the border."""
        return bend.low < self.high and self.low < bend.high and self.group not in bend.journey.own


def place_bends(
    bends: Sequence[Bend], left: float, right: float, boxes: Mapping[str, Box], walls: Sequence[Wall]
) -> None:
    """Set the x of each bend, in their order, from `left` to `right`: near the end where more edges meet, and between
    the groups that it passes."""
    for bend in bends:
        journey = bend.journey
        met = [wall for wall in walls if wall.is_in_way(bend)]
        begin = max((wall.x + _NEAR + 1 for wall in met if wall.is_right), default=left)
        end = min((wall.x - _NEAR - 1 for wall in met if not wall.is_right), default=right)
        wish = begin + bend.place * TRACK if journey.crowd >= 0 else end - bend.room * TRACK
        least = max((other.x + TRACK for other in bend.before), default=begin)
        if journey.turns:
            wish = max(wish, left + edge_label_size(journey.edge).width / 2 - TRACK / 2)
        if bend.index == 0:
            least = max(least, boxes[journey.left].right + _NEAR)
        bend.x = _clear(max(least, wish, begin), bend, walls)


def _clear(x: float, bend: Bend, walls: Sequence[Wall]) -> float:
    """The x, moved right until the bend runs along no border."""
    for wall in walls:
        if abs(x - wall.x) < _NEAR and bend.low < wall.high and wall.low < bend.high:
            x = wall.x + _NEAR + 1
    return x
