"""One turn of the model: asked, shown while it streams, and saved before any of its calls runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archwright.agent.context import messages_so_far, next_messages, previous_message, request_record, text_of
from archwright.agent.limits import deadline_of, exhausted
from archwright.agent.prompts import SYSTEM
from archwright.agent.run import Run
from archwright.agent.showing import Show
from archwright.agent.sketch import Sketch
from archwright.agent.tools import DEFINITIONS, arguments_of
from archwright.diagram.model import Diagram
from archwright.errors import ModelError, ModelRetryable, OpRefused
from archwright.ids import utc_now
from archwright.jobs.model import Attempted, ToolCall, Turn
from archwright.model.calls import Answered, ask, cost_of, used_by
from archwright.model.ports import Block, ModelRequest, Reply, ToolCallDone

MAX_TOKENS = 20_000
_WORDS_MAX = 4_000
Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation with the model within a job. `opening` makes its first messages; `free` says that what it draws
    may be laid out anew as a whole. The job's own has no name."""

    opening: Callable[[], Awaitable[list[Wire]]]
    name: str = ""
    free: bool = False


async def next_turn(run: Run, dialogue: Dialogue, known: int, findings: str = "") -> Turn | str:
    """Return the dialogue's turn after the first `known` ones, by asking the model unless it is stored already; or why
    the job may ask for no more, as `type: sentence`."""
    turns = await run.turns(dialogue.name)
    if len(turns) > known:
        return turns[known]
    every = await run.store.turns(run.job.id)
    stop = exhausted(run, every, turns, (await run.store.job(run.job.id)).usage.output_tokens)
    if stop:
        return stop
    run.board.count([call for turn in every for call in turn.tool_calls])
    try:
        return await _ask(run, dialogue, turns, findings)
    except ModelRetryable as failed:
        if failed.extra.get("deadline") and (stop := exhausted(run, every, turns, 0)):
            return stop
        raise
    finally:
        run.board.clear(dialogue.name)


async def _ask(run: Run, dialogue: Dialogue, turns: Sequence[Turn], findings: str) -> Turn:
    _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
    new = next_messages(turns[-1], findings) if turns else await dialogue.opening()
    request, *others = _requests(run, turns, new)
    sketch = Sketch(diagram, dialogue.free and not any(node.pinned for node in diagram.nodes.values()))
    show = Show(run.board, dialogue.name, len(await run.store.turns(run.job.id)) + 1, sketch)
    answered = await answered_by(run, request, show, others)
    answered = replace(answered, reply=await _with_own_ids(run, answered.reply))
    return await run.save(await _turn(run, dialogue.name, new, answered, sketch))


async def answered_by(run: Run, request: ModelRequest, show: Show, others: Sequence[ModelRequest] = ()) -> Answered:
    """Ask the model, or else the others, and account for what was used also when that comes to nothing."""
    try:
        return await ask(
            run.model, request, show.tell, deadline=deadline_of(run), retry_s=run.retry_s,
            fallbacks=others, fall_back_after_s=run.fallback.after_s,
        )  # fmt: skip
    except ModelError as failed:
        errors: tuple[Attempted, ...] = failed.extra.get("errors") or ()
        await run.store.add_usage(run.fence, used_by(errors), cost_of(errors, run.price))
        raise


async def said(run: Run, context: str, system: str, blocks: list[Wire]) -> str:
    """Return what the small model, or the job's when there is none, says to this, in words. Asked once in a job: the
    reply is a turn like any other. Raises ModelError."""
    saved = await run.turns(context)
    if saved:
        return text_of(saved[0])
    model, messages = run.models.small or run.job.model, [{"role": "user", "content": blocks}]
    request = ModelRequest(model=model, system=system, tools=(), messages=tuple(messages), max_tokens=_WORDS_MAX)
    try:
        answered = await answered_by(run, request, Show(run.board, context, 0, Sketch(Diagram(), free=False)))
    finally:
        run.board.clear(context)
    return text_of(await run.save(turn_of(run, context, {"model": model, "messages": messages}, answered)))


def _requests(run: Run, turns: Sequence[Turn], new: list[Wire]) -> list[ModelRequest]:
    """The next turn as each model of the chain would be asked for it, beginning with the one that answered last."""
    current = turns[-1].request["model"] if turns else run.job.model
    return [request_to(model, turns, new) for model in run.fallback.order(run.job.model, current)]


def request_to(model: str, turns: Sequence[Turn], new: Sequence[Wire]) -> ModelRequest:
    """Return how a model is asked for the turn after these; `new` are the messages since then."""
    return ModelRequest(
        model=model,
        system=SYSTEM,
        tools=DEFINITIONS,
        messages=(*messages_so_far(turns, model), *new),
        max_tokens=MAX_TOKENS,
        previous_message_id=previous_message(turns, model),
        cached=_cached(turns[0].request["messages"] if turns else new),
    )


def _cached(opening: Sequence[Wire]) -> tuple[int, ...]:
    """After which messages the cache is to hold the prefix: the conversation, which the next job repeats, and the
    opening of this one, which each of its turns repeats. They stay the same from turn to turn, as the messages do."""
    return tuple(index for index in (len(opening) - 2, len(opening) - 1) if index >= 0)


async def _with_own_ids(run: Run, reply: Reply) -> Reply:
    """Return the reply with call ids that are new to the session: some servers count from call_0 in each reply,
    and a call's id is the id of its change."""
    turns = await run.store.turns(run.job.id)
    used = {call.id for turn in turns for call in turn.tool_calls}
    new: dict[str, str] = {}
    for at, block in enumerate(reply.content):
        if block["type"] != "tool_use":
            continue
        taken = block["id"] in used or await run.store.marker(run.job.session_id, run.job.owner, block["id"])
        new[block["id"]] = f"{block['id']}_{run.job.id}_{len(turns) + 1}_{at}" if taken else block["id"]
    content = tuple({**block, "id": new[block["id"]]} if "id" in block else block for block in reply.content)
    return replace(reply, content=content, tool_calls=tuple(replace(c, id=new[c.id]) for c in reply.tool_calls))


async def _turn(run: Run, context: str, new: list[Wire], answered: Answered, sketch: Sketch) -> Turn:
    told = {call.id: call for call in answered.reply.tool_calls}
    blocks = [block for block in answered.reply.content if block["type"] == "tool_use"]
    calls = tuple(_read(block, told.get(block["id"])) for block in blocks)
    for call in calls:
        sketch.add(call.name, call.input)
    plan = await asyncio.to_thread(sketch.plan) if calls else None
    turn = turn_of(run, context, request_record(answered.request.model, new), answered)
    return turn.model_copy(update={"tool_calls": calls, "plan": plan.model_dump(mode="json") if plan else None})


def _read(block: Block, told: ToolCallDone | None) -> ToolCall:
    """The call with its arguments as its tool asks for them; one that can mean nothing is refused already here, and
    is never carried out."""
    call = ToolCall(id=block["id"], name=block["name"], input=block["input"])
    try:
        if told is not None and told.refused:
            raise OpRefused(told.refused)
        return call.model_copy(update={"input": arguments_of(call.name, call.input)})
    except OpRefused as refused:
        return call.model_copy(update={"result": refused.detail, "is_error": True})


def turn_of(run: Run, context: str, request: Wire, answered: Answered) -> Turn:
    """The record of a reply, without its calls; `Run.save` numbers it."""
    reply, model = answered.reply, request["model"]
    return Turn(
        turn=0,
        context=context,
        model=reply.model,
        request=request,
        reply=list(reply.content),
        stop_reason=reply.stop_reason,
        message_id=reply.message_id or None,
        usage=reply.usage + answered.wasted,
        cost_usd=round(run.price(model, reply.usage) + cost_of(answered.errors, run.price), 9),
        first_token_ms=reply.first_token_ms,
        total_ms=reply.total_ms,
        retries=answered.retries,
        errors=answered.errors,
        at=utc_now(),
    )
