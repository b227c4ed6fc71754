"""How large a box must be for what is written in it. Renderers use the same numbers."""

from functools import lru_cache

from archwright.diagram.layout.text import text_width, wrap
from archwright.diagram.model import Edge, Node, Size

LABEL_SIZE = 14.0
TECHNOLOGY_SIZE = 11.5
LABEL_LINE = 18.0
TECHNOLOGY_LINE = 15.0
ICON = 46.0
"""Width of the icon's column, at the left of a box."""
MARGIN = 14.0
TEXT_MIN, TEXT_MAX = 96.0, 172.0
HEIGHT_MIN = 62.0
HEADER = 34.0
"""Height of a group's title line."""
TITLE_SIZE = 13.0
TITLE_INDENT, TITLE_GAP = 16.0, 8.0
"""Where a group's title begins, from its left border, and the room before its technology."""
PADDING = 26.0
"""Room between a group's border and its members."""
GROUP_MIN = Size(width=200, height=110)
EDGE_SIZE = 11.0
EDGE_LINE = 14.0
EDGE_TEXT_MAX = 124.0


def label_lines(node: Node) -> tuple[str, ...]:
    """The label, broken as it is drawn."""
    return wrap(node.label, TEXT_MAX, LABEL_SIZE)


def technology_lines(node: Node) -> tuple[str, ...]:
    """The technology, broken as it is drawn."""
    return wrap(node.technology, TEXT_MAX, TECHNOLOGY_SIZE) if node.technology else ()


def edge_lines(edge: Edge) -> tuple[str, ...]:
    """The label of an edge, broken as it is drawn."""
    return wrap(edge.label, EDGE_TEXT_MAX, EDGE_SIZE) if edge.label.strip() else ()


def edge_label_size(edge: Edge) -> Size:
    """Return the room that the label of an edge takes, nothing when it has none."""
    return _size_of_lines(edge_lines(edge))


@lru_cache(maxsize=8_192)
def _size_of_lines(lines: tuple[str, ...]) -> Size:
    width = max((text_width(line, EDGE_SIZE) for line in lines), default=0.0)
    return Size(width=width, height=EDGE_LINE * len(lines))


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


def title_width(node: Node) -> float:
    """Return the width of a group's title: its label, and its technology when it has one."""
    technology = TITLE_GAP + text_width(node.technology, TITLE_SIZE) if node.technology else 0.0
    return text_width(node.label, TITLE_SIZE) + technology


def least_group(node: Node) -> Size:
    """Return the least size of a group: its title must fit."""
    width = title_width(node) + 2 * TITLE_INDENT
    return Size(width=float(round(max(GROUP_MIN.width, width))), height=GROUP_MIN.height)
