"""Rectangles, and an index that finds the ones near a place."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from archwright.diagram.model import Node, Point, Size

_CELLS_MAX = 500


class Box(NamedTuple):
    """A rectangle: its top left corner and its extent."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def grown(self, by: float) -> "Box":
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, dx: float, dy: float) -> "Box":
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def flipped(self) -> "Box":
        """The box with across and down changed for each other."""
        return Box(self.y, self.x, self.height, self.width)

    def meets(self, other: "Box") -> bool:
        """Whether the two share more than a border."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def meets_node(self, node: Node) -> bool:
        """`meets` of the node's box, without making one: the innermost loop of placing."""
        at, size = node.position, node.size
        return (
            at.x < self.x + self.width
            and self.x < at.x + size.width
            and at.y < self.y + self.height
            and self.y < at.y + size.height
        )

    def holds(self, other: "Box") -> bool:
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around at least one box."""
    known = list(boxes)
    x, y = min(b.x for b in known), min(b.y for b in known)
    return Box(x, y, max(b.right for b in known) - x, max(b.bottom for b in known) - y)


def box_of(node: Node) -> Box:
    return Box(node.position.x, node.position.y, node.size.width, node.size.height)


def placed(node: Node, box: Box) -> Node:
    """Return the node in the box; the same node when it is there already."""
    if box == box_of(node):
        return node
    position, size = Point(x=box.x, y=box.y), Size(width=box.width, height=box.height)
    return node.model_copy(update={"position": position, "size": size})


class Index:
    """Boxes by the cells of a coarse grid; the few that take very many cells are kept apart."""

    def __init__(self, boxes: Iterable[tuple[str, Box]], cell: float = 320) -> None:
        self._cell = cell
        self._cells: dict[tuple[int, int], list[tuple[str, Box]]] = {}
        self._large: list[tuple[str, Box]] = []
        for name, box in boxes:
            self.add(name, box)

    def add(self, name: str, box: Box) -> None:
        if self._count(box) > _CELLS_MAX:
            self._large.append((name, box))
            return
        for key in self._keys(box):
            self._cells.setdefault(key, []).append((name, box))

    def near(self, box: Box) -> Iterator[tuple[str, Box]]:
        """The boxes that meet this one; a large one may come more than once."""
        left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
        few = self._count(box) <= len(self._cells)
        for key in self._keys(box) if few else self._cells:
            for found in self._cells.get(key, ()):
                x, y, width, height = found[1]
                if x < right and left < x + width and y < bottom and top < y + height:
                    yield found
        if self._large:
            yield from (found for found in self._large if found[1].meets(box))

    def _count(self, box: Box) -> float:
        return (box.width / self._cell + 1) * (box.height / self._cell + 1)

    def _keys(self, box: Box) -> Iterator[tuple[int, int]]:
        cell = self._cell
        for column in range(int(box.x // cell), int(box.right // cell) + 1):
            for row in range(int(box.y // cell), int(box.bottom // cell) + 1):
                yield column, row
