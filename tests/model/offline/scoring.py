"""How well the planner draws a description, without a job around it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archwright.diagram.apply import apply_op
from archwright.diagram.model import Diagram
from archwright.diagram.ops import op_input_adapter
from archwright.model.offline.generate.plan import plan
from evals import drawings


@dataclass(frozen=True, slots=True)
class Score:
    """`missing` are the expectations that the drawing does not meet, of `wanted` in all."""

    text: str
    wanted: int
    missing: tuple[str, ...]


def prompts(path: Path) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["prompt"]
    return found


def drawn(text: str) -> Diagram:
    """Return what the planner draws of a description when all calls are accepted; raises OpRefused else."""
    diagram, whole = Diagram(), plan(text, Diagram())
    for name, given in [*whole.nodes, *whole.edges]:
        body = {**given, "parent": given.get("parent") or None} if name == "add_node" else dict(given)
        op = {"op": name, "node" if name == "add_node" else "edge": body}
        diagram = apply_op(diagram, op_input_adapter.validate_python(op))
    return diagram


def score(expected: Mapping[str, Any]) -> Score:
    lacking = tuple(drawings.missing(drawn(expected["text"]), expected))
    return Score(expected["text"], drawings.wanted(expected), lacking)
