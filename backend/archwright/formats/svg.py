"""SVG: the picture as one file that stands alone. Sizes and line breaks are the layout's own."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from archwright.diagram.layout.boxes import Box, around, box_of
from archwright.diagram.layout.sizes import (
    EDGE_LINE,
    EDGE_SIZE,
    HEADER,
    ICON,
    LABEL_LINE,
    LABEL_SIZE,
    TECHNOLOGY_LINE,
    TECHNOLOGY_SIZE,
    TITLE_GAP,
    TITLE_INDENT,
    TITLE_SIZE,
    label_lines,
    technology_lines,
)
from archwright.diagram.layout.text import text_width, wrap
from archwright.diagram.model import Diagram, Edge, EdgeKind, Node, Point
from archwright.formats.brands import Brand, brand_of
from archwright.formats.edge_labels import Place, places
from archwright.formats.icons import ICONS
from archwright.formats.style import SHADES, brand_class, sheet

MARGIN = 40.0
_TITLE, _TITLE_LINE, _TITLE_GAP = 20.0, 26.0, 22.0
_LEGEND = 40.0
_LEAST = 320.0
_RADIUS = 8.0
_TILE = 28.0
_KINDS: tuple[tuple[EdgeKind, str], ...] = (
    ("request", "request"), ("async", "asynchronous"), ("data", "reads or writes data"),
    ("replication", "replication"), ("depends", "depends on"),
)  # fmt: skip


def write(diagram: Diagram, theme: str = "auto") -> bytes:
    """Return the picture as SVG; `auto` follows the reader's light or dark setting."""
    labels = places(diagram)
    drawn = _extent(diagram, labels)
    title = wrap(_clean(diagram.title).strip() or "Architecture", max(drawn.width, _LEAST), _TITLE)
    legend = _legend(diagram)
    top = drawn.y - MARGIN - len(title) * _TITLE_LINE - _TITLE_GAP
    width = max(drawn.width, _LEAST, sum(_legend_width(text) for _, text in legend)) + 2 * MARGIN
    height = drawn.bottom + MARGIN + (_LEGEND if legend else 0) - top
    left = drawn.x - MARGIN
    frame = Box(float(int(left)), float(int(top)), float(int(width) + 1), float(int(height) + 1))
    parts = [
        *_head(diagram, frame, theme),
        *_titles(title, frame),
        *_body(diagram, labels),
        *_legend_drawn(legend, drawn.x, drawn.bottom + MARGIN + 8),
        "</svg>\n",
    ]
    return "\n".join(parts).encode("utf-8")


def _head(diagram: Diagram, frame: Box, theme: str) -> Iterator[str]:
    view = " ".join(_n(value) for value in frame)
    groups = sum(node.type == "group" for node in diagram.nodes.values())
    about = f"{len(diagram.nodes) - groups} components, {groups} groups and {len(diagram.edges)} connections"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{_n(frame.width)}" '
        f'height="{_n(frame.height)}" role="img" aria-labelledby="title desc">'
    )
    yield f'<title id="title">{escape(_clean(diagram.title).strip() or "Architecture")}</title>'
    yield f'<desc id="desc">An architecture diagram with {about}.</desc>'
    yield f"<style>{sheet((node.type for node in diagram.nodes.values()), theme, _brands(diagram))}</style>"
    yield (
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="10" markerHeight="10" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M.5.8 9.5 5 .5 9.2 2 5z"/></marker></defs>'
    )
    yield f'<rect class="canvas" {_at(frame)}/>'


def _brands(diagram: Diagram) -> list[Brand]:
    leaves = (node.technology for node in diagram.nodes.values() if node.type != "group")
    return [brand for technology in sorted(set(leaves)) if (brand := brand_of(technology)) is not None]


def _titles(lines: Sequence[str], frame: Box) -> Iterator[str]:
    for index, line in enumerate(lines):
        yield _text("title", frame.x + MARGIN, frame.y + MARGIN + 15 + index * _TITLE_LINE, line)


def _body(diagram: Diagram, labels: Sequence[Place]) -> Iterator[str]:
    groups = [node for node in diagram.nodes.values() if node.type == "group"]
    depths = {group.id: 1 + sum(1 for _ in diagram.ancestors(group.id)) for group in groups}
    groups.sort(key=lambda group: depths[group.id])
    yield from (_group(group, depths[group.id]) for group in groups)
    yield from (_edge(edge) for edge in diagram.edges.values() if len(edge.route) > 1)
    yield from (_edge_label(place, _ground(place.box, groups, depths)) for place in labels)
    yield from (_node(node) for node in diagram.nodes.values() if node.type != "group")


def _extent(diagram: Diagram, labels: Sequence[Place]) -> Box:
    """The box around all that is drawn but the title and the legend."""
    boxes = [box_of(node) for node in diagram.nodes.values()]
    boxes += [Box(point.x, point.y, 0, 0) for edge in diagram.edges.values() for point in edge.route]
    boxes += [place.box for place in labels]
    return around(boxes or [Box(0, 0, _LEAST, 80)])


def _shade(depth: int) -> str:
    return f"shade-{(depth - 1) % SHADES + 1}" if depth else "canvas"


def _ground(box: Box, groups: Sequence[Node], depths: dict[str, int]) -> str:
    """The fill behind a label: that of the innermost group around its middle."""
    x, y = box.centre
    behind = [depths[group.id] for group in groups if box_of(group).holds(Box(x, y, 0, 0))]
    return _shade(max(behind, default=0))


def _group(node: Node, depth: int) -> str:
    box = box_of(node)
    technology = f'<tspan class="group-technology" dx="{_n(TITLE_GAP)}">{escape(_clean(node.technology))}</tspan>'
    return (
        f'<g data-id={quoteattr(node.id)} class="t-group"><rect class="group {_shade(depth)}" {_at(box)} rx="12"/>'
        f'{_tooltip(node)}<text class="group-label" x="{_n(box.x + TITLE_INDENT)}" '
        f'y="{_n(box.y + (HEADER + TITLE_SIZE) / 2)}">{escape(_clean(node.label))}'
        f"{technology if node.technology else ''}</text></g>"
    )


def _node(node: Node) -> str:
    box = box_of(node)
    middle = box.y + box.height / 2
    tile = f'<rect class="tile" {_at(Box(box.x + 9, middle - _TILE / 2, _TILE, _TILE))} rx="7"/>'
    return (
        f'<g data-id={quoteattr(node.id)} class="t-{node.type}"><rect class="box" {_at(box)} rx="10"/>'
        f"{_tooltip(node)}{tile}{_icon(node, box.x + 13, middle - 10)}{''.join(_words(node, box))}</g>"
    )


def _icon(node: Node, x: float, y: float) -> str:
    """The mark of the node's technology, else the drawing of its type."""
    place = f'transform="translate({_n(x)} {_n(y)}) scale(.833)"'
    brand = brand_of(node.technology)
    if brand is None:
        return f'<path class="icon" {place} d="{ICONS[node.type]}"/>'
    return f'<path class="brand {brand_class(brand.hex)}" {place} d="{brand.path}"/>'


def _words(node: Node, box: Box) -> Iterator[str]:
    """The label and the technology, in the middle of the box's height."""
    labels, technologies = label_lines(node), technology_lines(node)
    y = box.y + (box.height - len(labels) * LABEL_LINE - len(technologies) * TECHNOLOGY_LINE) / 2
    for words in labels:
        yield _text("label", box.x + ICON, y + LABEL_SIZE, words)
        y += LABEL_LINE
    for words in technologies:
        yield _text("technology", box.x + ICON, y + TECHNOLOGY_SIZE, words)
        y += TECHNOLOGY_LINE


def _tooltip(node: Node) -> str:
    return f"<title>{escape(_clean(node.description))}</title>" if node.description else ""


def _text(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(_clean(words))}</text>'


def _edge(edge: Edge) -> str:
    return (
        f'<g data-edge={quoteattr(edge.id)}><path class="edge {edge.kind}" d="{_path(edge.route)}" '
        'marker-end="url(#arrow)"/></g>'
    )


def _path(route: Sequence[Point]) -> str:
    """The route with rounded corners."""
    parts = [f"M{_n(route[0].x)} {_n(route[0].y)}"]
    for (before, corner), (_, after) in pairwise(pairwise(route)):
        a, b = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{_n(a.x)} {_n(a.y)}Q{_n(corner.x)} {_n(corner.y)} {_n(b.x)} {_n(b.y)}")
    parts.append(f"L{_n(route[-1].x)} {_n(route[-1].y)}")
    return "".join(parts)


def _towards(corner: Point, other: Point) -> Point:
    """A point at most the corner's radius away, never past the middle of the stretch."""
    dx, dy = other.x - corner.x, other.y - corner.y
    length = (dx * dx + dy * dy) ** 0.5
    share = min(_RADIUS, length / 2) / length if length else 0
    return Point(x=corner.x + dx * share, y=corner.y + dy * share)


def _edge_label(place: Place, ground: str) -> str:
    box = place.box
    halo = Box(box.x - 3, box.y, box.width + 6, box.height)
    texts = "".join(
        _text("edge-label", box.centre[0], box.y + EDGE_SIZE + index * EDGE_LINE, line)
        for index, line in enumerate(place.lines)
    )
    return f'<g data-edge-label={quoteattr(place.edge.id)}><rect class="{ground}" {_at(halo)} rx="3"/>{texts}</g>'


def _legend(diagram: Diagram) -> list[tuple[EdgeKind, str]]:
    """The kinds of edges to explain: those in use, when there are two or more."""
    used = {edge.kind for edge in diagram.edges.values()}
    return [(kind, text) for kind, text in _KINDS if kind in used] if len(used) > 1 else []


def _legend_width(text: str) -> float:
    return 34 + 8 + text_width(text, EDGE_SIZE) + 22


def _legend_drawn(legend: Sequence[tuple[EdgeKind, str]], x: float, y: float) -> Iterator[str]:
    for kind, text in legend:
        line = f'<path class="edge {kind}" d="M{_n(x)} {_n(y)}L{_n(x + 34)} {_n(y)}" marker-end="url(#arrow)"/>'
        yield f"{line}{_text('legend', x + 34 + 8, y + 4, text)}"
        x += _legend_width(text)


def _at(box: Box) -> str:
    return f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'


def _clean(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in _NONE))


_NONE = "\ufffe\uffff"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
