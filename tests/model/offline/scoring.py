"""How well a drawing holds what its description names."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archwright.diagram.apply import apply_op
from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram, Node
from archwright.diagram.ops import op_input_adapter
from archwright.model.offline.generate.plan import plan

_HARD = (
    "isolated-node",
    "duplicate-edge",
    "missing-label",
    "self-loop",
    "duplicate-node",
    "no-entry-point",
    "missing-technology",
)


@dataclass(frozen=True, slots=True)
class Score:
    """`missing` are the expectations that the drawing does not meet, of `wanted` in all."""

    text: str
    wanted: int
    missing: tuple[str, ...]
    nodes: int

    @property
    def share(self) -> float:
        return 1 - len(self.missing) / self.wanted if self.wanted else 1.0


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
    diagram = drawn(expected["text"])
    missing = tuple(_missing(diagram, expected))
    wanted = sum(len(expected.get(key, ())) for key in ("nodes", "edges", "groups", "without")) + 1
    return Score(expected["text"], wanted, missing, len(diagram.nodes))


def _missing(diagram: Diagram, expected: Mapping[str, Any]) -> Iterator[str]:
    for wanted in expected.get("nodes", ()):
        words, _, type_ = wanted.partition(" : ")
        if not any(not type_ or node.type == type_ for node in _named(diagram, words)):
            yield f"node {wanted}"
    for wanted in expected.get("edges", ()):
        source, target = ({n.id for n in _named(diagram, words)} for words in wanted.split(" > "))
        if not any(e.source in source and e.target in target for e in diagram.edges.values()):
            yield f"edge {wanted}"
    for wanted in expected.get("groups", ()):
        if not any(n.type == "group" and any(diagram.children(n.id)) for n in _named(diagram, wanted, groups=True)):
            yield f"group {wanted}"
    for refused in expected.get("without", ()):
        if _named(diagram, refused):
            yield f"without {refused}"
    hard = [finding.message for finding in lint(diagram) if finding.rule in _HARD]
    if hard:
        yield f"lint {hard[0]}"


def _named(diagram: Diagram, words: str, groups: bool = False) -> list[Node]:
    wanted = words.split()
    return [n for n in diagram.nodes.values() if all(w in f"{n.label} {n.technology}".casefold() for w in wanted)
            and (n.type == "group") == groups]  # fmt: skip
