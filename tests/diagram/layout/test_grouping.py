"""A group that is drawn around what is there leaves everybody else in place."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.layout import arrange, check, settle
from archwright.diagram.model import Diagram, Node, Point
from tests.diagram.layout.strategies import diagrams
from tests.formats import samples


def grouped(diagram: Diagram, members: list[str]) -> Diagram:
    """The diagram with a new group around these nodes, which lie at the top level."""
    nodes = {"new-group": Node(id="new-group", type="group", label="New group"), **diagram.nodes}
    for member in members:
        nodes[member] = nodes[member].model_copy(update={"parent": "new-group"})
    return diagram.replace(nodes=nodes)


@settings(max_examples=80, deadline=None)
@given(diagrams(), st.data())
def test_grouping_any_nodes_moves_no_other_and_covers_nothing(diagram: Diagram, data: st.DataObject) -> None:
    before = arrange(diagram)
    free = [node.id for node in before.children(None)]
    members = data.draw(st.lists(st.sampled_from(free), min_size=1, unique=True)) if free else []
    if not members:
        return
    after = settle(before, grouped(before, members))
    inside = {"new-group", *(n.id for n in after.nodes.values() if "new-group" in _around(after, n.id))}
    assert {i: n.position for i, n in after.nodes.items() if i not in inside} == {
        i: n.position for i, n in before.nodes.items() if i not in inside
    }
    assert check(after) == ()


def _around(diagram: Diagram, node_id: str) -> set[str]:
    return {group.id for group in diagram.ancestors(node_id)}


def test_members_between_which_nobody_stands_stay_where_they_are() -> None:
    before = arrange(samples.shop())
    (member,) = [n.id for n in before.children(None)][:1]
    after = settle(before, grouped(before, [member]))
    assert after.nodes[member].position == before.nodes[member].position


def test_what_a_person_placed_stays_and_what_the_group_covers_gives_way() -> None:
    left, middle, right = (Node(id=i, label=i, pinned=i != "b") for i in "abc")
    row = {n.id: n for n in (left, middle, right)}
    before = settle(Diagram(), Diagram(nodes=row))
    spread = {i: n.model_copy(update={"position": n.position.model_copy(update={"x": 300.0 * k, "y": 0.0})})
              for k, (i, n) in enumerate(before.nodes.items())}  # fmt: skip
    before = before.replace(nodes=spread)
    after = settle(before, grouped(before, ["a", "c"]))
    assert [after.nodes[i].position for i in "ac"] == [before.nodes[i].position for i in "ac"]
    assert check(after) == ()


def test_what_a_person_placed_gives_way_to_no_group() -> None:
    places = {"a": (0.0, 0.0), "b": (400.0, 0.0), "c": (0.0, 250.0), "d": (400.0, 250.0)}
    nodes = {i: Node(id=i, label=i, pinned=True, position=Point(x=x, y=y)) for i, (x, y) in places.items()}
    before = settle(Diagram(), Diagram(nodes=nodes))
    after = settle(before, grouped(before, ["a", "d"]))
    assert [after.nodes[i] for i in "bc"] == [before.nodes[i] for i in "bc"]
    assert check(after) == ()
    apart = [(n.position.x - m.position.x, n.position.y - m.position.y)
             for m, n in ((d.nodes["a"], d.nodes["d"]) for d in (before, after))]  # fmt: skip
    assert apart[0] == apart[1]
