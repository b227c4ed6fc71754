"""An assumption that a person changed: what rests on it follows, and nothing else is touched."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.model import Diagram
from archwright.model.offline import reply
from tests.model.offline.jobs import Call, a_request, calls_of, effect, played, words_of
from tests.model.offline.scoring import drawn

SHOP = drawn(
    "web client, API gateway, order service, payment service, Orders DB in PostgreSQL, Redis cache, RabbitMQ queue, "
    "email worker, Keycloak auth service"
)
FITS = "I see nothing to change in what rests on this assumption."


def changed(topic: str, was: str, now: str, rests_on: str, diagram: Diagram = SHOP) -> dict[str, object]:
    block = f"topic: {topic}\nwas: {was}\nis: {now}\nrests on: {rests_on}"
    return a_request(f"The assumption on {topic} was changed.", diagram, assumption=block, focus=rests_on)


def calls(topic: str, was: str, now: str, rests_on: str) -> list[Call]:
    replies = played(changed(topic, was, now, rests_on))
    effect(SHOP, *replies)
    assert len(replies) <= 2
    return calls_of(replies[0])


def ends(diagram: Diagram) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in diagram.edges.values()}


DATABASE = ("Database product", "PostgreSQL holds the records of the orders DB; no product was named.")
CACHE = ("Cache", "Reads are far more frequent than writes, so Redis answers repeated ones in the Redis cache.")
SIGN_IN = ("Sign-in", "People sign in, and Keycloak checks who they are.")
LATER = (
    "Asynchronous work",
    "Work that nobody waits for lies in RabbitMQ until the email worker takes it, some seconds late.",
)
LOAD = (
    "Peak load",
    "At the peak about 1,000 people use it at once, some 200 requests a second, which one instance of each part bears.",
)
FAILING = (
    "Availability",
    "It may stand still for some minutes when a machine fails, so nothing runs twice and there is no standby.",
)
HOSTING = ("Hosting", "All of it runs in containers in one region of AWS, with managed databases.")


def test_another_product_is_one_change_of_the_technology() -> None:
    assert calls(*DATABASE, "MySQL holds the records.", "orders-db") == [
        ("update_node", {"id": "orders-db", "technology": "MySQL"})
    ]


def test_the_label_follows_when_it_names_the_old_product() -> None:
    ((name, given),) = calls(*LATER, "It lies in Apache Kafka", "rabbitmq-queue, email-worker")
    assert (name, given["technology"], given["label"]) == ("update_node", "Apache Kafka", "Apache Kafka queue")


def test_a_product_that_is_named_only_to_be_refused_is_not_taken() -> None:
    assert calls(*DATABASE, "MySQL rather than MongoDB", "orders-db") == [
        ("update_node", {"id": "orders-db", "technology": "MySQL"})
    ]


@pytest.mark.parametrize(
    "now", ["No cache.", "None", "Not needed", "There is no cache", "It is not needed at all", "Without a cache"]
)
def test_a_no_removes_what_rests_on_it(now: str) -> None:
    assert calls(*CACHE, now, "redis-cache") == [("delete_node", {"id": "redis-cache"})]


def test_when_nobody_signs_in_the_sign_in_goes() -> None:
    assert calls(*SIGN_IN, "Nobody signs in", "keycloak-auth-service") == [
        ("delete_node", {"id": "keycloak-auth-service"})
    ]


def test_what_was_connected_through_a_removed_node_is_connected_directly() -> None:
    after = effect(
        SHOP, *played(changed(*LATER, "Work is done at once, without a queue", "rabbitmq-queue, email-worker"))
    )
    assert set(SHOP.nodes) - set(after.nodes) == {"rabbitmq-queue"}
    assert ends(after) - ends(SHOP) == {("order-service", "email-worker")}


def test_a_door_that_goes_leads_its_callers_on_and_no_edge_is_drawn_between_others() -> None:
    said = ("Entry", "All requests go through it.", "There is no gateway", "api-gateway")
    found = calls(*said)
    assert {name for name, _ in found[:-1]} == {"update_edge"}
    assert found[-1] == ("delete_node", {"id": "api-gateway"})
    assert ends(effect(SHOP, *played(changed(*said)))) >= {
        ("web-client", "order-service"), ("web-client", "payment-service")
    }  # fmt: skip


def test_a_product_that_nothing_there_can_be_is_drawn_beside_it() -> None:
    after = effect(
        SHOP, *played(changed("Sign-in", "The gateway does it.", "People sign in with Auth0", "api-gateway"))
    )
    assert {after.nodes[i].technology for i in set(after.nodes) - set(SHOP.nodes)} == {"Auth0"}
    assert ends(after) - ends(SHOP) == {("api-gateway", "auth0")}


def test_more_load_brings_a_second_instance_and_a_read_replica() -> None:
    after = effect(SHOP, *played(changed(*LOAD, "100,000 people use it at once", "order-service, orders-db")))
    assert set(after.nodes) - set(SHOP.nodes) == {"order-service-2", "orders-db-read-replica"}


def test_little_load_takes_back_what_only_much_of_it_needs() -> None:
    assert calls(*LOAD, "A dozen people", "order-service, redis-cache") == [("delete_node", {"id": "redis-cache"})]
    assert calls(*LOAD, "No load to speak of", "order-service, orders-db") == []


@pytest.mark.parametrize(
    "now", ["It must go on when a zone fails", "No downtime at all", "Highly available", "Yes, always on"]
)
def test_what_must_go_on_gets_a_standby_and_a_second_instance(now: str) -> None:
    after = effect(SHOP, *played(changed(*FAILING, now, "order-service, orders-db")))
    assert {"order-service-2", "orders-db-standby"} <= set(after.nodes) - set(SHOP.nodes)


def test_what_may_stand_still_loses_its_standby() -> None:
    safe = effect(SHOP, *played(changed(*FAILING, "It must survive a machine", "orders-db")))
    body = changed(
        "Availability",
        "It must survive a machine",
        "It may stand still for an hour",
        "orders-db, orders-db-standby",
        safe,
    )
    assert calls_of(reply(body)) == [("delete_node", {"id": "orders-db-standby"})]


def test_another_cloud_is_its_services() -> None:
    assert calls(*HOSTING, "All of it runs on Azure", "order-service, orders-db") == [
        ("update_node", {"id": "order-service", "technology": "Azure Container Apps"}),
        ("update_node", {"id": "orders-db", "technology": "Azure Database for PostgreSQL"}),
    ]


def test_another_platform_runs_the_services_and_leaves_the_databases() -> None:
    assert calls(*HOSTING, "On AWS Lambda", "order-service, orders-db") == [
        ("update_node", {"id": "order-service", "technology": "AWS Lambda"})
    ]


def test_a_command_is_obeyed_within_what_rests_on_it() -> None:
    assert calls("Name", "x", "rename this to Ledger", "orders-db") == [
        ("update_node", {"id": "orders-db", "label": "Ledger"})
    ]
    assert calls("Name", "x", "remove the payment service", "orders-db") == []


def test_what_fits_already_is_said_in_words() -> None:
    (only,) = played(
        changed("Backups", "The orders DB is backed up every day.", "It is backed up every hour.", "orders-db")
    )
    assert words_of(only) == FITS
    (none,) = played(changed("Backups", "Daily.", "Hourly.", "ghost"))
    assert words_of(none) == "Nothing in the diagram rests on this assumption, so nothing was changed."


def test_what_was_changed_is_said_at_the_end() -> None:
    last = played(changed(*CACHE, "No cache.", "redis-cache"))[-1]
    assert words_of(last) == "Removed Redis cache."


_SAID = (
    "no", "not", "none", "nobody", "without", "more", "less", "100,000", "people", "machine", "zone", "fails", "MySQL", "Kafka",
    "Redis", "Azure", "AWS", "Lambda", "Auth0", "Kubernetes", "remove", "add", "rename", "this", "to", "cache", "queue", "order",
    "service", "payment", "database", "connect", "highly", "available", "two", "regions", "instead of", "rather than",
    "everything", "delete", "all", "a", "the",
)  # fmt: skip
_NOW = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(_SAID), min_size=1, max_size=9).map(" ".join))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([DATABASE, CACHE, SIGN_IN, LATER, LOAD, FAILING, HOSTING]),
    _NOW,
    st.lists(st.sampled_from([*SHOP.nodes, "ghost"]), min_size=1, max_size=4, unique=True),
)
def test_whatever_it_says_now_no_other_node_is_touched(about: tuple[str, str], now: str, rests_on: list[str]) -> None:
    after = effect(SHOP, *played(changed(*about, now, ", ".join(rests_on))))
    others = set(SHOP.nodes) - set(rests_on)
    assert {i: after.nodes.get(i) for i in others} == {i: SHOP.nodes[i] for i in others}
