"""The change: the one unit in which a diagram moves from a version to the next."""

from typing import Any, Literal

from archwright.diagram.model import Value
from archwright.diagram.ops import Op

Intent = Literal["edit", "undo", "redo", "revert"]


class Actor(Value):
    """Who made a change: a user by id, or a job by id."""

    kind: Literal["user", "job"]
    id: str


class Skip(Value):
    """Something that a revert left alone. `property` is None when it is the whole element."""

    id: str
    property: str | None = None
    reason: str


class Change(Value):
    """An atomic, ordered, reversible batch of ops. `change_id` is its idempotency key within the session;
    `version` is the version that it made (the first is 1); `at` is UTC, ISO 8601 with milliseconds;
    `reverts` names what it reverts: a change id, a job id, or `version:N`."""

    change_id: str
    version: int
    actor: Actor
    job_id: str | None = None
    turn: int | None = None
    reverts: str | None = None
    intent: Intent = "edit"
    at: str
    ops: tuple[Op, ...]


def public(change: Change) -> dict[str, Any]:
    """Return a change in its public shape: what it does not have is left out; its ops are whole."""
    shown = change.model_dump(mode="json", exclude={"intent"})
    return {name: value for name, value in shown.items() if value is not None}
