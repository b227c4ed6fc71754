"""Decisions about jobs, all pure."""

import re
from collections.abc import Sequence
from typing import Protocol

from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest
from archwright.jobs.model import Job, JobKind, Resume, Route


class ModelNames(Protocol):
    """The models that may be asked for. `small` and `large` are for little and for hard work, when a choice is ours:
    None where there is no such model, or where somebody has settled on a default."""

    @property
    def default(self) -> str: ...

    @property
    def ids(self) -> Sequence[str]: ...

    @property
    def small(self) -> str | None: ...

    @property
    def large(self) -> str | None: ...


TITLE_MAX = 80
_ARTICLE = re.compile(r"^(an?|the)\s+(?=\S)", re.IGNORECASE)
_CLAUSE = re.compile(r"[.:;!?\n]|,(?=\s)|\s[–—-]\s")
_REQUEST_WORDS = re.compile(
    r"^(please\s+)?((draw|design|create|build|make|generate|sketch|show|model|architect)\b\s*)?(me\s+)?", re.IGNORECASE
)


_ASKS = re.compile(
    r"^(?:so\s+|and\s+|but\s+)?(?:what|why|how|which|who|where|when|is|are|does|do|did|should|would|explain|describe|"
    r"compare|summari[sz]e|tell me|list)\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:add|remove|delete|replace|change|move|rename|connect|split|merge|insert|put|make|draw|group|use|swap|convert|"
    r"scale|redraw|introduce)\b",
    re.IGNORECASE,
)
_STRONGEST = re.compile(r"\b(?:use|with|ask)\s+(?:claude\s+)?opus\b", re.IGNORECASE)
_SMALL_EDIT = 160
"""Characters of a request that a small model can be trusted with."""


def kind_of(text: str, diagram: Diagram) -> JobKind:
    """A request on an empty canvas is a generation; any other is a question when it asks and orders nothing."""
    if not diagram.nodes:
        return "generate"
    return "question" if _is_question(text) else "edit"


def _is_question(text: str) -> bool:
    first = text.strip().split("\n", 1)[0]
    asks = _ASKS.match(first) is not None or text.rstrip().endswith("?")
    return asks and _ORDERS.search(text) is None


def route(kind: JobKind, text: str, models: ModelNames) -> Route:
    """Choose the model of a request for which the person named none, and say why."""
    if _STRONGEST.search(text) and models.large is not None:
        return Route(model=models.large, reason="The request names Opus.")
    if models.small is not None and kind == "question":
        return Route(model=models.small, reason="A question about the diagram is answered by the small model.")
    if models.small is not None and kind == "edit" and len(text) <= _SMALL_EDIT and text.count(",") < 3:
        return Route(model=models.small, reason="A short edit is within the small model's reach.")
    return Route(model=models.default, reason=f"The default model for work of the kind '{kind}'.")


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
