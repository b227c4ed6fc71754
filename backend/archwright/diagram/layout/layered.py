"""A layered drawing made tidy: columns with room for labels, and edges that keep apart."""

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

from archwright.diagram.layout.boxes import Box, around
from archwright.diagram.layout.columns import Columns, Interval, columns_of, gaps_of
from archwright.diagram.layout.dot import Drawing, Way, children_of
from archwright.diagram.layout.enclosing import enclosing, innermost_first
from archwright.diagram.layout.legs import Journey, journeys_of, lay_legs
from archwright.diagram.layout.sizes import HEADER, PADDING, TITLE_INDENT, edge_label_size, title_width
from archwright.diagram.layout.tracks import TRACK, Bend, Wall, bends_of, place_bends
from archwright.diagram.model import Diagram, Edge, Node, Point

Routes = dict[str, tuple[Point, ...]]
_STUB = 16.0
_CORNER = 10.0
_LABEL_ROOM = 18.0
_LEAST = 84.0
_GROUPS_APART = 36.0


def tidied(
    diagram: Diagram, drawing: Drawing, boxes: Mapping[str, Box], flipped: bool
) -> tuple[dict[str, Box], Routes]:  # fmt: skip
    """Return the boxes with columns as far apart as their labels and edges need, and routes between the columns.

    `boxes` are the drawing's, fitted. A `flipped` drawing runs from top to bottom, and its columns are rows. Edges
    that do not lead from one column to another get no route.
    """
    turned = {node_id: box.flipped() if flipped else box for node_id, box in boxes.items()}
    children = children_of(diagram)
    columns = columns_of(diagram, turned, [node_id for node_id in boxes if node_id not in children])
    if columns is None:
        return dict(boxes), {}
    titles = {group: _title(diagram.nodes[group], boxes[group], flipped) for group in children if group is not None}
    journeys = journeys_of(diagram, columns)
    gaps = gaps_of(columns, turned, titles)
    lay_legs(journeys, columns, gaps, _sides(diagram, turned, flipped), _Hints(drawing, columns, turned, flipped))
    bends = bends_of(journeys, len(columns.members))
    rooms = _needs(journeys, columns, bends, flipped), _corridors(columns, turned, list(titles), bends)
    placed = _spaced(diagram, columns, turned, *rooms, flipped)
    _place(bends, columns, placed, list(titles))
    turns: dict[str, list[Bend]] = {}
    for bend in chain.from_iterable(bends):
        turns.setdefault(bend.journey.edge.id, []).append(bend)
    routes = {j.edge.id: _route(j, placed, turns.get(j.edge.id, ()), flipped) for j in journeys}
    return {node_id: box.flipped() if flipped else box for node_id, box in placed.items()}, routes


def _title(group: Node, box: Box, flipped: bool) -> Box:
    title = Box(box.x, box.y, TITLE_INDENT + title_width(group), HEADER)
    return title.flipped() if flipped else title


def _sides(diagram: Diagram, boxes: Mapping[str, Box], flipped: bool) -> dict[str, Interval]:
    """Between which heights edges leave and enter each node."""
    sides: dict[str, Interval] = {}
    for node in diagram.nodes.values():
        box = boxes[node.id]
        top = HEADER if node.type == "group" and not flipped else _CORNER
        sides[node.id] = (box.y + top, box.bottom - _CORNER)
    return sides


class _Hints:
    """Where Graphviz led an edge through a column."""

    def __init__(self, drawing: Drawing, columns: Columns, boxes: Mapping[str, Box], flipped: bool) -> None:
        """`boxes` are the drawing's, moved to where they are now."""
        leaf = columns.members[0][0]
        drawn = drawing.boxes[leaf].flipped() if flipped else drawing.boxes[leaf]
        dx, dy = boxes[leaf].centre[0] - drawn.centre[0], boxes[leaf].centre[1] - drawn.centre[1]
        turned = {i: [(y, x) for x, y in way] if flipped else way for i, way in drawing.ways.items()}
        self._ways = {i: sorted((x + dx, y + dy) for x, y in way) for i, way in turned.items()}
        self._centres = [boxes[leaves[0]].centre[0] for leaves in columns.members]
        self._boxes = boxes

    def __call__(self, edge: Edge, column: int) -> float:
        way = self._ways.get(edge.id) or sorted(self._boxes[end].centre for end in (edge.source, edge.target))
        return _height(way, self._centres[column])


def _height(way: Way, x: float) -> float:
    """How high a way from left to right runs at x."""
    for (ax, ay), (bx, by) in pairwise(way):
        if x <= bx:
            return ay if bx <= ax else ay + (by - ay) * max(0.0, x - ax) / (bx - ax)
    return way[-1][1]


def _needs(
    journeys: Sequence[Journey], columns: Columns, bends: Sequence[Sequence[Bend]], flipped: bool
) -> list[float]:  # fmt: skip
    """The room between each column and the next, for the labels and the upright stretches there."""
    rooms = [0.0] * len(columns.members)
    for journey in journeys:
        column = columns.span[journey.left][1]
        if columns.span[journey.right][0] <= column + 1 and journey.edge.label:
            size = edge_label_size(journey.edge)
            rooms[column] = max(rooms[column], (size.height if flipped else size.width) + _LABEL_ROOM)
    tracks = [max((bend.place + 1 for bend in found), default=0) for found in bends]
    return [max(_LEAST, 2 * _STUB + count * TRACK + room) for count, room in zip(tracks, rooms, strict=True)]


def _spaced(
    diagram: Diagram, columns: Columns, boxes: Mapping[str, Box], needs: Sequence[float], corridors: Sequence[float],
    flipped: bool,
) -> dict[str, Box]:  # fmt: skip
    """Set the columns one after the other, each as far from the last as it must be, and the groups around them."""
    found = dict(boxes)
    children = children_of(diagram)
    groups = [group for group in innermost_first(diagram) if group.id in children]
    at = right = reach = columns.edges_of(0, boxes)[0]
    for index, leaves in enumerate(columns.members):
        begin, end = columns.edges_of(index, boxes)
        if index:
            opening = _opening(diagram, columns, index) * (PADDING + (HEADER if flipped else 0))
            at = float(round(max(right + needs[index - 1], reach + corridors[index - 1] + opening)))
        for leaf in leaves:
            found[leaf] = boxes[leaf].moved(at - begin, 0)
        right = reach = at + end - begin
        for group in groups:
            if columns.span[group.id][1] == index:
                members = around(found[node.id] for node in children[group.id])
                found[group.id] = (
                    enclosing(group, members.flipped()).flipped() if flipped else enclosing(group, members)
                )
                reach = max(reach, found[group.id].right)
    return found


def _opening(diagram: Diagram, columns: Columns, index: int) -> int:
    """How many groups, one in the other, begin at a column."""
    return max(
        sum(columns.span[group.id][0] == index for group in diagram.ancestors(leaf)) for leaf in columns.members[index]
    )


def _place(bends: Sequence[Sequence[Bend]], columns: Columns, boxes: Mapping[str, Box], groups: Sequence[str]) -> None:
    """Give every bend its x, clear of the borders of groups."""
    borders = _borders(boxes, groups)
    for index, found in enumerate(bends[:-1]):
        left, right = columns.edges_of(index, boxes)[1], columns.edges_of(index + 1, boxes)[0]
        near = [wall for wall in borders if left < wall.x < right]
        place_bends(found, left + _STUB, right - _STUB, boxes, near)


def _borders(boxes: Mapping[str, Box], groups: Sequence[str]) -> list[Wall]:
    """The upright borders of groups, from left to right."""
    sides = ((boxes[group], group, is_right) for group in groups for is_right in (False, True))
    return sorted(Wall(b.right if is_right else b.x, b.y, b.bottom, g, is_right) for b, g, is_right in sides)


def _corridors(columns: Columns, boxes: Mapping[str, Box], groups: Sequence[str], bends: Sequence[Sequence[Bend]]
) -> list[float]:  # fmt: skip
    """The room between the groups that end at each column and those that begin at the next, for the upright
    stretches that pass some of them."""
    ending: dict[int, list[Wall]] = {}
    for wall in _borders(boxes, groups):
        first, last = columns.span[wall.group]
        ending.setdefault(last if wall.is_right else first - 1, []).append(wall)
    counts = [
        max(
            (bend.place + 1 for bend in found if any(wall.is_in_way(bend) for wall in ending.get(index, ()))), default=0
        )
        for index, found in enumerate(bends)
    ]
    return [max(_GROUPS_APART, (count + 1) * TRACK) for count in counts]


def _route(journey: Journey, boxes: Mapping[str, Box], bends: Sequence[Bend], flipped: bool) -> tuple[Point, ...]:
    """The points from the border of the source to the border of the target."""
    way = [(boxes[journey.left].right, journey.legs[0].level)]
    for bend in bends:
        way += [(bend.x, bend.start), (bend.x, bend.end)]
    end = boxes[journey.right]
    way.append((end.right if journey.turns else end.x, journey.legs[-1].level))
    if journey.edge.source != journey.left:
        way.reverse()
    return tuple(Point(x=round(y if flipped else x, 1), y=round(x if flipped else y, 1)) for x, y in way)
