"""The store over one DynamoDB table: each method of the port as one call in a thread."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from archwright.diagram.change import Change
from archwright.diagram.model import Diagram
from archwright.errors import Unavailable
from archwright.jobs.model import (
    Allowance,
    Awaiting,
    Fence,
    Job,
    JobError,
    JobKind,
    JobStatus,
    Message,
    OnBusy,
    Progress,
    Resume,
    Route,
    ToolCall,
    Turn,
    Usage,
)
from archwright.store.dynamodb import checkpoints, commit, jobs, keys, line, log, sessions, values
from archwright.store.dynamodb.table import PATIENCE_S, PartsGone, Refused, Table
from archwright.store.dynamodb.writes import item
from archwright.store.ports import (
    Checkpoint,
    Claimed,
    Head,
    IdempotencyKey,
    Json,
    Marker,
    Page,
    PendingWrite,
    Versioned,
)

T = TypeVar("T")

THREADS = 16
_TRIES = 60
_PAUSE_S = 0.004


class DynamoStore:
    """A `Store` in one table, for any number of processes.

    `client` is one that `connect` made, for at least as many `threads`; `patience_s` is how long a call is repeated
    while DynamoDB gives no answer, before it raises Unavailable.
    """

    def __init__(self, table: str, client: Any, *, threads: int = THREADS, patience_s: float = PATIENCE_S) -> None:
        self._table = Table(client, table, patience_s)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dynamodb")

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        try:
            future = self._threads.submit(partial(_steadily, work, self._table, *args))
        except RuntimeError as error:
            raise Unavailable("The store is closed.") from error
        return await asyncio.wrap_future(future)

    async def create_session(
        self, session_id: str, owner: str, title: str, at: str, key: IdempotencyKey | None = None
    ) -> Claimed:
        return await self._run(line.create_session, session_id, owner, title, at, key)

    async def head(self, session_id: str, owner: str) -> Head:
        return await self._run(sessions.head, session_id, owner)

    async def list_sessions(self, owner: str, cursor: str | None, limit: int) -> Page[Head]:
        return await self._run(sessions.list_sessions, owner, cursor, limit)

    async def delete_session(self, session_id: str, owner: str) -> None:
        await self._run(sessions.delete_session, session_id, owner)

    async def load(self, session_id: str, owner: str) -> tuple[Head, Diagram]:
        return await self._run(sessions.load, session_id, owner)

    async def append(
        self, session_id: str, owner: str, change: Change, marker: Marker, fence: Fence | None = None
    ) -> Marker | None:
        return await self._run(commit.append, session_id, owner, change, marker, fence)

    async def remember(self, session_id: str, owner: str, marker: Marker, fence: Fence | None = None) -> Marker | None:
        return await self._run(commit.remember, session_id, owner, marker, fence)

    async def marker(self, session_id: str, owner: str, change_id: str) -> Marker | None:
        return await self._run(log.marker, session_id, owner, change_id)

    async def changes(self, session_id: str, owner: str, since: int, limit: int | None = None) -> tuple[Change, ...]:
        return await self._run(log.changes, session_id, owner, since, limit)

    async def changes_before(self, session_id: str, owner: str, version: int, limit: int) -> tuple[Change, ...]:
        return await self._run(log.changes_before, session_id, owner, version, limit)

    async def changes_of_job(self, session_id: str, owner: str, job_id: str) -> tuple[Change, ...]:
        return await self._run(log.changes_of_job, session_id, owner, job_id)

    async def add_message(self, session_id: str, owner: str, message: Message, fence: Fence | None = None) -> None:
        await self._run(sessions.add_message, session_id, owner, message, fence)

    async def messages(self, session_id: str, owner: str, cursor: str | None, limit: int) -> Page[Message]:
        return await self._run(sessions.messages, session_id, owner, cursor, limit)

    async def recent_messages(self, session_id: str, owner: str, limit: int) -> tuple[Message, ...]:
        return await self._run(sessions.recent_messages, session_id, owner, limit)

    async def submit_job(
        self,
        job: Job,
        message: Message,
        on_busy: OnBusy,
        key: IdempotencyKey | None = None,
        new_session_title: str | None = None,
    ) -> Claimed:
        return await self._run(line.submit_job, job, message, on_busy, key, new_session_title)

    async def submit_aside(self, job: Job) -> None:
        await self._run(line.submit_aside, job)

    async def answered(self, owner: str, key: IdempotencyKey, at: str) -> Json | None:
        return await self._run(line.answered, owner, key, at)

    async def job(self, job_id: str, owner: str | None = None) -> Job:
        return await self._run(jobs.job, job_id, owner)

    async def claim(
        self, job_id: str, holder: str, now: float, until: float, dead: Sequence[str] = (), *, alone: bool = False
    ) -> Job:
        return await self._run(jobs.claim, job_id, holder, now, until, dead, alone)

    async def renew(self, fence: Fence, now: float, until: float) -> Job:
        return await self._run(jobs.renew, fence, until)

    async def save_turn(self, fence: Fence, turn: Turn) -> Job:
        return await self._run(jobs.save_turn, fence, turn)

    async def settle_turn(self, fence: Fence, turn: int, tool_calls: tuple[ToolCall, ...]) -> None:
        await self._run(jobs.settle_turn, fence, turn, tool_calls)

    async def add_usage(self, fence: Fence, usage: Usage, cost_usd: float) -> None:
        await self._run(jobs.add_usage, fence, usage, cost_usd)

    async def turns(self, job_id: str) -> tuple[Turn, ...]:
        return await self._run(jobs.turns, job_id)

    async def set_progress(self, fence: Fence, progress: Progress, preview: Json | None) -> None:
        await self._run(jobs.set_progress, fence, progress, preview)

    async def assign(self, fence: Fence, kind: JobKind, route: Route, sections: tuple[str, ...]) -> Job:
        return await self._run(jobs.assign, fence, kind, route, sections)

    async def release(self, fence: Fence, now: float) -> None:
        await self._run(jobs.release, fence, now)

    async def send_again(self, job: Job, now: float, dead: Sequence[str] = ()) -> bool:
        return await self._run(jobs.send_again, job, now, dead)

    async def working(self, now: float) -> bool:
        return await self._run(jobs.working, now)

    async def wait_for_input(self, fence: Fence, awaiting: Awaiting) -> None:
        await self._run(jobs.wait_for_input, fence, awaiting)

    async def resume(
        self, job_id: str, owner: str, resume: Resume, now: float, allowance: Allowance | None = None
    ) -> Job:
        return await self._run(jobs.resume, job_id, owner, resume, now, allowance)

    async def cancel(self, job_id: str, owner: str, at: str) -> Job:
        return await self._run(line.cancel, job_id, owner, at)

    async def finish(
        self,
        fence: Fence,
        status: JobStatus,
        at: str,
        error: JobError | None = None,
        progress: Progress | None = None,
        message: Message | None = None,
    ) -> str | None:
        return await self._run(line.finish, fence, status, at, error, progress, message)

    async def unfinished(self, now: float, dead: Sequence[str] = (), limit: int = 100) -> tuple[str, ...]:
        return await self._run(jobs.unfinished, now, dead, limit)

    async def put_checkpoint(self, job_id: str, checkpoint: Checkpoint, fence: Fence | None = None) -> None:
        await self._run(checkpoints.put_checkpoint, job_id, checkpoint, fence)

    async def put_writes(
        self,
        job_id: str,
        namespace: str,
        checkpoint_id: str,
        writes: Sequence[PendingWrite],
        fence: Fence | None = None,
    ) -> None:
        await self._run(checkpoints.put_writes, job_id, namespace, checkpoint_id, writes, fence)

    async def checkpoints(
        self, job_id: str, namespace: str | None = None, before: str | None = None, limit: int | None = None
    ) -> tuple[Checkpoint, ...]:
        return await self._run(checkpoints.checkpoints, job_id, namespace, before, limit)

    async def drop_checkpoints(self, job_id: str) -> None:
        await self._run(checkpoints.drop_checkpoints, job_id)

    async def value(self, kind: str, id: str) -> Versioned | None:
        return await self._run(values.value, kind, id)

    async def put_value(self, kind: str, id: str, body: Json, revision: int, expires_at: float | None = None) -> None:
        await self._run(values.put_value, kind, id, body, revision, expires_at)

    async def drop_value(self, kind: str, id: str) -> None:
        await self._run(values.drop_value, kind, id)

    async def ready(self) -> None:
        """Raise Unavailable unless a read and a write would work: it does one of each."""
        await self._run(_touch)

    async def close(self) -> None:
        """Finish what was begun. Safe to repeat."""
        await asyncio.to_thread(self._threads.shutdown)


def _steadily(work: Callable[..., T], *args: Any) -> T:
    """Run the work anew when what it had read moved before it wrote, or while it read on."""
    for attempt in range(_TRIES):
        try:
            return work(*args)
        except (Refused, PartsGone):
            time.sleep(_PAUSE_S * min(attempt, 10))
    raise Unavailable("Too many write at once; try again.")


def _touch(table: Table) -> None:
    table.put(item(keys.key("READY", "READY"), at=int(time.time())))
    table.get(keys.key("READY", "READY"))
