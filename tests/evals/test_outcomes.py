"""What a verdict says of what came of a case."""

from dataclasses import replace

from archwright.diagram.layout import arrange
from archwright.diagram.model import Diagram, Point
from evals.cases import AskCase, DocumentCase, EditCase
from evals.matching import Right
from evals.outcomes import Call, Outcome, displaced, judge_ask, judge_document, judge_edit
from evals.turns import first_turn
from tests.builders import a_node, an_edge

BEFORE = arrange(
    Diagram(
        nodes={n.id: n for n in (a_node("web", type="web"), a_node("api"), a_node("db", type="database"))},
        edges={e.id: e for e in (an_edge("web", "api", label="calls"), an_edge("api", "db", label="reads"))},
    )
)
CACHE = {"id": "c", "type": "cache", "label": "Cache", "technology": "Redis", "description": "", "parent": ""}
CASE = EditCase("case", "d", "Add a cache", (), (Right.parse(["+ x [cache]", "+ api -> x"]),), False, False)
RIGHT_CALLS = [("add_node", CACHE), ("add_edge", {"source": "api", "target": "c", "label": "caches", "kind": "data"})]


def test_the_right_calls_are_right_and_move_nobody() -> None:
    verdict = judge_edit(CASE, first_turn(BEFORE, RIGHT_CALLS, cost_usd=0.5, wall_s=2.0))
    assert (verdict.right, verdict.why, verdict.moved) == (True, (), ())
    assert (verdict.calls, verdict.refused, verdict.edits, verdict.fitting) == (2, 0, 2, 2)
    assert (verdict.cost_usd, verdict.wall_s, verdict.share) == (0.5, 2.0, 1.0)


def test_a_call_too_many_is_named_and_is_no_part_of_what_is_right() -> None:
    calls = [*RIGHT_CALLS, ("update_node", {"id": "web", "label": "Shop"}), ("check_diagram", {})]
    verdict = judge_edit(CASE, first_turn(BEFORE, calls))
    assert verdict.why == ("not asked for: ~ web label=Shop",)
    assert (verdict.calls, verdict.edits, verdict.fitting) == (4, 3, 2)


def test_a_refused_call_counts_against_the_calls_and_not_against_the_result() -> None:
    verdict = judge_edit(CASE, first_turn(BEFORE, [("delete_node", {"id": "ghost"}), *RIGHT_CALLS]))
    assert (verdict.right, verdict.calls, verdict.refused, verdict.edits, verdict.fitting) == (True, 3, 1, 3, 2)


def test_a_call_that_changes_nothing_fits_nothing() -> None:
    verdict = judge_edit(CASE, first_turn(BEFORE, [("update_node", {"id": "api", "label": "Api"}), *RIGHT_CALLS]))
    assert (verdict.right, verdict.edits, verdict.fitting) == (True, 3, 2)


def test_asking_where_it_is_clear_is_wrong() -> None:
    verdict = judge_edit(CASE, first_turn(BEFORE, [("ask_user", {"question": "Which?", "options": []})]))
    assert verdict.why == ("asked: Which?", "missing: + x [cache]", "missing: + api -> x")


def test_where_it_must_ask_it_must_change_nothing() -> None:
    unclear = replace(CASE, rights=(), asks=True)
    asking = ("ask_user", {"question": "Which?", "options": []})
    assert judge_edit(unclear, first_turn(BEFORE, [asking])).right
    assert judge_edit(unclear, first_turn(BEFORE, [])).why == ("did not ask",)
    assert judge_edit(unclear, first_turn(BEFORE, [asking, RIGHT_CALLS[0]])).why == ("not asked for: + c [cache]",)


def test_turns_beyond_the_fewest_are_wasted() -> None:
    done = replace(first_turn(BEFORE, RIGHT_CALLS), ended="succeeded")
    assert [judge_edit(CASE, replace(done, turns=turns)).wasted for turns in (1, 2, 5)] == [0, 0, 3]


def test_a_job_that_failed_is_wrong_whatever_it_drew() -> None:
    failed = replace(first_turn(BEFORE, RIGHT_CALLS), ended="incomplete", error="It stopped.")
    assert judge_edit(CASE, failed).why == ("incomplete: It stopped.",)


def test_a_node_that_stands_elsewhere_untouched_is_told_with_how_far() -> None:
    pushed = BEFORE.nodes["db"]
    there = pushed.model_copy(update={"position": Point(x=pushed.position.x + 3, y=pushed.position.y + 4)})
    assert displaced(BEFORE, BEFORE.with_node(there)) == {"db": 5.0}
    renamed = there.model_copy(update={"label": "Database"})
    assert displaced(BEFORE, BEFORE.with_node(renamed)) == {}


def test_a_vague_description_must_be_asked_about_and_a_specific_one_must_not() -> None:
    asked, drawn = Outcome(Diagram(), Diagram(), asked="What for?"), Outcome(Diagram(), BEFORE)
    found = [judge_ask(AskCase("a", "An app", wish), outcome).right
             for wish in (True, False) for outcome in (asked, drawn)]  # fmt: skip
    assert found == [True, False, False, True]


DOCUMENT = DocumentCase(
    "doc", "d", (), (), frozenset({"summary", "security"}), "stale", "", frozenset({"summary"}), Right(())
)


def written(*slugs: str) -> Outcome:
    calls = tuple(Call("update_document_section", slug=slug) for slug in slugs)
    return Outcome(BEFORE, BEFORE, calls, stale=DOCUMENT.stale, turns=2)


def test_exactly_the_sections_that_should_be_are_written() -> None:
    assert judge_document(DOCUMENT, written("summary")).right
    assert judge_document(DOCUMENT, written()).why == ("not written: summary",)
    assert judge_document(DOCUMENT, written("summary", "goals")).why == ("written, but should not be: goals",)


def test_exactly_the_sections_that_should_be_are_stale() -> None:
    fresh = replace(written("summary"), stale=frozenset({"summary", "goals"}))
    assert judge_document(DOCUMENT, fresh).why == ("not stale: security", "stale, but should not be: goals")


def test_the_diagram_stays_as_it_is_while_the_document_is_written() -> None:
    other = replace(written("summary"), after=BEFORE.replace(nodes={**BEFORE.nodes, "x": a_node("x")}))
    assert judge_document(DOCUMENT, other).why == ("not asked for: + x [service]",)
