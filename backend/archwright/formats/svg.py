"""SVG: the picture as one file that stands alone. Sizes and line breaks are the layout's own."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from archwright.diagram.layout.sizes import (
    HEADER,
    ICON,
    LABEL_LINE,
    LABEL_SIZE,
    TECHNOLOGY_LINE,
    TECHNOLOGY_SIZE,
    label_lines,
    technology_lines,
)  # fmt: skip
from archwright.diagram.layout.text import text_width
from archwright.diagram.model import Diagram, Edge, Node, Point
from archwright.formats.edge_labels import Place, places
from archwright.formats.style import ACCENTS, DARK, ICONS, LIGHT

MARGINS = 32.0
TITLE = 44.0
_EDGE_SIZE = 11.0
_CORNER = 8.0
_FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_RULES = """\
text{font-family:%s;fill:var(--text)}
.canvas{fill:var(--canvas)}.box{fill:var(--box);stroke-width:1.4}
.group{fill:var(--group);stroke:var(--group-line);stroke-width:1.2;stroke-dasharray:6 4}
.group-label{font-size:13px;font-weight:600;fill:var(--muted)}.title{font-size:19px;font-weight:600}
.label{font-size:14px;font-weight:600}.technology{font-size:11px;fill:var(--muted)}
.icon{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.edge{fill:none;stroke:var(--line);stroke-width:1.5}.head{fill:var(--line)}
.async{stroke-dasharray:7 5}.data{stroke-width:2.1}.replication{stroke-dasharray:2 4;stroke-width:2.1}
.depends{stroke-dasharray:2 5}
.halo{fill:var(--canvas);opacity:.88}.edge-label{font-size:11px;fill:var(--edge-text)}"""


def write(diagram: Diagram, theme: str = "auto") -> bytes:
    """Return the picture as SVG; `auto` follows the reader's light or dark setting."""
    labels = places(diagram, _EDGE_SIZE)
    left, top, width, height = _frame(diagram, labels)
    title = escape(_clean(diagram.title or "Architecture"))
    count = f"{len(diagram.nodes)} nodes and {len(diagram.edges)} edges"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(left)} {_n(top)} {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{title}</title><desc id="desc">An architecture diagram with {count}.</desc>',
        f"<style>{_style(diagram, theme)}</style>",
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="head" d="M0 1 10 5 0 9z"/>'
        "</marker></defs>",
        f'<rect class="canvas" x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}"/>',
        f'<text class="title" x="{_n(left + MARGINS)}" y="{_n(top + MARGINS + 14)}">{title}</text>',
        *_body(diagram, labels),
        "</svg>\n",
    ]
    return "\n".join(parts).encode("utf-8")


def _body(diagram: Diagram, labels: Sequence[Place]) -> Iterator[str]:
    groups = [node for node in diagram.nodes.values() if node.type == "group"]
    yield from (_group(node) for node in sorted(groups, key=lambda g: sum(1 for _ in diagram.ancestors(g.id))))
    yield from (_edge(edge) for edge in diagram.edges.values())
    yield from (_node(node) for node in diagram.nodes.values() if node.type != "group")
    yield from (_edge_label(place) for place in labels)


def _frame(diagram: Diagram, labels: Sequence[Place]) -> tuple[float, float, float, float]:
    """Left, top, width and height of all that is drawn, with its margins and the title."""
    corners = [(n.position.x, n.position.y) for n in diagram.nodes.values()]
    corners += [(n.position.x + n.size.width, n.position.y + n.size.height) for n in diagram.nodes.values()]
    corners += [(p.x, p.y) for edge in diagram.edges.values() for p in edge.route]
    corners += [c for place in labels for c in place.corners]
    left, top = min((x for x, _ in corners), default=0), min((y for _, y in corners), default=0)
    right, bottom = max((x for x, _ in corners), default=400), max((y for _, y in corners), default=120)
    least = text_width(diagram.title, 19) + 2 * MARGINS
    width = max(right - left + 2 * MARGINS, min(least, 1_200))
    return left - MARGINS, top - MARGINS - TITLE, width, bottom - top + 2 * MARGINS + TITLE


def _style(diagram: Diagram, theme: str) -> str:
    kinds = sorted({node.type for node in diagram.nodes.values()})
    light, dark = (_variables(colours, i, kinds) for i, colours in enumerate((LIGHT, DARK)))
    rules = _RULES % _FONT
    for kind in kinds:
        rules += f"\n.t-{kind} .box,.t-{kind} .icon{{stroke:var(--k-{kind})}}"
    if theme == "auto":
        return f"{light}\n@media (prefers-color-scheme:dark){{{dark}}}\n{rules}"
    return f"{dark if theme == 'dark' else light}\n{rules}"


def _variables(colours: Mapping[str, str], index: int, kinds: Sequence[str]) -> str:
    own = {**colours, **{f"k-{kind}": ACCENTS[kind][index] for kind in kinds}}
    return f"svg{{{';'.join(f'--{name}:{colour}' for name, colour in own.items())}}}"


def _group(node: Node) -> str:
    x, y, size = node.position.x, node.position.y, node.size
    label = _clean(node.label) + (f" · {_clean(node.technology)}" if node.technology else "")
    return (
        f'<g data-id={quoteattr(node.id)} class="t-group"><rect class="group" x="{_n(x)}" y="{_n(y)}" '
        f'width="{_n(size.width)}" height="{_n(size.height)}" rx="12"/>{_tooltip(node)}'
        f'<text class="group-label" x="{_n(x + 16)}" y="{_n(y + HEADER * 0.68)}">{escape(label)}</text></g>'
    )


def _node(node: Node) -> str:
    x, y, size = node.position.x, node.position.y, node.size
    labels, technologies = label_lines(node), technology_lines(node)
    text = len(labels) * LABEL_LINE + len(technologies) * TECHNOLOGY_LINE
    line = y + (size.height - text) / 2
    lines = list[str]()
    for words in labels:
        lines.append(_line("label", x + ICON, line + LABEL_SIZE, words))
        line += LABEL_LINE
    for words in technologies:
        lines.append(_line("technology", x + ICON, line + TECHNOLOGY_SIZE + 1, words))
        line += TECHNOLOGY_LINE
    icon = f'<path class="icon" transform="translate({_n(x + 12)} {_n(y + size.height / 2 - 10)}) scale(.83)" '
    return (
        f'<g data-id={quoteattr(node.id)} class="t-{node.type}"><rect class="box" x="{_n(x)}" y="{_n(y)}" '
        f'width="{_n(size.width)}" height="{_n(size.height)}" rx="9"/>{_tooltip(node)}'
        f'{icon}d="{ICONS[node.type]}"/>{"".join(lines)}</g>'
    )


def _tooltip(node: Node) -> str:
    return f"<title>{escape(_clean(node.description))}</title>" if node.description else ""


def _line(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(_clean(words))}</text>'


def _edge(edge: Edge) -> str:
    if len(edge.route) < 2:
        return ""
    return (
        f'<g data-edge={quoteattr(edge.id)}><path class="edge {edge.kind}" d="{_path(edge.route)}" '
        'marker-end="url(#arrow)"/></g>'
    )


def _path(route: tuple[Point, ...]) -> str:
    """The route with rounded corners."""
    parts = [f"M{_n(route[0].x)} {_n(route[0].y)}"]
    for before, corner, after in zip(route, route[1:], route[2:], strict=False):
        a, b = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{_n(a.x)} {_n(a.y)}Q{_n(corner.x)} {_n(corner.y)} {_n(b.x)} {_n(b.y)}")
    parts.append(f"L{_n(route[-1].x)} {_n(route[-1].y)}")
    return "".join(parts)


def _towards(corner: Point, other: Point) -> Point:
    """A point at most the corner's radius away, never past the middle of the segment."""
    dx, dy = other.x - corner.x, other.y - corner.y
    length = (dx * dx + dy * dy) ** 0.5
    share = min(_CORNER, length / 2) / length if length else 0
    return Point(x=corner.x + dx * share, y=corner.y + dy * share)


def _edge_label(place: Place) -> str:
    width = max(text_width(line, _EDGE_SIZE) for line in place.lines)
    top = place.y - len(place.lines) * 7
    halo = (
        f'<rect class="halo" x="{_n(place.x - width / 2 - 2)}" y="{_n(top)}" width="{_n(width + 4)}" '
        f'height="{_n(len(place.lines) * 14)}" rx="3"/>'
    )
    texts = "".join(
        f'<text class="edge-label" text-anchor="middle" x="{_n(place.x)}" y="{_n(top + 11 + 14 * i)}">'
        f"{escape(_clean(line))}</text>"
        for i, line in enumerate(place.lines)
    )
    return halo + texts


def _clean(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return "".join(char for char in text if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
