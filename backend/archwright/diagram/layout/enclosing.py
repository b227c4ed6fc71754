"""Groups around their members."""

from collections.abc import Mapping, Sequence

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


def within(children: Mapping[str | None, Sequence[str]], node_id: str) -> set[str]:
    """The ids of all that a node holds, at any depth, by the ids of each group's members."""
    found: set[str] = set()
    waiting = list(children.get(node_id, ()))
    while waiting:
        child = waiting.pop()
        found.add(child)
        waiting += children.get(child, ())
    return found
