"""What a line must go around: everything but its ends and the groups around these."""

from collections.abc import Iterator, Mapping, Sequence

from archwright.diagram.layout.boxes import Box, Index, box_of
from archwright.diagram.model import Diagram, Edge


class Obstacles:
    """The boxes and groups of a diagram, for each group, or the top level, apart: what lies in a foreign group needs
    no look, for the line keeps out of the group."""

    def __init__(self, diagram: Diagram, boxes: Mapping[str, Box] | None = None) -> None:
        """`boxes` are the nodes' places, where these are not the diagram's own."""
        self._nodes = diagram.nodes
        self._boxes = boxes
        self._members: dict[str | None, list[str]] = {}
        for node in diagram.nodes.values():
            self._members.setdefault(node.parent, []).append(node.id)
        self._indexes: dict[str | None, Index] = {}

    def of(self, edge: Edge) -> "Foreign":
        """What lies in the way of an edge: no end of it, nor a group around one."""
        groups = dict.fromkeys((*self._above(edge.source), *self._above(edge.target)))
        rooms = [(None, self._index(None)), *((self.box(group), self._index(group)) for group in groups)]
        return Foreign(rooms, frozenset((edge.source, edge.target, *groups)))

    def box(self, node_id: str) -> Box:
        return self._boxes[node_id] if self._boxes is not None else box_of(self._nodes[node_id])

    def _above(self, node_id: str) -> Iterator[str]:
        parent = self._nodes[node_id].parent
        while parent is not None:
            yield parent
            parent = self._nodes[parent].parent

    def _index(self, group: str | None) -> Index:
        if group not in self._indexes:
            self._indexes[group] = Index((i, self.box(i)) for i in self._members.get(group, ()))
        return self._indexes[group]


class Foreign(Index):
    """What one edge must go around. A room is a group's box, or nothing for the top level, and what lies in it."""

    def __init__(self, rooms: Sequence[tuple[Box | None, Index]], own: frozenset[str]) -> None:
        self._rooms = rooms
        self._own = own

    def near(self, box: Box) -> Iterator[tuple[str, Box]]:
        for room, index in self._rooms:
            if room is None or room.meets(box):
                for found in index.near(box):
                    if found[0] not in self._own:
                        yield found
