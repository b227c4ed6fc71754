"""A plan and its steps: which may run now, how one is carried out, and what the model hears of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.types import interrupt

from archwright.agent.accounts import account_of_step
from archwright.agent.applying import apply_turn, deletions_to_approve
from archwright.agent.approvals import Verdict, deletion_proposal, on_deletion
from archwright.agent.asking import Dialogue, next_turn
from archwright.agent.claims import claims_something, is_false
from archwright.agent.context import is_unfinished, step_messages
from archwright.agent.missing import Account, Missing, missing_in_step
from archwright.agent.run import Run
from archwright.diagram.deeds import told
from archwright.jobs.model import PlanStep, Turn

Outcome = dict[str, str]
"""`status` is done, failed or skipped; `words` are what the model said at the end, or why it failed."""

STOPS = {
    "refusal": "refusal: The model declined to do this.",
    "model_context_window_exceeded": "context: It stopped because the model's context was full.",
}
_WORDS_MAX = 500


def ready(plan: Sequence[PlanStep], done: Mapping[str, Outcome]) -> list[PlanStep]:
    """Return the steps that may run now: not done, and all that they wait for is."""
    finished = {step_id for step_id, outcome in done.items() if outcome["status"] == "done"}
    return [step for step in plan if step.id not in done and set(step.after) <= finished]


def left_of(plan: Sequence[PlanStep], done: Mapping[str, Outcome]) -> list[str]:
    """Return the titles of the steps that were not done."""
    return [step.title for step in plan if step.id not in done or done[step.id]["status"] != "done"]


def report(plan: Sequence[PlanStep], done: Mapping[str, Outcome]) -> str:
    """Return what the model reads of its plan: a line for each step."""
    skipped = {"status": "skipped", "words": "what it waits for was not done"}
    outcomes = ((step.id, done.get(step.id, skipped)) for step in plan)
    return "\n".join(f"{step_id}: {outcome['status']} — {outcome['words']}" for step_id, outcome in outcomes)


async def carry_out(run: Run, number: int, plan: Sequence[PlanStep], step: PlanStep) -> Outcome | None:
    """Carry out a step of the plan that turn `number` made, in a dialogue of its own, and return what came of it; None
    when the process must stop first.

    May be called again after a crash: what the store has of it is neither asked for nor done a second time.
    """

    async def opening() -> list[dict[str, Any]]:
        _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
        return step_messages(run.job, diagram, plan, step)

    async with run.places:
        dialogue, known, findings = Dialogue(opening, name=f"step:{number}:{step.id}"), 0, ""
        while not run.control.drain.is_set():
            turn = await next_turn(run, dialogue, known, findings)
            if isinstance(turn, str):
                return _failed(turn.partition(": ")[2])
            if turn.stop_reason in STOPS:
                return _failed(STOPS[turn.stop_reason].partition(": ")[2])
            if not turn.tool_calls and not is_unfinished(turn):
                outcome, findings = await _reviewed(run, step, await run.turns(dialogue.name), known)
                if outcome is not None:
                    return outcome
            else:
                await apply_turn(run, turn, await _allowed(run, turn))
            known += 1
        return None


async def _reviewed(run: Run, step: PlanStep, turns: Sequence[Turn], known: int) -> tuple[Outcome | None, str]:
    """What came of a step whose turn after the first `known` ones had no calls; or None, and what the model is asked
    since the log holds nothing of the step: once, in the first of such turns."""
    if len(turns) > known + 1:
        return None, ""
    account = await account_of_step(run, turns)
    left = missing_in_step(step, account)
    if left is not None and left.ask and all(turn.tool_calls or is_unfinished(turn) for turn in turns[:known]):
        return None, left.ask
    return _outcome(account, left), ""


async def _allowed(run: Run, turn: Turn) -> Verdict:
    """Wait for a person before many nodes go."""
    ids = await deletions_to_approve(run, turn)
    if not ids:
        return Verdict()
    return on_deletion(Verdict(), ids, interrupt(deletion_proposal(turn, ids)))


def _outcome(account: Account, left: Missing | None) -> Outcome:
    """A step failed when each of its calls was refused, or when it changed nothing though it should have."""
    words = account.words
    if is_false(words, account.deeds, account.diagram):
        words = told(account.deeds, account.diagram)
    if account.calls and all(call.is_error for call in account.calls):
        return _failed(f"{words} {account.calls[-1].result or ''}".strip())
    if left is not None:
        return _failed(left.reason if claims_something(account.words) else f"{left.reason} {words}".strip())
    return {"status": "done", "words": words[:_WORDS_MAX] or told(account.deeds, account.diagram)}


def _failed(why: str) -> Outcome:
    return {"status": "failed", "words": why[:_WORDS_MAX]}
