"""The SVG with nothing left to look up: colours, styles and arrow heads are written where they are used."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from archwright.diagram.model import Diagram
from archwright.formats import svg

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_VARIABLE = re.compile(r"var\(--([\w-]+)\)")
_VALUE = re.compile(r"--([\w-]+):([^;}]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_POINT = re.compile(r"(-?[\d.]+) (-?[\d.]+)")
_HEAD = ((-9.0, -4.2), (0.0, 0.0), (-9.0, 4.2), (-7.5, 0.0))
"""The arrow head, its tip at the end of a line that runs to the right."""

Rule = tuple[tuple[str, ...], Mapping[str, str]]


def resolved(text: str) -> str:
    """Return our SVG with its colours written out, for readers that know no variables."""
    start, end = text.index("<style>"), text.index("</style>")
    style = text[start:end]
    colours = dict(_VALUE.findall(style))
    return text[:start] + _VARIABLE.sub(lambda match: colours[match[1]], style) + text[end:]


@dataclass(frozen=True, slots=True)
class Drawing:
    content: str
    width: float
    height: float


def draw(diagram: Diagram, font: str) -> Drawing:
    """Return the light picture for a reader of plain SVG: it has no style sheet, no markers and one font family."""
    text = resolved(svg.write(diagram, "light").decode())
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    root = ElementTree.fromstring(text)
    for name in ("title", "desc", "style", "defs"):
        root.remove(_only(root, name))
    rules = list(_rules(style))
    root.set("font-family", font)
    _settle(root, (), rules)
    ElementTree.register_namespace("", _NAMESPACE[1:-1])
    return Drawing(
        ElementTree.tostring(root, encoding="unicode"), float(root.attrib["width"]), float(root.attrib["height"])
    )


def _only(root: ElementTree.Element, name: str) -> ElementTree.Element:
    found = root.find(_NAMESPACE + name)
    assert found is not None, f"the picture has a <{name}>"
    return found


def _rules(style: str) -> Iterator[Rule]:
    """The rules of our sheet in their order: each a path of classes, or of one element's name, and what it says."""
    for selectors, body in _RULE.findall(style):
        says = dict(part.split(":", 1) for part in body.split(";") if ":" in part and not part.startswith("--"))
        says.pop("font-family", None)
        for selector in selectors.split(","):
            yield tuple(selector.split()), says


def _settle(element: ElementTree.Element, above: tuple[str, ...], rules: list[Rule]) -> None:
    """Write what the rules say into the element and those in it; a later rule wins, as the sheet is made for."""
    own = (element.tag.removeprefix(_NAMESPACE), *(f".{name}" for name in element.get("class", "").split()))
    for path, says in rules:
        if path[-1] in own and all(part in above for part in path[:-1]):
            for name, value in says.items():
                element.set(name, value)
    for child in list(element):
        if child.tag == f"{_NAMESPACE}title":
            element.remove(child)
            continue
        _settle(child, (*above, *own), rules)
        if child.attrib.pop("marker-end", None):
            element.append(_arrow(child))
    element.attrib.pop("class", None)


def _arrow(line: ElementTree.Element) -> ElementTree.Element:
    """The head at the end of a line, along its last stretch."""
    points = [(float(x), float(y)) for x, y in _POINT.findall(line.get("d", ""))]
    stretches = [(a, b) for a, b in pairwise(points) if a != b]
    (x0, y0), (x, y) = stretches[-1] if stretches else (points[-1], points[-1])
    angle = math.atan2(y - y0, x - x0)
    corners = ((x + dx * math.cos(angle) - dy * math.sin(angle), y + dx * math.sin(angle) + dy * math.cos(angle))
               for dx, dy in _HEAD)  # fmt: skip
    path = "M" + "L".join(f"{cx:.2f} {cy:.2f}" for cx, cy in corners) + "Z"
    return ElementTree.Element(f"{_NAMESPACE}path", {"d": path, "fill": line.get("stroke", "#000000")})
