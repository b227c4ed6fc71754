"""What Archwright needs of a store. Two adapters keep it, and one contract suite checks both.

The store decides nothing about diagrams: a caller computes a change against a version and `append`s it;
the store makes it durable if, and only if, its condition holds. Every write is atomic. A write whose
outcome is unknown (a timeout) is resolved by reading its marker, never guessed. Reads that decide are
consistent. `owner` is part of every key or condition: a stranger's call raises UnknownSession/UnknownJob.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

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

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Head:
    """The small part of a session that every poll reads. `title` follows `set_title` ops.
    `active_job` is the job that holds the session; `last_job` the newest one, ended or not. `updated_at` is the
    time of the last change."""

    id: str
    owner: str
    title: str
    version: int
    node_count: int
    edge_count: int
    active_job: str | None
    last_job: str | None
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Marker:
    """What a change id left behind: the stored result of the first time, and the hash of its request."""

    change_id: str
    version: int | None
    request_hash: str | None
    result: Json


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key for a POST that creates something, with the hash of the body; kept for 24 hours."""

    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """`answer` is what the first call with the key stored, or None when this call is the first."""

    answer: Json | None


@dataclass(frozen=True, slots=True)
class Versioned:
    """A value as it was read; `revision` counts from 1 and never repeats while the value is there."""

    body: Json
    revision: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One saved state of a job's graph, opaque to the store."""

    namespace: str
    id: str
    parent_id: str | None
    body: bytes
    writes: tuple["PendingWrite", ...] = ()


@dataclass(frozen=True, slots=True)
class PendingWrite:
    task_id: str
    index: int
    body: bytes
    task_path: str = ""


class SessionStore(Protocol):
    async def create_session(
        self, session_id: str, owner: str, title: str, at: str, key: IdempotencyKey | None = None
    ) -> Claimed:
        """Create an empty session at version 0; with a key, atomically claim it with answer
        `{"session_id": …}`. A key claimed before with the same hash creates nothing and returns its answer;
        with another hash raises KeyReused."""
        ...

    async def head(self, session_id: str, owner: str) -> Head: ...

    async def list_sessions(self, owner: str, cursor: str | None, limit: int) -> Page[Head]:
        """Newest created first. A cursor that is not one of ours raises InvalidRequest."""
        ...

    async def delete_session(self, session_id: str, owner: str) -> None:
        """Remove the session and all that belongs to it; its jobs can write nothing from then on."""
        ...

    async def load(self, session_id: str, owner: str) -> tuple[Head, Diagram]:
        """The newest head and the diagram at exactly that head's version, elements in order of creation."""
        ...

    async def append(
        self, session_id: str, owner: str, change: Change, marker: Marker, fence: Fence | None = None
    ) -> Marker | None:
        """Make `change` durable as version `change.version`, with its marker and its effect on the elements.

        Returns None when it was written now; the stored Marker when its change id was there already
        (nothing is written then). Raises VersionMoved unless the head's version is `change.version - 1`,
        LeaseLost unless the fence is the job's current one, CancelRequested when the job was cancelled,
        UnknownSession. A repeat is answered before any of these conditions but the owner's."""
        ...

    async def remember(self, session_id: str, owner: str, marker: Marker, fence: Fence | None = None) -> Marker | None:
        """Store a marker without a change (a tool call that was refused); returns as `append` does."""
        ...

    async def marker(self, session_id: str, owner: str, change_id: str) -> Marker | None: ...

    async def changes(self, session_id: str, owner: str, since: int, limit: int | None = None) -> tuple[Change, ...]:
        """The changes with a version above `since`, ascending."""
        ...

    async def changes_before(self, session_id: str, owner: str, version: int, limit: int) -> tuple[Change, ...]:
        """The changes with a version below `version`, descending."""
        ...

    async def changes_of_job(self, session_id: str, owner: str, job_id: str) -> tuple[Change, ...]:
        """Every change that the job made, ascending."""
        ...

    async def add_message(self, session_id: str, owner: str, message: Message, fence: Fence | None = None) -> None:
        """Store a message; one whose id is stored already is left as it is. Raises LeaseLost."""
        ...

    async def messages(self, session_id: str, owner: str, cursor: str | None, limit: int) -> Page[Message]:
        """Oldest first, by id."""
        ...

    async def recent_messages(self, session_id: str, owner: str, limit: int) -> tuple[Message, ...]:
        """The last `limit` messages, oldest first."""
        ...


class JobStore(Protocol):
    async def submit_job(
        self,
        job: Job,
        message: Message,
        on_busy: OnBusy,
        key: IdempotencyKey | None = None,
        new_session_title: str | None = None,
    ) -> Claimed:
        """Store a queued job and its message, and make it the session's active job, in one write.

        With `new_session_title` the session is created in the same write. With a key, claims it with answer
        `{"session_id", "job_id", "message_id"}` (see create_session). When the session has an active job:
        `reject` raises SessionBusy(job_id=…); `enqueue` stores the job behind the ones that wait already;
        `interrupt` also cancels the active one (see cancel) and puts the job first in line. A waiting job
        is `queued` and becomes active when the one before it ends."""
        ...

    async def submit_aside(self, job: Job) -> None:
        """Store a queued job that only reads its session (see Job.aside), which waits for a worker from then on. It is
        no active and no last job of it, has no message, and may run beside the one that holds the session. Raises
        UnknownSession."""
        ...

    async def answered(self, owner: str, key: IdempotencyKey, at: str) -> Json | None:
        """What an earlier call stored under the key and is still kept at a time. Raises KeyReused."""
        ...

    async def job(self, job_id: str, owner: str | None = None) -> Job:
        """The job; with an owner, raises UnknownJob for a stranger's."""
        ...

    async def claim(
        self, job_id: str, holder: str, now: float, until: float, dead: Sequence[str] = (), *, alone: bool = False
    ) -> Job:
        """Take the lease: see `transitions.claimed`. With `alone` the holder promises to run nothing beside the job
        until it saves a turn.

        Only an active job, or one aside, that is queued, or running with a lease that is absent, expired at `now`,
        or held by a holder in `dead`. Otherwise raises LeaseLost; JobEnded when it has ended; UnknownJob."""
        ...

    async def renew(self, fence: Fence, now: float, until: float) -> Job:
        """Extend the lease and return the job (its `cancel_requested` is news). Raises LeaseLost."""
        ...

    async def save_turn(self, fence: Fence, turn: Turn) -> Job:
        """Make a turn durable: sets `job.turn`, adds usage and cost, forgets the deaths, clears `resume`.

        A turn number that is stored already is left as it is and the job returned unchanged.
        Raises LeaseLost, CancelRequested."""
        ...

    async def settle_turn(self, fence: Fence, turn: int, tool_calls: tuple[ToolCall, ...]) -> None:
        """Record the outcomes of a saved turn's tool calls. Raises LeaseLost."""
        ...

    async def add_usage(self, fence: Fence, usage: Usage, cost_usd: float) -> None:
        """Add the usage of a model call that ended in no turn (a cut stream, a refusal). Raises LeaseLost."""
        ...

    async def turns(self, job_id: str) -> tuple[Turn, ...]: ...

    async def set_progress(self, fence: Fence, progress: Progress, preview: Json | None) -> None:
        """Show where the job is. Raises LeaseLost, CancelRequested."""
        ...

    async def assign(self, fence: Fence, kind: JobKind, route: Route, sections: tuple[str, ...]) -> Job:
        """Make the job work of another kind, for the model of the route. Raises LeaseLost, CancelRequested."""
        ...

    async def release(self, fence: Fence, now: float) -> None:
        """Hand the job back: queued, no lease; that is no death. Raises LeaseLost."""
        ...

    async def send_again(self, job: Job, now: float, dead: Sequence[str] = ()) -> bool:
        """Note that the id of a free active job is sent once more, and queue the job if its worker is gone.

        False, and nothing is written, when the job has changed since it was read, so that of many who noticed the
        same one alone sends the id."""
        ...

    async def working(self, now: float) -> bool:
        """Whether some worker holds a job, active or aside, under a lease that lasts."""
        ...

    async def wait_for_input(self, fence: Fence, awaiting: Awaiting) -> None:
        """Pause: awaiting_input, no lease, no preview. Raises LeaseLost, CancelRequested."""
        ...

    async def resume(
        self, job_id: str, owner: str, resume: Resume, now: float, allowance: Allowance | None = None
    ) -> Job:
        """Store the answer, clear `awaiting` and queue the job again, with another allowance when one is given.
        Raises NotAwaiting, JobEnded, UnknownJob."""
        ...

    async def cancel(self, job_id: str, owner: str, at: str) -> Job:
        """Ask a running job to stop, and end a queued or waiting one at once (its session goes to the next in
        line). Raises JobEnded, UnknownJob."""
        ...

    async def finish(
        self,
        fence: Fence,
        status: JobStatus,
        at: str,
        error: JobError | None = None,
        progress: Progress | None = None,
        message: Message | None = None,
    ) -> str | None:
        """End the job in one write with its last message: no lease, no preview, and the session goes to the
        next job in line, whose id is returned so that the caller can send it. Raises LeaseLost."""
        ...  # fmt: skip

    async def unfinished(self, now: float, dead: Sequence[str] = (), limit: int = 100) -> tuple[str, ...]:
        """Ids of the jobs, active or aside, that somebody should run: queued, or running with a lease expired or
        dead."""
        ...

    async def put_checkpoint(self, job_id: str, checkpoint: Checkpoint, fence: Fence | None = None) -> None: ...

    async def put_writes(
        self, job_id: str, namespace: str, checkpoint_id: str, writes: Sequence[PendingWrite],
        fence: Fence | None = None,
    ) -> None: ...  # fmt: skip

    async def checkpoints(
        self, job_id: str, namespace: str | None = None, before: str | None = None, limit: int | None = None
    ) -> tuple[Checkpoint, ...]:
        """Newest first (by id), with their pending writes by task path, task and index; namespace None means all
        of them; `before` is an id. A checkpoint or write that is put again replaces the one before, and writes may
        come before their checkpoint. Without a fence a put asks nothing of the job; with one it may raise LeaseLost."""
        ...

    async def drop_checkpoints(self, job_id: str) -> None: ...


class ValueStore(Protocol):
    """Small JSON values by kind and id, each replaced only by one who has read it: grants, accounts, buckets."""

    async def value(self, kind: str, id: str) -> Versioned | None: ...

    async def put_value(self, kind: str, id: str, body: Json, revision: int, expires_at: float | None = None) -> None:
        """Store the value that follows `revision` (0: there is none yet), until `expires_at` (seconds since the
        epoch), from when on it may be gone. Raises VersionMoved when somebody stored or dropped one meanwhile."""
        ...

    async def drop_value(self, kind: str, id: str) -> None:
        """Remove the value; one that is not there is no error."""
        ...


class Store(SessionStore, JobStore, ValueStore, Protocol):
    async def ready(self) -> None:
        """Raise Unavailable unless a read and a write would work."""
        ...

    async def close(self) -> None: ...
