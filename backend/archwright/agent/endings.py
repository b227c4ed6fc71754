"""How a job ends: its status, its last message and why, all by what the change log holds. Pure."""

from archwright.agent.claims import is_false
from archwright.agent.missing import Account
from archwright.diagram.deeds import told
from archwright.jobs.model import Job, JobError
from archwright.jobs.ports import Finished

_WORDS_MAX = 1_500


def ended(job: Job, stop: str, account: Account) -> Finished:
    """Return the end of a job; `stop` is why it ended early, as `type: sentence`, empty when it did not."""
    words = _true_words(job, account)
    if not stop:
        return Finished("succeeded", words or told(account.deeds, account.diagram))
    kind, _, reason = stop.partition(": ")
    error = JobError(type=kind, detail=reason)
    if kind == "refusal":
        return Finished("failed", words or reason, error)
    done = told(account.deeds, account.diagram) if account.deeds or not reason.startswith("Nothing was") else ""
    first = " ".join(part for part in (reason, done) if part)
    if account.deeds or not _worth_saying(words):
        return Finished("incomplete", first, error)
    return Finished("incomplete", f"{words}\n\n{first}", error)


def _true_words(job: Job, account: Account) -> str:
    """What the model said last, unless it claims what was not done."""
    answer = job.kind == "question"
    return "" if is_false(account.words, account.deeds, account.diagram, answer=answer) else account.words


def _worth_saying(words: str) -> bool:
    """Whether words without a deed tell a person something: calls written as text do not."""
    return bool(words) and len(words) <= _WORDS_MAX and not words.lstrip("` \njson").startswith(("{", "["))
