"""Jobs and their turns: what a worker and a person do with a job that has its place already. Each function may run
anew; see `records`."""

from collections.abc import Sequence
from itertools import islice

from archwright.errors import CancelRequested, InvalidRequest, JobEnded, LeaseLost, NotAwaiting
from archwright.ids import iso
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


def _wanted(table: Table, fence: Fence) -> Stored:
    """The same, of a job that nobody cancelled. Raises LeaseLost, CancelRequested."""
    return _not_cancelled(held(table, fence))


def _not_cancelled(found: Stored) -> Stored:
    if found.job.cancel_requested:
        raise CancelRequested(f"The job '{found.job.id}' was cancelled.")
    return found


def job(table: Table, job_id: str, owner: str | None) -> Job:
    return read_job(table, job_id, owner).job


def claim(table: Table, job_id: str, holder: str, now: float, until: float, dead: Sequence[str]) -> Job:
    found = read_job(table, job_id)
    before = found.job
    if before.status in ENDED:
        raise _ended(before)
    head = read_line(table, before.session_id)
    if head is None:
        raise unknown_job(job_id)
    if not (before.aside or text(head, "active") == job_id) or not _is_free(before, now, dead):
        raise LeaseLost(f"The job '{job_id}' is not to be had: it is {before.status}.")
    fence = Fence(job_id=job_id, number=before.fence + 1)
    return store_job(
        table,
        found,
        *moves(before, head, lease=lease_of(fence)),
        status="running",
        lease=Lease(holder=holder, until=until),
        fence=fence.number,
        attempts=before.attempts + 1,
        started_at=before.started_at or iso(now),
    )


def _ended(found: Job) -> JobEnded:
    return JobEnded(f"The job '{found.id}' has already ended: {found.status}.")


def _is_free(found: Job, now: float, dead: Sequence[str]) -> bool:
    if found.status == "running":
        return found.lease is None or found.lease.until <= now or found.lease.holder in dead
    return found.status == "queued"


def unfinished(table: Table, now: float, dead: Sequence[str], limit: int) -> tuple[str, ...]:
    """The ids come from the index, which may lag behind by moments; what decides is read from the jobs."""
    candidates = table.query(keys.ACTIVE, " ", keys.after(""), index=keys.BY_OWNER)
    homes = [keys.meta(found["GSI1SK"]["S"]) for found in candidates]
    stored = table.get_many(homes)
    found = (stored.get((home["PK"]["S"], home["SK"]["S"])) for home in homes)
    jobs = (load_job(table, one).job for one in found if one is not None)
    return tuple(islice((one.id for one in jobs if _is_free(one, now, dead)), limit))


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
        turn=turn.turn,
        attempts=0,
        resume=None,
        usage=found.job.usage + turn.usage,
        cost_usd=found.job.cost_usd + turn.cost_usd,
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


def release(table: Table, fence: Fence) -> None:
    found = held(table, fence)
    head = read_line(table, found.job.session_id)
    if head is None:
        raise lease_over(fence)
    attempts = max(0, found.job.attempts - 1)
    line = moves(found.job, head, lease=None)
    store_job(table, found, *line, runnable=True, status="queued", lease=None, attempts=attempts)


def wait_for_input(table: Table, fence: Fence, awaiting: Awaiting) -> None:
    found = _wanted(table, fence)
    head = read_line(table, found.job.session_id)
    if head is None:
        raise lease_over(fence)
    line = moves(found.job, head, lease=None)
    store_job(table, found, *line, status="awaiting_input", lease=None, preview=None, awaiting=awaiting)


def resume(table: Table, job_id: str, owner: str, answer: Resume, allowance: Allowance | None) -> Job:
    found = read_job(table, job_id, owner)
    if found.job.status in ENDED:
        raise _ended(found.job)
    if found.job.status != "awaiting_input":
        raise NotAwaiting(f"The job '{job_id}' is {found.job.status} and waits for no answer.")
    allowed = allowance or found.job.allowance
    return store_job(
        table, found, runnable=True, status="queued", awaiting=None, resume=answer, allowance=allowed
    )  # fmt: skip
