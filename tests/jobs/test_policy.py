"""Decisions about jobs."""

import pytest

from archwright.diagram.model import Diagram, Node
from archwright.errors import InvalidRequest
from archwright.jobs.model import Awaiting, Lease, Resume
from archwright.jobs.policy import check_resume, is_overdue, kind_of, route, title_of
from tests.builders import a_job


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("A real-time chat application: mobile and web clients", "Real-time chat application"),
        ("Please draw me a URL shortener with Redis.", "URL shortener with Redis"),
        ("design an e-commerce platform, with search", "E-commerce platform"),
        ("draw", "Untitled"),
        ("word " * 40, "Word" + " word" * 15 + "…"),
    ],
)
def test_a_title_is_the_subject_of_the_first_clause(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


def test_a_request_on_an_empty_canvas_is_a_generation() -> None:
    assert kind_of("What is this?", Diagram()) == "generate"
    assert kind_of("Add a cache", DRAWN) == "edit"


def test_only_a_running_job_whose_lease_ran_out_long_enough_ago_is_overdue() -> None:
    running = a_job(status="running", lease=Lease(holder="gone", until=100))
    assert not is_overdue(running, now=114, grace_s=15)
    assert is_overdue(running, now=115, grace_s=15)
    assert not is_overdue(a_job(status="awaiting_input"), now=1e9, grace_s=15)


@pytest.mark.parametrize(
    ("awaiting", "resume", "message"),
    [
        (Awaiting(kind="approval", reason="9 nodes go"), Resume(answer="yes"), "waits for an approval"),
        (Awaiting(kind="question", question="Which?"), Resume(decision="approve"), "asked a question"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused(awaiting: Awaiting, resume: Resume, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        check_resume(a_job(awaiting=awaiting), resume)


DRAWN = Diagram(nodes={"a": Node(id="a", label="A")})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Why is there a queue?", "question"), ("How does a message reach the phone?", "question"),
        ("Explain the data flow", "question"), ("Is PostgreSQL a single point of failure?", "question"),
        ("Can you add a cache?", "edit"), ("Why not use Kafka instead? Replace it", "edit"),
        ("Change this to a managed service", "edit"), ("Make it highly available", "edit"), ("more detail", "edit"),
    ],
)  # fmt: skip
def test_a_request_that_asks_and_orders_nothing_is_a_question(text: str, kind: str) -> None:
    assert kind_of(text, DRAWN) == kind


class Models:
    default, ids, small, large = "sonnet", ("sonnet", "haiku", "opus"), "haiku", "opus"


def test_the_model_follows_from_the_work_and_the_reason_is_said() -> None:
    asked = [
        ("question", "Why a queue?", "haiku"), ("edit", "Add a cache", "haiku"), ("edit", "x" * 200, "sonnet"),
        ("edit", "Add a cache, a queue, a worker, and a CDN", "sonnet"), ("generate", "A shop", "sonnet"),
        ("document", "Write the design document.", "sonnet"), ("edit", "Add a cache and use Opus for it", "opus"),
    ]  # fmt: skip
    for kind, text, model in asked:
        chosen = route(kind, text, Models())  # type: ignore[arg-type]
        assert chosen.model == model and chosen.reason.endswith(".")
