"""What Archwright needs of a store. Two adapters keep it, and one contract suite checks both.

The store decides nothing about diagrams: a caller computes a change against a version and `append`s it;
the store makes it durable if, and only if, its condition holds. Every write is atomic. A write whose
outcome is unknown (a timeout) is resolved by reading its marker, never guessed. Reads that decide are
consistent. `owner` is part of every key or condition: a stranger's call raises UnknownSession/UnknownJob.
"""

from typing import Protocol

from archwright.diagram.change import Change
from archwright.diagram.model import Diagram
from archwright.jobs.model import Fence, Message
from archwright.store.job_store import JobStore
from archwright.store.values import (
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

__all__ = [
    "Checkpoint",
    "Claimed",
    "Head",
    "IdempotencyKey",
    "JobStore",
    "Json",
    "Marker",
    "Page",
    "PendingWrite",
    "SessionStore",
    "Store",
    "ValueStore",
    "Versioned",
]


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
