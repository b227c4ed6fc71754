"""Long requests: a plan first, its steps one by one, what failed once more, and at the end what came of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.model import Diagram
from archwright.model.offline import OfflineReply, reply
from archwright.model.offline.edits import clauses
from tests.model.offline.jobs import a_request, after, calls_of, effect, played, words_of
from tests.model.offline.scoring import drawn

SHOP = drawn(
    "web client, API gateway, order service, payment service, Orders DB in PostgreSQL, Redis cache, RabbitMQ queue, email worker"
)
EDITS = """Please do this:
1. Add a rate limiter in front of the API gateway
2. Add a search service
3. Connect the search service to an Elasticsearch index
4. Rename the email worker to Mailer
5. Add a read replica for the Orders DB
6. Add an audit service
7. Add an invoice service behind the API gateway
8. Add an invoice database for the invoice service
9. Replace RabbitMQ with Kafka
10. Add a CDN in front of the web client
11. Put the order service and the payment service in a VPC
12. Remove the Redis cache"""
NEW = (
    "Build a shop. Add a web client. Add an API gateway. Connect the web client to the API gateway. Add an order service "
    "in Go. Add a payment service. Add a PostgreSQL database for the order service. Add a Stripe integration to the payment "
    "service. Add a RabbitMQ queue. Connect the order service to the queue. Add an email worker. Connect the queue to the "
    "email worker. Add a Redis cache for the order service."
)


def steps_of(one: OfflineReply) -> list[dict[str, Any]]:
    ((name, given),) = calls_of(one)
    assert name == "write_plan"
    steps: list[dict[str, Any]] = given["steps"]
    return steps


def outcome(*failing: str) -> Any:
    def answer(name: str, given: dict[str, Any]) -> str:
        return "\n".join(
            f"{s['id']}: failed — There is no such node." if s["id"] in failing else f"{s['id']}: done — Did {s['id']}."
            for s in given["steps"]
        )

    return answer


def in_steps(text: str, diagram: Diagram) -> Diagram:
    """Carry a plan out step by step, each on what the ones before it left."""
    for step in steps_of(reply(a_request(text, diagram))):
        replies = played(a_request(text, diagram, plan="the whole plan", step=step["task"]))
        assert {name for one in replies for name, _ in calls_of(one)}.isdisjoint(
            {"ask_user", "write_plan", "note_assumption"}
        )
        diagram = effect(diagram, *replies)
    return diagram


def test_a_list_of_many_edits_becomes_a_plan_and_nothing_else() -> None:
    steps = steps_of(reply(a_request(EDITS, SHOP)))
    assert [(step["id"], step["task"], step["after"]) for step in steps] == [
        ("rate-limiter", "Add a rate limiter in front of the API gateway", []),
        ("search-service", "Add a search service\nConnect the search service to an Elasticsearch index", []),
        ("rename-the-email-worker", "Rename the email worker to Mailer", []),
        ("orders-db-read-replica", "Add a read replica for the Orders DB", []),
        ("audit-service", "Add an audit service", []),
        (
            "invoice-service",
            "Add an invoice service behind the API gateway\nAdd an invoice database for the invoice service",
            [],
        ),
        ("replace-rabbitmq-with-kafka", "Replace RabbitMQ with Kafka", []),
        ("cdn", "Add a CDN in front of the web client", []),
        ("vpc", "Put the order service and the payment service in a VPC", []),
        ("remove-the-redis-cache", "Remove the Redis cache", []),
    ]
    assert steps[5]["title"] == "Add an invoice service behind the API gateway and 1 more"


def test_a_step_waits_for_those_that_draw_what_it_speaks_of() -> None:
    steps = steps_of(reply(a_request(NEW)))
    assert {step["id"]: step["after"] for step in steps} == {
        "web-client": [],
        "payment-service": ["web-client"],
        "postgresql-database": ["web-client"],
        "stripe": ["payment-service"],
        "rabbitmq-queue": ["web-client"],
        "redis-cache": ["web-client"],
    }


def test_a_step_that_renames_or_removes_waits_for_those_that_use_the_old_name() -> None:
    more = [
        f"Add a {word} service"
        for word in ("tax", "fraud", "price", "audit", "search", "stock", "coupon", "review", "returns")
    ]
    text = ". ".join(
        [
            "Connect the payment service to the Redis cache",
            *more,
            "Rename the email worker to Mailer",
            "Remove the Redis cache",
        ]
    )
    steps = {step["task"]: step for step in steps_of(reply(a_request(text, SHOP)))}
    (first,) = (step["id"] for task, step in steps.items() if "Connect the payment" in task)
    (last,) = (step for task, step in steps.items() if "Remove the Redis cache" in task)
    assert first in last["after"]


def test_every_command_stands_in_one_step_in_its_order() -> None:
    for text, diagram in ((EDITS, SHOP), (NEW, Diagram())):
        steps = steps_of(reply(a_request(text, diagram)))
        assert 3 <= len(steps) <= 10
        assert [line for step in steps for line in step["task"].splitlines()] == clauses(text)[1:]
        assert all(len(step["title"]) <= 60 and set(step) == {"id", "title", "task", "after"} for step in steps)
        ids = [step["id"] for step in steps]
        assert len(set(ids)) == len(ids)
        assert all(set(step["after"]) <= set(ids[:at]) for at, step in enumerate(steps))


def test_many_commands_that_build_on_each_other_make_three_steps_at_least() -> None:
    chain = ". ".join(
        ["Add a billing service", *(f"Rename the billing service to Billing {n}" for n in "abcdefghijkl")]
    )
    assert len(steps_of(reply(a_request(chain, SHOP)))) >= 3


def test_in_steps_the_diagram_becomes_what_was_asked_for() -> None:
    diagram = in_steps(NEW, Diagram())
    assert {"web-client", "api-gateway", "order-service", "stripe", "email-worker", "redis-cache"} <= set(diagram.nodes)
    assert len(diagram.nodes) == 9
    edges = {(edge.source, edge.target) for edge in diagram.edges.values()}
    assert {
        ("web-client", "api-gateway"),
        ("order-service", "rabbitmq-queue"),
        ("rabbitmq-queue", "email-worker"),
    } <= edges
    edited = in_steps(EDITS, SHOP)
    assert "redis-cache" not in edited.nodes
    assert edited.nodes["email-worker"].label == "Mailer"
    assert edited.nodes["order-service"].parent == "vpc"


def test_the_last_words_say_what_came_of_each_step() -> None:
    replies = played(a_request(NEW), outcome())
    assert len(replies) == 2
    assert words_of(replies[1]) == (
        "6 of 6 steps were carried out.\n\n"
        "- Add a web client and 3 more: Did web-client.\n- Add a payment service: Did payment-service.\n"
        "- Add a PostgreSQL database for the order service: Did postgresql-database.\n"
        "- Add a Stripe integration to the payment service: Did stripe.\n- Add a RabbitMQ queue and 3 more: Did rabbitmq-queue.\n"
        "- Add a Redis cache for the order service: Did redis-cache."
    )


def test_what_failed_is_tried_once_more_and_not_a_third_time() -> None:
    first, second, last = played(a_request(NEW), outcome("payment-service", "stripe"))
    assert len(steps_of(first)) == 6
    assert [(step["id"], step["after"]) for step in steps_of(second)] == [
        ("payment-service", []), ("stripe", ["payment-service"]),
    ]  # fmt: skip
    assert "4 of 6 steps were carried out." in words_of(last)
    assert "Not done:\n- Add a payment service: There is no such node.\n- Add a Stripe" in words_of(last)


def test_what_succeeds_at_the_second_try_counts_as_done() -> None:
    body = a_request(NEW)
    first = reply(body)
    second_body = after(body, first, outcome("stripe"))
    last = reply(after(second_body, reply(second_body), outcome()))
    assert "6 of 6 steps were carried out." in words_of(last)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("Refused: not today.", "You refused the plan: not today. Nothing was done."),
        (
            "Refused: the person does not want this plan: too much at once. Do not carry it out in another way.",
            "You refused the plan: too much at once. Nothing was done.",
        ),
        (
            "Refused: the person does not want this plan. Do not carry it out in another way.",
            "You refused the plan. Nothing was done.",
        ),
    ],
)
@pytest.mark.parametrize("is_error", [False, True])
def test_a_plan_that_a_person_refused_is_left(result: str, said: str, is_error: bool) -> None:
    body = a_request(NEW)
    second = after(body, reply(body), lambda name, given: result)
    if is_error and "person" in result:
        second["messages"][-1]["content"][0]["is_error"] = True
    assert (calls_of(reply(second)), words_of(reply(second))) == ([], said)


def test_a_plan_that_the_tool_did_not_take_is_done_without_one() -> None:
    body = a_request(EDITS, SHOP)
    second = after(body, reply(body), lambda name, given: "write_plan: steps: not valid.")
    second["messages"][-1]["content"][0]["is_error"] = True
    assert {name for name, _ in calls_of(reply(second))} >= {"add_node", "delete_node", "update_node"}


@pytest.mark.parametrize(
    "text",
    [
        "Add a search service. Add a cache. Remove the queue.",
        "A platform with:\n" + "\n".join(f"- {w} service" for w in ("user", "order", "cart", "stock", "mail", "tax", "price", "log", "map", "pay", "bill")),
    ],
)  # fmt: skip
def test_few_commands_and_plain_descriptions_need_no_plan(text: str) -> None:
    for diagram in (Diagram(), SHOP):
        assert "write_plan" not in {name for name, _ in calls_of(reply(a_request(text, diagram)))}


def test_ten_items_that_are_commands_have_a_plan() -> None:
    text = "\n".join(
        f"- Add a {word} service"
        for word in ("user", "cart", "stock", "mail", "tax", "price", "log", "map", "bill", "fraud")
    )
    assert len(steps_of(reply(a_request(text, SHOP)))) == 10


def test_a_list_under_a_verb_is_as_many_commands() -> None:
    words = ("user", "cart", "stock", "mail", "tax", "price", "log", "map", "bill", "fraud", "audit", "coupon")
    text = "Add these services:\n" + "\n".join(f"- {word} service" for word in words)
    tasks = [line for step in steps_of(reply(a_request(text, SHOP))) for line in step["task"].splitlines()]
    assert tasks == [f"Add {word} service" for word in words]
    added = set(in_steps(text, SHOP).nodes) - set(SHOP.nodes)
    assert added == {f"{word}-service" for word in words}
    assert {name for name, _ in calls_of(reply(a_request(text)))} == {"add_node"}


def test_nothing_is_planned_where_the_tool_is_not_there() -> None:
    assert "write_plan" not in {name for name, _ in calls_of(reply(a_request(EDITS, SHOP, without=["write_plan"])))}


def test_a_step_never_plans_and_ends_with_one_sentence() -> None:
    replies = played(a_request(EDITS, SHOP, step=EDITS))
    assert {name for one in replies for name, _ in calls_of(one)}.isdisjoint(
        {"ask_user", "write_plan", "note_assumption"}
    )
    assert "\n" not in words_of(replies[-1])
    short = played(a_request(EDITS, SHOP, step="Rename the email worker to Mailer\nRemove the Redis cache"))
    assert words_of(short[-1]) == "Renamed Email worker to Mailer; removed Redis cache."


def test_a_step_on_an_empty_diagram_draws_what_it_names_and_no_more() -> None:
    replies = played(a_request("a bank", step="the payments part: a payment service, a ledger database and Stripe"))
    assert set(effect(Diagram(), *replies).nodes) == {"payment-service", "ledger-database", "stripe"}
    assert words_of(replies[-1]) == "Drew Payment service, Ledger database and Stripe."


_PHRASE = st.sampled_from(
    [
        "Add a search service", "Remove the Redis cache", "Rename it to X", "Connect the search service to Kafka", "Please:", "1.", "-",
        "Add two read replicas", "Put everything in a VPC", "Replace RabbitMQ with Kafka", "the order service uses S3", "Add monitoring", "Undo",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_PHRASE, min_size=8, max_size=24),
    st.sampled_from(["\n", ". ", "\n- ", "; ", ", then "]),
    st.sampled_from([SHOP, Diagram()]),
    st.lists(st.text(max_size=60), max_size=4),
)
def test_any_long_request_ends(phrases: list[str], between: str, diagram: Diagram, results: list[str]) -> None:
    answers = iter(results)
    played(a_request(between.join(phrases), diagram), lambda name, given: next(answers, "Done."))
