"""What an op does, and why one is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from archwright.diagram.apply import apply
from archwright.diagram.model import PLACE_MAX, Diagram, Node, Point, Section
from archwright.diagram.ops import op_input_adapter
from archwright.errors import LimitExceeded, OpRefused
from archwright.formats import markdown


def after(diagram: Diagram, *ops: dict[str, Any]) -> Diagram:
    return apply(diagram, [op_input_adapter.validate_python(op) for op in ops])


def add(node_id: str, **fields: Any) -> dict[str, Any]:
    return {"op": "add_node", "node": {"id": node_id, "label": node_id.title(), **fields}}


def tie(source: str, target: str, **fields: Any) -> dict[str, Any]:
    return {"op": "add_edge", "edge": {"source": source, "target": target, **fields}}


def reasons(diagram: Diagram, *ops: dict[str, Any]) -> list[dict[str, Any]]:
    with pytest.raises(OpRefused) as refusal:
        after(diagram, *ops)
    refused: list[dict[str, Any]] = refusal.value.extra["refused"]
    return refused


SHOP = after(
    Diagram(),
    add("vpc", type="group"),
    add("zone", type="group", parent="vpc"),
    add("orders", parent="zone"),
    add("db", type="database", parent="zone"),
    add("web", type="web"),
    tie("web", "orders", id="calls"),
    tie("orders", "db", id="reads"),
)


def test_a_node_without_an_id_is_called_after_its_label() -> None:
    label = "Order service (v2)"
    drawn = after(Diagram(), {"op": "add_node", "node": {"label": label}}, {"op": "add_node", "node": {"label": label}})
    assert list(drawn.nodes) == ["order-service-v2", "order-service-v2-2"]


def test_an_edge_without_an_id_is_called_after_its_ends() -> None:
    drawn = after(SHOP, tie("web", "db"), tie("web", "db"))
    assert list(drawn.edges) == ["calls", "reads", "web--db", "web--db-2"]


def test_a_node_that_a_person_placed_is_pinned_where_it_was_put() -> None:
    placed = after(Diagram(), add("a", position={"x": 5, "y": 7})).nodes["a"]
    assert placed == Node(id="a", label="A", position=Point(x=5, y=7), pinned=True)
    moved = after(Diagram(), add("a"), {"op": "update_node", "id": "a", "set": {"position": {"x": 1, "y": 2}}})
    assert moved.nodes["a"] == Node(id="a", label="A", position=Point(x=1, y=2), pinned=True)


def test_a_deleted_node_takes_its_edges_along() -> None:
    assert after(SHOP, {"op": "delete_node", "id": "orders"}).edges == {}


def test_a_deleted_group_hands_its_children_to_its_parent() -> None:
    left = after(SHOP, {"op": "delete_node", "id": "zone"})
    assert {n.id: n.parent for n in left.nodes.values()} == {"vpc": None, "orders": "vpc", "db": "vpc", "web": None}


def test_every_refused_op_is_reported_with_what_exists() -> None:
    assert reasons(
        SHOP,
        {"op": "update_node", "id": "order", "set": {"label": "X"}},
        tie("web", "nowhere"),
        add("web"),
        {"op": "delete_edge", "id": "call"},
        {"op": "delete_section", "slug": "risks"},
    ) == [
        {
            "index": 0,
            "op": "update_node",
            "reason": "There is no node 'order'; existing: orders, vpc, zone, db, web.",
        },
        {
            "index": 1,
            "op": "add_edge",
            "reason": "The edge's end 'nowhere' does not exist; existing: vpc, zone, orders, db, web.",
        },
        {"index": 2, "op": "add_node", "reason": "The id 'web' is taken by the node \"Web\"."},
        {"index": 3, "op": "delete_edge", "reason": "There is no edge 'call'; existing: calls, reads."},
        {"index": 4, "op": "delete_section", "reason": "There is no section 'risks'; none exist yet."},
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"parent": "zone"}, "The group 'zone' lies inside 'vpc': the parents would form a cycle."),
        ({"parent": "vpc"}, "The node 'vpc' cannot be its own parent."),
        ({"parent": "db"}, "The parent 'db' is no group; groups: existing: zone."),
        ({"type": "service"}, "The group 'vpc' has members; only a group can. Move them out first."),
    ],
)
def test_parents_form_a_forest_of_groups(fields: dict[str, Any], reason: str) -> None:
    assert reasons(SHOP, {"op": "update_node", "id": "vpc", "set": fields})[0]["reason"] == reason


def test_groups_nest_eight_deep_and_no_deeper() -> None:
    chain = [add(f"g{n}", type="group", **({"parent": f"g{n - 1}"} if n else {})) for n in range(8)]
    deep = after(Diagram(), *chain, add("leaf", parent="g7"))
    assert len(list(deep.ancestors("leaf"))) == 8
    assert reasons(deep, add("g8", type="group", parent="g7"))[0]["reason"] == "Groups nest at most 8 deep."
    tall = after(deep, add("top", type="group"))
    refused = reasons(tall, {"op": "update_node", "id": "g0", "set": {"parent": "top"}})
    assert refused[0]["reason"] == "Groups nest at most 8 deep."


def test_a_change_of_fifty_one_ops_is_over_the_limit() -> None:
    ops = [add(f"n{n}") for n in range(51)]
    assert len(after(Diagram(), *ops[:50]).nodes) == 50
    with pytest.raises(LimitExceeded, match="at most 50 ops; this one has 51"):
        after(Diagram(), *ops)


def test_a_session_holds_ten_thousand_elements_and_no_more() -> None:
    full = Diagram(nodes={f"n{n}": Node(id=f"n{n}", label="n") for n in range(10_000)})
    with pytest.raises(LimitExceeded, match="at most 10,000 elements"):
        after(full, add("one-more"))


def test_a_new_section_stands_last_and_a_rewritten_one_stays_where_it_was() -> None:
    ops = [{"op": "set_section", "slug": s, "title": s, "body": "text"} for s in ("a", "b", "c")]
    written = after(Diagram(), *ops, {"op": "set_section", "slug": "b", "title": "B", "body": "new"})
    assert [(s.slug, s.title, s.position) for s in written.sections.values()] == [
        ("a", "a", 0),
        ("b", "B", 1),
        ("c", "c", 2),
    ]


def write(slug: str, position: int | None = None) -> dict[str, Any]:
    return {
        "op": "set_section",
        "slug": slug,
        "title": slug.title(),
        **({} if position is None else {"position": position}),
    }


def order(diagram: Diagram) -> str:
    """The slugs as they are read, also in an export."""
    titles = [line[3:] for line in markdown.write(diagram).decode().splitlines() if line.startswith("## ")]
    slugs = [section.slug for section in diagram.document()]
    assert [title.casefold() for title in titles] == slugs
    return "".join(slugs)


def test_a_section_comes_where_its_position_says_before_what_stood_there() -> None:
    diagram = after(Diagram(), write("b", 0), write("c", 1), write("d", 5))
    assert order(diagram) == "bcd"
    assert order(after(diagram, write("z", 0))) == "zbcd"
    assert order(after(diagram, write("z", 1))) == "bzcd"
    assert order(after(diagram, write("z", 5))) == "bczd"
    assert order(after(diagram, write("a", 900))) == "bcda"
    assert order(after(diagram, write("a"))) == "bcda"
    assert order(after(diagram, write("z", 0), write("y", 0), write("x", 0))) == "xyzbcd"


def test_a_section_moves_to_its_new_position_and_without_one_stays() -> None:
    diagram = after(Diagram(), write("a", 0), write("b", 1), write("c", 2))
    assert order(after(diagram, write("c", 0))) == "cab"
    assert order(after(diagram, write("a", 2))) == "bac"
    assert order(after(diagram, write("a", 3))) == "bca"
    assert order(after(diagram, write("b"))) == "abc"


def test_only_the_sections_in_the_way_move_and_each_as_little_as_it_must() -> None:
    diagram = after(Diagram(), write("a", 0), write("b", 1), write("d", 7))
    placed = after(diagram, write("z", 0))
    assert {slug: section.position for slug, section in placed.sections.items()} == {"z": 0, "a": 1, "b": 2, "d": 7}


def test_sections_that_an_older_version_left_at_one_place_keep_their_order() -> None:
    tied = {slug: Section(slug=slug, title=slug.title(), position=0) for slug in ("c", "a", "b")}
    assert order(after(Diagram(sections=tied), write("z", 0))) == "zabc"
    assert order(after(Diagram(sections=tied), write("c", 0))) == "cab"


def test_a_section_with_no_room_behind_its_place_is_refused() -> None:
    full = after(Diagram(), write("a", PLACE_MAX))
    assert "no room" in reasons(full, write("b", PLACE_MAX))[0]["reason"]
    for position in (-1, PLACE_MAX + 1):
        with pytest.raises(ValidationError):
            op_input_adapter.validate_python(write("a", position))
