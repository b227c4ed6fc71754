"""What each step of a job's life changes of it: the same fields in every store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archwright.ids import iso
from archwright.jobs.model import Job, JobStatus, Lease, Progress, Resume, Turn, Waiting

Fields = dict[str, Any]
TAKEN_OVER = "The worker was lost; another goes on now, from the last saved turn"


def submitted(job: Job) -> Job:
    """Return a new job that holds its session at once, so that a worker may take it."""
    return job.model_copy(update=turn_came(job.created_at))


def turn_came(at: str) -> Fields:
    """A job holds its session from this time (ISO 8601) on, and waits for a worker."""
    return {"waiting": Waiting(since=datetime.fromisoformat(at).timestamp())}


def is_free(job: Job, now: float, dead: Sequence[str] = ()) -> bool:
    """Whether a worker may take an active job: nobody runs it, or who did has lost its lease or is among the dead."""
    if job.status == "running":
        return job.lease is None or job.lease.until <= now or job.lease.holder in dead
    return job.status == "queued"


def claimed(job: Job, holder: str, now: float, until: float, *, alone: bool) -> Fields:
    """A worker takes the job; one that ran it before without handing over has died, and people read that until the new
    one has something to tell. Times are in seconds since the epoch."""
    return {
        **_after_death(job),
        **_taken_over(job),
        "status": "running",
        "lease": Lease(holder=holder, until=until),
        "fence": job.fence + 1,
        "alone": alone,
        "waiting": None,
        "started_at": job.started_at or iso(now),
    }


def sent_again(job: Job, now: float) -> Fields:
    """The id of a free job goes to the queue once more; a job whose worker is gone is queued by that."""
    if job.status == "running":
        return {**_after_death(job), "status": "queued", "lease": None, "alone": False, "waiting": Waiting(since=now)}
    waiting = job.waiting or Waiting(since=now)
    return {"waiting": waiting.model_copy(update={"sent": waiting.sent + 1})}


def _after_death(job: Job) -> Fields:
    if job.status != "running":
        return {}
    return {"deaths": job.deaths + 1, "lone_deaths": job.lone_deaths + job.alone}


def _taken_over(job: Job) -> dict[str, Progress]:
    if job.status != "running" and not job.deaths:
        return {}
    return {"progress": job.progress.model_copy(update={"phase": "resuming", "message": TAKEN_OVER})}


def handed_over(job: Job, now: float) -> Fields:
    """The worker gives the job back between two steps; that is no death."""
    return {
        "status": "queued", "lease": None, "alone": False, "handovers": job.handovers + 1,
        "waiting": Waiting(since=now),
    }  # fmt: skip


def turn_saved(job: Job, turn: Turn) -> Fields:
    """What was held against the job is forgotten, for it went on."""
    return {
        "turn": turn.turn, "deaths": 0, "lone_deaths": 0, "handovers": 0, "alone": False, "resume": None,
        "usage": job.usage + turn.usage, "cost_usd": job.cost_usd + turn.cost_usd,
    }  # fmt: skip


def answered(answer: Resume, now: float) -> Fields:
    """A person has answered."""
    return {"status": "queued", "awaiting": None, "resume": answer, "waiting": Waiting(since=now)}


def ended(status: JobStatus, at: str) -> Fields:
    return {
        "status": status, "finished_at": at, "lease": None, "preview": None, "awaiting": None, "waiting": None,
    }  # fmt: skip
