"""Jobs and their turns: what a worker and a person do with a job that has its place already. Each function may run
anew; see `records`."""

from collections.abc import Iterator, Sequence
from itertools import islice

from archwright.errors import CancelRequested, InvalidRequest, JobEnded, LeaseLost, NotAwaiting
from archwright.jobs.model import (
    ENDED,
    Allowance,
    Awaiting,
    Fence,
    Job,
    JobKind,
    Lease,
    Progress,
    Resume,
    Route,
    ToolCall,
    Turn,
    Usage,
)
from archwright.jobs.transitions import answered, claimed, handed_over, is_free, sent_again, turn_saved
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import dump_record, load_record, pack
from archwright.store.dynamodb.heads import lease_of, text
from archwright.store.dynamodb.records import (
    Stored,
    check_lease,
    drop_replaced,
    held,
    lease_over,
    load_job,
    moves,
    read_job,
    read_line,
    store_job,
    unknown_job,
)
from archwright.store.dynamodb.table import Table
from archwright.store.dynamodb.writes import item, put
from archwright.store.ports import Json

_AT_ONCE = 50
"""Jobs that are read at a time when all are looked through."""


def _wanted(table: Table, fence: Fence) -> Stored:
    """The same, of a job that nobody cancelled. Raises LeaseLost, CancelRequested."""
    return _not_cancelled(held(table, fence))


def _not_cancelled(found: Stored) -> Stored:
    if found.job.cancel_requested:
        raise CancelRequested(f"The job '{found.job.id}' was cancelled.")
    return found


def job(table: Table, job_id: str, owner: str | None) -> Job:
    return read_job(table, job_id, owner).job


def claim(table: Table, job_id: str, holder: str, now: float, until: float, dead: Sequence[str], alone: bool) -> Job:
    found = read_job(table, job_id)
    before = found.job
    if before.status in ENDED:
        raise _ended(before)
    head = read_line(table, before.session_id)
    if head is None:
        raise unknown_job(job_id)
    if not (before.aside or text(head, "active") == job_id) or not is_free(before, now, dead):
        raise LeaseLost(f"The job '{job_id}' is not to be had: it is {before.status}.")
    fence = Fence(job_id=job_id, number=before.fence + 1)
    held_by = moves(before, head, lease=lease_of(fence))
    return store_job(table, found, *held_by, **claimed(before, holder, now, until, alone=alone))


def send_again(table: Table, seen: Job, now: float, dead: Sequence[str]) -> bool:
    found = read_job(table, seen.id)
    head = read_line(table, seen.session_id)
    active = head is not None and (seen.aside or text(head, "active") == seen.id)
    if found.job.rev != seen.rev or head is None or not active or not is_free(found.job, now, dead):
        return False
    line = moves(found.job, head, lease=None) if "lease" in head else []
    store_job(table, found, *line, runnable=True, **sent_again(found.job, now))
    return True


def _ended(found: Job) -> JobEnded:
    return JobEnded(f"The job '{found.id}' has already ended: {found.status}.")


def unfinished(table: Table, now: float, dead: Sequence[str], limit: int) -> tuple[str, ...]:
    """The ids come from the index, which may lag behind by moments; what decides is read from the jobs."""
    return tuple(islice((one.id for one in _active(table) if is_free(one, now, dead)), limit))


def working(table: Table, now: float) -> bool:
    return any(one.status == "running" and not is_free(one, now) for one in _active(table))


def _active(table: Table) -> Iterator[Job]:
    """Yield the jobs that somebody should run or runs, by id, as they are asked for."""
    candidates = table.query(keys.ACTIVE, " ", keys.after(""), index=keys.BY_OWNER)
    while homes := [keys.meta(found["GSI1SK"]["S"]) for found in islice(candidates, _AT_ONCE)]:
        stored = table.get_many(homes)
        found = (stored.get((home["PK"]["S"], home["SK"]["S"])) for home in homes)
        yield from (load_job(table, one).job for one in found if one is not None)


def renew(table: Table, fence: Fence, until: float) -> Job:
    found = held(table, fence)
    holder = found.job.lease.holder if found.job.lease else ""
    return store_job(table, found, lease=Lease(holder=holder, until=until))


def save_turn(table: Table, fence: Fence, turn: Turn) -> Job:
    home = keys.turn(fence.job_id, turn.turn)
    saved = table.get(home, "PK") is not None
    found = held(table, fence)
    if saved:
        return found.job
    _not_cancelled(found)
    body = pack(dump_record(turn), home)
    return store_job(
        table,
        found,
        put(item(home, body=body.value), "attribute_not_exists(#PK)"),
        bodies=[body],
        **turn_saved(found.job, turn),
    )


def settle_turn(table: Table, fence: Fence, number: int, tool_calls: tuple[ToolCall, ...]) -> None:
    held(table, fence)
    home = keys.turn(fence.job_id, number)
    found = table.get(home)
    if found is None:
        raise InvalidRequest(f"The job '{fence.job_id}' has no turn {number}.")
    settled = load_record(Turn, table.body(found)).model_copy(update={"tool_calls": tool_calls})
    body = pack(dump_record(settled), home)
    table.transact([check_lease(fence), put(item(home, body=body.value))], body)
    drop_replaced(table, home, found["body"])


def turns(table: Table, job_id: str) -> tuple[Turn, ...]:
    found = table.query(keys.job(job_id), "TURN#", keys.after("TURN#"))
    return tuple(load_record(Turn, table.body(one)) for one in found)


def add_usage(table: Table, fence: Fence, usage: Usage, cost_usd: float) -> None:
    found = held(table, fence)
    store_job(table, found, usage=found.job.usage + usage, cost_usd=found.job.cost_usd + cost_usd)


def set_progress(table: Table, fence: Fence, progress: Progress, preview: Json | None) -> None:
    store_job(table, _wanted(table, fence), progress=progress, preview=preview)


def assign(table: Table, fence: Fence, kind: JobKind, route: Route, sections: tuple[str, ...]) -> Job:
    found = _wanted(table, fence)
    return store_job(table, found, kind=kind, route=route, model=route.model, sections=sections)


def release(table: Table, fence: Fence, now: float) -> None:
    found = held(table, fence)
    head = read_line(table, found.job.session_id)
    if head is None:
        raise lease_over(fence)
    line = moves(found.job, head, lease=None)
    store_job(table, found, *line, runnable=True, **handed_over(found.job, now))


def wait_for_input(table: Table, fence: Fence, awaiting: Awaiting) -> None:
    found = _wanted(table, fence)
    head = read_line(table, found.job.session_id)
    if head is None:
        raise lease_over(fence)
    line = moves(found.job, head, lease=None)
    store_job(table, found, *line, status="awaiting_input", lease=None, preview=None, awaiting=awaiting)


def resume(table: Table, job_id: str, owner: str, answer: Resume, now: float, allowance: Allowance | None) -> Job:
    found = read_job(table, job_id, owner)
    if found.job.status in ENDED:
        raise _ended(found.job)
    if found.job.status != "awaiting_input":
        raise NotAwaiting(f"The job '{job_id}' is {found.job.status} and waits for no answer.")
    allowed = allowance or found.job.allowance
    return store_job(table, found, runnable=True, allowance=allowed, **answered(answer, now))
