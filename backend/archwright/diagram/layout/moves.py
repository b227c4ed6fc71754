"""How a box gives way: out of another, around a place, and a group around its members."""

from collections.abc import Iterator, Sequence
from math import ceil, sqrt

from archwright.diagram.layout.boxes import Box, around
from archwright.diagram.layout.sizes import HEADER, PADDING

GAP = 40.0
_APART = 24.0
"""What a box that gives way keeps from the one that it was on."""
_RINGS = 14


def stretched(group: Box, member: Box) -> Box:
    """The group's box, large enough for a member with its margin."""
    needed = Box(
        member.x - PADDING,
        member.y - HEADER - PADDING,
        member.width + 2 * PADDING,
        member.height + HEADER + 2 * PADDING,
    )
    return group if group.holds(needed) else around((group, needed))


def way_out(fixed: Box, box: Box) -> tuple[float, float]:
    """The least move right, down, left or up that takes a box out of another, with a gap."""
    moves = [
        (fixed.right - box.x + GAP, 0.0),
        (0.0, fixed.bottom - box.y + GAP),
    ]
    return min(moves, key=lambda move: abs(move[0]) + abs(move[1]))


def spiral(box: Box) -> Iterator[Box]:
    """The box itself, then places around it, the nearer the sooner, below and to the right first."""
    yield box
    step_x, step_y = box.width / 2 + GAP, box.height / 2 + GAP
    for ring in range(1, _RINGS):
        places = [
            (dx, dy) for dx in range(-ring, ring + 1) for dy in range(-ring, ring + 1) if max(abs(dx), abs(dy)) == ring
        ]
        for dx, dy in sorted(places, key=lambda p: (abs(p[0]) + abs(p[1]), p[0] < 0, p[1] < 0)):
            yield box.moved(round(dx * step_x), round(dy * step_y))


def nearest_free(box: Box, others: Sequence[Box]) -> Box:
    """Return the box in the nearest place in which it keeps clear of all the others."""
    reach = max(box.width, box.height)
    while True:
        area = box.grown(reach)
        near = [other for other in others if other.meets(area)]
        xs = {box.x, *(round(o.right + _APART) for o in near), *(round(o.x - _APART - box.width) for o in near)}
        ys = {box.y, *(round(o.bottom + _APART) for o in near), *(round(o.y - _APART - box.height) for o in near)}
        places = [Box(x, y, box.width, box.height) for x in xs for y in ys if abs(x - box.x) + abs(y - box.y) <= reach]
        for place in sorted(places, key=lambda p: (abs(p.x - box.x) + abs(p.y - box.y), p)):
            if not any(place.meets(other) for other in near):
                return place
        reach *= 2


def lined_up(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes side by side in rows, about as many rows as columns, in their order."""
    columns, placed = ceil(sqrt(len(boxes))), list[Box]()
    start = around(boxes)
    y = start.y
    for first in range(0, len(boxes), columns):
        x, bottom = start.x, y
        for box in boxes[first : first + columns]:
            placed.append(Box(x, y, box.width, box.height))
            x, bottom = x + box.width + GAP, max(bottom, y + box.height)
        y = bottom + GAP
    return placed
