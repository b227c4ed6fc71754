"""The head of a session: all that the conditions of a write need, in one item of less than a kilobyte.

| attribute | |
|---|---|
| `owner`, `title`, `version`, `nodes`, `edges`, `created`, `updated` | what a poll reads |
| `pending` | the version whose elements are not all written yet; absent but for a moment after a large change |
| `active`, `last`, `line` | the job that holds the session, the newest one, and those that wait, first come first |
| `lease` | number and id of the active job's fence, while somebody runs it |
| `stopped` | the active job was cancelled |
| `moves` | grows whenever one of the last five changes |
| `deleted` | the session is being removed |
"""

from typing import Any

from archwright.errors import CancelRequested, Conflict, LeaseLost, UnknownSession
from archwright.jobs.model import Fence
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item
from archwright.store.dynamodb.table import Table
from archwright.store.dynamodb.writes import Write, attribute, item, put
from archwright.store.ports import Head

OWNED = "#owner = :owner AND attribute_not_exists(#deleted)"
HELD = "#lease = :lease"
NOT_STOPPED = "attribute_not_exists(#stopped)"


def new_head(session_id: str, owner: str, title: str, at: str, active: str | None = None) -> Write:
    """Return the write of an empty session's head."""
    index = {"GSI1PK": attribute(keys.owner_index(owner)), "GSI1SK": attribute(f"{at}#{session_id}")}
    head = item(
        keys.head(session_id), id=session_id, owner=owner, title=title, version=0, nodes=0, edges=0, moves=0,
        created=at, updated=at, active=active, last=active,
    )  # fmt: skip
    return put(head | index, "attribute_not_exists(#PK)")


def read_head(table: Table, session_id: str, owner: str) -> Item:
    """Return the head's item: the one way to a session for a reader, and only for its owner. Raises UnknownSession."""
    found = table.get(keys.head(session_id))
    if found is None or not is_owned(found, owner):
        raise unknown(session_id)
    return found


def unknown(session_id: str) -> UnknownSession:
    return UnknownSession(f"There is no session '{session_id}'.")


def taken(session_id: str) -> Conflict:
    return Conflict(f"The session '{session_id}' exists already.")


def is_owned(head: Item | None, owner: str) -> bool:
    """Whether the item that a refused write found is a session of this owner's."""
    return head is not None and text(head, "owner") == owner and "deleted" not in head


def load_head(found: Item) -> Head:
    return Head(
        id=found["id"]["S"],
        owner=found["owner"]["S"],
        title=found["title"]["S"],
        version=number(found, "version"),
        node_count=number(found, "nodes"),
        edge_count=number(found, "edges"),
        active_job=text(found, "active"),
        last_job=text(found, "last"),
        created_at=found["created"]["S"],
        updated_at=found["updated"]["S"],
    )


def text(found: Item, name: str) -> str | None:
    return found[name]["S"] if name in found else None


def number(found: Item, name: str) -> int:
    """Return a number of an item; one that is absent is 0."""
    return int(found[name]["N"]) if name in found else 0


def lease_of(fence: Fence) -> str:
    return f"{fence.number}#{fence.job_id}"


def fenced(fence: Fence | None, *, cancelled_too: bool = False) -> tuple[str, dict[str, Any]]:
    """Return the condition on the head for a write of this holder, with its values."""
    if fence is None:
        return OWNED, {}
    conditions = [OWNED, HELD] if cancelled_too else [OWNED, HELD, NOT_STOPPED]
    return " AND ".join(conditions), {"lease": lease_of(fence)}


def explain_fence(head: Item, fence: Fence | None, *, cancelled_too: bool = False) -> None:
    """Raise why the head refused a write with this fence, if the fence is why."""
    if fence is None:
        return
    if text(head, "lease") != lease_of(fence):
        raise LeaseLost(f"The lease {fence.number} of the job '{fence.job_id}' is over.")
    if "stopped" in head and not cancelled_too:
        raise CancelRequested(f"The job '{fence.job_id}' was cancelled.")
