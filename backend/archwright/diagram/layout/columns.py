"""The columns of a layered drawing: what stands in each, and where an edge can pass between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from archwright.diagram.layout.boxes import Box
from archwright.diagram.model import Diagram

CLEAR = 12.0
"""Room that an edge keeps from a box that it passes."""
_FAR = 1e7
_SAME = 2.0
Interval = tuple[float, float]


class Gap(NamedTuple):
    """A free stretch of a column from top to bottom, and the groups that it lies in."""

    low: float
    high: float
    inside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Columns:
    """Leaves by column, in the order of the drawing, and the first and last column of every node."""

    members: tuple[tuple[str, ...], ...]
    span: Mapping[str, tuple[int, int]]

    def edges_of(self, column: int, boxes: Mapping[str, Box]) -> Interval:
        """Where a column begins and ends."""
        held = [boxes[leaf] for leaf in self.members[column]]
        return min(box.x for box in held), max(box.right for box in held)


def columns_of(diagram: Diagram, boxes: Mapping[str, Box], leaves: Iterable[str]) -> Columns | None:
    """Return the columns of leaves with one centre, or nothing when columns overlap."""
    members: list[list[str]] = []
    centre = -_FAR
    for leaf in sorted(leaves, key=lambda i: (boxes[i].centre[0], i)):
        if boxes[leaf].centre[0] > centre + _SAME:
            centre = boxes[leaf].centre[0]
            members.append([])
        members[-1].append(leaf)
    ordered = tuple(tuple(sorted(found, key=lambda i: (boxes[i].y, i))) for found in members)
    columns = Columns(ordered, _spans(diagram, members))
    extents = [columns.edges_of(i, boxes) for i in range(len(members))]
    return None if any(a[1] >= b[0] for a, b in pairwise(extents)) else columns


def _spans(diagram: Diagram, members: list[list[str]]) -> dict[str, tuple[int, int]]:
    span: dict[str, tuple[int, int]] = {}
    for index, leaves in enumerate(members):
        for leaf in leaves:
            span[leaf] = (index, index)
            for group in diagram.ancestors(leaf):
                first, last = span.get(group.id, (index, index))
                span[group.id] = (min(first, index), max(last, index))
    return span


def gaps_of(columns: Columns, boxes: Mapping[str, Box], titles: Mapping[str, Box]) -> list[list[Gap]]:
    """Return, for each column, the free stretches from top to bottom: clear of boxes, of titles and of the borders
    of groups. `titles` holds the box of each group's title."""
    walls: list[list[Interval]] = [[] for _ in columns.members]
    around: list[list[str]] = [[] for _ in columns.members]
    for index, leaves in enumerate(columns.members):
        walls[index] += [(boxes[i].y - CLEAR, boxes[i].bottom + CLEAR) for i in leaves]
    extents = [columns.edges_of(index, boxes) for index in range(len(columns.members))]
    for group_id, title in titles.items():
        first, last = columns.span[group_id]
        box = boxes[group_id]
        for index in range(first, last + 1):
            walls[index] += [(y - CLEAR / 2, y + CLEAR / 2) for y in (box.y, box.bottom)]
            around[index].append(group_id)
        for index, (left, right) in enumerate(extents):
            if title.x < right and left < title.right:
                walls[index].append((title.y, title.bottom))
    return [
        [Gap(low, high, frozenset(g for g in groups if boxes[g].y <= low and high <= boxes[g].bottom))
         for low, high in _between(sorted(found))]
        for found, groups in zip(walls, around, strict=True)
    ]  # fmt: skip


def _between(walls: list[Interval]) -> list[Interval]:
    free, end = list[Interval](), -_FAR
    for low, high in walls:
        if low > end:
            free.append((end, low))
        end = max(end, high)
    return [*free, (end, _FAR)]
