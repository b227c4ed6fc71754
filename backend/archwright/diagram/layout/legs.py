"""The level stretches of edges through the columns of a drawing, and how high each runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archwright.diagram.layout.columns import Columns, Gap, Interval
from archwright.diagram.layout.spread import spread
from archwright.diagram.model import Diagram, Edge

_APART = 12.0
_PORTS = 20.0
_ROUNDS = 6
_OFF = 8.0
Hint = Callable[[Edge, int], float]
"""About where an edge passes a column."""


@dataclass(slots=True, eq=False)
class Leg:
    """A level stretch through the columns `first` to `last`, at a height from `low` to `high`."""

    first: int
    last: int
    low: float
    high: float
    level: float
    passed: tuple[tuple[int, int], ...] = ()
    """The gaps that it passes, each as column and number."""


@dataclass(slots=True, eq=False)
class Journey:
    """An edge from the node on the left to the one on the right, whichever is its source."""

    edge: Edge
    left: str
    right: str
    turns: bool = False
    """Whether both ends are in one column: the edge leaves the `left` node to the right and comes back."""
    own: frozenset[str] = frozenset()
    """The ends and the groups around them: all that it may pass through."""
    crowd: int = 0
    """How many more edges leave the left node to the right than enter the right one from the left."""
    legs: list[Leg] = field(default_factory=list)


def journeys_of(diagram: Diagram, columns: Columns) -> list[Journey]:
    """Return the edges that lead from one column to a later one, or back, or around others of their own column."""
    found = list[Journey]()
    for _, edge in sorted(diagram.edges.items()):
        source, target = columns.span[edge.source], columns.span[edge.target]
        if source[1] < target[0]:
            found.append(Journey(edge, edge.source, edge.target))
        elif target[1] < source[0]:
            found.append(Journey(edge, edge.target, edge.source))
        elif _must_turn(diagram, edge, columns):
            found.append(Journey(edge, edge.source, edge.target, turns=True))
    out, into = _counts(j.left for j in found), _counts(j.right for j in found)
    for journey in found:
        journey.own = frozenset(
            name for end in (journey.left, journey.right) for name in (end, *(g.id for g in diagram.ancestors(end)))
        )
        journey.crowd = 0 if journey.turns else out[journey.left] - into[journey.right]
    return found


def _must_turn(diagram: Diagram, edge: Edge, columns: Columns) -> bool:
    """Whether two leaves of one column have something else between them, or the border of a group."""
    members = columns.members[columns.span[edge.source][0]]
    if edge.source == edge.target or edge.source not in members or edge.target not in members:
        return False
    beside = abs(members.index(edge.source) - members.index(edge.target)) == 1
    return not beside or diagram.nodes[edge.source].parent != diagram.nodes[edge.target].parent


def _counts(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def lay_legs(
    journeys: Sequence[Journey], columns: Columns, gaps: Sequence[Sequence[Gap]],
    sides: Mapping[str, Interval], hint: Hint,
) -> None:  # fmt: skip
    """Give each journey its legs, as few as the free stretches allow, and each leg its height.

    `sides` says between which heights an edge may leave or enter a node.
    """
    for journey in journeys:
        if journey.turns:
            journey.legs = [_end(node, columns, sides) for node in (journey.left, journey.right)]
            continue
        stations = _stations(journey, columns, gaps, sides, hint)
        journey.legs = _joined(stations) if journey.crowd < 0 else _joined(stations[::-1])[::-1]
    _take_ports(journeys, sides)
    _keep_apart(journeys, gaps, sides)


def _stations(
    journey: Journey, columns: Columns, gaps: Sequence[Sequence[Gap]], sides: Mapping[str, Interval], hint: Hint
) -> list[Leg]:
    """A leg for each column, from the side of the left node through free stretches to that of the right one."""
    a, b = columns.span[journey.left][1], columns.span[journey.right][0]
    stations = [_end(journey.left, columns, sides)]
    for column in range(a + 1, b):
        wish = hint(journey.edge, column)
        open_to = [(number, gap) for number, gap in enumerate(gaps[column]) if gap.inside <= journey.own]
        number, (low, high, _) = min(open_to, key=lambda gap: (_distance(gap[1], wish), gap[0]))
        stations.append(Leg(column, column, low, high, min(max(wish, low), high), ((column, number),)))
    low, high = sides[journey.right]
    return [*stations, Leg(b, b, low, high, (low + high) / 2)]


def _end(node: str, columns: Columns, sides: Mapping[str, Interval]) -> Leg:
    """The leg at the right side of a node."""
    column, (low, high) = columns.span[node][1], sides[node]
    return Leg(column, column, low, high, (low + high) / 2)


def _distance(gap: Gap, value: float) -> float:
    return max(gap.low - value, value - gap.high, 0.0)


def _joined(stations: Iterable[Leg]) -> list[Leg]:
    """Neighbouring stations as one leg for as long as they have a height in common."""
    legs = list[Leg]()
    for leg in stations:
        low, high = (max(legs[-1].low, leg.low), min(legs[-1].high, leg.high)) if legs else (1.0, 0.0)
        if low > high:
            legs.append(leg)
            continue
        before = legs.pop()
        first, last = min(before.first, leg.first), max(before.last, leg.last)
        level = min(max((before.level + leg.level) / 2, low), high)
        legs.append(Leg(first, last, low, high, level, before.passed + leg.passed))
    return legs


Port = tuple[Journey, Leg]


def _ports(journeys: Iterable[Journey]) -> dict[tuple[str, bool], list[Port]]:
    """The legs at the right (True) and left side of each node, from the one that leads highest down."""
    ports: dict[tuple[str, bool], list[tuple[float, str, Port]]] = {}
    for journey in journeys:
        first, last = journey.legs[0], journey.legs[-1]
        onward = journey.legs[1].level if len(journey.legs) > 1 else first.level
        back = journey.legs[-2].level if len(journey.legs) > 1 else last.level
        ports.setdefault((journey.left, True), []).append((onward, journey.edge.id, (journey, first)))
        ports.setdefault((journey.right, journey.turns), []).append((back, journey.edge.id, (journey, last)))
    return {side: [port for *_, port in sorted(found, key=lambda f: f[:2])] for side, found in ports.items()}


def _take_ports(journeys: Sequence[Journey], sides: Mapping[str, Interval]) -> None:
    """Spread the edges of each side around its middle; an edge that is straight splits the difference."""
    wishes: dict[int, list[float]] = {}
    for (node, _), ports in _ports(journeys).items():
        low, high = sides[node]
        apart = min(_PORTS, (high - low) / max(1, len(ports) - 1))
        for place, (_, leg) in enumerate(ports):
            slot = (low + high) / 2 + (place - (len(ports) - 1) / 2) * apart
            wishes.setdefault(id(leg), []).append(slot)
    for journey in journeys:
        for leg in {id(leg): leg for leg in (journey.legs[0], journey.legs[-1])}.values():
            slots = wishes[id(leg)]
            leg.level = min(max(sum(slots) / len(slots), leg.low), leg.high)


def _keep_apart(journeys: Sequence[Journey], gaps: Sequence[Sequence[Gap]], sides: Mapping[str, Interval]) -> None:
    """Move legs on the same side of a node, or in the same gap, away from each other."""
    rows: list[tuple[list[Leg], float, Interval]] = []
    for (node, _), ports in _ports(journeys).items():
        rows.append(([leg for _, leg in ports], _PORTS, sides[node]))
    passing: dict[tuple[int, int], list[tuple[float, str, Leg]]] = {}
    for journey in journeys:
        for leg in journey.legs:
            for gap in leg.passed:
                passing.setdefault(gap, []).append((leg.level, journey.edge.id, leg))
    for (column, number), found in passing.items():
        legs = [leg for *_, leg in sorted(found, key=lambda f: f[:2])]
        rows.append((legs, _APART, gaps[column][number][:2]))
    for _ in range(_ROUNDS):
        _relax(rows)
    _unlay(journeys, [row for row, *_ in rows])


def _unlay(journeys: Iterable[Journey], rows: Iterable[list[Leg]]) -> None:
    """Move legs that come from a bend off the height of those that lead to another bend between the same columns."""
    leading: dict[int, list[Leg]] = {}
    for journey in journeys:
        for leg in journey.legs if journey.turns else journey.legs[:-1]:
            leading.setdefault(leg.last, []).append(leg)
    beside: dict[int, list[Leg]] = {}
    for row in rows:
        for leg in row:
            beside.setdefault(id(leg), []).extend(other for other in row if other is not leg)
    for journey in (j for j in journeys if not j.turns):
        for before, leg in pairwise(journey.legs):
            others = [other.level for other in leading[before.last] if other is not before]
            near = [other.level for other in beside.get(id(leg), ())]
            leg.level = _off(leg, others, near)


def _off(leg: Leg, others: Sequence[float], near: Sequence[float]) -> float:
    """A height nearby that keeps off the others, as far as can be from those beside it."""
    if all(abs(leg.level - other) >= _OFF for other in others):
        return leg.level
    free = [
        level
        for level in (leg.level + step * sign for step in (_OFF / 2, _OFF, _OFF * 1.5) for sign in (1, -1))
        if leg.low <= level <= leg.high and all(abs(level - other) >= _OFF for other in others)
    ]
    return max(free, key=lambda level: min((abs(level - other) for other in near), default=0), default=leg.level)


def _relax(rows: Iterable[tuple[list[Leg], float, Interval]]) -> None:
    asked: dict[int, list[float]] = {}
    legs: dict[int, Leg] = {}
    for row, apart, (low, high) in rows:
        for leg, level in zip(row, spread([leg.level for leg in row], apart, low, high), strict=True):
            asked.setdefault(id(leg), []).append(level)
            legs[id(leg)] = leg
    for key, levels in asked.items():
        leg = legs[key]
        leg.level = min(max(sum(levels) / len(levels), leg.low), leg.high)
