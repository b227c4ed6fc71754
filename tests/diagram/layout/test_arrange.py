import time

import pytest
from bench.samples import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.layout import arrange, check
from archwright.diagram.layout.boxes import Box, box_of
from archwright.diagram.layout.ways import crosses
from archwright.diagram.model import Diagram, Edge, Node
from tests.diagram.layout.strategies import diagrams, shuffled
from tests.formats import samples

BOUNDED = settings(max_examples=60, deadline=None)


@BOUNDED
@given(diagrams(), st.sampled_from(["LR", "TB"]))
def test_nothing_overlaps_members_lie_inside_and_labels_fit(diagram, direction):
    assert check(arrange(diagram, direction)) == ()


@BOUNDED
@given(diagrams(), st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_the_same_elements_in_another_order_are_arranged_the_same(diagram, numbers):
    laid, other = arrange(diagram), arrange(shuffled(diagram, numbers))
    assert dict(other.nodes) == dict(laid.nodes)
    assert dict(other.edges) == dict(laid.edges)


@BOUNDED
@given(diagrams())
def test_arranging_changes_nothing_but_geometry_and_is_repeatable(diagram):
    laid = arrange(diagram)
    assert list(laid.nodes) == list(diagram.nodes)
    assert list(laid.edges) == list(diagram.edges)
    for node in laid.nodes.values():
        kept = {"position": diagram.nodes[node.id].position, "size": diagram.nodes[node.id].size}
        assert node.model_copy(update=kept) == diagram.nodes[node.id]
    assert arrange(laid) == laid


@pytest.mark.parametrize("draw", [samples.url_shortener, samples.chat, samples.shop])
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_edges_of_a_real_diagram_go_around_boxes_and_run_straight_or_upright(draw, direction):
    laid = arrange(draw(), direction)
    leaves = {node.id: box_of(node) for node in laid.nodes.values() if node.type != "group"}
    assert check(laid) == ()
    for edge in laid.edges.values():
        through = [i for i, box in leaves.items() if i not in (edge.source, edge.target) and crosses(edge.route, box)]
        assert (edge.id, through) == (edge.id, [])
        assert all(a.x == b.x or a.y == b.y for a, b in zip(edge.route, edge.route[1:], strict=False))


@pytest.mark.parametrize("draw", [samples.url_shortener, samples.chat, samples.shop])
def test_no_two_edges_of_a_real_diagram_lie_on_one_another(draw):
    laid = arrange(draw())
    stretches = [
        (edge.id, Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x), abs(a.y - b.y)).grown(1))
        for edge in laid.edges.values()
        for a, b in zip(edge.route, edge.route[1:], strict=False)
    ]
    laid_over = [
        (name, other, box)
        for i, (name, box) in enumerate(stretches)
        for other, theirs in stretches[:i]
        if name != other and box.meets(theirs) and (box.width > 2) == (theirs.width > 2)
    ]
    assert laid_over == []


def test_a_request_runs_from_left_to_right_and_from_top_to_bottom_when_asked():
    across, down = arrange(samples.url_shortener()), arrange(samples.url_shortener(), "TB")
    for edge in across.edges.values():
        assert box_of(across.nodes[edge.source]).right < across.nodes[edge.target].position.x
        assert box_of(down.nodes[edge.source]).bottom < down.nodes[edge.target].position.y


def test_in_a_circle_what_the_clients_reach_first_stands_first():
    nodes = {
        i: Node(id=i, type=t, label=i) for i, t in [("z", "web"), ("y", "gateway"), ("b", "service"), ("a", "queue")]
    }
    ends = [("z", "y"), ("y", "b"), ("b", "a"), ("a", "y")]
    laid = arrange(Diagram("", nodes, {f"{s}{t}": Edge(id=f"{s}{t}", source=s, target=t) for s, t in ends}))
    assert sorted(nodes, key=lambda i: laid.nodes[i].position.x) == ["z", "y", "b", "a"]


def test_a_diagram_of_nothing_and_of_one_node_is_arranged():
    assert arrange(Diagram()) == Diagram()
    laid = arrange(Diagram("", {"a": Node(id="a", label="A")}, {"a": Edge(id="a", source="a", target="a")}))
    assert check(laid) == ()


def test_a_thousand_nodes_and_ten_thousand_are_arranged_without_overlap():
    for size in (1_000, 6_000):
        began = time.perf_counter()
        laid = arrange(sample(size))
        assert not [wrong for wrong in check_boxes(laid) if wrong]
        assert time.perf_counter() - began < 60, "an arrangement that takes minutes is a hang"


def check_boxes(diagram: Diagram) -> list[tuple[str, str]]:
    """Siblings that overlap, found without comparing all pairs."""
    wrong = []
    by_parent: dict[str | None, list[Node]] = {}
    for node in diagram.nodes.values():
        by_parent.setdefault(node.parent, []).append(node)
    for siblings in by_parent.values():
        siblings.sort(key=lambda n: n.position.x)
        for i, node in enumerate(siblings):
            for other in siblings[i + 1 :]:
                if other.position.x >= box_of(node).right:
                    break
                if box_of(node).meets(box_of(other)):
                    wrong.append((node.id, other.id))
    return wrong
