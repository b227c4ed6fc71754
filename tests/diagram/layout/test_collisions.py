"""No line runs through a box or a foreign group, and no label lies on what it could keep off, whatever was edited."""

import random

import pytest
from bench.samples import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.layout import arrange, check, settle
from archwright.diagram.layout.boxes import box_of
from archwright.diagram.layout.collisions import Collision, collisions, lines_through
from archwright.diagram.model import Diagram, Edge, Node, Point, Size
from tests.diagram.layout.strategies import diagrams
from tests.diagram.layout.walks import Walk
from tests.formats import samples

PICTURES = [samples.url_shortener, samples.chat, samples.shop, lambda: sample(60)]


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("seed", range(3))
def test_after_every_edit_undo_and_redo_no_line_runs_through_a_box_or_a_foreign_group(picture, seed):
    walk = Walk(arrange(picture()), random.Random(seed))
    for name, before, after in walk.steps(25):
        assert (name, lines_through(after), check(after)) == (name, (), ())
        apart = [c for c in collisions(after) if c.kind == "label on box" and c not in collisions(before)]
        assert (name, apart) == (name, [])


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("picture", PICTURES)
def test_a_tidied_picture_has_no_collision_at_all(picture, direction):
    assert collisions(arrange(picture(), direction)) == ()


@settings(max_examples=60, deadline=None)
@given(diagrams(), st.sampled_from(["LR", "TB"]))
def test_no_line_of_any_tidied_diagram_runs_through_a_box_or_a_foreign_group(diagram, direction):
    assert lines_through(arrange(diagram, direction)) == ()


def test_a_large_diagram_has_no_line_through_a_box_either():
    assert lines_through(arrange(sample(600))) == ()


def row(**places: tuple[float, float]) -> Diagram:
    """Boxes of one size at these places, settled."""
    nodes = {i: Node(id=i, label=i, position=Point(x=x, y=y), pinned=True) for i, (x, y) in places.items()}
    return settle(Diagram(), Diagram(nodes=nodes))


def tied(diagram: Diagram, source: str, target: str, **fields: object) -> Diagram:
    edge = Edge(id=f"{source}-{target}", source=source, target=target, **fields)
    return settle(diagram, diagram.with_edge(edge))


def moved(diagram: Diagram, node_id: str, x: float, y: float) -> Diagram:
    place = {"position": Point(x=x, y=y), "pinned": True}
    return settle(diagram, diagram.with_node(diagram.nodes[node_id].model_copy(update=place)))


def test_the_measure_names_what_a_line_runs_through_and_what_a_label_lies_on():
    diagram = row(a=(0, 0), b=(300, 0), c=(600, 0))
    straight = (Point(x=156, y=31), Point(x=600, y=31))
    edge = Edge(id="e", source="a", target="c", label="calls", route=straight, label_at=Point(x=380, y=31))
    assert collisions(diagram.with_edge(edge)) == (
        Collision("line through box", "e", "b"),
        Collision("label on box", "e", "b"),
    )


def test_a_box_dragged_onto_a_line_is_gone_around_and_nothing_else_changes():
    before = tied(row(a=(0, 0), b=(300, 300), c=(600, 0)), "a", "c")
    after = moved(before, "b", 300, 0)
    assert {i: n.position for i, n in after.nodes.items()} == {
        "a": Point(x=0, y=0), "b": Point(x=300, y=0), "c": Point(x=600, y=0)
    }  # fmt: skip
    assert after.edges["a-c"].route != before.edges["a-c"].route
    assert collisions(after) == ()


def test_a_box_dropped_on_another_gives_way_to_the_nearest_free_place_and_the_other_stays():
    before = row(a=(0, 0), b=(300, 300))
    after = moved(before, "b", 120, 20)
    assert after.nodes["a"] == before.nodes["a"]
    assert after.nodes["b"].position == Point(x=180, y=20)


def test_a_group_that_comes_to_stand_around_a_line_of_others_is_gone_around():
    before = tied(row(a=(0, 0), b=(300, 200), c=(600, 0), d=(300, -200)), "a", "c")
    nodes = {i: n.model_copy(update={"parent": "g"}) if i in "bd" else n for i, n in before.nodes.items()}
    group = Node(id="g", type="group", label="Group")
    after = settle(before, before.replace(nodes={"g": group, **nodes}))
    assert box_of(after.nodes["g"]).holds(box_of(after.nodes["b"]))
    assert collisions(after) == ()


def test_a_route_that_comes_back_with_an_undo_is_kept_where_it_holds_and_made_anew_where_it_does_not():
    first = tied(row(a=(0, 0), b=(300, 300), c=(600, 0)), "a", "c", label="calls")
    gone = settle(first, first.replace(edges={}))
    assert settle(gone, gone.replace(edges=first.edges)).edges == first.edges
    blocked = moved(gone, "b", 300, 0)
    assert collisions(settle(blocked, blocked.replace(edges=first.edges))) == ()


def test_the_label_of_a_line_between_a_group_and_its_own_child_lies_on_no_box():
    nodes = {
        "g": Node(id="g", type="group", label="Group"),
        "a": Node(id="a", label="A component", parent="g"),
        "b": Node(id="b", label="Another one", parent="g"),
    }
    edges = {i: Edge(id=i, source="g", target=i, label="starts and watches") for i in "ab"}
    assert collisions(arrange(Diagram("Own child", nodes, edges))) == ()
    assert collisions(settle(Diagram(), Diagram("Own child", nodes, edges))) == ()


def test_a_loop_keeps_off_the_neighbours():
    diagram = tied(row(a=(0, 0), b=(170, 0), c=(0, -76)), "a", "a", label="retries")
    assert collisions(diagram) == ()


def test_a_line_finds_the_way_out_of_a_ring_of_boxes_that_stand_close():
    ring = {f"r{k}": (160.0 * (k % 3) - 160, 66.0 * (k // 3) - 66) for k in range(9) if k != 4}
    diagram = tied(row(a=(0, 0), far=(900, 400), **ring), "a", "far", label="calls")
    assert lines_through(diagram) == ()


def test_far_away_places_cost_nothing():
    nodes = {f"n{i}": Node(id=f"n{i}", label="n", size=Size(width=156, height=62), pinned=True,
                           position=Point(x=(-1) ** i * 90_000.0 * i, y=70_000.0 * i)) for i in range(10)}  # fmt: skip
    edges = {f"e{i}": Edge(id=f"e{i}", source="n0", target=f"n{i}", label="far") for i in range(1, 10)}
    assert collisions(settle(Diagram(), Diagram("Far", nodes, edges))) == ()
