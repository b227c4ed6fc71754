"""What one reply of a model comes to, without a job around it."""

from collections.abc import Iterable, Mapping
from typing import Any

from archwright.agent.tools import QUESTION, READS, ops_of
from archwright.diagram import layout
from archwright.diagram.apply import apply_op
from archwright.diagram.model import Diagram
from archwright.errors import LimitExceeded, OpRefused
from evals.facts import facts
from evals.outcomes import Call, Outcome


def first_turn(
    before: Diagram, calls: Iterable[tuple[str, Mapping[str, Any]]], *, cost_usd: float = 0, wall_s: float = 0
) -> Outcome:
    """Return what the calls of a first reply do when they are applied in order and laid out."""
    diagram, made, asked = before, [], ""
    for name, given in calls:
        if name == QUESTION:
            asked = asked or str(given.get("question") or "?")
        drawn, call = (diagram, Call(name)) if name in READS | {QUESTION} else applied(diagram, name, given)
        diagram = drawn
        made.append(call)
    after = layout.settle(before, diagram)
    return Outcome(before, after, tuple(made), asked, ended="turn", turns=1, cost_usd=cost_usd, wall_s=wall_s)


def applied(diagram: Diagram, name: str, given: Mapping[str, Any]) -> tuple[Diagram, Call]:
    """Return the diagram after a call that changes it, and the call with what it did."""
    after, slug = diagram, str(given.get("slug", ""))
    try:
        for op in ops_of(name, given, diagram):
            after = apply_op(after, op)
    except (OpRefused, LimitExceeded):
        return diagram, Call(name, refused=True, slug=slug)
    return after, Call(name, changed=after != diagram, facts=facts(diagram, after), slug=slug)
