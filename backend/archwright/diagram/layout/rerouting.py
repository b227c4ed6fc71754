"""Which edges are routed anew after an edit, and how."""

from archwright.diagram.layout.arrange import Without
from archwright.diagram.layout.boxes import Box, Index, box_of
from archwright.diagram.layout.plan import Plan
from archwright.diagram.layout.routing import Taken, crosses, route
from archwright.diagram.model import Diagram, Edge, Node, Point


def rerouted(before: Diagram, done: Diagram, plan: Plan) -> dict[str, Edge]:
    """Return the edges with a new route where an end is another or moved, or a newly placed box stands in the way."""
    moved = {
        i: box_of(n)
        for i, n in done.nodes.items()
        if (old := before.nodes.get(i)) is not n and (old is None or _box_changed(old, n))
    }
    new_leaves = [box for i, box in moved.items() if done.nodes[i].type != "group"]
    anew = [edge for edge in done.edges.values() if _needs_route(before, edge, moved, new_leaves)]
    if not anew:
        return dict(done.edges)
    leaves = Index((i, box_of(n)) for i, n in done.nodes.items() if n.type != "group")
    edges, again = dict(done.edges), {edge.id for edge in anew}
    taken = Taken(edge.route for edge in done.edges.values() if edge.id not in again)
    for edge in anew:
        ends = (box_of(done.nodes[edge.source]), box_of(done.nodes[edge.target]))
        found = _planned(plan, edge, ends)
        found = found or route(*ends, Without(leaves, ends), _lane(done, edge), taken=taken)
        taken.add(found)
        edges[edge.id] = edge.model_copy(update={"route": found})
    return edges


def _planned(plan: Plan, edge: Edge, ends: tuple[Box, Box]) -> tuple[Point, ...]:
    planned = plan.routes.get(edge.id)
    if planned and plan.box(edge.source) == ends[0] and plan.box(edge.target) == ends[1]:
        return planned
    return ()


def _needs_route(before: Diagram, edge: Edge, moved: dict[str, Box], new_leaves: list[Box]) -> bool:
    old = before.edges.get(edge.id)
    if old is None or not edge.route or (old.source, old.target) != (edge.source, edge.target):
        return True
    if edge.source in moved or edge.target in moved:
        return True
    return any(crosses(edge.route, box) for box in new_leaves)


def _lane(diagram: Diagram, edge: Edge) -> int:
    """How many edges between the same two nodes come before this one."""
    ends = {edge.source, edge.target}
    parallel = sorted(e.id for e in diagram.edges.values() if {e.source, e.target} == ends)
    return parallel.index(edge.id)


def _box_changed(old: Node, new: Node) -> bool:
    return old.position != new.position or old.size != new.size
