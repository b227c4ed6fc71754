"""A plan: where everything of a diagram goes, apart from the diagram."""

from pydantic import Field

from archwright.diagram.layout.boxes import Box, box_of, placed
from archwright.diagram.model import Diagram, Point, Value


class PlannedBox(Value):
    x: float
    y: float
    width: float
    height: float


class Plan(Value):
    """Boxes of nodes and routes of edges, by id."""

    boxes: dict[str, PlannedBox] = Field(default_factory=dict)
    routes: dict[str, tuple[Point, ...]] = Field(default_factory=dict)

    def box(self, node_id: str) -> Box | None:
        planned = self.boxes.get(node_id)
        return Box(planned.x, planned.y, planned.width, planned.height) if planned else None


def plan_of(diagram: Diagram) -> Plan:
    """Return where everything of the diagram is."""
    return Plan(
        boxes={n.id: PlannedBox(**box_of(n)._asdict()) for n in diagram.nodes.values()},
        routes={e.id: e.route for e in diagram.edges.values()},
    )


def adopted(diagram: Diagram, plan: Plan) -> Diagram:
    """Return the diagram with each element that the plan knows in the plan's place."""
    nodes = {i: placed(n, box) if (box := plan.box(i)) else n for i, n in diagram.nodes.items()}
    edges = {
        i: e if plan.routes.get(i, e.route) == e.route else e.model_copy(update={"route": plan.routes[i]})
        for i, e in diagram.edges.items()
    }
    return diagram.replace(nodes=nodes, edges=edges)
