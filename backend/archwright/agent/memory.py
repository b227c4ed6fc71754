"""What is remembered of a long conversation: a summary of its beginning, and its last messages word for word.

The summary is written when the messages since the last one have grown long, not on each turn, so that between two
summaries the beginning of every request is the same and is served from the cache.
"""

import logging
from collections.abc import Sequence

from archwright.agent.asking import answered_by, turn_of
from archwright.agent.context import text_block
from archwright.agent.prompts import SUMMARY
from archwright.agent.run import Run
from archwright.agent.showing import Show
from archwright.agent.sketch import Sketch
from archwright.diagram.model import Diagram
from archwright.errors import ModelError, VersionMoved
from archwright.jobs.model import Message
from archwright.model.ports import ModelRequest
from archwright.sessions.memory import KIND, Memory, to_sum_up

log = logging.getLogger(__name__)

CONTEXT = "memory"
_READ = 200
_MAX_TOKENS = 4_000
_MESSAGE_MAX = 2_000
_SUMMARY_MAX = 6_000


async def recall(run: Run) -> tuple[Memory, tuple[Message, ...]]:
    """Return what is remembered of the session, and the messages after that, oldest first."""
    stored = await run.store.value(KIND, run.job.session_id)
    memory = Memory(**stored.body) if stored else Memory()
    recent = await run.store.recent_messages(run.job.session_id, run.job.owner, _READ)
    return memory, tuple(message for message in recent if message.id > memory.until)


async def remember(run: Run) -> None:
    """Sum up the older messages when there are many. A model that fails at that does not hold up the job."""
    memory, messages = await recall(run)
    older = to_sum_up([message for message in messages if message.id < run.job.message_id])
    if not older:
        return
    try:
        summary = await _summary(run, memory, older)
    except ModelError as error:
        log.warning("job %s: the conversation was not summed up: %s", run.job.id, error)
        return
    await _store(run, Memory(summary[:_SUMMARY_MAX], older[-1].id))


async def _summary(run: Run, memory: Memory, older: Sequence[Message]) -> str:
    """Ask the small model, or the job's when there is none; the call is a turn like any other."""
    saved = await run.turns(CONTEXT)
    if saved:
        return _text(saved[-1].reply)
    model = run.models.small or run.job.model
    told = "\n".join(f"{message.role}: {message.text[:_MESSAGE_MAX]}" for message in older)
    earlier = f"<memory>\n{memory.summary}\n</memory>\n" if memory.summary else ""
    messages = [{"role": "user", "content": [text_block(f"<summarise>\n{earlier}{told}\n</summarise>")]}]
    request = ModelRequest(
        model=model, system=SUMMARY, tools=(), messages=tuple(messages), max_tokens=_MAX_TOKENS
    )  # fmt: skip
    await run.board.say("thinking", "Summing up the conversation so far")
    answered = await answered_by(run, request, Show(run.board, CONTEXT, 0, Sketch(Diagram(), free=False)))
    run.board.clear(CONTEXT)
    turn = await run.save(turn_of(run, CONTEXT, {"model": model, "messages": messages}, answered))
    return _text(turn.reply)


def _text(reply: Sequence[dict[str, object]]) -> str:
    return "\n".join(str(block["text"]) for block in reply if block["type"] == "text").strip()


async def _store(run: Run, memory: Memory) -> None:
    stored = await run.store.value(KIND, run.job.session_id)
    body = {"summary": memory.summary, "until": memory.until}
    try:
        await run.store.put_value(KIND, run.job.session_id, body, stored.revision if stored else 0)
    except VersionMoved:
        log.info("job %s: another worker has summed up the conversation", run.job.id)
