"""The nodes of the graph: each takes the state and returns what of it is new. What they do lasts in the store."""

from collections.abc import Sequence
from typing import Any, TypedDict

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from archwright.agent.accounts import account_of_job, sections_left
from archwright.agent.applying import apply_turn, deletions_to_approve, drop_orphans, settle_calls, tidy_up
from archwright.agent.approvals import (
    Verdict,
    deletion_proposal,
    estimate_usd,
    on_deletion,
    on_plan,
    plan_in,
    plan_proposal,
)
from archwright.agent.asking import Dialogue, next_turn
from archwright.agent.context import findings_text, first_messages, took_effect
from archwright.agent.intent import settle_route
from archwright.agent.memory import recall, remember
from archwright.agent.missing import Missing, missing
from archwright.agent.prompts import SKIPPED
from archwright.agent.run import Run, State
from archwright.agent.steps import STOPS, carry_out, left_of, ready, report
from archwright.agent.tools import PLAN, QUESTION, listed
from archwright.agent.undoing import undo
from archwright.diagram.lint import Finding, lint
from archwright.diagram.model import Diagram
from archwright.jobs.model import PlanStep, ToolCall
from archwright.jobs.routing import undo_wish
from archwright.sessions.text import check_prompt


class Sent(TypedDict):
    """What a step is sent: itself, the plan that it belongs to with the turn that made it, and what is done of it."""

    turn: int
    step: dict[str, Any]
    plan: list[dict[str, Any]]
    done: dict[str, Any]


async def prepare(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Guard the input, say that the work has begun, sort the request and sum up a long conversation."""
    run = runtime.context
    check_prompt(run.job.text)
    await run.board.say("thinking", "Reading the request")
    if wish := undo_wish(run.job.text):
        await undo(run, wish)
        return {}
    await settle_route(run)
    if run.job.kind != "off_topic":
        await remember(run)
    if run.job.kind == "document":
        await drop_orphans(run)
    return {}


async def ask(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Bring the next turn into the store, by asking the model unless it is there already."""
    run = runtime.context
    known = [turn for turn in await run.turns() if turn.turn <= state["turn"]]
    turn = await next_turn(run, _own(run), len(known), state["findings"])
    if isinstance(turn, str):
        return {"stop": turn}
    return {"turn": turn.turn, "findings": "", "verdict": None, "plan": []}


def _own(run: Run) -> Dialogue:
    """The job's own conversation with the model."""

    async def opening() -> list[dict[str, Any]]:
        _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
        memory, earlier = await recall(run)
        return first_messages(run.job, diagram, earlier, memory.summary)

    return Dialogue(opening, free=run.job.kind == "generate")


async def halt(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """The model ended for a reason of its own; what is drawn stays."""
    return {"stop": STOPS[(await runtime.context.turn(state["turn"])).stop_reason]}


async def approve(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Wait for a person before many nodes go, and before a plan that costs as much as they want to decide on."""
    run, verdict = runtime.context, Verdict()
    turn = await run.turn(state["turn"])
    ids = await deletions_to_approve(run, turn)
    if ids:
        verdict = on_deletion(verdict, ids, interrupt(deletion_proposal(turn, ids)))
    planned, limit = plan_in(turn, verdict), run.job.approve_above_usd
    if planned is not None and limit is not None:
        estimate = estimate_usd(turn, len(planned[1]), run.price)
        if estimate >= limit:
            verdict = on_plan(verdict, interrupt(plan_proposal(turn, planned[1], estimate)))
    return {"verdict": verdict.to_json()}


async def apply(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    run = runtime.context
    turn = await run.turn(state["turn"])
    await apply_turn(run, turn, Verdict.of(state["verdict"]), adopt=run.job.kind == "generate")
    return {}


async def answer(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Wait for the answers to what the turn asked; take up the plan that it made."""
    run = runtime.context
    turn = await run.turn(state["turn"])
    asked = [call for call in turn.tool_calls if call.name == QUESTION and not call.is_error]
    if asked and any(call.result is None for call in asked):
        await settle_calls(run, turn.turn, _answers(turn.turn, asked))
    planned = plan_in(turn, Verdict.of(state["verdict"]))
    if planned is None:
        return {}
    run.board.plan(planned[1], {})
    await run.board.say("planning", f"A plan of {len(planned[1])} steps")
    return {"plan": [step.model_dump(mode="json") for step in planned[1]], "done": {}, "left": []}


def _answers(number: int, asked: Sequence[ToolCall]) -> dict[str, str]:
    """Ask a person all questions of a round, as often as they leave some of them open."""
    given: dict[str, str] = {}
    while open_ := [call for call in asked if call.id not in given]:
        answer = interrupt(_question(f"{number}/{len(given) + 1}", open_))
        if answer.get("skip"):
            given |= {call.id: SKIPPED for call in open_}
        else:
            texts = answer.get("answers") or [answer["answer"]]
            given |= {call.id: text or SKIPPED for call, text in zip(open_, texts, strict=False)}
    return given


def _question(key: str, calls: Sequence[ToolCall]) -> dict[str, Any]:
    questions = [
        {
            "question": str(call.input.get("question") or "Which do you mean?"),
            "options": [str(option) for option in listed(call.input.get("options"))],
        }
        for call in calls
    ]
    return {"kind": "question", "key": key, "questions": questions, **questions[0]}


async def step(state: Sent, runtime: Runtime[Run]) -> dict[str, Any]:
    """Carry out one step of the plan, beside those that run at the same time."""
    run, this = runtime.context, PlanStep(**state["step"])
    plan = [PlanStep(**one) for one in state["plan"]]
    if not run.board.steps:
        run.board.plan(plan, state["done"])
    await run.board.tick(this, "running")
    outcome = await carry_out(run, state["turn"], plan, this)
    if outcome is None:
        return {}
    await run.board.tick(this, outcome["status"])
    return {"done": {this.id: outcome}}


async def gather(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """When nothing of the plan is left to do, tell the model what came of it."""
    run, plan = runtime.context, [PlanStep(**one) for one in state["plan"]]
    if not plan or ready(plan, state["done"]):
        return {}
    for skipped in [one for one in plan if one.id not in state["done"]]:
        await run.board.tick(skipped, "skipped")
    turn = await run.turn(state["turn"])
    planned = plan_in(turn, Verdict.of(state["verdict"]))
    if planned is not None:
        if run.job.kind == "generate":
            await tidy_up(run, turn.turn)
        await settle_calls(run, turn.turn, {planned[0].id: report(plan, state["done"])})
    return {"plan": [], "left": left_of(plan, state["done"])}


async def review(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Give the model, once each, what the job was to do and the log does not hold, and what a reviewer would object to
    in what it drew. What is still not done then is why the job ends short."""
    run = runtime.context
    undone = await _undone(run, state)
    if undone is not None and undone.ask and not state.get("asked"):
        return {"asked": True, "findings": undone.ask}
    if undone is not None:
        return {"stop": f"{undone.kind}: {undone.reason}", "findings": ""}
    session, owner = run.job.session_id, run.job.owner
    _, diagram = await run.sessions.snapshot(session, owner)
    known = lint(await run.sessions.at_version(session, owner, run.job.base_version))
    new = [] if state["reviewed"] else _new_findings(diagram, known)
    return {"reviewed": True, "findings": findings_text(new) if new else ""}


async def _undone(run: Run, state: State) -> Missing | None:
    """What the job was to do and did not. What a plan left counts until the model has changed something after it."""
    own = await run.turns()
    plans = [turn.turn for turn in own if any(c.name == PLAN and not c.is_error for c in turn.tool_calls)]
    since = [turn for turn in own if turn.turn > max(plans, default=0)]
    left = [] if any(took_effect(turn) for turn in since) else state.get("left") or []
    return missing(run.job, await account_of_job(run, left), await sections_left(run))


def _new_findings(diagram: Diagram, known: tuple[Finding, ...]) -> list[Finding]:
    before = {(finding.rule, finding.ids) for finding in known}
    return [f for f in lint(diagram) if f.fixable and (f.rule, f.ids) not in before]
