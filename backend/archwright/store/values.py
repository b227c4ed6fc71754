"""What a store takes and gives beside diagrams, changes and jobs."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
