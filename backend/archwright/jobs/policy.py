"""Decisions about jobs, all pure."""

import math
import re
from collections.abc import Sequence
from zlib import crc32

from archwright.errors import InvalidRequest
from archwright.jobs.model import Awaiting, Job, PlanStep, Progress, Resume

TITLE_MAX = 80
WAITS_LONG_S = 150.0
NOT_STARTED = "No worker has started yet; the job fails when none has after 10 minutes"
RESEND_AFTER_S = 60.0
_PICK_UP_S = 30.0
GIVE_UP_AFTER_S = 600.0
NO_WORKER = "No worker has started for 10 minutes, so the job was given up. What was drawn is kept; try again later."
HANDOVERS_MAX = 10
_LONE_DEATHS = 2
_ARTICLE = re.compile(r"^(an?|the)\s+(?=\S)", re.IGNORECASE)
_CLAUSE = re.compile(r"[.:;!?\n]|,(?=\s)|\s[–—-]\s")
_REQUEST_WORDS = re.compile(
    r"^(please\s+)?((draw|design|create|build|make|generate|sketch|show|model|architect)\b\s*)?(me\s+)?", re.IGNORECASE
)


def title_of(prompt: str) -> str:
    """Return a session's title made from its prompt: the first clause, without the request word."""
    first = _CLAUSE.split(prompt.strip(), maxsplit=1)[0]
    subject = _REQUEST_WORDS.sub("", " ".join(first.split()), count=1) or "Untitled"
    if len(subject) > TITLE_MAX:
        subject = subject[:TITLE_MAX].rsplit(" ", 1)[0] + "…"
    named = _ARTICLE.sub("", subject)
    return named[:1].upper() + named[1:]


def is_overdue(job: Job, now: float, grace_s: float) -> bool:
    """Whether nobody runs a job that somebody should: its lease ran out at least `grace_s` seconds ago."""
    return job.status == "running" and (job.lease is None or job.lease.until + grace_s <= now)


def is_due(job: Job, now: float) -> bool:
    """Whether the id of a job that nobody runs is to be sent again: after a minute, then twice as late each time."""
    if job.waiting is None:
        return True
    return now >= job.waiting.since + RESEND_AFTER_S * 2.0**job.waiting.sent


def is_given_up(job: Job, now: float, sign: float = 0.0) -> bool:
    """Whether a job has waited so long that it fails, unless other jobs keep the workers busy. `sign` is when a worker
    was last at work."""
    return job.waiting is not None and now >= max(job.waiting.since, sign) + GIVE_UP_AFTER_S


def waits_long(job: Job, now: float) -> bool:
    """Whether a person should hear why no worker has taken a job."""
    return job.status == "queued" and job.waiting is not None and now >= job.waiting.since + WAITS_LONG_S


def shown(job: Job, now: float, *, busy: bool, grace_s: float) -> Progress:
    """Return the progress as people see it: of a job that nobody runs, what it waits for. `busy` says that workers
    run other jobs; `grace_s` as in `is_overdue`."""
    if job.status == "queued" and job.waiting is None:
        return _waits(job, "Waiting for its turn")
    if job.status == "queued" and waits_long(job, now):
        return _waits(job, "Waiting for a free worker" if busy else NOT_STARTED)
    if job.status == "queued" and job.deaths and job.waiting is not None:
        return _waits(job, _lost(job.waiting.since + _PICK_UP_S - now))
    if job.status == "queued":
        return _waits(job, "Waiting for a worker")
    if job.status == "running" and (job.lease is None or job.lease.until <= now):
        sent_at = job.lease.until + grace_s if job.lease else now
        return _waits(job, _lost(max(sent_at, now) + _PICK_UP_S - now))
    return job.progress


def _lost(seconds: float) -> str:
    """What is said of a job whose worker was lost, and which another takes within so many seconds."""
    minutes = math.ceil(seconds / 60)
    when = (
        "as soon as a worker is free"
        if minutes < 1
        else f"within {'a minute' if minutes == 1 else f'{minutes} minutes'}"
    )
    return f"The worker was lost; it goes on {when}"


def tag(job: Job) -> str:
    """Return what differs whenever a job looks different: what it waits for follows from the time, without a write."""
    return f"{job.rev}-{crc32(job.progress.message.encode(errors='surrogatepass')):x}"


def _waits(job: Job, message: str) -> Progress:
    return job.progress.model_copy(update={"phase": "waiting", "message": message})


def is_suspect(job: Job, max_attempts: int) -> bool:
    """Whether a job may be why its workers died: all but the last of the deaths that it may have, without a new turn
    between them. It runs alone."""
    return _deaths(job) >= max(1, max_attempts - 1)


def is_poison(job: Job, max_attempts: int) -> bool:
    """Whether a job just claimed is why its workers died: it had its deaths, and two of them alone. One alone is not
    enough, for a process that is killed from outside again and again is killed over its suspects, too."""
    return job.deaths >= max_attempts and job.lone_deaths >= min(_LONE_DEATHS, max_attempts)


def _deaths(job: Job) -> int:
    """The deaths of a job's workers, if one that holds it is dead."""
    return job.deaths + (job.status == "running")


def lone_deaths(job: Job) -> int:
    """The same of those that ran nothing beside it."""
    return job.lone_deaths + (job.status == "running" and job.alone)


def hands_over_for_ever(job: Job) -> bool:
    """Whether a job was handed over as often as it may be without a new turn."""
    return job.handovers >= HANDOVERS_MAX


def check_resume(job: Job, resume: Resume) -> None:
    """Raise InvalidRequest unless the answer is of the kind that the job waits for, and within what was proposed."""
    awaiting = job.awaiting
    if awaiting is None:
        return
    if awaiting.kind == "approval":
        _check_approval(awaiting, resume)
    else:
        _check_answer(awaiting, resume)


def _check_approval(awaiting: Awaiting, resume: Resume) -> None:
    if resume.decision is None or resume.answer is not None or resume.answers is not None or resume.skip:
        raise InvalidRequest('The job waits for an approval: send {"decision": "approve"} or "reject".')
    if resume.decision == "reject" and (resume.ops is not None or resume.steps is not None):
        raise InvalidRequest("A proposal that is edited is approved; send the decision approve.")
    strange = [op for op in resume.ops or [] if op not in (awaiting.ops or [])]
    if strange:
        raise InvalidRequest(f"ops: {strange[0]} is not among the proposed; leave out those that you do not want.")
    if resume.steps is not None:
        if awaiting.steps is None:
            raise InvalidRequest("steps: the job proposed no plan.")
        check_plan(resume.steps)


def _check_answer(awaiting: Awaiting, resume: Resume) -> None:
    given = [resume.answer is not None, resume.answers is not None, resume.skip]
    if given.count(True) != 1 or resume.decision is not None:
        raise InvalidRequest('The job asked a question: send {"answer": "…"}, "answers" to all, or {"skip": true}.')
    count = len(awaiting.questions or [1])
    if resume.answers is not None and len(resume.answers) != count:
        raise InvalidRequest(f"answers: the job asked {count} questions.")


PLAN_STEPS_MAX = 30


def check_plan(steps: Sequence[PlanStep]) -> None:
    """Raise InvalidRequest unless it is a plan: 1 to 30 steps, each with an id of its own, that wait in no circle."""
    ids = [step.id for step in steps]
    if not 1 <= len(steps) <= PLAN_STEPS_MAX:
        raise InvalidRequest(f"steps: a plan has 1 to {PLAN_STEPS_MAX} steps.")
    if len(set(ids)) < len(ids):
        raise InvalidRequest("steps: two steps have the same id.")
    for step in steps:
        strange = [other for other in step.after if other not in ids]
        if strange:
            raise InvalidRequest(f"steps: '{step.id}' waits for '{strange[0]}', which is no step; {', '.join(ids)}.")
    done = set[str]()
    while ready := [step.id for step in steps if step.id not in done and set(step.after) <= done]:
        done |= set(ready)
    if len(done) < len(ids):
        raise InvalidRequest(f"steps: {', '.join(i for i in ids if i not in done)} wait for one another.")
