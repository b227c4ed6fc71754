"""The sets by name: their cases, how one is run, and how it is judged."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from archwright.jobs.submission import Submitted
from evals import cases
from evals.cases import AskCase, DocumentCase, EditCase, Part
from evals.outcomes import Outcome, Verdict, judge_ask, judge_document, judge_drawing, judge_edit
from evals.running import Product, run_ask, run_document, run_edit, run_prompt, submit_ask, submit_edit


@dataclass(frozen=True, slots=True)
class Trial:
    """A case ready to be run. `submit` stores its job without running it, for the flows that need the first turn
    alone; None where that says nothing."""

    id: str
    text: str
    run: Callable[[Product], Awaitable[Outcome]]
    judge: Callable[[Outcome], Verdict]
    submit: Callable[[Product], Awaitable[Submitted]] | None = None

    def matches(self, words: str) -> bool:
        """Whether `--only` means this case: a part of its id or of its text, in any letter case."""
        return words.casefold() in f"{self.id} {self.text}".casefold()


def _edit(case: EditCase) -> Trial:
    text = f"{case.diagram}: {case.request}"
    return Trial(
        case.id, text, partial(run_edit, case=case), partial(judge_edit, case), partial(submit_edit, case=case)
    )


def _ask(case: AskCase) -> Trial:
    return Trial(
        case.id, case.request, partial(run_ask, case=case), partial(judge_ask, case), partial(submit_ask, case=case)
    )


def _document(case: DocumentCase) -> Trial:
    return Trial(
        case.id, f"{case.diagram}: {case.request}", partial(run_document, case=case), partial(judge_document, case)
    )


def _drawing(expected: dict[str, Any]) -> Trial:
    text = str(expected["text"])
    name = cases.case_id("draw", text)
    return Trial(name, text, partial(run_prompt, text=text), partial(judge_drawing, expected, name))


SETS: dict[str, Callable[[Part], list[Trial]]] = {
    "edits": lambda part: [_edit(case) for case in cases.edits(part)],
    "vague": lambda part: [_ask(case) for case in cases.asks()],
    "documents": lambda part: [_document(case) for case in cases.documents()],
    "drawings": lambda part: [_drawing(expected) for expected in cases.drawings(part)],
}
