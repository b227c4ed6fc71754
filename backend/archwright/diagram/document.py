"""The design document beside the diagram: which sections there are, what each rests on, and whether that still holds.

A section rests on a part of the diagram: a component's on its node and its connections, the others on the whole. It
is stale when that part is no longer what it was when the section was last written. Nothing of this is stored: it
follows from the change log.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Literal, NamedTuple

from archwright.diagram.change import Change
from archwright.diagram.core import fold
from archwright.diagram.model import Diagram, Node, Section, Value
from archwright.diagram.ops import Op, SetSection

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
_TECHNOLOGY = re.compile(
    r"^[\s>#*_-]*technology[\s*_]*:[\s*_`]*(?P<name>[^*`\n]+?)[\s*_`.]*$", re.IGNORECASE | re.MULTILINE
)
_ESCAPED = re.compile(r"\\([^\w\s])")
_UNDECIDED = frozenset({"", "open", "none", "undecided", "unknown", "tbd", "n/a", "-", "–", "—", "?"})
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
    known = diagram.nodes.get(slug.removeprefix(_OF_COMPONENT))
    if known is not None and slug_of(known.id) == slug:
        return known
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


class _Writing(NamedTuple):
    """That a text was written: by whom, at which version, and what it rested on."""

    by: Author
    version: int
    basis: tuple[Any, ...]


def standings(changes: Iterable[Change], rewrote: Mapping[str, str] | None = None) -> dict[str, Standing]:
    """Return how each section stands after these changes, which begin with version 1.

    `rewrote` names the section that a change wrote anew with the text that it had, which leaves no op behind. A text
    that comes back with a revert is whose it was, and rests on what it rested on.
    """
    diagram, waiting = Diagram(), list[Op]()
    written, known = dict[str, _Writing](), dict[Section, _Writing]()
    for change in changes:
        slugs = {op.slug for op in change.ops if isinstance(op, SetSection)}
        same = (rewrote or {}).get(change.change_id)
        if not slugs and same is None:
            waiting.extend(change.ops)
            continue
        before = fold(diagram, waiting)
        diagram, waiting = fold(before, change.ops), []
        for section in _written(slugs, before, diagram):
            written[section.slug] = _writing(change, section, diagram, known)
        if same in written and not change.ops:
            written[same] = _Writing(written[same].by, change.version, basis(same, diagram))
            known[_text(diagram.sections[same])] = written[same]
    diagram = fold(diagram, waiting)
    return {slug: _standing(slug, written[slug], diagram) for slug in diagram.sections if slug in written}


def _written(slugs: Set[str], before: Diagram, after: Diagram) -> Iterator[Section]:
    """The sections whose text is new; a change of place alone is not writing."""
    for slug in slugs & after.sections.keys():
        old, section = before.sections.get(slug), after.sections[slug]
        if old is None or (old.title, old.body) != (section.title, section.body):
            yield section


def _writing(change: Change, section: Section, diagram: Diagram, known: dict[Section, _Writing]) -> _Writing:
    text = _text(section)
    by: Author = "user" if change.actor.kind == "user" else "job"
    fresh = _Writing(by, change.version, basis(section.slug, diagram))
    if change.reverts and text in known:
        fresh = known[text]._replace(version=change.version)
    known[text] = fresh
    return fresh


def _text(section: Section) -> Section:
    return section.model_copy(update={"position": 0})


def _standing(slug: str, was: _Writing, diagram: Diagram) -> Standing:
    node, current = node_of(slug, diagram), basis(slug, diagram) == was.basis
    named = _named(diagram.sections[slug])
    other = node is not None and named is not None and not _agree(named, node.technology)
    reason = None
    if slug.startswith(_OF_COMPONENT) and node is None:
        reason = "Its component is no longer in the diagram."
    elif not current or (other and was.by == "job"):
        reason = _reason(node, named if other else None, current)
    return Standing(
        by=was.by, version=was.version, node_id=node.id if node else None, stale=reason is not None, reason=reason,
        proposes=_proposal(node, named) if was.by == "user" and current else None,
    )  # fmt: skip


def _reason(node: Node | None, named: str | None, current: bool) -> str:
    if node is None:
        return "What it describes has changed since."
    if named is None:
        return f"{node.label} has changed since."
    names = f"the text names {named}, the diagram {node.technology or 'no technology'}"
    return f"{node.label}: {names}." if current else f"{node.label} has changed since: {names}."


def _named(section: Section) -> str | None:
    """The technology that a component's text names, without marks of markdown; empty when it says that it is open."""
    found = _TECHNOLOGY.search(section.body)
    if found is None:
        return None
    name = _ESCAPED.sub(r"\1", found["name"])[:200].strip()
    return "" if name.casefold() in _UNDECIDED else name


def _agree(named: str, technology: str) -> bool:
    """Whether a text names a node's technology: that and no other, though it may say more of it than the node does."""
    said, has = f" {named.casefold()} ", technology.casefold().strip()
    return re.search(rf"(?<![^\W_]){re.escape(has)}(?![^\W_])", said) is not None if has else not said.strip()


def _proposal(node: Node | None, named: str | None) -> dict[str, Any] | None:
    """The change of the diagram that a person's text asks for: another technology than the node has."""
    if node is None or not named or named.casefold() == node.technology.casefold():
        return None
    return {"op": "update_node", "id": node.id, "set": {"technology": named}}


def to_write(diagram: Diagram, now: dict[str, Standing], *, only_stale: bool) -> Sequence[Wanted]:
    """Return the sections that the agent should write: the stale ones and, unless only those, all others too.

    What a person wrote is not among them."""
    mine = [one for one in wanted(diagram) if one.slug not in now or now[one.slug].by == "job"]
    return [one for one in mine if not only_stale or (one.slug in now and now[one.slug].stale)]


def orphans(now: Mapping[str, Standing]) -> tuple[str, ...]:
    """Return the slugs of what the agent wrote about components that are no longer there."""
    return tuple(
        slug for slug, one in now.items() if one.by == "job" and slug.startswith(_OF_COMPONENT) and one.node_id is None
    )
