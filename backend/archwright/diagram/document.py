"""The design document beside the diagram: which sections there are, what each rests on, and whether that still holds.

A section rests on a part of the diagram: a component's on its node and its connections, the others on the whole. It
is stale when that part is no longer what it was when the section was last written. Nothing of this is stored: it
follows from the change log.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from archwright.diagram.change import Change
from archwright.diagram.core import fold
from archwright.diagram.model import Diagram, Node, Section, Value

Author = Literal["user", "job"]
PARTS: tuple[tuple[str, str], ...] = (
    ("summary", "Summary"),
    ("goals", "Goals and scale"),
    ("components", "Components"),
    ("data-flow", "Data flow"),
    ("failure-modes", "Failure modes"),
    ("security", "Security"),
    ("trade-offs", "Trade-offs and alternatives"),
    ("phases", "Phases"),
    ("open-questions", "Open questions and assumptions"),
)
COMPONENTS_MAX = 80
_OF_COMPONENT = "component-"
_SLUG_MAX = 100
_STEP = 1_000
_TECHNOLOGY = re.compile(r"^\W*technology\W*:\W*(?P<name>[^*\n]+?)\W*$", re.IGNORECASE | re.MULTILINE)
_LOOKS = ("id", "label", "type", "technology", "description", "parent")


class Wanted(Value):
    """A section that the document should have. `node_id` is the component that it is about."""

    slug: str
    title: str
    position: int
    node_id: str | None = None


class Standing(Value):
    """How a section stands: who wrote it last and at which version, and why it is stale, if it is.

    `proposes` is an op of a technology that the text names and the node does not have."""

    by: Author
    version: int
    node_id: str | None = None
    stale: bool = False
    reason: str | None = None
    proposes: dict[str, Any] | None = None


def slug_of(node_id: str) -> str:
    """Return the slug of a component's section."""
    return f"{_OF_COMPONENT}{node_id}"[:_SLUG_MAX]


def wanted(diagram: Diagram) -> tuple[Wanted, ...]:
    """Return the sections of a whole document, in their order; each component has one, up to 80."""
    places = {slug: _STEP * number for number, (slug, _) in enumerate(PARTS, start=1)}
    found = [Wanted(slug=slug, title=title, position=places[slug]) for slug, title in PARTS]
    nodes = [node for node in diagram.nodes.values() if node.type != "group"][:COMPONENTS_MAX]
    for number, node in enumerate(nodes, start=1):
        place = places["components"] + number
        found.append(Wanted(slug=slug_of(node.id), title=node.label, position=place, node_id=node.id))
    return tuple(sorted(found, key=lambda one: one.position))


def position_of(slug: str, diagram: Diagram) -> int:
    """Return where a section belongs: its usual place, or the end."""
    known = next((one.position for one in wanted(diagram) if one.slug == slug), None)
    return known if known is not None else _STEP * (len(PARTS) + 1)


def node_of(slug: str, diagram: Diagram) -> Node | None:
    """Return the component that a section is about, when it is there."""
    if not slug.startswith(_OF_COMPONENT):
        return None
    return next((node for node in diagram.nodes.values() if slug_of(node.id) == slug), None)


def basis(slug: str, diagram: Diagram) -> tuple[Any, ...]:
    """Return what a section rests on, as a value; where things stand on the canvas is no part of it."""
    if slug.startswith(_OF_COMPONENT):
        node = node_of(slug, diagram)
        return () if node is None else (_look(node), *sorted(_line(diagram, e) for e in diagram.touching(node.id)))
    if slug == "data-flow":
        return tuple(sorted(_line(diagram, edge) for edge in diagram.edges.values()))
    if slug in ("summary", "components", "failure-modes", "security", "trade-offs"):
        return tuple(sorted((node.label, node.type, node.technology) for node in diagram.nodes.values()))
    return ()


def _look(node: Node) -> tuple[str, ...]:
    return tuple(str(getattr(node, name) or "") for name in _LOOKS)


def _line(diagram: Diagram, edge: Any) -> tuple[str, ...]:
    ends = (diagram.nodes[edge.source].label, diagram.nodes[edge.target].label)
    return (*ends, edge.label, edge.kind)


def standings(changes: Iterable[Change], rewrote: Mapping[str, str] | None = None) -> dict[str, Standing]:
    """Return how each section stands after these changes, which begin with version 1.

    `rewrote` names the section that a change wrote anew with the text that it had, which leaves no op behind."""
    diagram, written, authors = Diagram(), dict[str, tuple[Author, int, tuple[Any, ...]]](), dict[Section, Author]()
    for change in changes:
        before, diagram = diagram, fold(diagram, change.ops)
        for section in _written(before, diagram):
            fresh: Author = "user" if change.actor.kind == "user" else "job"
            text = section.model_copy(update={"position": 0})
            by = authors.setdefault(text, fresh) if change.reverts else fresh
            authors[text] = by
            written[section.slug] = (by, change.version, basis(section.slug, diagram))
        same = (rewrote or {}).get(change.change_id)
        if same in written and not change.ops:
            written[same] = (written[same][0], change.version, basis(same, diagram))
    return {
        slug: _standing(slug, *written[slug], diagram) for slug in diagram.sections if slug in written
    }  # fmt: skip


def _written(before: Diagram, after: Diagram) -> Iterator[Section]:
    """The sections whose text is new; a change of place alone is not writing."""
    for slug, section in after.sections.items():
        old = before.sections.get(slug)
        if old is None or (old.title, old.body) != (section.title, section.body):
            yield section


def _standing(slug: str, by: Author, version: int, was: tuple[Any, ...], diagram: Diagram) -> Standing:
    node, is_now = node_of(slug, diagram), basis(slug, diagram)
    reason = None
    if slug.startswith(_OF_COMPONENT) and node is None:
        reason = "Its component is no longer in the diagram."
    elif is_now != was:
        reason = "What it describes has changed since." if node is None else f"{node.label} has changed since."
    return Standing(
        by=by, version=version, node_id=node.id if node else None, stale=reason is not None, reason=reason,
        proposes=_proposal(node, diagram.sections[slug], by, is_now == was),
    )  # fmt: skip


def _proposal(node: Node | None, section: Section, by: Author, current: bool) -> dict[str, Any] | None:
    """The change of the diagram that a person's text asks for: another technology than the node has."""
    if node is None or by != "user" or not current:
        return None
    named = _TECHNOLOGY.search(section.body)
    if named is None or named["name"].casefold() == node.technology.casefold():
        return None
    return {"op": "update_node", "id": node.id, "set": {"technology": named["name"][:200]}}


def to_write(diagram: Diagram, now: dict[str, Standing], *, only_stale: bool) -> Sequence[Wanted]:
    """Return the sections that the agent should write: the stale ones and, unless only those, all others too.

    What a person wrote is not among them."""
    mine = [one for one in wanted(diagram) if one.slug not in now or now[one.slug].by == "job"]
    return [one for one in mine if not only_stale or (one.slug in now and now[one.slug].stale)]
