"""A net change is right up to the ids and labels of what is new."""

from archwright.diagram.model import Diagram, Edge, Node
from evals.facts import Fact, facts
from evals.matching import Fit, Right, best_fit
from tests.builders import a_node, an_edge


def a_diagram(*elements: Node | Edge) -> Diagram:
    nodes = {e.id: e for e in elements if isinstance(e, Node)}
    return Diagram(nodes=nodes, edges={e.id: e for e in elements if isinstance(e, Edge)})


WEB, API, DB = a_node("web", type="web"), a_node("api", technology="Go"), a_node("db", type="database")
BEFORE = a_diagram(WEB, API, DB, an_edge("web", "api", label="calls"), an_edge("api", "db"))


def changed(*elements: Node | Edge) -> tuple[Fact, ...]:
    return facts(BEFORE, a_diagram(*elements))


def told(*found: Fact) -> list[str]:
    return [str(fact) for fact in found]


def test_a_diagram_that_did_not_change_has_no_facts() -> None:
    assert facts(BEFORE, BEFORE) == ()


def test_descriptions_and_places_are_no_facts() -> None:
    moved = API.model_copy(update={"description": "Serves.", "pinned": True})
    assert changed(WEB, moved, DB, *BEFORE.edges.values()) == ()


def test_what_an_edit_did_is_told_node_by_node_and_edge_by_edge() -> None:
    after = (API.model_copy(update={"technology": "Rust"}), DB, a_node("q", type="queue"), an_edge("api", "q"),
             an_edge("api", "db"))  # fmt: skip
    assert told(*changed(*after)) == [
        "~ api technology=Rust", "+ q [queue]", "- web", "- web -> api", "+ api -> q",
    ]  # fmt: skip


def test_an_edge_that_was_drawn_anew_the_same_way_is_no_fact_and_one_of_another_kind_is() -> None:
    again = an_edge("web", "api", id="other", label="calls")
    assert changed(WEB, API, DB, again, an_edge("api", "db")) == ()
    assert told(*changed(WEB, API, DB, again.model_copy(update={"kind": "async"}), an_edge("api", "db"))) == [
        "~ web -> api"
    ]


INSERTED = Right.parse(["+ lb [loadbalancer]", "- web -> api", "+ web -> lb", "+ lb -> api"])


def test_a_new_node_may_have_any_id() -> None:
    found = changed(WEB, API, DB, a_node("balancer-2", type="loadbalancer"), an_edge("web", "balancer-2"),
                    an_edge("balancer-2", "api"), an_edge("api", "db"))  # fmt: skip
    assert best_fit([INSERTED], found).is_right


def test_the_nearest_set_says_what_is_missing_and_what_is_too_much() -> None:
    found = changed(WEB, API, DB, a_node("lb", type="loadbalancer"), an_edge("web", "lb"), an_edge("lb", "db"),
                    an_edge("api", "db"))  # fmt: skip
    fit = best_fit([Right.parse(["- api", "- db"]), INSERTED], found)
    assert (told(*fit.missing), told(*fit.extra)) == (["+ lb -> api"], ["+ lb -> db"])


def test_two_new_nodes_of_one_type_are_told_apart_by_their_edges() -> None:
    right = Right.parse(["+ a [service]", "+ b [service]", "+ web -> a", "+ a -> b"])
    found = changed(*BEFORE.nodes.values(), *BEFORE.edges.values(), a_node("x"), a_node("y"), an_edge("y", "x"),
                    an_edge("web", "y"))  # fmt: skip
    assert best_fit([right], found).is_right


def test_one_node_cannot_stand_for_two_names() -> None:
    right = Right.parse(["+ a [service]", "+ b [service]"])
    found = changed(*BEFORE.nodes.values(), *BEFORE.edges.values(), a_node("x"))
    assert best_fit([right], found).distance == 1


def test_what_is_optional_may_be_there_and_need_not() -> None:
    right = Right.parse(["~ db technology=Apache Kafka", "? ~ db type"])
    kafka = DB.model_copy(update={"technology": "Kafka"})
    assert best_fit([right], changed(WEB, API, kafka, *BEFORE.edges.values())).is_right
    typed = kafka.model_copy(update={"type": "stream"})
    assert best_fit([right], changed(WEB, API, typed, *BEFORE.edges.values())).is_right


def test_a_technology_goes_by_any_of_its_names_and_another_does_not() -> None:
    right = Right.parse(["~ db technology=PostgreSQL"])
    for name, fits in (("Postgres", True), ("postgresql", True), ("MySQL", False)):
        other = DB.model_copy(update={"technology": name})
        assert best_fit([right], changed(WEB, API, other, *BEFORE.edges.values())).is_right == fits


def test_members_go_into_the_new_group_and_out_to_the_top() -> None:
    group, inside = a_node("g7", type="group"), API.model_copy(update={"parent": "g7"})
    after = a_diagram(WEB, inside, DB, group, *BEFORE.edges.values())
    assert best_fit([Right.parse(["+ g [group]", "~ api parent=g"])], facts(BEFORE, after)).is_right
    assert best_fit([Right.parse(["- g7", "~ api parent="])], facts(after, BEFORE)).is_right
    assert not best_fit([Right.parse(["- g7", "~ api parent=web"])], facts(after, BEFORE)).is_right


def test_without_any_right_set_every_change_is_too_much() -> None:
    (fact,) = changed(WEB, DB, API.model_copy(update={"label": "Hub"}), *BEFORE.edges.values())
    assert best_fit([], [fact]) == Fit(extra=(fact,))
