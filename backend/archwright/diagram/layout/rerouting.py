"""Which edges are routed anew after an edit, and how."""

from collections.abc import Iterable, Mapping

from archwright.diagram.layout.boxes import Index, around, box_of
from archwright.diagram.layout.obstacles import Obstacles
from archwright.diagram.layout.plan import Plan
from archwright.diagram.layout.routing import fits, route
from archwright.diagram.layout.taken import Taken
from archwright.diagram.layout.ways import crosses
from archwright.diagram.model import Diagram, Edge, Node, Point

_THOROUGH_MAX = 60
"""Edges up to which each may take some milliseconds to be routed."""


def rerouted(before: Diagram, done: Diagram, plan: Plan) -> dict[str, Edge]:
    """Return the edges, those whose route no longer holds with a new one.

    A route holds while it ends on the borders of its ends and keeps clear of what is foreign to it. That can change
    for the edges that are new, lead elsewhere, or got another route back; whose ends moved or are in another group;
    and that a box or group which is new or moved comes to lie on.
    """
    changes = _Changes(before, done)
    doubtful = [edge for edge in done.edges.values() if changes.concern(edge)]
    if not doubtful:
        return dict(done.edges)
    obstacles = Obstacles(done)
    edges = dict(done.edges)
    anew = list[Edge]()
    for edge in doubtful:
        held = next((r for r in (plan.routes.get(edge.id, ()), edge.route) if _holds(done, edge, r, obstacles)), None)
        if held is None:
            anew.append(edge)
        elif held != edge.route:
            edges[edge.id] = edge.model_copy(update={"route": held})
    return _route_anew(done, edges, anew, obstacles) if anew else edges


def _route_anew(
    done: Diagram, edges: dict[str, Edge], anew: list[Edge], obstacles: Obstacles
) -> dict[str, Edge]:  # fmt: skip
    again = {edge.id for edge in anew}
    taken = Taken(edge.route for edge in edges.values() if edge.id not in again)
    lanes = _lanes(done, anew)
    for edge in anew:
        ends = (obstacles.box(edge.source), obstacles.box(edge.target))
        thorough = len(anew) <= _THOROUGH_MAX
        found = route(*ends, obstacles.of(edge), lanes[edge.id], thorough=thorough, taken=taken)
        taken.add(found)
        edges[edge.id] = edge.model_copy(update={"route": found})
    return edges


def _holds(done: Diagram, edge: Edge, points: tuple[Point, ...], obstacles: Obstacles) -> bool:
    return fits(points, obstacles.box(edge.source), obstacles.box(edge.target), obstacles.of(edge))


class _Changes:
    """What of an edit can make a route wrong."""

    def __init__(self, before: Diagram, done: Diagram) -> None:
        self._before = before
        self._nodes = done.nodes
        changed = [n for i, n in done.nodes.items() if before.nodes.get(i) is not n]
        self._moved = {n.id: box_of(n) for n in changed if _box_changed(before.nodes.get(n.id), n)}
        self._index = Index(self._moved.items())
        self._whole = around(self._moved.values()) if self._moved else None
        self._regrouped = self._within(n.id for n in changed if _parent_changed(before.nodes.get(n.id), n))

    def concern(self, edge: Edge) -> bool:
        old = self._before.edges.get(edge.id)
        if old is None or (old.source, old.target) != (edge.source, edge.target) or old.route != edge.route:
            return True
        ends = (edge.source, edge.target)
        if any(end in self._moved or end in self._regrouped for end in ends) or len(edge.route) < 2:
            return True
        return self._is_met(edge.route)

    def _is_met(self, points: tuple[Point, ...]) -> bool:
        """Whether a box that is new or moved lies on a route, or around it."""
        if self._whole is None or not crosses(points, self._whole):
            return False
        return any(crosses(points, box) for box in self._moved.values())

    def _within(self, node_ids: Iterable[str]) -> frozenset[str]:
        """The nodes, and all that lies in those that are groups."""
        found = set(node_ids)
        if not any(self._nodes[i].type == "group" for i in found):
            return frozenset(found)
        return frozenset(i for i in self._nodes if i in found or found & _above(self._nodes, i))


def _above(nodes: Mapping[str, Node], node_id: str) -> set[str]:
    found, parent = set[str](), nodes[node_id].parent
    while parent is not None:
        found.add(parent)
        parent = nodes[parent].parent
    return found


def _lanes(diagram: Diagram, anew: Iterable[Edge]) -> dict[str, int]:
    """For each edge, how many edges between the same two nodes come before it."""
    wanted = {frozenset((edge.source, edge.target)) for edge in anew}
    counts: dict[frozenset[str], int] = {}
    lanes: dict[str, int] = {}
    for edge in sorted(diagram.edges.values(), key=lambda e: e.id):
        ends = frozenset((edge.source, edge.target))
        if ends in wanted:
            lanes[edge.id] = counts[ends] = counts.get(ends, -1) + 1
    return lanes


def _box_changed(old: Node | None, new: Node) -> bool:
    return old is None or old.position != new.position or old.size != new.size


def _parent_changed(old: Node | None, new: Node) -> bool:
    return old is not None and old.parent != new.parent
