"""A saved turn's calls, each taking effect exactly once: the call's id is the change's id."""

import asyncio
import time
from typing import Any

from archwright.agent.prompts import ONE_QUESTION, REFUSED_BY_PERSON
from archwright.agent.reading import read
from archwright.agent.run import Run, State
from archwright.agent.tools import QUESTION, READS, deleted_nodes, ops_of
from archwright.diagram import layout
from archwright.diagram.change import Change
from archwright.diagram.core import diff
from archwright.diagram.document import position_of, standings
from archwright.diagram.layout import Plan
from archwright.diagram.model import Diagram
from archwright.diagram.ops import OpInput, SetSectionInput
from archwright.errors import LimitExceeded, OpRefused
from archwright.jobs.model import ToolCall, Turn
from archwright.sessions.commit import Edited
from archwright.store.ports import Json

BULK = 5
BULK_SHARE = 0.25


def bulk_deletion(turn: Turn, diagram: Diagram) -> list[str]:
    """Return the ids of the nodes that the turn deletes, when they are so many that a person must approve."""
    ids = list(dict.fromkeys(n for call in turn.tool_calls for n in deleted_nodes(call.name, call.input, diagram)))
    many = len(ids) > BULK or (len(ids) > 1 and len(ids) > BULK_SHARE * len(diagram.nodes))
    return ids if many else []


async def apply_turn(run: Run, state: State) -> None:
    """Run the calls of the turn in order, but for its questions, and record their outcomes."""
    turn = await run.turn(state["turn"])
    plan = Plan.model_validate(turn.plan) if turn.plan else None
    done = [await _run_call(run, turn, call, plan, state["refusal"]) for call in turn.tool_calls]
    await _follow_plan(run, turn, plan)
    await run.store.settle_turn(run.fence, turn.turn, tuple(done))


async def _run_call(run: Run, turn: Turn, call: ToolCall, plan: Plan | None, refusal: str | None) -> ToolCall:
    start = time.perf_counter()
    if call.name == QUESTION:
        return _question_of(turn, call)
    if call.name in READS:
        _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
        done = call.model_copy(update={"result": read(call.name, call.input, diagram)})
    else:
        done = await _write(run, turn, call, plan, refusal)
    return done.model_copy(update={"ms": round((time.perf_counter() - start) * 1_000, 1)})


def _question_of(turn: Turn, call: ToolCall) -> ToolCall:
    """The first question is answered later, by the person; any other one at once."""
    first = next(c for c in turn.tool_calls if c.name == QUESTION)
    return call if call.id == first.id else call.model_copy(update={"result": ONE_QUESTION, "is_error": True})


async def _write(run: Run, turn: Turn, call: ToolCall, plan: Plan | None, refusal: str | None) -> ToolCall:
    session, owner, origin = run.job.session_id, run.job.owner, run.origin(call.id, turn.turn)
    _, diagram = await run.sessions.snapshot(session, owner)
    try:
        if refusal is not None and deleted_nodes(call.name, call.input, diagram):
            raise OpRefused(REFUSED_BY_PERSON.format(reason=f": {refusal}" if refusal else ""))
        await _check_document(run, call)
        ops = _placed(ops_of(call.name, call.input, diagram), diagram)
        committed = await run.sessions.commit(session, owner, ops, origin, plan=plan, render=_rendered(call))
        return _told(call, committed.result)
    except (OpRefused, LimitExceeded) as error:
        return _told(call, await run.sessions.remember(session, owner, origin, {"text": error.detail, "error": True}))


async def _check_document(run: Run, call: ToolCall) -> None:
    """Raise OpRefused for what a document job must leave alone: the diagram, and what a person wrote."""
    if run.job.kind != "document":
        return
    slug = str(call.input.get("slug", ""))
    if call.name != "update_document_section" or slug not in run.job.sections:
        raise OpRefused(f"This job writes these sections alone: {', '.join(run.job.sections)}.")
    now = standings(await run.store.changes(run.job.session_id, run.job.owner, 0))
    if slug in now and now[slug].by == "user":
        raise OpRefused(f"A person wrote '{slug}' meanwhile; it stays as it is.")


def _placed(ops: list[OpInput], diagram: Diagram) -> list[OpInput]:
    """A new section goes to its usual place; one that is there stays where it is."""
    return [
        op.model_copy(update={"position": position_of(op.slug, diagram)})
        if isinstance(op, SetSectionInput) and op.position is None and op.slug not in diagram.sections else op
        for op in ops
    ]  # fmt: skip


def _told(call: ToolCall, result: Json) -> ToolCall:
    """The call with its outcome, as it was stored the first time."""
    if result.get("error"):
        return call.model_copy(update={"result": result["text"], "is_error": True})
    return call.model_copy(update={"result": result["text"], "change_id": call.id, "version": result["version"]})


def _rendered(call: ToolCall) -> Any:
    def render(change: Change, after: Diagram) -> Json:
        return {"version": change.version, "text": _sentence(call, change)}

    return render


def _sentence(call: ToolCall, change: Change) -> str:
    """What the model reads of a call that took effect."""
    made = [op.edge.id for op in change.ops if op.op == "add_edge"]
    removed = [op.id for op in change.ops if op.op == "delete_edge"]
    match call.name:
        case "add_edge":
            return f"Connected as {made[0]}." if made else "Connected."
        case "delete_node" | "ungroup":
            return f"Removed{', with the edges ' + ', '.join(removed) if removed else ''}."
        case "delete_edge" | "delete_document_section":
            return "Removed."
        case "add_node" | "group_nodes":
            return f"Added {call.input['id']}."
    return "Changed." if change.ops else "Nothing to change: it was so already."


async def _follow_plan(run: Run, turn: Turn, plan: Plan | None) -> None:
    """After a turn of a generation, let what stood there before take the places that the plan gave it."""
    if plan is None or run.job.kind != "generate":
        return
    session, owner = run.job.session_id, run.job.owner
    _, diagram = await run.sessions.snapshot(session, owner)
    if any(node.pinned for node in diagram.nodes.values()):
        return
    if diff(diagram, await asyncio.to_thread(layout.adopt, diagram, plan)):
        origin = run.origin(f"{run.job.id}.{turn.turn}.layout", turn.turn)
        await run.sessions.edit(
            session, owner, lambda newest: Edited(layout.adopt(newest, plan), arranged=True), origin
        )


async def answer_question(run: Run, state: State, call: ToolCall, answer: str) -> None:
    """Record a person's answer as the result of the question that they were asked."""
    turn = await run.turn(state["turn"])
    calls = tuple(c.model_copy(update={"result": answer}) if c.id == call.id else c for c in turn.tool_calls)
    await run.store.settle_turn(run.fence, turn.turn, calls)
