"""The store over one SQLite file: each method of the port as one read or one atomic write."""

from collections.abc import Sequence
from pathlib import Path

from archwright.diagram.change import Change
from archwright.diagram.model import Diagram
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
from archwright.store.sqlite import checkpoints, jobs, line, schema, sessions, values
from archwright.store.sqlite.database import Database
from archwright.store.sqlite.keys import known_answer

BUSY_TIMEOUT_S = 10.0


class SqliteStore:
    """A `Store` in one file, for one machine. Several processes may open the same file.

    What a method acknowledged survives a kill of the process and a loss of power.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    def open(cls, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> "SqliteStore":
        """Open or create the store in the file, with its directory; blocks while it does.

        `busy_timeout_s` is how long a write waits for another process's. Raises Unavailable, whose detail
        names the file and the reason.
        """
        return cls(Database.open(path, busy_timeout_s))

    async def create_session(
        self, session_id: str, owner: str, title: str, at: str, key: IdempotencyKey | None = None
    ) -> Claimed:
        return await self._db.write(lambda tx: line.create_session(tx, session_id, owner, title, at, key))

    async def head(self, session_id: str, owner: str) -> Head:
        return await self._db.read(lambda tx: sessions.head(tx, session_id, owner))

    async def list_sessions(self, owner: str, cursor: str | None, limit: int) -> Page[Head]:
        return await self._db.read(lambda tx: sessions.list_sessions(tx, owner, cursor, limit))

    async def delete_session(self, session_id: str, owner: str) -> None:
        await self._db.write(lambda tx: sessions.delete_session(tx, session_id, owner))

    async def load(self, session_id: str, owner: str) -> tuple[Head, Diagram]:
        return await self._db.read(lambda tx: sessions.load(tx, session_id, owner))

    async def append(
        self, session_id: str, owner: str, change: Change, marker: Marker, fence: Fence | None = None
    ) -> Marker | None:
        return await self._db.write(lambda tx: sessions.append(tx, session_id, owner, change, marker, fence))

    async def remember(self, session_id: str, owner: str, marker: Marker, fence: Fence | None = None) -> Marker | None:
        return await self._db.write(lambda tx: sessions.remember(tx, session_id, owner, marker, fence))

    async def marker(self, session_id: str, owner: str, change_id: str) -> Marker | None:
        return await self._db.read(lambda tx: sessions.marker(tx, session_id, owner, change_id))

    async def changes(self, session_id: str, owner: str, since: int, limit: int | None = None) -> tuple[Change, ...]:
        return await self._db.read(lambda tx: sessions.changes(tx, session_id, owner, since, limit))

    async def changes_before(self, session_id: str, owner: str, version: int, limit: int) -> tuple[Change, ...]:
        return await self._db.read(lambda tx: sessions.changes_before(tx, session_id, owner, version, limit))

    async def changes_of_job(self, session_id: str, owner: str, job_id: str) -> tuple[Change, ...]:
        return await self._db.read(lambda tx: sessions.changes_of_job(tx, session_id, owner, job_id))

    async def add_message(self, session_id: str, owner: str, message: Message, fence: Fence | None = None) -> None:
        await self._db.write(lambda tx: sessions.add_message(tx, session_id, owner, message, fence))

    async def messages(self, session_id: str, owner: str, cursor: str | None, limit: int) -> Page[Message]:
        return await self._db.read(lambda tx: sessions.messages(tx, session_id, owner, cursor, limit))

    async def recent_messages(self, session_id: str, owner: str, limit: int) -> tuple[Message, ...]:
        return await self._db.read(lambda tx: sessions.recent_messages(tx, session_id, owner, limit))

    async def submit_job(
        self,
        job: Job,
        message: Message,
        on_busy: OnBusy,
        key: IdempotencyKey | None = None,
        new_session_title: str | None = None,
    ) -> Claimed:
        return await self._db.write(lambda tx: line.submit_job(tx, job, message, on_busy, key, new_session_title))

    async def submit_aside(self, job: Job) -> None:
        await self._db.write(lambda tx: line.submit_aside(tx, job))

    async def answered(self, owner: str, key: IdempotencyKey, at: str) -> Json | None:
        return await self._db.read(lambda tx: known_answer(tx, owner, key, at))

    async def job(self, job_id: str, owner: str | None = None) -> Job:
        return await self._db.read(lambda tx: jobs.job(tx, job_id, owner))

    async def claim(
        self, job_id: str, holder: str, now: float, until: float, dead: Sequence[str] = (), *, alone: bool = False
    ) -> Job:
        return await self._db.write(lambda tx: jobs.claim(tx, job_id, holder, now, until, dead, alone))

    async def renew(self, fence: Fence, now: float, until: float) -> Job:
        return await self._db.write(lambda tx: jobs.renew(tx, fence, until))

    async def save_turn(self, fence: Fence, turn: Turn) -> Job:
        return await self._db.write(lambda tx: jobs.save_turn(tx, fence, turn))

    async def settle_turn(self, fence: Fence, turn: int, tool_calls: tuple[ToolCall, ...]) -> None:
        await self._db.write(lambda tx: jobs.settle_turn(tx, fence, turn, tool_calls))

    async def add_usage(self, fence: Fence, usage: Usage, cost_usd: float) -> None:
        await self._db.write(lambda tx: jobs.add_usage(tx, fence, usage, cost_usd))

    async def turns(self, job_id: str) -> tuple[Turn, ...]:
        return await self._db.read(lambda tx: jobs.turns(tx, job_id))

    async def set_progress(self, fence: Fence, progress: Progress, preview: Json | None) -> None:
        await self._db.write(lambda tx: jobs.set_progress(tx, fence, progress, preview))

    async def assign(self, fence: Fence, kind: JobKind, route: Route, sections: tuple[str, ...]) -> Job:
        return await self._db.write(lambda tx: jobs.assign(tx, fence, kind, route, sections))

    async def release(self, fence: Fence, now: float) -> None:
        await self._db.write(lambda tx: jobs.release(tx, fence, now))

    async def send_again(self, job: Job, now: float, dead: Sequence[str] = ()) -> bool:
        return await self._db.write(lambda tx: jobs.send_again(tx, job, now, dead))

    async def working(self, now: float) -> bool:
        return await self._db.read(lambda tx: jobs.working(tx, now))

    async def wait_for_input(self, fence: Fence, awaiting: Awaiting) -> None:
        await self._db.write(lambda tx: jobs.wait_for_input(tx, fence, awaiting))

    async def resume(
        self, job_id: str, owner: str, resume: Resume, now: float, allowance: Allowance | None = None
    ) -> Job:
        return await self._db.write(lambda tx: jobs.resume(tx, job_id, owner, resume, now, allowance))

    async def cancel(self, job_id: str, owner: str, at: str) -> Job:
        return await self._db.write(lambda tx: line.cancel(tx, job_id, owner, at))

    async def finish(
        self,
        fence: Fence,
        status: JobStatus,
        at: str,
        error: JobError | None = None,
        progress: Progress | None = None,
        message: Message | None = None,
    ) -> str | None:
        return await self._db.write(lambda tx: jobs.finish(tx, fence, status, at, error, progress, message))

    async def unfinished(self, now: float, dead: Sequence[str] = (), limit: int = 100) -> tuple[str, ...]:
        return await self._db.read(lambda tx: jobs.unfinished(tx, now, dead, limit))

    async def put_checkpoint(self, job_id: str, checkpoint: Checkpoint, fence: Fence | None = None) -> None:
        await self._db.write(lambda tx: checkpoints.put_checkpoint(tx, job_id, checkpoint, fence))

    async def put_writes(
        self,
        job_id: str,
        namespace: str,
        checkpoint_id: str,
        writes: Sequence[PendingWrite],
        fence: Fence | None = None,
    ) -> None:
        await self._db.write(lambda tx: checkpoints.put_writes(tx, job_id, namespace, checkpoint_id, writes, fence))

    async def checkpoints(
        self, job_id: str, namespace: str | None = None, before: str | None = None, limit: int | None = None
    ) -> tuple[Checkpoint, ...]:
        return await self._db.read(lambda tx: checkpoints.checkpoints(tx, job_id, namespace, before, limit))

    async def drop_checkpoints(self, job_id: str) -> None:
        await self._db.write(lambda tx: checkpoints.drop_checkpoints(tx, job_id))

    async def value(self, kind: str, id: str) -> Versioned | None:
        return await self._db.read(lambda tx: values.value(tx, kind, id))

    async def put_value(self, kind: str, id: str, body: Json, revision: int, expires_at: float | None = None) -> None:
        await self._db.write(lambda tx: values.put_value(tx, kind, id, body, revision, expires_at))

    async def drop_value(self, kind: str, id: str) -> None:
        await self._db.write(lambda tx: values.drop_value(tx, kind, id))

    async def ready(self) -> None:
        """Raise Unavailable unless a read and a write would work: it does one of each."""
        await self._db.read(schema.check_read)
        await self._db.write(schema.touch)

    async def close(self) -> None:
        """Finish the writes that were begun and close the file. Safe to repeat."""
        await self._db.close()
