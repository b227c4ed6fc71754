"""What a description says, gathered: components, links between them, groups."""

from dataclasses import dataclass, field
from typing import Any

from archwright.diagram.catalogue import Entry
from archwright.diagram.model import EdgeKind, NodeType
from archwright.model.offline.edits.words import alike, stems
from archwright.model.offline.understand.mentions import Mention


@dataclass
class Component:
    """A component of the drawing. `stated` says that the text names it; `bare` that it names no more than its kind;
    `each` is the kind of component or group for each of which one is drawn ("per service")."""

    key: str
    label: str
    type: NodeType
    technology: str = ""
    description: str = ""
    entry: Entry | None = None
    count: int = 1
    bare: bool = False
    plural: bool = False
    each: str = ""
    group: str | None = None
    stated: bool = True
    role: str = ""

    @property
    def stems(self) -> tuple[str, ...]:
        return stems(self.label)

    @property
    def weak(self) -> bool:
        return self.type == "user"


@dataclass(frozen=True, slots=True)
class Tie:
    """A link from one component to another, by their keys."""

    source: str
    target: str
    label: str
    kind: EdgeKind


@dataclass
class Area:
    """A group; `everything` says that all that is ours lies in it, `placed` that
    the text puts things into it."""

    key: str
    label: str
    members: list[str] = field(default_factory=list)
    parent: str | None = None
    everything: bool = False
    placed: bool = False


@dataclass
class Scene:
    """Everything that was understood. `without` are types and names that must not be drawn."""

    title: str = ""
    components: dict[str, Component] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    areas: dict[str, Area] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    by: str = ""
    _last: list[str] = field(default_factory=list)

    def add(self, mention: Mention, **more: Any) -> Component:
        """Return the component that a mention means: one that was named before, or a new one."""
        known = self.find(mention)
        if known is not None:
            if mention.technology and not known.technology:
                known.technology, known.entry = mention.technology, mention.entry
            self._last.append(known.key)
            return known
        key = " ".join(mention.stems) or mention.label.casefold()
        while key in self.components:
            key += "'"
        component = Component(
            key, mention.label, mention.type, mention.technology, entry=mention.entry, count=mention.count,
            bare=mention.bare, plural=mention.plural, **more,
        )  # fmt: skip
        self.components[key] = component
        self._last.append(key)
        return component

    def find(self, mention: Mention) -> Component | None:
        """Return what was named before and is meant again."""
        words = mention.stems
        for component in self.components.values():
            if component.stems == words or (mention.entry and mention.bare and component.entry == mention.entry
                                            and component.entry is not None):  # fmt: skip
                return component
        same = [c for c in self.components.values() if c.type == mention.type]
        if mention.bare and (mention.definite or mention.plural) and same and mention.entry is None:
            return next((c for c in reversed(same) if set(words) <= set(c.stems)), same[-1] if len(same) == 1 else None)
        if mention.definite and mention.entry is None:
            wider = [c for c in self.components.values() if set(words) < set(c.stems)]
            return wider[0] if len(wider) == 1 else None
        if len(words) > 1:
            close = [c for c in same if len(c.stems) == len(words) and all(map(alike, c.stems, words))]
            return close[0] if close else None
        return None

    def tie(self, source: str, target: str, label: str, kind: EdgeKind) -> None:
        """Note a link once."""
        if source == target or any((t.source, t.target) == (source, target) for t in self.ties):
            return
        self.ties.append(Tie(source, target, label, kind))

    def drop(self, key: str) -> None:
        self.components.pop(key, None)
        self.ties = [tie for tie in self.ties if key not in (tie.source, tie.target)]
        for area in self.areas.values():
            area.members = [member for member in area.members if member != key]

    def rename(self, old: str, new: str) -> None:
        """Lead the links and memberships of one component to another, and forget it."""
        ties, self.ties = self.ties, []
        for tie in ties:
            self.tie(
                new if tie.source == old else tie.source, new if tie.target == old else tie.target, tie.label, tie.kind
            )
        self.components.pop(old, None)
        for area in self.areas.values():
            area.members = [new if member == old else member for member in area.members]
