"""Diagrams of a size, and what a list of times says."""

from typing import get_args

from archwright.diagram.model import Diagram, Edge, Node, NodeType
from archwright.diagram.ops import AddEdgeInput, AddNodeInput, EdgeDraft, NodeDraft, NodePatch, OpInput, UpdateNodeInput

_TYPES: tuple[NodeType, ...] = ("gateway", "service", "service", "cache", "database", "queue", "worker", "storage")
assert set(_TYPES) <= set(get_args(NodeType))


def sample(size: int) -> Diagram:
    """Return a diagram of `size` nodes in groups of about ten, with about 1.3 edges a node, without geometry."""
    groups = [Node(id=f"g{g}", type="group", label=f"Domain {g}") for g in range(max(1, size // 10))]
    count = size - len(groups)
    nodes = [
        Node(
            id=f"n{n}",
            type=_TYPES[n % len(_TYPES)],
            label=f"Component {n}",
            technology="PostgreSQL" if n % 8 == 4 else "FastAPI",
            description="Does its part of the work and keeps what it needs to.",
            parent=f"g{n * len(groups) // count}",
        )
        for n in range(count)
    ]
    ends = [(n // 2, n) for n in range(1, count)] + [(n, (n * 7 + 3) % count) for n in range(0, count, 3)]
    edges = [Edge(id=f"e{i}", source=f"n{a}", target=f"n{b}", label="calls") for i, (a, b) in enumerate(ends) if a != b]
    return Diagram(title="Sample", nodes={n.id: n for n in [*groups, *nodes]}, edges={e.id: e for e in edges})


def one_node(n: int, neighbour: str) -> list[OpInput]:
    """Return the ops of a small edit: one node and the edge that ties it to a neighbour, if one is named."""
    node = NodeDraft(id=f"new{n}", label=f"New {n}", type="cache", technology="Redis")
    if not neighbour:
        return [AddNodeInput(node=node)]
    return [AddNodeInput(node=node), AddEdgeInput(edge=EdgeDraft(source=neighbour, target=f"new{n}", label="reads"))]


def one_rename(node_id: str, n: int) -> list[OpInput]:
    return [UpdateNodeInput(id=node_id, set=NodePatch(label=f"Name {n}"))]


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
