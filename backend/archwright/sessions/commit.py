"""The values of a commit: who changes, what the edit makes, and what comes of it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from archwright.diagram.change import Actor, Change, Intent, Skip, public
from archwright.diagram.model import Diagram
from archwright.jobs.model import Fence
from archwright.store.ports import Json


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit makes of the newest diagram. `arranged` says that everything has its place already."""

    diagram: Diagram
    skipped: tuple[Skip, ...] = ()
    arranged: bool = False


Edit = Callable[[Diagram], Edited]
Render = Callable[[Change, Diagram], Json]
"""Makes the stored result of a change from the change and the diagram that it left."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes a session, and what the log records beside the ops."""

    actor: Actor
    change_id: str
    fence: Fence | None = None
    job_id: str | None = None
    turn: int | None = None
    intent: Intent = "edit"
    reverts: str | None = None
    request_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcome of a commit. `replayed` says that the change id was there already; `result` is then what the
    first time stored, word for word."""

    version: int
    result: Json
    replayed: bool


def request_hash(*parts: Any) -> str:
    """Return a stable hash of a request, to tell a repeat from another request under the same key."""
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def change_result(change: Change, skipped: Sequence[Skip] = ()) -> Json:
    """Return the answer of every call that makes a change: `{version, change, skipped}`."""
    return {
        "version": change.version,
        "change": public(change),
        "skipped": [skip.model_dump() for skip in skipped],
    }
