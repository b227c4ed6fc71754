"""How large a box must be for what is written in it. Renderers use the same numbers."""

from archwright.diagram.layout.text import text_width, wrap
from archwright.diagram.model import Node, Size

LABEL_SIZE = 14.0
TECHNOLOGY_SIZE = 11.0
LABEL_LINE = 18.0
TECHNOLOGY_LINE = 15.0
ICON = 40.0
"""Width of the icon's column, at the left of a box."""
MARGIN = 14.0
TEXT_MIN, TEXT_MAX = 96.0, 168.0
HEIGHT_MIN = 60.0
HEADER = 34.0
"""Height of a group's title line."""
PADDING = 26.0
"""Room between a group's border and its members."""
GROUP_MIN = Size(width=200, height=110)


def label_lines(node: Node) -> tuple[str, ...]:
    """The label, broken as it is drawn."""
    return wrap(node.label, TEXT_MAX, LABEL_SIZE)


def technology_lines(node: Node) -> tuple[str, ...]:
    """The technology, broken as it is drawn."""
    return wrap(node.technology, TEXT_MAX, TECHNOLOGY_SIZE) if node.technology else ()


def size_of(node: Node) -> Size:
    """Return the size of a node that is no group, in whole canvas units."""
    labels, technologies = label_lines(node), technology_lines(node)
    widest = max(
        max(text_width(line, LABEL_SIZE) for line in labels),
        max((text_width(line, TECHNOLOGY_SIZE) for line in technologies), default=0),
    )
    width = ICON + max(TEXT_MIN, min(TEXT_MAX, widest)) + MARGIN
    height = 2 * MARGIN + LABEL_LINE * len(labels) + TECHNOLOGY_LINE * len(technologies)
    return Size(width=float(round(width)), height=float(round(max(HEIGHT_MIN, height))))


def least_group(node: Node) -> Size:
    """Return the least size of a group: its title must fit."""
    width = text_width(node.label, LABEL_SIZE) + text_width(node.technology, TECHNOLOGY_SIZE) + 2 * PADDING + ICON
    return Size(width=float(round(max(GROUP_MIN.width, min(width, 1_600)))), height=GROUP_MIN.height)
