"""Where everything goes: the server lays out, so that every picture of a diagram is the same."""

from archwright.diagram.layout.arrange import arrange
from archwright.diagram.layout.check import check
from archwright.diagram.layout.dot import Direction
from archwright.diagram.layout.plan import Plan, adopted, plan_of
from archwright.diagram.layout.settle import settle
from archwright.diagram.model import Diagram

__all__ = ["Direction", "Plan", "adopt", "arrange", "check", "plan_of", "settle"]


def adopt(diagram: Diagram, plan: Plan) -> Diagram:
    """Return the diagram in the plan's places; what the plan does not know finds its place around them."""
    return settle(diagram, adopted(diagram, plan), plan)
