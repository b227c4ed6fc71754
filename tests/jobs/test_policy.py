"""Decisions about jobs."""

import pytest

from archwright.diagram.model import Diagram, Node
from archwright.errors import InvalidRequest
from archwright.jobs.model import Awaiting, Lease, Resume
from archwright.jobs.policy import check_resume, is_overdue, kind_of, title_of
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
    assert kind_of(Diagram()) == "generate"
    assert kind_of(Diagram(nodes={"a": Node(id="a", label="A")})) == "edit"


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
