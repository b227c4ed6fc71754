"""PNG: the SVG, drawn with the font that comes along, so that it needs none of the machine's."""

import re
from functools import cache
from pathlib import Path

import resvg_py

from archwright.diagram.model import Diagram
from archwright.formats import svg
from archwright.formats.flat_svg import resolved

_SCALE = 2.0
_PIXELS_MAX = 25_000_000
_SIZE = re.compile(rb'width="([\d.]+)" height="([\d.]+)"')


def write(diagram: Diagram, theme: str = "light") -> bytes:
    """Return the picture at twice its size, less when it would have more than 25 million pixels."""
    content = svg.write(diagram, "dark" if theme == "dark" else "light")
    size = _SIZE.search(content)
    area = float(size[1]) * float(size[2]) if size else 1.0
    zoom = min(_SCALE, (_PIXELS_MAX / area) ** 0.5)
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=resolved(content.decode()), zoom=zoom, font_files=_fonts(), skip_system_fonts=True,
        font_family="Inter",
        sans_serif_family="Inter",
    )  # fmt: skip
    return bytes(drawn)


@cache
def _fonts() -> list[str]:
    return sorted(str(path) for path in (Path(__file__).parent / "fonts").glob("*.?tf"))
