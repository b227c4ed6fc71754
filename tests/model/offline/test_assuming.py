"""What a drawing assumes: noted with its last edges, in sentences, on nodes that exist."""

from typing import Any

import pytest

from archwright.diagram.assumptions import assumptions
from archwright.diagram.model import Diagram
from archwright.model.offline import reply
from archwright.model.offline.patterns import patterns
from evals.cases import DATA
from tests.model.offline.jobs import a_request, after, calls_of, effect, played, words_of
from tests.model.offline.scoring import drawn, prompts

PROMPTS = [p["text"] for p in prompts(DATA / "drawings" / "development.toml")]


def noted(text: str) -> list[dict[str, Any]]:
    return [given for one in played(a_request(text)) for name, given in calls_of(one) if name == "note_assumption"]


def test_a_url_shortener_rests_on_these_assumptions() -> None:
    assert noted("Design a URL shortener") == [
        {
            "topic": "Database product",
            "text": "Amazon DynamoDB holds the records of the URL database; no product was named.",
            "rests_on": ["url-database"],
        },
        {
            "topic": "Sign-in",
            "text": "Who signs in is settled by the shortening service itself; there is no sign-in service of its own.",
            "rests_on": ["shortening-service"],
        },
        {
            "topic": "Cache",
            "text": "Reads are far more frequent than writes, so Redis answers repeated ones in the URL cache.",
            "rests_on": ["url-cache"],
        },
        {
            "topic": "Asynchronous work",
            "text": "Work that nobody waits for lies in Apache Kafka until the analytics worker takes it, some seconds late.",
            "rests_on": ["click-stream", "analytics-worker"],
        },
        {
            "topic": "Peak load",
            "text": "At the peak about 1,000 people use it at once, some 200 requests a second, which one instance of each part bears.",
            "rests_on": ["redirect-service", "shortening-service", "url-database"],
        },
    ]


@pytest.mark.parametrize("text", [f"Design a {pattern.name.lower()}" for pattern in patterns()])
def test_every_kind_of_system_notes_three_to_five(text: str) -> None:
    found = noted(text)
    assert 3 <= len(found) <= 5
    assert len({one["topic"] for one in found}) == len(found)
    assert all(one["text"].endswith(".") and len(one["topic"].split()) <= 4 for one in found)


@pytest.mark.parametrize("text", PROMPTS)
def test_what_rests_on_an_assumption_exists_when_it_is_noted(text: str) -> None:
    replies = played(a_request(text))
    diagram = effect(Diagram(), *replies)
    topics = [given["topic"] for one in replies for name, given in calls_of(one) if name == "note_assumption"]
    assert [one.topic for one in assumptions(diagram)] == topics
    assert all(one.rests_on for one in assumptions(diagram))
    assert len(topics) <= 5


def test_assumptions_come_with_the_last_edges_and_take_no_turn_of_their_own() -> None:
    for text in ("Design a URL shortener", "Design a chat app", PROMPTS[1]):
        with_notes, plain = played(a_request(text)), played(a_request(text, without=["note_assumption"]))
        assert len(with_notes) == len(plain)
        assert words_of(with_notes[-1]) == words_of(plain[-1])
        drawing = [calls_of(one) for one in with_notes if calls_of(one)]
        assert all(name != "note_assumption" for calls in drawing[:-1] for name, _ in calls)
        assert {name for name, _ in drawing[-1]} == {"add_edge", "note_assumption"}


def test_nothing_is_noted_where_the_tool_is_not_there() -> None:
    replies = played(a_request("Design a chat app", without=["note_assumption"]))
    assert "note_assumption" not in {name for one in replies for name, _ in calls_of(one)}


def test_what_the_text_says_is_no_assumption() -> None:
    text = (
        "A shop for 10,000 concurrent users on AWS, highly available: web client, Auth0, order service, MySQL database, "
        "Memcached cache, RabbitMQ queue, email worker"
    )
    assert {one["topic"] for one in noted(text)} <= {"Backups"}


def test_a_node_that_was_refused_is_not_rested_on() -> None:
    body = a_request("Design a URL shortener")
    first = reply(body)
    second = after(body, first)
    for block, call in zip(second["messages"][-1]["content"], calls_of(first), strict=True):
        if call[1]["id"] == "url-cache":
            block |= {"content": "'url-cache' exists already.", "is_error": True}
    calls = calls_of(reply(second))
    assert "url-cache" not in str(calls)
    assert {given["topic"] for name, given in calls if name == "note_assumption"} == {
        "Database product", "Sign-in", "Asynchronous work", "Peak load",
    }  # fmt: skip


def test_an_edit_notes_no_assumption() -> None:
    shop = drawn("web client, API gateway, order service, Orders DB in PostgreSQL")
    names = {
        name
        for one in played(a_request("Add a Redis cache in front of the Orders DB", shop))
        for name, _ in calls_of(one)
    }
    assert "note_assumption" not in names


def test_the_open_questions_of_the_document_list_what_is_assumed() -> None:
    shop = drawn("web client, order service, Orders DB in PostgreSQL")
    body = a_request(
        "Write it.",
        shop,
        sections="open-questions | Open questions",
        assumptions="Cache: there is none (rests on orders-db)",
    )
    ((name, given),) = calls_of(reply(body))
    assert name == "update_document_section"
    assert given["body"].endswith(
        "What is assumed as long as nobody says otherwise:\n\n- Cache: there is none (rests on orders-db)"
    )
