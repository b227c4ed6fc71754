"""The outline is bounded, exact and readable back."""

import re

from hypothesis import given

from archwright.diagram.model import Diagram, Edge, Node
from archwright.diagram.outline import outline, parse_outline

from .strategies import diagrams
from .test_apply import SHOP, after


def test_an_outline_shows_ids_types_technology_groups_and_edges() -> None:
    shop = after(SHOP, {"op": "update_node", "id": "db", "set": {"technology": "PostgreSQL"}})
    assert outline(shop.replace(title='The "shop"')) == (
        '# "The \\"shop\\"" · 5 nodes, 2 edges\n'
        "## Nodes\n"
        'vpc [group] "Vpc"\n'
        'zone [group] "Zone" · in vpc\n'
        'orders [service] "Orders" · in zone\n'
        'db [database] "Db" · PostgreSQL · in zone\n'
        'web [web] "Web"\n'
        "## Edges\n"
        'calls: web -> orders "" request\n'
        'reads: orders -> db "" request'
    )


@given(diagrams)
def test_an_outline_reads_back_as_the_diagram_that_it_shows(diagram: Diagram) -> None:
    def shown(d: Diagram) -> tuple[object, ...]:
        nodes = {n.id: (n.type, n.label, n.technology.strip(), n.parent) for n in d.nodes.values()}
        return d.title, nodes, {e.id: (e.source, e.target, e.label, e.kind) for e in d.edges.values()}

    assert shown(parse_outline(outline(diagram))) == shown(diagram)


def test_the_outline_of_a_huge_diagram_keeps_to_its_budget_and_shows_the_focus() -> None:
    nodes = {f"n{i}": Node(id=f"n{i}", label=f"Service number {i}") for i in range(2_000)}
    edges = {f"e{i}": Edge(id=f"e{i}", source=f"n{i}", target=f"n{i + 1}") for i in range(1_999)}
    text = outline(Diagram(nodes=nodes, edges=edges), focus=["n1500"])
    assert len(text) <= 24_000
    assert {"n1498", "n1499", "n1500", "n1501", "n1502"} <= set(parse_outline(text).nodes)
    hidden = re.search(r"… (\d+) more nodes: use find_nodes and describe_nodes$", text)
    assert hidden and int(hidden[1]) == 2_000 - len(parse_outline(text).nodes)
