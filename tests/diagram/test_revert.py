"""A revert takes back one's own and leaves another's work alone."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archwright.diagram.change import Skip
from archwright.diagram.core import diff
from archwright.diagram.model import Diagram
from archwright.diagram.ops import OpInput
from archwright.diagram.revert import revert

from .strategies import apply_what_holds, diagrams, op_inputs
from .test_apply import SHOP, add, after, tie
from .test_core import is_valid


def update(node_id: str, **fields: Any) -> dict[str, Any]:
    return {"op": "update_node", "id": node_id, "set": fields}


def delete(node_id: str) -> dict[str, Any]:
    return {"op": "delete_node", "id": node_id}


@given(diagrams, diagrams)
def test_a_revert_right_after_a_change_leads_back_to_the_state_before(a: Diagram, b: Diagram) -> None:
    outcome = revert(b, diff(a, b))
    assert outcome.diagram == a
    assert outcome.skipped == ()


@given(diagrams, st.lists(op_inputs, max_size=10), st.lists(op_inputs, max_size=10))
def test_a_revert_after_others_changed_things_leaves_a_valid_diagram(
    start: Diagram, ours: list[OpInput], theirs: list[OpInput]
) -> None:
    written = apply_what_holds(start, ours)
    now = apply_what_holds(written, theirs)
    assert is_valid(revert(now, diff(start, written)).diagram)


def test_a_property_goes_back_only_while_its_value_is_still_what_was_written() -> None:
    ours = after(SHOP, update("orders", label="Ordering", technology="Go"))
    now = after(ours, update("orders", label="Order desk"))
    outcome = revert(now, diff(SHOP, ours))
    assert outcome.diagram.nodes["orders"] == after(SHOP, update("orders", label="Order desk")).nodes["orders"]
    assert outcome.skipped == (Skip(id="orders", property="label", reason="changed since"),)


def test_an_added_node_stays_when_somebody_has_connected_it() -> None:
    ours = after(SHOP, add("cache"))
    now = after(ours, tie("orders", "cache", id="uses"))
    outcome = revert(now, diff(SHOP, ours))
    assert outcome.diagram == now
    assert outcome.skipped == (Skip(id="cache", reason="the edge 'uses' was attached since"),)


def test_an_added_node_goes_with_the_edges_of_the_same_change_though_it_was_dragged() -> None:
    ours = after(SHOP, add("cache"), tie("orders", "cache"))
    now = after(ours, update("cache", position={"x": 900, "y": 40}))
    assert revert(now, diff(SHOP, ours)).diagram == SHOP


def test_a_deleted_group_comes_back_with_its_members_and_edges() -> None:
    now = after(SHOP, delete("zone"), delete("orders"))
    assert revert(now, diff(SHOP, now)).diagram == SHOP


def test_a_deleted_node_comes_back_at_the_top_when_its_group_is_gone() -> None:
    ours = after(SHOP, delete("db"))
    now = after(ours, delete("zone"))
    outcome = revert(now, diff(SHOP, ours))
    assert outcome.diagram.nodes["db"].parent is None
    assert [(skip.id, skip.property) for skip in outcome.skipped] == [("db", "parent")]


def test_an_edge_does_not_come_back_without_its_end() -> None:
    ours = after(SHOP, {"op": "delete_edge", "id": "reads"})
    outcome = revert(after(ours, delete("db")), diff(SHOP, ours))
    assert "reads" not in outcome.diagram.edges
    assert outcome.skipped == (Skip(id="reads", reason="its end 'db' is gone"),)


def test_a_property_that_was_written_twice_goes_back_to_what_it_was_at_first() -> None:
    once = after(SHOP, update("db", technology="MySQL"))
    twice = after(once, update("db", technology="PostgreSQL"))
    assert revert(twice, (*diff(SHOP, once), *diff(once, twice))).diagram == SHOP


def test_a_section_keeps_what_a_person_wrote_into_it() -> None:
    section = {"op": "set_section", "slug": "risks", "title": "Risks", "body": "none"}
    start = after(SHOP, section)
    ours = after(start, {**section, "title": "Failure modes", "body": "many"})
    now = after(ours, {**section, "title": "Failure modes", "body": "three"})
    outcome = revert(now, diff(start, ours))
    assert (outcome.diagram.sections["risks"].title, outcome.diagram.sections["risks"].body) == ("Risks", "three")
    assert outcome.skipped == (Skip(id="risks", property="body", reason="changed since"),)
