"""The planner on diagrams that exist: the smallest set of calls that does what was asked."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.agent.tools import READS, ops_of
from archwright.diagram.apply import apply_op
from archwright.diagram.model import Diagram
from archwright.diagram.outline import outline
from archwright.model.offline import reply
from tests.model.offline.scoring import drawn

SHOP = drawn(
    "web client, API gateway, order service, payment service, Orders DB in PostgreSQL, Redis cache, RabbitMQ queue, email worker"
)


def asked(text: str, focus: str = "", diagram: Diagram = SHOP) -> dict[str, Any]:
    content = [{"type": "text", "text": f"<diagram>\n{outline(diagram)}\n</diagram>"}]
    content += [{"type": "text", "text": f"<focus>{focus}</focus>"}] if focus else []
    content.append({"type": "text", "text": f"<request>\n{text}\n</request>"})
    return {"model": "m", "tools": [{"name": "ask_user"}], "messages": [{"role": "user", "content": content}]}


def calls(text: str, focus: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(b["name"], b["input"]) for b in reply(asked(text, focus)).content if b["type"] == "tool_use"]


def after(text: str, focus: str = "", diagram: Diagram = SHOP) -> Diagram:
    """The diagram once every call of the first turn took effect; a refused call fails the test."""
    for block in reply(asked(text, focus, diagram)).content:
        if block["type"] == "tool_use" and block["name"] not in READS | {"ask_user"}:
            for op in ops_of(block["name"], block["input"], diagram):
                diagram = apply_op(diagram, op)
    return diagram


def ends(diagram: Diagram) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in diagram.edges.values()}


def test_renaming_changes_the_label_alone() -> None:
    assert calls("Rename the order service to Checkout service") == [
        ("update_node", {"id": "order-service", "label": "Checkout service"})
    ]


def test_removing_names_the_node_alone() -> None:
    assert calls("Remove the email worker") == [("delete_node", {"id": "email-worker"})]


def test_replacing_a_technology_keeps_the_node() -> None:
    changed = after("Replace RabbitMQ with Kafka")
    assert set(changed.nodes) == set(SHOP.nodes)
    assert [n.technology for n in changed.nodes.values() if n != SHOP.nodes[n.id]] == ["Apache Kafka"]


def test_this_means_the_node_in_focus() -> None:
    (call,) = calls("make this a managed service", focus="redis-cache")
    assert call[0] == "update_node"
    assert call[1]["id"] == "redis-cache"


def test_a_cache_in_front_of_a_database_is_connected() -> None:
    changed = after("Add a Memcached cache in front of the Orders DB")
    (new,) = set(changed.nodes) - set(SHOP.nodes)
    assert changed.nodes[new].type == "cache"
    assert any(new in pair for pair in ends(changed))


def test_connecting_adds_one_labelled_edge() -> None:
    changed = after("Connect the payment service to the Redis cache")
    assert ends(changed) - ends(SHOP) == {("payment-service", "redis-cache")}
    assert all(edge.label for edge in changed.edges.values())


def test_disconnecting_removes_the_edges_between_the_two() -> None:
    source, target = next(iter(ends(SHOP)))
    changed = after(f"Disconnect {SHOP.nodes[source].label} from {SHOP.nodes[target].label}")
    assert ends(SHOP) - ends(changed) == {(source, target)}


def test_grouping_moves_the_members_into_a_new_group() -> None:
    changed = after("Put the order service and the payment service in a VPC")
    (group,) = [n for n in changed.nodes.values() if n.type == "group"]
    assert {n.id for n in changed.children(group.id)} == {"order-service", "payment-service"}


def test_several_edits_in_one_sentence_are_all_done() -> None:
    changed = after("Rename the email worker to Mailer and remove the Redis cache")
    assert "redis-cache" not in changed.nodes
    assert changed.nodes["email-worker"].label == "Mailer"


def test_inserting_between_leads_the_way_through_the_new_node() -> None:
    changed = after("Insert a load balancer between the web client and the API gateway")
    (new,) = set(changed.nodes) - set(SHOP.nodes)
    assert {("web-client", new), (new, "api-gateway")} <= ends(changed)


def test_a_question_is_answered_without_calls() -> None:
    answer = reply(asked("What does the order service do?"))
    assert answer.stop_reason == "end_turn"
    assert "Order service" in answer.content[0]["text"]


def test_a_name_that_nothing_has_changes_nothing_and_says_what_exists() -> None:
    answer = reply(asked("Remove the flux capacitor"))
    assert [b["type"] for b in answer.content] == ["text"]
    assert "Order service" in answer.content[0]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "add monitoring",
        "add two read replicas for the Orders DB",
        "add an auth service",
        "scale the order service to three instances behind a load balancer",
        "make the Orders DB highly available",
    ],
)
def test_what_is_added_hangs_together(text: str) -> None:
    changed = after(text)
    new = set(changed.nodes) - set(SHOP.nodes)
    assert new
    assert all(any(n in pair for pair in ends(changed)) for n in new if changed.nodes[n].type != "group")


_WORDS = st.sampled_from(
    [
        "add",
        "remove",
        "rename",
        "replace",
        "connect",
        "disconnect",
        "group",
        "move",
        "split",
        "merge",
        "scale",
        "the",
        "a",
        "this",
        "it",
        "with",
        "to",
        "into",
        "and",
        "from",
        "between",
        "in",
        "front",
        "of",
        "order",
        "service",
        "payment",
        "database",
        "Redis",
        "cache",
        "queue",
        "Kafka",
        "web",
        "client",
        "worker",
        "monitoring",
        "VPC",
        "everything",
        "all",
        "managed",
        "highly",
        "available",
        "replicas",
        "two",
        "called",
        ",",
        ".",
        "?",
        "then",
        "not",
        "for",
        "by",
        "domain",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(_WORDS, min_size=1, max_size=14).map(" ".join),
    st.sampled_from(["", "orders-db", "order-service, redis-cache"]),
)
def test_any_request_yields_calls_that_are_accepted(text: str, focus: str) -> None:
    after(text, focus)
