"""The reads that a model may make on a diagram too large for the outline; answers are bounded."""

import re
from collections.abc import Mapping
from typing import Any

from archwright.diagram.apply import existing
from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram, Node
from archwright.diagram.outline import edge_line, node_line

_FOUND_MAX = 40
_DESCRIBED_MAX = 20
_EDGES_MAX = 40


def read(name: str, call: Mapping[str, Any], diagram: Diagram) -> str:
    """Return what a read finds, as text. Total: what does not fit is answered in words."""
    match name:
        case "find_nodes":
            return _find(str(call.get("query", "")), diagram)
        case "describe_nodes":
            ids = call.get("ids", [])
            return _describe([str(i) for i in ids] if isinstance(ids, list) else [str(ids)], diagram)
    findings = lint(diagram)
    return "\n".join(f"{f.rule}: {f.message}" for f in findings[:_FOUND_MAX]) or "Nothing to object to."


def _find(query: str, diagram: Diagram) -> str:
    words = set(re.findall(r"\w+", query.lower()))
    ranked = sorted(((_score(node, words), node) for node in diagram.nodes.values()), key=lambda pair: -pair[0])
    found = [node for score, node in ranked if score > 0]
    if not found:
        return f"No node matches '{query[:100]}'; {existing(diagram.nodes)}."
    more = f"\n… {len(found) - _FOUND_MAX} more" if len(found) > _FOUND_MAX else ""
    return "\n".join(node_line(node) for node in found[:_FOUND_MAX]) + more


def _score(node: Node, words: set[str]) -> int:
    strong = set(re.findall(r"\w+", f"{node.id} {node.label}".lower()))
    weak = set(re.findall(r"\w+", f"{node.type} {node.technology} {node.description}".lower()))
    return 3 * len(words & strong) + len(words & weak)


def _describe(ids: list[str], diagram: Diagram) -> str:
    parts = []
    for node_id in ids[:_DESCRIBED_MAX]:
        node = diagram.nodes.get(node_id)
        if node is None:
            parts.append(f"There is no node '{node_id[:100]}'; {existing(diagram.nodes, node_id)}.")
            continue
        edges = [edge_line(edge) for edge in diagram.touching(node_id)][:_EDGES_MAX]
        parts.append("\n".join([node_line(node), node.description, *edges]))
    return "\n\n".join(parts) or "Name the ids to describe."
