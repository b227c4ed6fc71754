"""What was assumed because nobody said it. An assumption is a section of the document whose slug says so: undo, history
and editing together are the change log's. Its last line names the nodes that rest on it."""

import re
from collections.abc import Sequence

from archwright.diagram.apply import slug
from archwright.diagram.model import Diagram, Section, Value
from archwright.diagram.ops import SetSectionInput

PREFIX = "assumption-"
_PLACE = 9_000
"""Behind the section on open questions and assumptions."""
_SLUG_MAX = 100
_RESTS = re.compile(r"^\*\*Rests on it:\*\*[ \t]*(.*)$", re.MULTILINE)


class Assumption(Value):
    """`id` is the slug of its section. `rests_on` are the nodes that would be others if it did not hold, of those that
    exist."""

    id: str
    topic: str
    text: str
    rests_on: tuple[str, ...]


def slug_of(topic: str) -> str:
    """Return the slug of the assumption on a topic."""
    return f"{PREFIX}{slug(topic, {})}"[:_SLUG_MAX]


def body_of(text: str, rests_on: Sequence[str]) -> str:
    """Return the body of an assumption's section, in markdown."""
    named = ", ".join(f"`{node_id}`" for node_id in dict.fromkeys(rests_on))
    return f"{text.strip()}\n\n**Rests on it:** {named}" if named else text.strip()


def assumptions(diagram: Diagram) -> tuple[Assumption, ...]:
    """Return all assumptions, in the order of the document."""
    return tuple(_read(section, diagram) for section in diagram.document() if section.slug.startswith(PREFIX))


def place_of(slug_: str, diagram: Diagram) -> int:
    """Return the position of an assumption's section: where it is, or behind the last one."""
    if slug_ in diagram.sections:
        return diagram.sections[slug_].position
    taken = [s.position for s in diagram.sections.values() if s.slug.startswith(PREFIX)]
    return max([_PLACE, *taken]) + 1


def rewritten(was: Assumption, text: str) -> SetSectionInput:
    """Return the op that writes another text for an assumption; what rests on it stays."""
    return SetSectionInput(slug=was.id, title=was.topic, body=body_of(text, was.rests_on))


def told(was: Assumption, text: str) -> str:
    """Return what an agent is told of an assumption that a person changed."""
    return f"topic: {was.topic}\nwas: {was.text}\nis: {text}\nrests on: {', '.join(was.rests_on)}"


def _read(section: Section, diagram: Diagram) -> Assumption:
    line = _RESTS.search(section.body)
    named = re.findall(r"[^\s,`]+", line[1]) if line else []
    return Assumption(
        id=section.slug,
        topic=section.title,
        text=_RESTS.sub("", section.body).strip(),
        rests_on=tuple(node_id for node_id in dict.fromkeys(named) if node_id in diagram.nodes),
    )
