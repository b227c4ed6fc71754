"""The planner on descriptions: what is named is drawn, whatever is said is drawn validly, and it ends."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram
from archwright.diagram.outline import outline
from archwright.model.offline import OfflineReply, reply
from archwright.model.offline.generate.merge import kind_of
from archwright.model.offline.patterns import patterns
from archwright.model.offline.understand.reading import understand
from evals.cases import DATA
from tests.model.offline.scoring import drawn, prompts, score

PROMPTS = DATA / "drawings"


def a_request(text: str, diagram: Diagram | None = None) -> dict[str, Any]:
    content = [
        {"type": "text", "text": f"<diagram>\n{outline(diagram or Diagram())}\n</diagram>"},
        {"type": "text", "text": f"<request>\n{text}\n</request>"},
    ]
    tools = [{"name": "ask_user"}]
    return {"model": "archwright-offline", "tools": tools, "messages": [{"role": "user", "content": content}]}


def played(body: dict[str, Any], turns: int = 12) -> list[OfflineReply]:
    """Play a whole job in which every call succeeds."""
    replies = list[OfflineReply]()
    while len(replies) < turns:
        replies.append(reply(body))
        if replies[-1].stop_reason == "end_turn":
            return replies
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": "Done."}
            for block in replies[-1].content
            if block["type"] == "tool_use"
        ]
        said = [{"role": "assistant", "content": list(replies[-1].content)}, {"role": "user", "content": results}]
        body = {**body, "messages": [*body["messages"], *said]}
    raise AssertionError(f"no end after {turns} turns")


def test_the_development_prompts_are_drawn_nearly_whole() -> None:
    scores = [score(expected) for expected in prompts(PROMPTS / "development.toml")]
    assert sum(len(s.missing) for s in scores) <= 0.03 * sum(s.wanted for s in scores)


def test_prompts_that_no_rule_was_made_for_are_drawn_mostly() -> None:
    scores = [score(expected) for expected in prompts(PROMPTS / "holdout.toml")]
    assert sum(len(s.missing) for s in scores) <= 0.10 * sum(s.wanted for s in scores)


@pytest.mark.parametrize("pattern", patterns(), ids=lambda p: p.id)
def test_every_kind_of_system_can_be_asked_for_by_its_name(pattern: Any) -> None:
    text = f"Design a {pattern.name.lower()}"
    diagram = drawn(text)
    assert kind_of(text, understand(text)).id == pattern.id
    assert len(diagram.nodes) >= 6
    assert [f for f in lint(diagram) if f.fixable] == []


def test_a_drawing_takes_its_nodes_first_then_its_edges_then_a_summary() -> None:
    replies = played(a_request("Design a URL shortener"))
    names = [{block["name"] for block in r.content if block["type"] == "tool_use"} for r in replies]
    assert names == [{"add_node"}, {"add_edge"}, set()]
    assert "Next steps:" in replies[-1].content[0]["text"]


def test_the_same_request_gets_the_same_reply() -> None:
    assert reply(a_request("Design a chat app")) == reply(a_request("Design a chat app"))


def test_a_text_without_a_word_is_answered_in_words() -> None:
    (only,) = played(a_request("!!! 42"))
    assert only.stop_reason == "end_turn"
    assert "no component" in only.content[0]["text"]


_WORDS = st.sampled_from(
    [
        "a",
        "the",
        "and",
        ",",
        ".",
        ":",
        "(",
        ")",
        "->",
        "in",
        "with",
        "for",
        "per",
        "each",
        "no",
        "without",
        "two",
        "three",
        "service",
        "services",
        "database",
        "databases",
        "cache",
        "Redis",
        "Kafka",
        "PostgreSQL",
        "React",
        "AWS",
        "VPC",
        "region",
        "regions",
        "cluster",
        "client",
        "clients",
        "mobile",
        "web",
        "gateway",
        "queue",
        "worker",
        "workers",
        "order",
        "user",
        "payment",
        "writes",
        "reads",
        "publishes",
        "to",
        "from",
        "behind",
        "consumes",
        "S3",
        "users",
        "group",
        "by",
        "domain",
        "replica",
        "replicas",
        "primary",
        "own",
        "its",
        "subnet",
        "\n",
        "-",
        "Docker",
        "Lambda",
        "us-east-1",
        "store",
        "stores",
        "call",
        "calls",
        "load",
        "balancer",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(_WORDS, max_size=40).map(" ".join), st.text(max_size=300)))
def test_any_text_is_drawn_without_a_refusal_and_connected(text: str) -> None:
    diagram = drawn(text)
    wrong = [f for f in lint(diagram) if f.rule in ("isolated-node", "duplicate-edge", "missing-label", "self-loop")]
    assert wrong == []


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.lists(_WORDS, max_size=30).map(" ".join), st.text(max_size=200)))
def test_any_request_ends(text: str) -> None:
    assert len(played(a_request(text))) <= 8
