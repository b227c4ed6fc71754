"""How well a drawing holds what its description names."""

from collections.abc import Iterator, Mapping
from typing import Any

from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram, Node

_HARD = (
    "isolated-node",
    "duplicate-edge",
    "missing-label",
    "self-loop",
    "duplicate-node",
    "no-entry-point",
    "missing-technology",
)


def wanted(expected: Mapping[str, Any]) -> int:
    """Return how many expectations there are; that a reviewer has nothing to object to is one of them."""
    return sum(len(expected.get(key, ())) for key in ("nodes", "edges", "groups", "without")) + 1


def missing(diagram: Diagram, expected: Mapping[str, Any]) -> Iterator[str]:
    """Yield the expectations that a drawing does not meet."""
    for line in expected.get("nodes", ()):
        words, _, type_ = line.partition(" : ")
        if not any(not type_ or node.type == type_ for node in _named(diagram, words)):
            yield f"node {line}"
    for line in expected.get("edges", ()):
        source, target = ({n.id for n in _named(diagram, words)} for words in line.split(" > "))
        if not any(e.source in source and e.target in target for e in diagram.edges.values()):
            yield f"edge {line}"
    for line in expected.get("groups", ()):
        if not any(n.type == "group" and any(diagram.children(n.id)) for n in _named(diagram, line, groups=True)):
            yield f"group {line}"
    for line in expected.get("without", ()):
        if _named(diagram, line):
            yield f"without {line}"
    hard = [finding.message for finding in lint(diagram) if finding.rule in _HARD]
    if hard:
        yield f"lint {hard[0]}"


def _named(diagram: Diagram, words: str, groups: bool = False) -> list[Node]:
    return [
        node for node in diagram.nodes.values()
        if all(word in f"{node.label} {node.technology}".casefold() for word in words.split())
        and (node.type == "group") == groups
    ]  # fmt: skip
