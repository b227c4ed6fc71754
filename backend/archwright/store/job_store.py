"""What Archwright needs of a store of jobs; see `store.ports`."""

from collections.abc import Sequence
from typing import Protocol

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
from archwright.store.values import Checkpoint, Claimed, IdempotencyKey, Json, PendingWrite


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
