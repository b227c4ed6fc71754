"""Decisions about jobs, all pure."""

import re

from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest
from archwright.jobs.model import Job, JobKind, Resume

TITLE_MAX = 80
_ARTICLE = re.compile(r"^(an?|the)\s+(?=\S)", re.IGNORECASE)
_CLAUSE = re.compile(r"[.:;!?\n]|,(?=\s)|\s[–—-]\s")
_REQUEST_WORDS = re.compile(
    r"^(please\s+)?((draw|design|create|build|make|generate|sketch|show|model|architect)\b\s*)?(me\s+)?", re.IGNORECASE
)


def kind_of(diagram: Diagram) -> JobKind:
    """A request on an empty canvas is a generation, any other an edit."""
    return "edit" if diagram.nodes else "generate"


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


def is_poison(job: Job, max_attempts: int) -> bool:
    """Whether a job just claimed had its attempts already, none of which brought a new turn."""
    return job.attempts > max_attempts


def check_resume(job: Job, resume: Resume) -> None:
    """Raise InvalidRequest unless the answer is of the kind that the job waits for."""
    if job.awaiting is None:
        return
    if job.awaiting.kind == "approval" and (resume.decision is None or resume.answer is not None):
        raise InvalidRequest('The job waits for an approval: send {"decision": "approve"} or "reject".')
    if job.awaiting.kind == "question" and (resume.answer is None or resume.decision is not None):
        raise InvalidRequest('The job asked a question: send {"answer": "…"}.')
