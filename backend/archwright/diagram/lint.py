"""What a reviewer would say of a diagram at first sight."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

from archwright.diagram.model import Diagram, Value

Rule = Literal[
    "isolated-node", "duplicate-edge", "missing-label", "self-loop", "empty-group", "duplicate-node",
    "no-entry-point", "missing-technology", "single-point-of-failure",
]  # fmt: skip

ENTRY_TYPES = frozenset({"client", "web", "mobile", "user", "external", "cdn", "dns", "scheduler"})
_NEEDS_TECHNOLOGY = frozenset({"database", "cache", "queue", "stream", "search", "vectordb", "warehouse", "storage"})
_SHARED = 4
"""Callers from which on a lone database or queue counts as a single point of failure."""


class Finding(Value):
    """One finding: the rule, the elements it is about, a sentence, and whether the agent should mend it."""

    rule: Rule
    ids: tuple[str, ...]
    message: str
    fixable: bool


def lint(diagram: Diagram) -> tuple[Finding, ...]:
    """Return every finding, in the order of the rules and of the elements."""
    return tuple(finding for check in _CHECKS for finding in check(diagram))


def _isolated(diagram: Diagram) -> Iterator[Finding]:
    tied = {end for e in diagram.edges.values() for end in (e.source, e.target)}
    reached = {group.id for node_id in tied for group in diagram.ancestors(node_id)}
    covered = {node.id for node in diagram.nodes.values() if any(g.id in tied for g in diagram.ancestors(node.id))}
    for node in diagram.nodes.values():
        if node.type != "group" and node.id not in tied | covered and len(diagram.nodes) > 1:
            yield _finding("isolated-node", (node.id,), f'"{node.label}" is connected to nothing.')
        if node.type == "group" and not any(diagram.children(node.id)) and node.id not in tied | reached:
            yield _finding("empty-group", (node.id,), f'The group "{node.label}" is empty.')


def _edges(diagram: Diagram) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str, str], str] = {}
    for edge in diagram.edges.values():
        key = (edge.source, edge.target, edge.kind, edge.label.lower())
        if key in seen:
            yield _finding("duplicate-edge", (seen[key], edge.id), f"{edge.id} repeats {seen[key]}.")
        seen.setdefault(key, edge.id)
        if not edge.label:
            yield _finding("missing-label", (edge.id,), f"The edge {edge.source} -> {edge.target} has no label.")
        if edge.source == edge.target:
            yield _finding("self-loop", (edge.id,), f"{edge.id} leads from '{edge.source}' to itself.", fixable=False)


def _names(diagram: Diagram) -> Iterator[Finding]:
    seen: dict[tuple[str, str | None], str] = {}
    for node in diagram.nodes.values():
        key = (node.label.casefold(), node.parent)
        if key in seen:
            yield _finding("duplicate-node", (seen[key], node.id), f'Two nodes in one place are called "{node.label}".')
        seen.setdefault(key, node.id)
        if node.type in _NEEDS_TECHNOLOGY and not node.technology:
            yield _finding("missing-technology", (node.id,), f'"{node.label}" names no technology.')


def _entry(diagram: Diagram) -> Iterator[Finding]:
    leaves = [node for node in diagram.nodes.values() if node.type != "group"]
    if len(leaves) > 2 and not any(node.type in ENTRY_TYPES for node in leaves):
        yield _finding("no-entry-point", (), "Nothing shows who uses the system: no client, user or external caller.")


def _single_points(diagram: Diagram) -> Iterator[Finding]:
    callers = Counter(e.target for e in diagram.edges.values() if e.kind != "replication")
    replicated = {end for e in diagram.edges.values() if e.kind == "replication" for end in (e.source, e.target)}
    for node in diagram.nodes.values():
        if node.type in {"database", "queue", "stream"} and callers[node.id] >= _SHARED and node.id not in replicated:
            message = f'{callers[node.id]} components depend on the one "{node.label}"; nothing stands in for it.'
            yield _finding("single-point-of-failure", (node.id,), message, fixable=False)


def _finding(rule: Rule, ids: tuple[str, ...], message: str, fixable: bool = True) -> Finding:
    return Finding(rule=rule, ids=ids, message=message, fixable=fixable)


_CHECKS: tuple[Callable[[Diagram], Iterator[Finding]], ...] = (_isolated, _edges, _names, _entry, _single_points)
