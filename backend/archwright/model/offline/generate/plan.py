"""A scene as tool calls, and the words that go with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archwright.diagram.apply import slug
from archwright.diagram.model import Diagram
from archwright.model.offline.edits.words import capital, enumerated, uncapital
from archwright.model.offline.generate.assumed import Assumption, assumed
from archwright.model.offline.generate.bearing import bear, reach
from archwright.model.offline.generate.describe import description_of
from archwright.model.offline.generate.merge import fill, kind_of
from archwright.model.offline.generate.needs import NO_NEEDS, Needs
from archwright.model.offline.generate.order import by_layer
from archwright.model.offline.generate.wiring import wire
from archwright.model.offline.understand.areas import OUTSIDE
from archwright.model.offline.understand.reading import understand
from archwright.model.offline.understand.scene import Area, Component, Scene

Call = tuple[str, Mapping[str, Any]]
_LAYERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Clients", frozenset({"client", "web", "mobile", "user"})),
    ("Edge", frozenset({"cdn", "dns", "gateway", "loadbalancer", "network", "auth"})),
    ("Services", frozenset({"service", "api", "server", "function", "worker", "scheduler", "ml", "llm"})),
    ("Data", frozenset({"database", "cache", "queue", "stream", "storage", "search", "vectordb", "warehouse"})),
    ("External systems", frozenset({"external"})),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls that draw a description, nodes before edges, those that note what it assumes, and what to say."""

    nodes: tuple[Call, ...]
    edges: tuple[Call, ...]
    assumed: tuple[Call, ...]
    opening: str
    summary: str


def plan(request: str, existing: Diagram, needs: Needs = NO_NEEDS, narrow: bool = False) -> Plan:
    """Return how to draw a description beside what exists already. Total, and the same for the same text.

    `narrow` draws what the text names and nothing else.
    """
    taken = tuple((n.id, n.label.casefold()) for n in existing.nodes.values())
    there = {node.type for node in existing.nodes.values()} | {edge.kind for edge in existing.edges.values()}
    return _plan(request, taken, frozenset(there), needs, narrow)


@lru_cache(maxsize=64)
def _plan(request: str, taken: tuple[tuple[str, str], ...], there: frozenset[str], needs: Needs, narrow: bool) -> Plan:
    """Kept, for each turn of a job asks for the same plan. `there` are the kinds of nodes and edges that exist."""
    scene = understand(request)
    pattern = kind_of(request, scene)
    named = [c.label for c in scene.components.values()]
    told = {c.technology for c in scene.components.values()}
    fill(scene, pattern, narrow, small=needs.load == "small")
    reach(scene, needs)
    wire(scene)
    bear(scene, needs)
    _group_by(scene)
    ids = _ids(scene, taken)
    added = [c.label for c in scene.components.values() if not c.stated]
    return Plan(
        nodes=tuple(_nodes(scene, ids, pattern.name)),
        edges=tuple(_edges(scene, ids)),
        assumed=tuple(_notes(assumed(scene, request, told, needs), ids)),
        opening=_opening(scene, pattern.name, named),
        summary=_summary(scene, pattern.name, added, there),
    )


def _ids(scene: Scene, existing: Sequence[tuple[str, str]]) -> dict[str, str]:
    taken = dict.fromkeys(node_id for node_id, _ in existing)
    ids = dict[str, str]()
    labels = dict.fromkeys(label for _, label in existing)
    for prefix, things in (("area ", scene.areas), ("", scene.components)):
        for key, thing in things.items():
            thing.label = _free(thing.label, labels)
            ids[prefix + key] = slug(thing.label, taken)
            taken[ids[prefix + key]] = None
            labels[thing.label.casefold()] = None
    return ids


def _free(label: str, taken: Mapping[str, None]) -> str:
    label = label[:60].strip() or "Component"
    numbered = (f"{label} {n}" for n in range(2, len(taken) + 3))
    return label if label.casefold() not in taken else next(n for n in numbered if n.casefold() not in taken)


def _nodes(scene: Scene, ids: Mapping[str, str], kind: str) -> Iterator[Call]:
    lies_in = {member: area.key for area in scene.areas.values() for member in reversed(area.members)}
    for area in _outermost_first(scene.areas):
        parent = ids.get(f"area {area.parent}", "") if area.parent else ""
        text = f"Groups what belongs to the {uncapital(area.label)}."
        yield "add_node", {"id": ids[f"area {area.key}"], "type": "group", "label": area.label, "technology": "",
                           "description": text, "parent": parent}  # fmt: skip
    for component in by_layer(scene):
        yield "add_node", {
            "id": ids[component.key], "type": component.type, "label": component.label,
            "technology": component.technology[:60],
            "description": component.description or description_of(component, scene),
            "parent": ids.get(f"area {lies_in.get(component.key)}", ""),
        }  # fmt: skip


def _outermost_first(areas: Mapping[str, Area]) -> list[Area]:
    def depth(area: Area) -> int:
        seen, at = 0, area
        while at.parent is not None and at.parent in areas and seen < 9:
            seen, at = seen + 1, areas[at.parent]
        return seen

    for area in areas.values():
        if depth(area) > 7:
            area.parent = None
    return sorted(areas.values(), key=depth)


def _edges(scene: Scene, ids: Mapping[str, str]) -> Iterator[Call]:
    for tie in scene.ties:
        yield "add_edge", {"source": ids[tie.source], "target": ids[tie.target], "label": tie.label, "kind": tie.kind}


def _notes(found: Sequence[Assumption], ids: Mapping[str, str]) -> Iterator[Call]:
    for one in found:
        yield "note_assumption", {"topic": one.topic, "text": one.text, "rests_on": [ids[key] for key in one.rests_on]}


def _group_by(scene: Scene) -> None:
    """Do what "group by …" asks, when the text named no groups of its own."""
    if not scene.by or scene.areas:
        return
    if scene.by == "layer":
        for label, types in _LAYERS:
            members = [c.key for c in scene.components.values() if c.type in types]
            if members:
                scene.areas[label] = Area(label, label, members)
        return
    word = {"service": "", "team": " team"}.get(scene.by, " domain")
    for service in [c for c in scene.components.values() if c.type in ("service", "api")]:
        base = " ".join(w for w in service.label.split() if w.casefold() not in ("service", "api", "server", "backend"))
        label = capital(f"{base or service.label}{word}") if word else f"{service.label} group"
        scene.areas[label] = Area(label, label, [service.key, *_own(scene, service)])


def _own(scene: Scene, service: Component) -> list[str]:
    """What only this service uses."""
    kept = list[str]()
    for tie in scene.ties:
        users = {t.source for t in scene.ties if t.target == tie.target}
        target = scene.components[tie.target]
        inner = target.type not in OUTSIDE and target.type not in (
            "service",
            "api",
            "gateway",
            "loadbalancer",
            "stream",
            "queue",
            "auth",
            "monitoring",
        )
        if tie.source == service.key and users == {service.key} and inner:
            kept.append(tie.target)
    return kept


def _opening(scene: Scene, kind: str, named: Sequence[str]) -> str:
    what = scene.title or kind
    if len(named) > 2:
        return f"I read this as: {what}. I draw the {len(named)} components that you name and how they work together."
    return f"I read this as: {what}. I draw what such a system usually consists of."


def _summary(scene: Scene, kind: str, added: Sequence[str], there: frozenset[str]) -> str:
    groups = f" in {len(scene.areas)} groups" if len(scene.areas) > 1 else ""
    parts = [f"{scene.title or kind}: {len(scene.components)} components and {len(scene.ties)} connections{groups}."]
    if added:
        more = f" and {len(added) - 8} more" if len(added) > 8 else ""
        parts.append(f"You did not name these, they are assumed: {enumerated(list(added[:8]))}{more}.")
    parts.append("Next steps:\n" + "\n".join(f"- {step}" for step in _steps(scene, there)))
    return "\n\n".join(parts)


def _steps(scene: Scene, there: frozenset[str]) -> list[str]:
    """What might be done next, without what the drawing or the diagram has already."""
    types = {c.type for c in scene.components.values()} | there
    stores = [c for c in scene.components.values() if c.type == "database"]
    steps = list[str]()
    if stores and "replication" not in there and not any(t.kind == "replication" for t in scene.ties):
        steps.append(f'"Add a read replica for the {stores[0].label}", so that it survives the loss of a machine.')
    if "cache" not in types and stores:
        steps.append(f'"Add a Redis cache in front of the {stores[0].label}", if reads dominate.')
    if "monitoring" not in types:
        steps.append('"Add monitoring", to see latency and errors of each service.')
    if "auth" not in types:
        steps.append('"Add an auth service", if people sign in.')
    return steps[:3] or ['"Write the design document", to have the choices and their reasons in words.']
