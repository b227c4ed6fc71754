"""Formats: one file a format, and the one list of them. What is heavy is imported when it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, cast

from archwright.diagram.model import Diagram
from archwright.errors import UnknownFormat
from archwright.formats.json_format import read as read_json

__all__ = ["FORMATS", "Format", "Theme", "format_of", "format_of_suffix", "read_json", "write"]

Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Format:
    """`suffix` is the ending of its files, with the dot. A diagram of more than `inline_max` elements takes too long to
    write while somebody waits for the answer."""

    name: str
    media_type: str
    suffix: str
    module: str
    inline_max: int | None = None


FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        Format("json", "application/json", ".json", "json_format"),
        Format("mermaid", "text/vnd.mermaid", ".mmd", "mermaid"),
        Format("svg", "image/svg+xml", ".svg", "svg", 6_000),
        Format("png", "image/png", ".png", "png", 2_000),
        Format("markdown", "text/markdown", ".md", "markdown"),
        Format("html", "text/html", ".html", "html", 6_000),
        Format("pdf", "application/pdf", ".pdf", "pdf", 2_000),
    )
}


def format_of(name: str) -> Format:
    """Return a format by its name. Raises UnknownFormat, which lists what exists."""
    if name not in FORMATS:
        raise UnknownFormat(f"There is no format '{name[:50]}'; formats: {', '.join(FORMATS)}.")
    return FORMATS[name]


def format_of_suffix(suffix: str) -> Format:
    """Return a format by the ending of a file. Raises UnknownFormat, which lists what exists."""
    for form in FORMATS.values():
        if form.suffix == suffix.lower():
            return form
    endings = ", ".join(form.suffix for form in FORMATS.values())
    raise UnknownFormat(f"'{suffix[:20]}' is no ending of a format that is written; endings: {endings}.")


def write(diagram: Diagram, name: str, theme: Theme = "auto") -> bytes:
    """Return the diagram in a format, as the bytes of a file. Raises UnknownFormat."""
    module = import_module(f"archwright.formats.{format_of(name).module}")
    return cast(Callable[[Diagram, Theme], bytes], module.write)(diagram, theme)
