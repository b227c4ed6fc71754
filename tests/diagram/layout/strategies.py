"""Random diagrams for the layout: groups in groups, edges of every sort, labels short and long."""

from typing import get_args

from hypothesis import strategies as st

from archwright.diagram.model import Diagram, Edge, EdgeKind, Node, NodeType

_LEAVES = tuple(kind for kind in get_args(NodeType) if kind != "group")
_labels = st.text("abc WM-.é漢", min_size=1, max_size=90).filter(str.strip) | st.sampled_from(["API", "Order service"])


@st.composite
def groups(draw: st.DrawFn) -> list[Node]:
    """Groups g0, g1 …, each at the top level or in an earlier one, at most five deep."""
    found: list[Node] = []
    depth = {None: 0}
    for number in range(draw(st.integers(0, 5))):
        parent = draw(st.sampled_from([None, *(g.id for g in found if depth[g.id] < 5)]))
        node = Node(id=f"g{number}", type="group", label=draw(_labels), parent=parent)
        depth[node.id] = depth[parent] + 1
        found.append(node)
    return found


@st.composite
def diagrams(draw: st.DrawFn, most: int = 14) -> Diagram:
    """Diagrams without geometry, of up to `most` leaves."""
    found = draw(groups())
    homes = st.sampled_from([None, *(group.id for group in found)])
    for number in range(draw(st.integers(0, most))):
        node = Node(
            id=f"n{number}",
            type=draw(st.sampled_from(_LEAVES)),
            label=draw(_labels),
            technology=draw(st.just("") | _labels),
            parent=draw(homes),
        )
        found.append(node)
    ids = [node.id for node in found]
    edges: dict[str, Edge] = {}
    for number in range(draw(st.integers(0, 2 * len(ids)))):
        source, target = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        kind, label = draw(st.sampled_from(get_args(EdgeKind))), draw(st.just("") | _labels)
        edges[f"e{number}"] = Edge(id=f"e{number}", source=source, target=target, kind=kind, label=label)
    return Diagram("Random", {node.id: node for node in found}, edges)


def shuffled(diagram: Diagram, numbers: list[int]) -> Diagram:
    """The same diagram with its elements in another order."""

    def turned(names: list[str]) -> list[str]:
        return [names[i] for i in sorted(range(len(names)), key=lambda i: (numbers[i % len(numbers)], -i))]

    return diagram.replace(
        nodes={i: diagram.nodes[i] for i in turned(list(diagram.nodes))},
        edges={i: diagram.edges[i] for i in turned(list(diagram.edges))},
    )
