"""A person at work: random edits, undo and redo over a diagram, each committed as the store would hold it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from archwright.diagram.apply import apply
from archwright.diagram.core import diff, fold
from archwright.diagram.layout import arrange, settle
from archwright.diagram.model import Diagram, Node, Point
from archwright.diagram.ops import (
    AddEdgeInput,
    AddNodeInput,
    DeleteEdgeInput,
    DeleteNodeInput,
    EdgeDraft,
    EdgePatch,
    NodeDraft,
    NodePatch,
    Op,
    OpInput,
    UpdateEdgeInput,
    UpdateNodeInput,
)
from archwright.diagram.revert import revert
from archwright.errors import OpRefused


@dataclass
class Walk:
    """The state, and the log from which undo and redo are made."""

    state: Diagram
    chance: random.Random
    log: list[tuple[Op, ...]] = field(default_factory=list)
    undone: list[tuple[Op, ...]] = field(default_factory=list)
    count: int = 0

    def steps(self, number: int) -> Iterator[tuple[str, Diagram, Diagram]]:
        """Each edit by its name, with the diagram before and after it."""
        for _ in range(number):
            before = self.state
            name = self.chance.choice([*_EDITS, "undo", "undo", "redo", "redo", "tidy"])
            self._take(name)
            yield name, before, self.state

    def _take(self, name: str) -> None:
        if name == "undo" and self.log:
            self.undone.append(self._commit(revert(self.state, self.log.pop()).diagram))
        elif name == "redo" and self.undone:
            self.log.append(self._commit(revert(self.state, self.undone.pop()).diagram))
        elif name == "tidy" and self.chance.random() < 0.3:
            self.log.append(self._commit(arrange(self.state), settled=True))
        elif name in _EDITS:
            self.count += 1
            try:
                edited = apply(self.state, _EDITS[name](self))
            except OpRefused:
                return
            self.log.append(self._commit(edited))
            self.undone.clear()

    def _commit(self, edited: Diagram, settled: bool = False) -> tuple[Op, ...]:
        after = edited if settled else settle(self.state, edited)
        ops = diff(self.state, after)
        folded = fold(self.state, ops)
        assert dict(folded.nodes) == dict(after.nodes) and dict(folded.edges) == dict(after.edges)
        self.state = after
        return ops

    def node(self, group: bool | None = None) -> Node:
        found = [n for n in self.state.nodes.values() if group is None or (n.type == "group") == group]
        return self.chance.choice(found or [*self.state.nodes.values()])

    def spot(self) -> Point:
        """Somewhere on the picture: on a line, on a box, or anywhere."""
        routes = [edge.route for edge in self.state.edges.values() if edge.route]
        kind = self.chance.random()
        if kind < 0.5 and routes:
            a, b = self.chance.choice([pair for route in routes for pair in pairwise(route)])
            return Point(x=round((a.x + b.x) / 2 - 70), y=round((a.y + b.y) / 2 - 30))
        near = self.node().position
        reach = 60 if kind < 0.8 else 900
        return Point(
            x=round(near.x) + self.chance.randint(-reach, reach), y=round(near.y) + self.chance.randint(-reach, reach)
        )

    def home(self) -> str | None:
        groups = [n.id for n in self.state.nodes.values() if n.type == "group"]
        return self.chance.choice([None, *groups])


def _add(walk: Walk) -> list[OpInput]:
    draft = NodeDraft(id=f"new{walk.count}", label="A new component", technology="Redis", parent=walk.home())
    return [AddNodeInput(node=draft), AddEdgeInput(edge=EdgeDraft(source=walk.node().id, target=draft.id or ""))]


def _drop(walk: Walk) -> list[OpInput]:
    return [AddNodeInput(node=NodeDraft(id=f"new{walk.count}", label="Dropped", position=walk.spot()))]


def _move(walk: Walk) -> list[OpInput]:
    return [UpdateNodeInput(id=walk.node(group=False).id, set=NodePatch(position=walk.spot()))]


def _move_group(walk: Walk) -> list[OpInput]:
    return [UpdateNodeInput(id=walk.node(group=True).id, set=NodePatch(position=walk.spot()))]


def _rename(walk: Walk) -> list[OpInput]:
    label = walk.chance.choice(["API", "A much longer name of a component than before it was renamed by somebody"])
    return [UpdateNodeInput(id=walk.node().id, set=NodePatch(label=label))]


def _regroup(walk: Walk) -> list[OpInput]:
    return [UpdateNodeInput(id=walk.node().id, set=NodePatch(parent=walk.home()))]


def _group(walk: Walk) -> list[OpInput]:
    first = walk.node()
    members = [n.id for n in walk.state.nodes.values() if n.parent == first.parent]
    chosen = walk.chance.sample(members, min(len(members), walk.chance.randint(1, 3)))
    group = NodeDraft(id=f"new{walk.count}", type="group", label="New group", parent=first.parent)
    return [AddNodeInput(node=group), *(UpdateNodeInput(id=i, set=NodePatch(parent=group.id)) for i in chosen)]


def _connect(walk: Walk) -> list[OpInput]:
    return [AddEdgeInput(edge=EdgeDraft(source=walk.node().id, target=walk.node().id, label="asks for products"))]


def _redirect(walk: Walk) -> list[OpInput]:
    edge = walk.chance.choice([*walk.state.edges])
    return [UpdateEdgeInput(id=edge, set=EdgePatch(target=walk.node().id, label="now goes here"))]


def _align(walk: Walk) -> list[OpInput]:
    chosen = {walk.node(group=False).id: None for _ in range(3)}
    x = walk.spot().x
    return [UpdateNodeInput(id=i, set=NodePatch(position=Point(x=x, y=walk.state.nodes[i].position.y))) for i in chosen]


_EDITS: dict[str, Callable[[Walk], list[OpInput]]] = {
    "add": _add,
    "drop": _drop,
    "move": _move,
    "move over": _move,
    "move group": _move_group,
    "rename": _rename,
    "regroup": _regroup,
    "group": _group,
    "connect": _connect,
    "redirect": _redirect,
    "align": _align,
    "delete": lambda walk: [DeleteNodeInput(id=walk.node(group=False).id)],
    "ungroup": lambda walk: [DeleteNodeInput(id=walk.node(group=True).id)],
    "disconnect": lambda walk: [DeleteEdgeInput(id=walk.chance.choice([*walk.state.edges]))],
}
