"""PNG: the SVG, drawn with the font that comes along, so that it needs none of the machine's."""

import re
from functools import cache
from pathlib import Path

import resvg_py

from archwright.diagram.model import Diagram
from archwright.formats import svg

_SCALE = 2.0
_PIXELS_MAX = 25_000_000
_SIZE = re.compile(rb'width="([\d.]+)" height="([\d.]+)"')
_VARIABLE = re.compile(r"var\(--([\w-]+)\)")
_VALUE = re.compile(r"--([\w-]+):([^;}]+)")


def write(diagram: Diagram, theme: str = "light") -> bytes:
    """Return the picture at twice its size, less when it would have more than 25 million pixels."""
    content = svg.write(diagram, "dark" if theme == "dark" else "light")
    size = _SIZE.search(content)
    area = float(size[1]) * float(size[2]) if size else 1.0
    zoom = min(_SCALE, (_PIXELS_MAX / area) ** 0.5)
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=_resolved(content.decode()), zoom=zoom, font_files=_fonts(), font_family="Inter",
        sans_serif_family="Inter",
    )  # fmt: skip
    return bytes(drawn)


def _resolved(text: str) -> str:
    """The SVG with its colours written out, for the renderer knows no variables."""
    start, end = text.index("<style>"), text.index("</style>")
    style = text[start:end]
    colours = dict(_VALUE.findall(style))
    return text[:start] + _VARIABLE.sub(lambda match: colours[match[1]], style) + text[end:]


@cache
def _fonts() -> list[str]:
    return sorted(str(path) for path in (Path(__file__).parent / "fonts").glob("*.ttf"))
