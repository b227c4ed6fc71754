"""A job as it is stored, and the line in its session's head.

What is decided on what was read is written on the condition that it still stands. If not, the write raises Refused
and the store runs the whole function anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archwright.errors import LeaseLost, UnknownJob
from archwright.jobs.model import Fence, Job
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed, dump_json, pack, part_keys
from archwright.store.dynamodb.table import Table
from archwright.store.dynamodb.writes import Write, check, item, put, update

_ATTRIBUTES = ("status", "fence", "rev", "owner", "session_id")
"""The fields of a job that conditions and deletions read: attributes of their own."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A job as it was read, with its packed body."""

    job: Job
    body: Item


def read_job(table: Table, job_id: str, owner: str | None = None) -> Stored:
    """Raises UnknownJob, also for a stranger's."""
    found = table.get(keys.meta(job_id))
    if found is None or owner not in (None, found["owner"]["S"]):
        raise unknown_job(job_id)
    return load_job(table, found)


def load_job(table: Table, found: Item) -> Stored:
    """Raises PartsGone."""
    columns = {"status": found["status"]["S"], "fence": int(found["fence"]["N"]), "rev": int(found["rev"]["N"])}
    whose = {"owner": found["owner"]["S"], "session_id": found["session_id"]["S"]}
    return Stored(Job.model_validate({**json.loads(table.body(found)), **columns, **whose}), found["body"])


def unknown_job(job_id: str) -> UnknownJob:
    return UnknownJob(f"There is no job '{job_id}'.")


def job_item(job: Job, *, runnable: bool) -> tuple[Item, Packed]:
    """Return a job as an item, and its body, whose parts go first. A `runnable` one, which holds its session and is
    queued or running, is in the index of those that somebody should run."""
    home = keys.meta(job.id)
    body = pack(dump_json(job.model_dump(exclude=set(_ATTRIBUTES))), home)
    index = {"GSI1PK": keys.ACTIVE, "GSI1SK": job.id} if runnable else {}
    return item(home, **{name: getattr(job, name) for name in _ATTRIBUTES}, body=body.value, **index), body


def change_job(before: Job, *, runnable: bool | None = None, **fields: Any) -> tuple[Job, Write, Packed]:
    """Return the job with these fields changed, the write of it, and its body, whose parts go first."""
    after = before.model_copy(update={"rev": before.rev + 1, **fields})
    whole, body = job_item(after, runnable=after.status == "running" if runnable is None else runnable)
    return after, put(whole, "#rev = :seen", seen=before.rev), body


def store_job(
    table: Table,
    before: Stored,
    *others: Write,
    bodies: Sequence[Packed] = (),
    runnable: bool | None = None,
    **fields: Any,
) -> Job:
    """Store the job with these fields changed, together with the other writes and the bodies that they name, and
    return it. Raises Refused."""
    after, write, body = change_job(before.job, runnable=runnable, **fields)
    table.transact([write, *others], body, *bodies)
    drop_replaced(table, keys.meta(before.job.id), before.body)
    return after


def drop_replaced(table: Table, home: keys.Key, old: Item) -> None:
    """Delete the parts of a body that was replaced."""
    table.delete_all(part_keys(old, home))


def held(table: Table, fence: Fence) -> Stored:
    """The job of a fence that is the current one. Raises LeaseLost."""
    try:
        found = read_job(table, fence.job_id)
    except UnknownJob:
        found = None
    if found is None or (found.job.fence, found.job.status) != (fence.number, "running"):
        raise lease_over(fence)
    return found


def lease_over(fence: Fence) -> LeaseLost:
    return LeaseLost(f"The lease {fence.number} of the job '{fence.job_id}' is over.")


def check_lease(fence: Fence) -> Write:
    """Return the condition that this fence is the current one of its job."""
    return check(
        keys.meta(fence.job_id), "#status = :running AND #fence = :fence", running="running", fence=fence.number
    )


def read_line(table: Table, session_id: str) -> Item | None:
    """Return the head, unless the session is gone or going."""
    found = table.get(keys.head(session_id))
    return None if found is None or "deleted" in found else found


def moves(job: Job, head: Item, **fields: Any) -> list[Write]:
    """Return what a step of this job writes to its session's head: nothing, when it runs aside."""
    return [] if job.aside else [move_line(head, **fields)]


def move_line(head: Item, **fields: Any) -> Write:
    """Return the write that sets what the head says of its jobs, if nobody moved it since it was read; None removes."""
    sets = ["#moves = #moves + :one", *(f"#{name} = :{name}" for name, value in fields.items() if value is not None)]
    removed = [f"#{name}" for name, value in fields.items() if value is None]
    change = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removed)}" if removed else "")
    values = {name: value for name, value in fields.items() if value is not None}
    home = {"PK": head["PK"], "SK": head["SK"]}
    condition = "#moves = :moves AND attribute_not_exists(#deleted)"
    return update(home, change, condition, one=1, moves=int(head["moves"]["N"]), **values)
