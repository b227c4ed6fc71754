"""What a job or a step of a plan was to do and did not: what it is asked once more, and why it ends short. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archwright.agent.claims import claims_something, is_false
from archwright.agent.prompts import BY_PERSON, SO_ALREADY
from archwright.diagram.deeds import Deeds, deeds_of, enumerated
from archwright.diagram.model import Diagram
from archwright.diagram.ops import Op
from archwright.jobs.model import Job, PlanStep, ToolCall
from archwright.jobs.routing import wants_change, wants_drawing

_EXPLAINS = re.compile(
    r"\b(?:no|not|nothing|none|cannot|could|unclear|already|unless|refused|impossible)\b|n['’]t\b|\?", re.IGNORECASE
)
_ALREADY = re.compile(
    r"\balready\b|\bnothing (?:had|has|needs?|to)\b[^.!?]{0,30}\bchanged?\b|\bno changes? (?:is|are|was|were) needed\b",
    re.IGNORECASE,
)
_LOOKS = re.compile(r"^\W*(?:check|review|verify|inspect|make sure|ensure|confirm|look|examine)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to tell of a job or a step: the ops of its changes, its calls, its last words, how things stand
    now, and the titles of the steps that its last plan left."""

    ops: Sequence[Op]
    calls: Sequence[ToolCall]
    words: str
    diagram: Diagram
    left: Sequence[str] = ()

    @property
    def deeds(self) -> Deeds:
        return deeds_of(self.ops)

    @property
    def refused_by_person(self) -> bool:
        return any((call.result or "").startswith(BY_PERSON) for call in self.calls)

    @property
    def so_already(self) -> bool:
        """Whether what was asked for was there before, by the answers to the calls or by the last words."""
        if claims_something(self.words):
            return False
        return any(call.result == SO_ALREADY for call in self.calls) or bool(_ALREADY.search(self.words))


@dataclass(frozen=True, slots=True)
class Missing:
    """What was not done: `kind` and `reason` as a job's error tells it; `ask` is what the model is asked, empty when it
    has said enough."""

    kind: str
    reason: str
    ask: str = ""


def missing(job: Job, account: Account, titles: Mapping[str, str]) -> Missing | None:
    """Return what a job left undone, None when the log holds what it was to do, or a person decided otherwise.

    `titles` are the sections that a document job has still to write, by slug."""
    if job.kind == "document" and job.sections:
        return _unwritten(titles)
    deeds = account.deeds
    if wants_drawing(job) and not deeds.added and not account.refused_by_person:
        return Missing("nothing-drawn", _reason("was drawn", account), _ask("drawn", "add_node and add_edge", account))
    if account.left and not account.refused_by_person:
        return Missing("plan-unfinished", f"Of the plan this was not done: {enumerated(account.left)}.")
    if deeds or account.refused_by_person or not _owes_a_change(job, account):
        return None
    if not account.words and job.kind == "question":
        return Missing("no-answer", "The model's reply was empty.", "Your reply was empty. Answer in words.")
    return _unchanged(account)


def missing_in_step(step: PlanStep, account: Account) -> Missing | None:
    """Return what a step left undone; a step that was to look only is done with words."""
    looks = _LOOKS.match(step.task) is not None and account.words and not claims_something(account.words)
    if account.deeds or account.refused_by_person or account.so_already or looks:
        return None
    return _unchanged(account)


def _owes_a_change(job: Job, account: Account) -> bool:
    """Whether a job without a change should have made one, or at least says that it did."""
    answer = job.kind == "question"
    if not account.words or is_false(account.words, account.deeds, account.diagram, answer=answer):
        return True
    return job.kind == "edit" and not job.assumption and wants_change(job.text) and not account.so_already


def _unchanged(account: Account) -> Missing:
    honest = _EXPLAINS.search(account.words) and not claims_something(account.words)
    ask = "" if honest else _ask("changed", "the tools", account)
    return Missing("nothing-changed", _reason("was changed", account), ask)


def _unwritten(titles: Mapping[str, str]) -> Missing | None:
    if not titles:
        return None
    listed = "\n".join(f"{slug} | {title}" for slug, title in titles.items())
    ask = (
        "These sections are not written yet. Write each with update_document_section, in as many replies as it needs:\n"
        f"{listed}"
    )
    count = "1 section was" if len(titles) == 1 else f"{len(titles)} sections were"
    named = ", ".join(titles.values())
    return Missing("sections-left-out", f"{count} left out of the document: {named}.", _missing_block(ask))


def _reason(done: str, account: Account) -> str:
    writing = [call for call in account.calls if call.result is not None]
    if writing and all(call.is_error for call in writing):
        return f"Nothing {done}: every call of the model was refused."
    if writing:
        return f"Nothing {done}: no call of the model changed anything."
    if not account.words:
        return f"Nothing {done}: the model's reply was empty."
    return f"Nothing {done}: the model answered in words and made no call."


def _ask(done: str, tools: str, account: Account) -> str:
    refused = [call.result for call in account.calls if call.is_error and call.result]
    why = f" The last refusal was: {refused[-1]}" if refused else ""
    return _missing_block(
        f"Nothing is {done} yet: the change log holds nothing of this job. What stands in a reply as text is not "
        f"{done}; only calls of {tools} are.{why} Make the calls now. If it cannot be done, say why in one sentence."
    )


def _missing_block(text: str) -> str:
    return f"<missing>\n{text}\n</missing>"
