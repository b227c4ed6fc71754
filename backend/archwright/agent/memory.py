"""What is remembered of a long conversation: a summary of its beginning, and its last messages word for word.

The summary is written when the messages since the last one have grown long, not on each turn, so that between two
summaries the beginning of every request is the same and is served from the cache.
"""

import logging
from collections.abc import Sequence

from archwright.agent.asking import said
from archwright.agent.context import text_block
from archwright.agent.prompts import SUMMARY
from archwright.agent.run import Run
from archwright.errors import ModelError, VersionMoved
from archwright.jobs.model import Message
from archwright.sessions.memory import KIND, Memory, to_sum_up

log = logging.getLogger(__name__)

CONTEXT = "memory"
_READ = 200
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
    told = "\n".join(f"{message.role}: {message.text[:_MESSAGE_MAX]}" for message in older)
    earlier = f"<memory>\n{memory.summary}\n</memory>\n" if memory.summary else ""
    await run.board.say("thinking", "Summing up the conversation so far")
    return await said(run, CONTEXT, SUMMARY, [text_block(f"<summarise>\n{earlier}{told}\n</summarise>")])


async def _store(run: Run, memory: Memory) -> None:
    stored = await run.store.value(KIND, run.job.session_id)
    body = {"summary": memory.summary, "until": memory.until}
    try:
        await run.store.put_value(KIND, run.job.session_id, body, stored.revision if stored else 0)
    except VersionMoved:
        log.info("job %s: another worker has summed up the conversation", run.job.id)
