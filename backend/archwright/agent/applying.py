"""A saved turn's calls, each taking effect exactly once: the call's id is the change's id."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from archwright.agent.approvals import Verdict, bulk_deletion, read_plan
from archwright.agent.prompts import (
    ASKED_ALREADY,
    ENOUGH_QUESTIONS,
    LEFT_TO_YOU,
    NO_MORE_PLANS,
    NO_PLAN_IN_A_STEP,
    NO_QUESTION_IN_A_STEP,
    ONE_PLAN,
    ONE_ROUND,
    PLAN_REFUSED,
    REFUSED_BY_PERSON,
    SKIPPED,
    SO_ALREADY,
)
from archwright.agent.reading import read
from archwright.agent.run import Run
from archwright.agent.tools import (
    ASSUMPTION,
    DELETIONS,
    EDGE_TOOLS,
    PLAN,
    QUESTION,
    READS,
    SECTION_TOOLS,
    deleted_nodes,
    ops_of,
    touched_nodes,
)
from archwright.diagram import layout
from archwright.diagram.assumptions import PREFIX, place_of
from archwright.diagram.change import Change
from archwright.diagram.core import diff
from archwright.diagram.document import orphans, position_of, standings
from archwright.diagram.layout import Plan
from archwright.diagram.model import Diagram
from archwright.diagram.ops import OpInput, SetSectionInput
from archwright.errors import LimitExceeded, OpRefused
from archwright.jobs.model import ToolCall, Turn
from archwright.sessions.commit import Edited
from archwright.store.ports import Json

QUESTIONS_AT_ONCE = 3
ROUNDS = 3
PLANS = 3
"""The most of each: questions in a round, rounds of a job that edits, plans of a job."""


async def apply_turn(run: Run, turn: Turn, verdict: Verdict, *, adopt: bool = False) -> None:
    """Run the calls of the turn in order, but for its questions and its plan, and record their outcomes. With `adopt`
    what stood there before takes the places that the turn's layout gave it."""
    plan = Plan.model_validate(turn.plan) if turn.plan else None
    earlier = [one for one in await run.turns(turn.context) if one.turn < turn.turn]
    done = [await _run_call(run, turn, call, plan, verdict, earlier) for call in turn.tool_calls]
    if adopt and plan is not None:
        await _follow_plan(run, turn, plan)
    await run.store.settle_turn(run.fence, turn.turn, tuple(done))


async def deletions_to_approve(run: Run, turn: Turn) -> list[str]:
    """Return the ids of the nodes that a person must let go. Decided once for a turn and kept, whatever becomes of the
    diagram meanwhile: an answer is to what was shown, also after a crash in the middle of the deletions."""
    if not any(call.name in DELETIONS for call in turn.tool_calls):
        return []
    session, owner = run.job.session_id, run.job.owner
    origin = run.origin(f"{run.job.id}.{turn.turn}.deletions", turn.turn)
    known = await run.store.marker(session, owner, origin.change_id)
    if known is None:
        ids = bulk_deletion(turn, (await run.sessions.snapshot(session, owner))[1])
        return list((await run.sessions.remember(session, owner, origin, {"ids": ids}))["ids"])
    return list(known.result["ids"])


async def _run_call(
    run: Run, turn: Turn, call: ToolCall, plan: Plan | None, verdict: Verdict, earlier: Sequence[Turn]
) -> ToolCall:
    if call.result is not None:  # refused when it was read, or told before: the trace keeps what the model was told
        return call
    start = time.perf_counter()
    if call.name in (QUESTION, PLAN):
        why = _why_not(run, turn, call, verdict, earlier)
        return call if why is None else call.model_copy(update={"result": why, "is_error": True})
    if call.name in READS:
        _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
        done = call.model_copy(update={"result": read(call.name, call.input, diagram)})
    else:
        done = await _write(run, turn, call, plan, verdict)
    return done.model_copy(update={"ms": round((time.perf_counter() - start) * 1_000, 1)})


def _why_not(run: Run, turn: Turn, call: ToolCall, verdict: Verdict, earlier: Sequence[Turn]) -> str | None:
    """Why a question or a plan is not taken; None when it waits for its answer or for being carried out."""
    if turn.context:
        return NO_QUESTION_IN_A_STEP if call.name == QUESTION else NO_PLAN_IN_A_STEP
    place = [one.id for one in turn.tool_calls if one.name == call.name and not one.is_error].index(call.id)
    before = [one for one in earlier if any(c.name == call.name and not c.is_error for c in one.tool_calls)]
    if call.name == QUESTION:
        return _why_not_asked(run, call, place, before)
    if place:
        return ONE_PLAN
    if verdict.no_plan:
        return PLAN_REFUSED.format(reason=f": {verdict.reason}" if verdict.reason else "")
    if len(before) >= PLANS:
        return NO_MORE_PLANS.format(count=PLANS)
    try:
        read_plan(call.input.get("steps"))
    except OpRefused as refused:
        return refused.detail
    return None


def _why_not_asked(run: Run, call: ToolCall, place: int, rounds: Sequence[Turn]) -> str | None:
    """Why a question is not put to the person: what they skipped or answered is not asked again."""
    asked = [one for turn in rounds for one in turn.tool_calls if one.name == QUESTION and not one.is_error]
    if asked and all(one.result == SKIPPED for one in asked):
        return LEFT_TO_YOU
    if _question_of(call) in [_question_of(one) for one in asked]:
        return ASKED_ALREADY
    if len(rounds) >= (1 if run.job.kind == "generate" else ROUNDS):
        return ENOUGH_QUESTIONS
    return ONE_ROUND.format(count=QUESTIONS_AT_ONCE) if place >= QUESTIONS_AT_ONCE else None


def _question_of(call: ToolCall) -> str:
    """A question as it is compared with another."""
    return " ".join(re.findall(r"\w+", str(call.input.get("question")).casefold()))


async def _write(run: Run, turn: Turn, call: ToolCall, plan: Plan | None, verdict: Verdict) -> ToolCall:
    session, owner, origin = run.job.session_id, run.job.owner, run.origin(call.id, turn.turn)
    _, diagram = await run.sessions.snapshot(session, owner)
    try:
        if set(deleted_nodes(call.name, call.input, diagram)) & set(verdict.spared):
            raise OpRefused(REFUSED_BY_PERSON.format(reason=f": {verdict.reason}" if verdict.reason else ""))
        await _check_document(run, call)
        await _check_scope(run, call, diagram)
        ops = _placed(ops_of(call.name, call.input, diagram), diagram)
        committed = await run.sessions.commit(session, owner, ops, origin, plan=plan, render=_rendered(call))
        return _told(call, committed.result)
    except (OpRefused, LimitExceeded) as error:
        return _told(call, await run.sessions.remember(session, owner, origin, {"text": error.detail, "error": True}))


async def _check_scope(run: Run, call: ToolCall, diagram: Diagram) -> None:
    """Raise OpRefused for what a job that follows up an assumption must leave alone: what does not rest on it."""
    if run.job.scope is None or call.name == ASSUMPTION:
        return
    before = await run.sessions.at_version(run.job.session_id, run.job.owner, run.job.base_version)
    touched = touched_nodes(call.name, call.input, diagram)
    foreign = {node_id for node_id in touched if node_id in before.nodes and node_id not in run.job.scope}
    beyond = foreign == touched if call.name in EDGE_TOOLS and touched else bool(foreign)
    if beyond or call.name in SECTION_TOOLS:
        names = ", ".join(run.job.scope) or "nothing"
        raise OpRefused(f"This job changes what rests on the assumption alone: {names}. Leave the rest as it is.")


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
        op.model_copy(update={"position": _position(op.slug, diagram)})
        if isinstance(op, SetSectionInput) and op.position is None and op.slug not in diagram.sections else op
        for op in ops
    ]  # fmt: skip


def _position(slug: str, diagram: Diagram) -> int:
    return place_of(slug, diagram) if slug.startswith(PREFIX) else position_of(slug, diagram)


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
    return "Changed." if change.ops else SO_ALREADY


async def _follow_plan(run: Run, turn: Turn, plan: Plan) -> None:
    """Let what stood there before take the places that the plan gave it."""
    session, owner = run.job.session_id, run.job.owner
    _, diagram = await run.sessions.snapshot(session, owner)
    if any(node.pinned for node in diagram.nodes.values()):
        return
    if diff(diagram, await asyncio.to_thread(layout.adopt, diagram, plan)):
        origin = run.origin(f"{run.job.id}.{turn.turn}.layout", turn.turn)
        await run.sessions.edit(
            session, owner, lambda newest: Edited(layout.adopt(newest, plan), arranged=True), origin
        )


async def tidy_up(run: Run, number: int) -> None:
    """Lay out anew what the steps of a plan drew beside each other, unless a person has placed something."""
    session, owner = run.job.session_id, run.job.owner
    _, diagram = await run.sessions.snapshot(session, owner)
    if not any(node.pinned for node in diagram.nodes.values()):
        origin = run.origin(f"{run.job.id}.{number}.layout", number)
        await run.sessions.edit(session, owner, lambda newest: Edited(layout.arrange(newest), arranged=True), origin)


async def drop_orphans(run: Run) -> None:
    """Remove from the document what the agent wrote about components that are no longer there, as one change; a text
    that somebody changes meanwhile stays."""
    session, owner = run.job.session_id, run.job.owner
    _, seen = await run.sessions.snapshot(session, owner)
    gone = orphans(standings(await run.store.changes(session, owner, 0)))

    def without(newest: Diagram) -> Edited:
        same = {slug for slug in gone if newest.sections.get(slug) == seen.sections.get(slug)}
        kept = {slug: section for slug, section in newest.sections.items() if slug not in same}
        return Edited(newest.replace(sections=kept))

    if gone:
        await run.sessions.edit(session, owner, without, run.origin(f"{run.job.id}.orphans", 0))


async def settle_calls(run: Run, number: int, results: Mapping[str, str]) -> None:
    """Record what came of calls that waited for a person or for a plan, by the calls' ids."""
    turn = await run.turn(number)
    calls = tuple(
        call.model_copy(update={"result": results[call.id]}) if call.id in results else call
        for call in turn.tool_calls
    )  # fmt: skip
    await run.store.settle_turn(run.fence, number, calls)
