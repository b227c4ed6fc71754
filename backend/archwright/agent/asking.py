"""One turn of the model: asked, shown while it streams, and saved before any of its calls runs."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from archwright.agent.context import (
    first_messages,
    messages_so_far,
    next_messages,
    previous_message,
    request_record,
)
from archwright.agent.prompts import SYSTEM
from archwright.agent.run import Run, State
from archwright.agent.sketch import Sketch
from archwright.agent.tools import DEFINITIONS
from archwright.errors import ModelError, ModelRetryable
from archwright.ids import utc_now
from archwright.jobs.model import Attempted, Progress, ToolCall, Turn
from archwright.model.calls import Answered, ask, cost_of, used_by
from archwright.model.ports import ModelEvent, ModelRequest, Reply, TextDelta, ToolCallDone

MAX_TOKENS = 20_000
_SHOW_EVERY_S = 0.1
_SAME = 3
_REFUSED_IN_A_ROW = 5


async def take_turn(run: Run, state: State) -> dict[str, Any]:
    """Bring the next turn into the store, by asking the model unless it is there already."""
    turns = await run.store.turns(run.job.id)
    number = state["turn"] + 1
    if len(turns) < number:
        stop = _exhausted(run, turns, (await run.store.job(run.job.id)).usage.output_tokens)
        if stop:
            return {"stop": stop}
        try:
            await _ask(run, turns, number, state["findings"])
        except ModelRetryable as failed:
            if failed.extra.get("deadline") and (stop := _exhausted(run, turns, 0)):
                return {"stop": stop}
            raise
    return {"turn": number, "findings": "", "refusal": None}


async def _ask(run: Run, turns: Sequence[Turn], number: int, findings: str) -> None:
    _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
    new = next_messages(turns[-1], findings) if turns else await _opening(run)
    request, *others = _requests(run, turns, new)
    free = run.job.kind == "generate" and not any(node.pinned for node in diagram.nodes.values())
    show = _Show(run, turns, number, Sketch(diagram, free))
    try:
        answered = await ask(
            run.model, request, show.tell, deadline=_deadline(run), retry_s=run.retry_s,
            fallbacks=others, fall_back_after_s=run.fallback.after_s,
        )  # fmt: skip
    except ModelError as failed:
        errors: tuple[Attempted, ...] = failed.extra.get("errors") or ()
        await run.store.add_usage(run.fence, used_by(errors), cost_of(errors, run.price))
        raise
    answered = replace(answered, reply=await _with_own_ids(run, number, answered.reply))
    await run.store.save_turn(run.fence, await _turn(run, number, new, answered, Sketch(diagram, free)))


def _requests(run: Run, turns: Sequence[Turn], new: list[dict[str, Any]]) -> list[ModelRequest]:
    """The next turn as each model of the chain would be asked for it, beginning with the one that answered last."""
    current = turns[-1].request["model"] if turns else run.job.model
    return [
        ModelRequest(
            model=model,
            system=SYSTEM,
            tools=DEFINITIONS,
            messages=(*messages_so_far(turns, model), *new),
            max_tokens=MAX_TOKENS,
            previous_message_id=previous_message(turns, model),
        )
        for model in run.fallback.order(run.job.model, current)
    ]


async def _with_own_ids(run: Run, number: int, reply: Reply) -> Reply:
    """Return the reply with call ids that are new to the session: some servers count from call_0 in each reply,
    and a call's id is the id of its change."""
    used = [call.id for turn in await run.store.turns(run.job.id) for call in turn.tool_calls]
    content = list(reply.content)
    for at, block in enumerate(content):
        if block["type"] != "tool_use":
            continue
        if block["id"] in used or await run.store.marker(run.job.session_id, run.job.owner, block["id"]):
            content[at] = {**block, "id": f"{block['id']}_{run.job.id}_{number}_{at}"}
        used.append(block["id"])
    return replace(reply, content=tuple(content))


async def _opening(run: Run) -> list[dict[str, Any]]:
    _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
    earlier = await run.store.recent_messages(run.job.session_id, run.job.owner, 12)
    return first_messages(run.job, diagram, earlier)


async def _turn(run: Run, number: int, new: list[dict[str, Any]], answered: Answered, sketch: Sketch) -> Turn:
    reply, model = answered.reply, answered.request.model
    calls = tuple(
        ToolCall(id=block["id"], name=block["name"], input=block["input"])
        for block in reply.content
        if block["type"] == "tool_use"
    )
    for call in calls:
        sketch.add(call.name, call.input)
    plan = await asyncio.to_thread(sketch.plan) if calls else None
    usage = reply.usage + answered.wasted
    return Turn(
        turn=number,
        model=reply.model,
        request=request_record(model, new),
        reply=list(reply.content),
        stop_reason=reply.stop_reason,
        message_id=reply.message_id,
        usage=usage,
        cost_usd=round(run.price(model, reply.usage) + cost_of(answered.errors, run.price), 9),
        first_token_ms=reply.first_token_ms,
        total_ms=reply.total_ms,
        retries=len(answered.errors),
        errors=answered.errors,
        tool_calls=calls,
        plan=plan.model_dump(mode="json") if plan else None,
        at=utc_now(),
    )


class _Show:
    """Shows a streaming turn on the job: at once its first complete call, then at most ten times a second."""

    def __init__(self, run: Run, turns: Sequence[Turn], number: int, sketch: Sketch) -> None:
        self._run = run
        self._number = number
        self._blank = sketch
        self._calls = [call for turn in turns for call in turn.tool_calls]
        self._start_anew()

    def _start_anew(self) -> None:
        self._sketch = self._blank.copy()
        self._text = ""
        self._streamed = 0
        self._next_at = 0.0
        self._preview: dict[str, Any] | None = None

    async def tell(self, event: ModelEvent | None) -> None:
        loop = asyncio.get_running_loop()
        if event is None:
            self._start_anew()
            await self._write("retrying", "The model did not answer in full; trying again", None)
        elif isinstance(event, TextDelta):
            self._text += event.text
            if loop.time() >= self._next_at:
                self._next_at = loop.time() + 5 * _SHOW_EVERY_S
                await self._write("thinking", self._sentence(), self._preview)
        elif isinstance(event, ToolCallDone):
            self._sketch.add(event.name, event.input)
            self._streamed += 1
            if loop.time() >= self._next_at or self._streamed == 1:
                self._preview = await asyncio.to_thread(self._sketch.preview, self._number)
                await self._write("drawing", self._sentence(), self._preview)
                self._next_at = loop.time() + _SHOW_EVERY_S

    def _sentence(self) -> str:
        first = re.split(r"(?<=[.!?])\s", " ".join(self._text.split()), maxsplit=1)[0]
        return first[:160] or "Working on it"

    async def _write(self, phase: str, message: str, preview: dict[str, Any] | None) -> None:
        nodes, edges = self._sketch.added()
        earlier_nodes, earlier_edges = drawn_by(self._calls)
        progress = Progress(
            phase=phase,
            message=message,
            tool_calls=len(self._calls) + self._streamed,
            nodes=max(0, earlier_nodes + nodes),
            edges=max(0, earlier_edges + edges),
        )
        await self._run.store.set_progress(self._run.fence, progress, preview)


def drawn_by(calls: Sequence[ToolCall]) -> tuple[int, int]:
    """How many nodes and edges these calls added."""
    done = [call.name for call in calls if not call.is_error]
    return sum(name in ("add_node", "group_nodes") for name in done), done.count("add_edge")


def _deadline(run: Run) -> float:
    """The earlier of the process's deadline and the end of the job's wall time, on the loop's clock."""
    left = run.budget.wall_s - _age_s(run)
    return min(run.control.deadline, asyncio.get_running_loop().time() + max(1.0, left))


def _age_s(run: Run) -> float:
    started = datetime.fromisoformat(run.job.started_at or run.job.created_at)
    return (datetime.fromisoformat(utc_now()) - started).total_seconds()


def _exhausted(run: Run, turns: Sequence[Turn], output_tokens: int) -> str:
    """Why no further turn may be asked for, or an empty text."""
    budget, cost = run.budget, sum(turn.cost_usd for turn in turns)
    if len(turns) >= budget.turns:
        return f"budget-turns: It stopped after {budget.turns} turns, the most that a job may take."
    if output_tokens >= budget.output_tokens:
        return f"budget-tokens: It stopped at {output_tokens:,} output tokens; a job may use {budget.output_tokens:,}."
    if cost >= budget.cost_usd:
        return f"budget-cost: It stopped at ${cost:.2f}; a job may cost ${budget.cost_usd:.2f}."
    return out_of_time(run) or _looping(turns)


def out_of_time(run: Run) -> str:
    """Why a job may take no longer, or an empty text."""
    if _age_s(run) < run.budget.wall_s:
        return ""
    return f"budget-time: It stopped after {run.budget.wall_s:.0f} seconds, the most that a job may take."


def _looping(turns: Sequence[Turn]) -> str:
    def asked(turn: Turn) -> list[tuple[str, dict[str, Any]]]:
        return [(call.name, call.input) for call in turn.tool_calls]

    last = [asked(turn) for turn in turns[-_SAME:]]
    if len(last) == _SAME and last[0] and all(calls == last[0] for calls in last):
        return f"loop: It stopped because the model made the same calls {_SAME} times in a row."
    recent = turns[-_REFUSED_IN_A_ROW:]
    if len(recent) == _REFUSED_IN_A_ROW and all(
        turn.tool_calls and all(call.is_error for call in turn.tool_calls) for turn in recent
    ):
        return f"loop: It stopped because every call of {_REFUSED_IN_A_ROW} turns in a row was refused."
    return ""
