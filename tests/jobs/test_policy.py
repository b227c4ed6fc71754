"""Decisions about jobs."""

import pytest

from archwright.errors import InvalidRequest
from archwright.jobs.model import Awaiting, Lease, PlanStep, Progress, Question, Resume, Waiting
from archwright.jobs.policy import NOT_STARTED, check_plan, check_resume, is_overdue, shown, tag, title_of
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


STEPS = [PlanStep(id="a", title="A", task="Add A"), PlanStep(id="b", title="B", task="Add B", after=("a",))]
ASKED = Awaiting(kind="question", question="Which?", questions=[Question(question="Which?"), Question(question="Who?")])
PROPOSED = Awaiting(kind="approval", reason="2 nodes go", ops=[{"op": "delete_node", "id": "x"}])


@pytest.mark.parametrize(
    ("awaiting", "resume"),
    [
        (ASKED, Resume(answer="This one")),
        (ASKED, Resume(answers=["This one", "Everybody"])),
        (ASKED, Resume(skip=True)),
        (PROPOSED, Resume(decision="approve", ops=[])),
        (PROPOSED, Resume(decision="reject", reason="Keep them")),
        (Awaiting(kind="approval", steps=STEPS), Resume(decision="approve", steps=STEPS[:1])),
    ],
)
def test_a_person_may_answer_all_questions_skip_them_or_approve_a_part(awaiting: Awaiting, resume: Resume) -> None:
    check_resume(a_job(awaiting=awaiting), resume)


@pytest.mark.parametrize(
    ("awaiting", "resume", "message"),
    [
        (ASKED, Resume(answers=["This one"]), "asked 2 questions"),
        (ASKED, Resume(answer="This one", skip=True), "asked a question"),
        (PROPOSED, Resume(decision="approve", ops=[{"op": "delete_node", "id": "y"}]), "not among the proposed"),
        (PROPOSED, Resume(decision="reject", ops=[]), "edited is approved"),
        (PROPOSED, Resume(decision="approve", steps=STEPS), "proposed no plan"),
        (Awaiting(kind="approval", steps=STEPS), Resume(decision="approve", steps=STEPS[1:]), "waits for 'a'"),
    ],
)
def test_an_answer_beyond_what_was_proposed_is_refused(awaiting: Awaiting, resume: Resume, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        check_resume(a_job(awaiting=awaiting), resume)


def test_a_plan_has_ids_of_its_own_and_no_circle() -> None:
    check_plan(STEPS)
    with pytest.raises(InvalidRequest, match="same id"):
        check_plan([STEPS[0], STEPS[0]])
    with pytest.raises(InvalidRequest, match="a, b wait for one another"):
        check_plan([STEPS[0].model_copy(update={"after": ("b",)}), STEPS[1]])
    with pytest.raises(InvalidRequest, match="1 to 30"):
        check_plan([])


LOST = "The worker was lost; it goes on"


@pytest.mark.parametrize(
    ("fields", "now", "busy", "message"),
    [
        ({"waiting": Waiting(since=0)}, 149, False, "Waiting for a worker"),
        ({"waiting": Waiting(since=0)}, 150, False, NOT_STARTED),
        ({"waiting": Waiting(since=0)}, 150, True, "Waiting for a free worker"),
        ({"waiting": Waiting(since=0), "deaths": 1}, 29, False, f"{LOST} within a minute"),
        ({"waiting": Waiting(since=0), "deaths": 1}, 30, False, f"{LOST} as soon as a worker is free"),
        ({"waiting": Waiting(since=0), "deaths": 1}, 150, False, NOT_STARTED),
        ({"status": "running", "lease": Lease(holder="gone", until=100)}, 100, False, f"{LOST} within 2 minutes"),
        ({"status": "running", "lease": Lease(holder="gone", until=100)}, 120, False, f"{LOST} within a minute"),
        ({"status": "running", "lease": Lease(holder="gone", until=100)}, 9_000, False, f"{LOST} within a minute"),
        ({"status": "running"}, 100, False, f"{LOST} within a minute"),
        ({}, 1e9, False, "Waiting for its turn"),
    ],
)
def test_a_job_that_nobody_runs_says_what_it_waits_for(
    fields: dict[str, object], now: float, busy: bool, message: str
) -> None:
    job = a_job(**fields)
    seen = shown(job, now, busy=busy, grace_s=45)
    assert (seen.phase, seen.message) == ("waiting", message)
    assert tag(job.model_copy(update={"progress": seen})) != tag(a_job(progress=Progress(message="another")))
