"""The development sets are whole: enough cases, and every name in them means something."""

import pytest

from evals.cases import EditCase, asks, diagrams, documents, drawings, edits
from evals.facts import Fact
from evals.matching import Right

EDITS = edits()


def test_there_are_as_many_cases_as_were_asked_for() -> None:
    vague = [case.asks for case in asks()]
    assert len(diagrams()) >= 20
    assert len(EDITS) >= 60
    assert (vague.count(True), vague.count(False)) == (15, 15)
    assert len(documents()) >= 20
    assert len(drawings("all")) > len(drawings("development")) > 0


def test_no_case_is_there_twice() -> None:
    ids = [case.id for case in [*EDITS, *asks(), *documents()]]
    assert len(set(ids)) == len(ids)


def test_every_fifth_edit_is_held_out_and_the_parts_make_up_the_whole() -> None:
    held_out = edits("holdout")
    assert [EDITS.index(case) + 1 for case in held_out] == list(range(5, len(EDITS) + 1, 5))
    assert len(edits("development")) + len(held_out) == len(EDITS)


@pytest.mark.parametrize("case", EDITS, ids=lambda case: case.id)
def test_what_is_right_for_an_edit_can_be_done_on_its_diagram(case: EditCase) -> None:
    diagram = diagrams()[case.diagram]
    assert set(case.focus) <= set(diagram.nodes)
    assert bool(case.rights) != case.asks
    ends = {(edge.source, edge.target) for edge in diagram.edges.values()}
    for right in case.rights:
        known = {*diagram.nodes, *right.new}
        facts = (*right.required, *right.optional)
        assert [str(f) for f in facts if not set(f.subject) <= known or (f.group and f.group not in known)] == []
        assert [str(f) for f in facts if f.is_new_node and f.subject[0] in diagram.nodes] == []
        edges = [f for f in facts if len(f.subject) == 2]
        assert [str(f) for f in edges if (f.subject in ends) != (f.sign != "+")] == []
        assert lost_edges(right, ends) == set()


def lost_edges(right: Right, ends: set[tuple[str, str]]) -> set[tuple[str, ...]]:
    """The edges that go with a deleted node and are not said to go."""
    gone = {fact.subject[0] for fact in right.required if fact.sign == "-" and len(fact.subject) == 1}
    return {pair for pair in ends if gone & {*pair} and Fact("-", pair) not in right.required}


def test_the_sections_of_document_cases_are_those_of_a_document_or_new() -> None:
    for case in documents():
        nodes = {node.id for node in diagrams()[case.diagram].nodes.values()}
        named = {slug.removeprefix("component-") for slug in case.stale | case.written if slug.startswith("component-")}
        added = {op.node.id for op in case.ops if op.op == "add_node"}
        assert named <= nodes | added
        assert case.written.isdisjoint(case.by_person)


def test_a_line_of_another_form_is_refused() -> None:
    for line in ("+ x", "~ x", "* x", "- a -> ", "+ x [service] label=Y"):
        with pytest.raises(ValueError):
            Right.parse([line])
