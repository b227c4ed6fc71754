"""Markdown: the title, the diagram as Mermaid, and the design document."""

from collections.abc import Iterator

from archwright.diagram.document import node_of
from archwright.diagram.model import Diagram, Section
from archwright.formats import mermaid


def write(diagram: Diagram, theme: str = "auto") -> bytes:
    drawing = mermaid.write(diagram, theme).decode()
    parts = [f"# {title_of(diagram)}", f"```mermaid\n{drawing}```", *_sections(diagram)]
    return ("\n\n".join(parts) + "\n").encode()


def title_of(diagram: Diagram) -> str:
    return diagram.title or "Architecture"


def ordered(diagram: Diagram) -> list[Section]:
    """Return the sections in the order of the document."""
    return list(diagram.document())


def level_of(section: Section, diagram: Diagram) -> int:
    """Return the level of a section's heading; those of components lie under "Components"."""
    return 3 if node_of(section.slug, diagram) is not None else 2


def _sections(diagram: Diagram) -> Iterator[str]:
    for section in ordered(diagram):
        yield f"{'#' * level_of(section, diagram)} {section.title}\n\n{section.body.strip()}".rstrip()
