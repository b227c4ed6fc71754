"""A round of questions: asked only of a request that says nothing, and what is answered shows in the drawing."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram
from archwright.model.offline import reply
from archwright.model.offline.asking import KIND, LOAD, SURVIVES, is_vague
from archwright.model.offline.generate.needs import load_in, survives_in
from archwright.model.offline.patterns import patterns
from tests.model.offline.jobs import a_request, after, calls_of, effect, played, words_of
from tests.model.offline.scoring import drawn

ROOT = Path(__file__).parents[3]
VAGUE = [
    "Build me an app", "something scalable for my company", "I need a backend", "a modern system", "Design a system",
    "We want a secure, highly scalable platform", "Draw me a diagram, please", "help me design a cloud-native application",
    "I'd like to have an architecture for my startup.",
]  # fmt: skip
TOLD = [
    "Design a chat app", "A URL shortener", "an e-commerce platform", "a blog", "A shop", "A bank", "A game", "Hi",
    "a web app", "a mobile app", "an app for dog walkers", "an app for my users", "a REST API", "Redis and PostgreSQL",
    "a system in Go", "a CRM", "microservices", "a serverless backend", "an IoT platform", "a SaaS product", "a three-tier system",
    "a system that sends emails", "a todo app", "an internal tool for HR", "a data platform", "a backend with a database",
]  # fmt: skip


def answering(answers: Mapping[str, str]) -> Any:
    return lambda name, given: answers.get(given.get("question", ""), "Skipped: choose yourself.")


def drawn_after(answers: Mapping[str, str], request: str = "Build me an app") -> Diagram:
    return effect(Diagram(), *played(a_request(request), answering(answers)))


def types(diagram: Diagram) -> set[str]:
    return {node.type for node in diagram.nodes.values()}


def test_a_vague_request_is_answered_with_one_round_of_questions_with_options() -> None:
    names = {pattern.name for pattern in patterns()}
    first = reply(a_request("Build me an app"))
    assert [name for name, _ in calls_of(first)] == ["ask_user"] * 3
    assert [given["question"] for _, given in calls_of(first)] == [KIND, LOAD, SURVIVES]
    assert set(calls_of(first)[0][1]["options"]) < names
    assert all(3 <= len(given["options"]) <= 7 for _, given in calls_of(first))


@pytest.mark.parametrize("text", VAGUE)
def test_a_request_that_says_nothing_of_the_system_is_vague(text: str) -> None:
    assert {name for name, _ in calls_of(reply(a_request(text)))} == {"ask_user"}
    assert 2 <= len(calls_of(reply(a_request(text)))) <= 3


@pytest.mark.parametrize("text", TOLD)
def test_a_request_that_says_anything_is_drawn_at_once(text: str) -> None:
    assert not is_vague(text)


def test_no_description_that_we_have_is_ever_asked_about() -> None:
    prompts = [
        prompt["text"]
        for file in (ROOT / "evals/data/drawings").glob("*.toml")
        for prompt in tomllib.loads(file.read_text(encoding="utf-8"))["prompt"]
    ]
    examples = re.findall(r'text: "([^"]+)"', (ROOT / "frontend/src/start/examples.ts").read_text(encoding="utf-8"))
    readme = re.findall(r'"prompt": "([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8"))
    named = [
        f"{opening} {pattern.name.lower()}"
        for pattern in patterns()
        for opening in ("Design a", "A", "I need a scalable")
    ]
    cues = [f"Build me a {cue} app" for pattern in patterns() for cue, _ in pattern.cues]
    assert len(prompts) > 40
    assert len(examples) >= 6
    assert readme
    assert [text for text in [*prompts, *examples, *readme, *named, *cues] if is_vague(text)] == []


def test_nobody_is_asked_where_the_tool_is_not_there() -> None:
    first = reply(a_request("Build me an app", without=["ask_user"]))
    assert {name for name, _ in calls_of(first)} == {"add_node"}


def test_a_step_never_asks() -> None:
    names = {name for one in played(a_request("Build me an app", step="a modern system")) for name, _ in calls_of(one)}
    assert names == {"add_node", "add_edge"}


def test_what_is_said_already_is_not_asked() -> None:
    asked = [given["question"] for _, given in calls_of(reply(a_request("We need a highly available system")))]
    assert asked == [KIND, LOAD, "How do people reach it?"]


def test_after_one_round_it_draws_whatever_was_answered() -> None:
    replies = played(a_request("Build me an app"), lambda name, given: "no idea")
    assert [{name for name, _ in calls_of(one)} for one in replies] == [
        {"ask_user"}, {"add_node"}, {"add_edge", "note_assumption"}, set(),
    ]  # fmt: skip
    assert "I read this as" in words_of(replies[1])


@pytest.mark.parametrize("pattern", patterns(), ids=lambda p: p.id)
def test_the_kind_that_is_chosen_is_drawn(pattern: Any) -> None:
    answered = drawn_after({KIND: pattern.name, LOAD: "", SURVIVES: ""})
    labels = {node.label for node in drawn(f"Design a {pattern.name.lower()}").nodes.values()}
    assert {node.label for node in answered.nodes.values()} == labels


def test_a_kind_in_the_persons_own_words_is_drawn_with_what_they_name() -> None:
    diagram = drawn_after({KIND: "a bookshop with Stripe, MySQL and an order service"})
    assert {"Stripe", "MySQL"} <= {node.technology for node in diagram.nodes.values()}
    assert "order-service" in diagram.nodes


def test_few_people_get_a_small_drawing() -> None:
    small = drawn_after({KIND: "Online shop", LOAD: "Up to a hundred", SURVIVES: "No"})
    usual = drawn_after({KIND: "Online shop"})
    assert len(small.nodes) < len(usual.nodes)
    assert not {"loadbalancer", "cache", "cdn"} & types(small)


def test_ten_thousand_at_once_get_a_balancer_a_cache_and_replicas() -> None:
    diagram = drawn_after({KIND: "Design a booking site", LOAD: "10,000 at once"})
    assert {"loadbalancer", "cache", "cdn"} <= types(diagram)
    assert any(node.label.endswith("read replica") for node in diagram.nodes.values())
    assert any(node.label.endswith(" 2") for node in diagram.nodes.values())


def test_some_thousands_get_a_balancer_and_a_cache_but_no_replica() -> None:
    diagram = drawn_after({KIND: "a CRUD web app", LOAD: "Some thousands"})
    assert {"loadbalancer", "cache"} <= types(diagram)
    assert not any(edge.kind == "replication" for edge in diagram.edges.values())


def test_what_must_survive_a_machine_has_a_standby_and_a_second_instance() -> None:
    diagram = drawn_after({KIND: "Online shop", SURVIVES: "Yes, when a machine fails"})
    standby = next(node for node in diagram.nodes.values() if node.label.endswith("standby"))
    assert any(edge.target == standby.id and edge.kind == "replication" for edge in diagram.edges.values())
    assert any(node.label.endswith(" 2") for node in diagram.nodes.values())


def test_what_must_survive_a_zone_lies_in_two_zones() -> None:
    diagram = drawn_after({KIND: "Online shop", SURVIVES: "Yes, when a whole zone fails"})
    zones = {node.id: node.label for node in diagram.nodes.values() if node.type == "group"}
    assert list(zones.values()) == ["Availability zone A", "Availability zone B"]
    standby = next(node for node in diagram.nodes.values() if node.label.endswith("standby"))
    assert standby.parent == "availability-zone-b"


@pytest.mark.parametrize("load", ["", "Up to a hundred", "Some thousands", "millions"])
@pytest.mark.parametrize("survives", ["", "No", "Yes, when a machine fails", "Yes, when a whole zone fails"])
@pytest.mark.parametrize(
    "kind", ["Online shop", "Real-time chat", "RAG application", "Static site", "Three-tier web application"]
)
def test_whatever_is_answered_hangs_together(kind: str, load: str, survives: str) -> None:
    diagram = drawn_after({KIND: kind, LOAD: load, SURVIVES: survives})
    wrong = ("isolated-node", "duplicate-edge", "missing-label", "self-loop", "duplicate-node", "no-entry-point")
    assert [finding for finding in lint(diagram) if finding.rule in wrong] == []


def test_what_was_skipped_is_noted_as_assumed() -> None:
    replies = played(a_request("Build me an app"), answering({}))
    topics = [given["topic"] for one in replies for name, given in calls_of(one) if name == "note_assumption"]
    assert topics[:3] == ["Kind of system", "Peak load", "Availability"]


def test_what_was_answered_is_no_assumption() -> None:
    answers = answering({KIND: "Real-time chat", LOAD: "Some thousands", SURVIVES: "Yes, when a machine fails"})
    replies = played(a_request("Build me an app"), answers)
    topics = {given["topic"] for one in replies for name, given in calls_of(one) if name == "note_assumption"}
    assert not {"Kind of system", "Peak load", "Availability"} & topics


def test_a_question_that_was_not_asked_counts_as_skipped() -> None:
    first = reply(a_request("Build me an app"))
    second = after(
        a_request("Build me an app"),
        first,
        lambda name, given: "Only one question at a time is asked; this one was not.",
    )
    assert {name for name, _ in calls_of(reply(second))} == {"add_node"}


@pytest.mark.parametrize(
    ("text", "load"),
    [
        ("Up to a hundred", "small"), ("about 50", "small"), ("a handful of us", "small"), ("Some thousands", "some"),
        ("2,500", "some"), ("10,000 at once", "much"), ("20k", "much"), ("ten thousand", "much"), ("1.5 million", "much"),
        ("A hundred thousand or more", "much"), ("hundreds of thousands", "much"), ("99.9% uptime, 24/7", ""), ("", ""),
    ],
)  # fmt: skip
def test_load_is_read_in_figures_and_in_words(text: str, load: str) -> None:
    assert load_in(text) == load


@pytest.mark.parametrize(
    ("text", "survives"),
    [
        ("No, an outage of some minutes is fine", "nothing"), ("not needed", "nothing"), ("Yes, when a machine fails", "machine"),
        ("yes", "machine"), ("no downtime at all", "machine"), ("It must go on when a zone fails", "zone"),
        ("in two regions", "zone"), ("It may stand still for an hour", "nothing"), ("purple", ""),
    ],
)  # fmt: skip
def test_what_must_be_survived_is_read_in_words(text: str, survives: str) -> None:
    assert survives_in(text) == survives
