"""Groups around their members."""

from archwright.diagram.layout.boxes import Box
from archwright.diagram.layout.sizes import HEADER, PADDING, least_group
from archwright.diagram.model import Diagram, Node


def enclosing(group: Node, members: Box) -> Box:
    """Return the least box of a group around its members, with room for its title."""
    least = least_group(group)
    width = max(members.width + 2 * PADDING, least.width)
    height = max(members.height + HEADER + 2 * PADDING, least.height)
    return Box(members.x - PADDING, members.y - HEADER - PADDING, width, height)


def innermost_first(diagram: Diagram) -> list[Node]:
    """Return the groups, each after all that lie in it."""
    groups = [node for node in diagram.nodes.values() if node.type == "group"]
    return sorted(groups, key=lambda group: (-sum(1 for _ in diagram.ancestors(group.id)), group.id))
