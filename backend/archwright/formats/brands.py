"""Marks of well-known technologies, from simple-icons (CC0 1.0): one file for the page and every export."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

_PALE, _DIM = 0.75, 0.22


@dataclass(frozen=True, slots=True)
class Brand:
    """A filled path in a square of 24 by 24, and its maker's colour."""

    hex: str
    path: str

    def colour(self, dark: bool) -> str | None:
        """The colour on a light or a dark canvas; nothing where it could hardly be seen."""
        red, green, blue = (int(self.hex[at : at + 2], 16) / 255 for at in (0, 2, 4))
        light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return None if (light < _DIM if dark else light > _PALE) else f"#{self.hex}"


def brand_of(technology: str) -> Brand | None:
    """Return the mark of a technology, whatever the case of its name."""
    return _brands().get(technology.lower())


@cache
def _brands() -> dict[str, Brand]:
    content = orjson.loads(files(__package__).joinpath("brands.json").read_bytes())
    return {name: Brand(mark["hex"], mark["path"]) for name, mark in content.items()}
