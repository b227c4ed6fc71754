"""The compact text in which a model reads a diagram, bounded in size, and its parser."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable

from archwright.diagram.model import Diagram, Edge, Node

OUTLINE_BUDGET = 24_000
"""Characters that an outline may take: about 6,000 tokens, 250 nodes with their edges."""

PART_BUDGET = 10_000
"""Characters of the outline of a diagram that does not fit: what is near, the rest is found with tools."""

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_HEAD = re.compile(rf"^# ({_QUOTED}) · (\d+) nodes, (\d+) edges$")
_NODE = re.compile(rf"^(\S+) \[(\w+)\] ({_QUOTED})(?: · (?!in \S+$)(.*?))?(?: · in (\S+))?$")
_EDGE = re.compile(rf"^(\S+): (\S+) -> (\S+) ({_QUOTED}) (\w+)$")


def outline(diagram: Diagram, focus: Collection[str] = (), budget: int = OUTLINE_BUDGET) -> str:
    """Return the diagram as text: exact ids, type, label, technology, group, and the edges.

    Within `budget` characters. A diagram above it shows, in fewer, what is nearest to the focus, the groups first, and
    ends with a line that says how much is missing and which tools read it.
    """
    whole = _text(diagram, diagram.nodes.values(), diagram.edges.values())
    if len(whole) <= budget:
        return whole
    return _partial(diagram, _nearest(diagram, focus), min(budget, PART_BUDGET))


def _text(diagram: Diagram, nodes: Iterable[Node], edges: Iterable[Edge]) -> str:
    node_lines, edge_lines = [node_line(n) for n in nodes], [edge_line(e) for e in edges]
    parts = [f"# {_quote(diagram.title)} · {len(diagram.nodes)} nodes, {len(diagram.edges)} edges"]
    parts += ["## Nodes", *node_lines] if node_lines else []
    parts += ["## Edges", *edge_lines] if edge_lines else []
    return "\n".join(parts)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def node_line(node: Node) -> str:
    """Return one line: `orders [service] "Order service" · FastAPI · in backend`."""
    technology = f" · {node.technology}" if node.technology else ""
    group = f" · in {node.parent}" if node.parent else ""
    return f"{node.id} [{node.type}] {_quote(node.label)}{technology}{group}"


def edge_line(edge: Edge) -> str:
    """Return one line: `orders--db: orders -> db "reads and writes" data`."""
    return f"{edge.id}: {edge.source} -> {edge.target} {_quote(edge.label)} {edge.kind}"


def _nearest(diagram: Diagram, focus: Collection[str]) -> list[Node]:
    """Nodes by their distance from the focus; without one, groups first, then the best connected."""
    degree: Counter[str] = Counter()
    neighbours: dict[str, set[str]] = {}
    for edge in diagram.edges.values():
        degree.update((edge.source, edge.target))
        neighbours.setdefault(edge.source, set()).add(edge.target)
        neighbours.setdefault(edge.target, set()).add(edge.source)
    distance = {node_id: 0 for node_id in focus if node_id in diagram.nodes}
    frontier = list(distance)
    while frontier:
        reached = [m for n in frontier for m in sorted(neighbours.get(n, ())) if m not in distance]
        distance |= dict.fromkeys(reached, max(distance[n] for n in frontier) + 1)
        frontier = list(dict.fromkeys(reached))
    far = len(diagram.nodes)
    return sorted(
        diagram.nodes.values(),
        key=lambda n: (min(distance.get(n.id, far), 3), n.type != "group", distance.get(n.id, far), -degree[n.id]),
    )


def _partial(diagram: Diagram, ranked: list[Node], budget: int) -> str:
    shown: dict[str, Node] = {}
    left = budget - 200 - len(_quote(diagram.title))
    for node in ranked:
        left -= len(node_line(node)) + 1
        if left < budget * 0.45:
            break
        shown[node.id] = node
    edges: list[Edge] = []
    for edge in diagram.edges.values():
        if edge.source in shown and edge.target in shown and left > len(edge_line(edge)) + 1:
            left -= len(edge_line(edge)) + 1
            edges.append(edge)
    hidden = len(diagram.nodes) - len(shown)
    return f"{_text(diagram, shown.values(), edges)}\n… {hidden} more nodes: use find_nodes and describe_nodes"


def parse_outline(text: str) -> Diagram:
    """Return the diagram that an outline shows, without geometry; lines of other shapes are passed over.

    A parent or an end of an edge that the outline does not show is dropped.
    """
    title = ""
    nodes: dict[str, Node] = {}
    edges: dict[str, Edge] = {}
    for line in text.splitlines():
        if head := _HEAD.match(line):
            title = json.loads(head[1])
        elif match := _EDGE.match(line):
            key, source, target, label, kind = match.groups()
            edges[key] = Edge.model_validate(
                {"id": key, "source": source, "target": target, "label": json.loads(label), "kind": kind}
            )
        elif node := _parsed_node(line):
            nodes[node.id] = node
    kept = {e.id: e for e in edges.values() if e.source in nodes and e.target in nodes}
    known = {n.id: n if n.parent in nodes else n.model_copy(update={"parent": None}) for n in nodes.values()}
    return Diagram(title=title, nodes=known, edges=kept)


def _parsed_node(line: str) -> Node | None:
    match = _NODE.match(line)
    if match is None:
        return None
    key, kind, label, technology, parent = match.groups()
    return Node.model_validate(
        {"id": key, "type": kind, "label": json.loads(label), "technology": technology, "parent": parent}
    )
