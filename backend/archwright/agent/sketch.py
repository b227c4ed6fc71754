"""A turn's calls drawn ahead of the log: the preview while it streams, and the plan that is saved with it."""

from typing import Any

from archwright.agent.tools import Input, ops_of
from archwright.diagram import layout
from archwright.diagram.apply import apply_op
from archwright.diagram.layout import Plan
from archwright.diagram.model import Diagram
from archwright.errors import LimitExceeded, OpRefused
from archwright.store.ports import Json


class Sketch:
    """What a diagram becomes by the calls told so far. A call that would be refused leaves no trace.

    `free` says that the whole diagram may be laid out anew (a generation); otherwise only what is new is placed.
    """

    def __init__(self, before: Diagram, free: bool) -> None:
        self._before = before
        self._drawn = before
        self._free = free

    def copy(self) -> "Sketch":
        """A sketch that goes on from here and leaves this one as it is."""
        copied = Sketch(self._before, self._free)
        copied._drawn = self._drawn
        return copied

    def add(self, name: str, call: Input) -> None:
        """Take one more call."""
        drawn = self._drawn
        try:
            for op in ops_of(name, call, drawn):
                drawn = apply_op(drawn, op)
        except (OpRefused, LimitExceeded):
            return
        self._drawn = drawn

    def laid_out(self) -> Diagram:
        """The diagram with everything in its place."""
        if self._drawn is self._before:
            return self._before
        settled = layout.settle(self._before, self._drawn)
        return layout.arrange(settled) if self._free else settled

    def plan(self) -> Plan:
        """Where everything goes."""
        return layout.plan_of(self.laid_out())

    def preview(self, turn: int) -> Json:
        """The elements that are new or differ, in the public shapes."""
        after = self.laid_out()
        return {
            "turn": turn,
            "nodes": [_shown(n) for n in after.nodes.values() if n != self._before.nodes.get(n.id)],
            "edges": [_shown(e) for e in after.edges.values() if e != self._before.edges.get(e.id)],
            "sections": [_shown(s) for s in after.sections.values() if s != self._before.sections.get(s.slug)],
        }

    def added(self) -> tuple[int, int]:
        """How many nodes and edges there are more than before."""
        return len(self._drawn.nodes) - len(self._before.nodes), len(self._drawn.edges) - len(self._before.edges)


def _shown(element: Any) -> Json:
    shown: Json = element.model_dump(mode="json")
    return shown
