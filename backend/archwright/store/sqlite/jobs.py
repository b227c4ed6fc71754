"""Jobs and their turns: every function runs in one transaction, and every write of a holder asks for its fence."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from archwright.errors import CancelRequested, InvalidRequest, JobEnded, LeaseLost, NotAwaiting, UnknownJob
from archwright.jobs.model import (
    ENDED,
    Allowance,
    Awaiting,
    Fence,
    Job,
    JobError,
    JobKind,
    JobStatus,
    Lease,
    Message,
    Progress,
    Resume,
    Route,
    ToolCall,
    Turn,
    Usage,
)
from archwright.jobs.transitions import (
    answered,
    claimed,
    ended,
    handed_over,
    is_free,
    sent_again,
    turn_came,
    turn_saved,
)
from archwright.store.ports import Json
from archwright.store.sqlite.rows import dump_job, dump_record, load_job, load_record
from archwright.store.sqlite.sessions import insert_message


def job(tx: sqlite3.Connection, job_id: str, owner: str | None = None) -> Job:
    row = tx.execute("SELECT * FROM job WHERE id = ? AND coalesce(?, owner) = owner", (job_id, owner)).fetchone()
    if row is None:
        raise UnknownJob(f"There is no job '{job_id}'.")
    return load_job(row)


def change_job(tx: sqlite3.Connection, before: Job, **fields: Any) -> Job:
    """Store the job with these fields changed and return it."""
    after = before.model_copy(update={"rev": before.rev + 1, **fields})
    tx.execute(
        "UPDATE job SET status = :status, fence = :fence, holder = :holder, until = :until,"
        " cancel_requested = :cancel_requested, body = :body WHERE id = :id",
        dump_job(after),
    )
    return after


def _held(tx: sqlite3.Connection, fence: Fence) -> Job:
    """The job of a fence that is the current one. Raises LeaseLost."""
    row = tx.execute(
        "SELECT * FROM job WHERE id = ? AND fence = ? AND status = 'running'", (fence.job_id, fence.number)
    ).fetchone()
    if row is None:
        raise LeaseLost(f"The lease {fence.number} of the job '{fence.job_id}' is over.")
    return load_job(row)


def _wanted(tx: sqlite3.Connection, fence: Fence) -> Job:
    """The same, of a job that nobody cancelled. Raises LeaseLost, CancelRequested."""
    return _not_cancelled(_held(tx, fence))


def _not_cancelled(held: Job) -> Job:
    if held.cancel_requested:
        raise CancelRequested(f"The job '{held.id}' was cancelled.")
    return held


def _is_active(tx: sqlite3.Connection, candidate: Job) -> bool:
    wanted = (candidate.session_id, candidate.id)
    return tx.execute("SELECT 1 FROM session WHERE id = ? AND active_job = ?", wanted).fetchone() is not None


def claim(
    tx: sqlite3.Connection, job_id: str, holder: str, now: float, until: float, dead: Sequence[str], alone: bool
) -> Job:
    found = job(tx, job_id)
    if found.status in ENDED:
        raise JobEnded(f"The job '{job_id}' has already ended: {found.status}.")
    if not ((found.aside or _is_active(tx, found)) and is_free(found, now, dead)):
        raise LeaseLost(f"The job '{job_id}' is not to be had: it is {found.status}.")
    return change_job(tx, found, **claimed(found, holder, now, until, alone=alone))


def send_again(tx: sqlite3.Connection, seen: Job, now: float, dead: Sequence[str]) -> bool:
    found = job(tx, seen.id)
    if found.rev != seen.rev or not ((found.aside or _is_active(tx, found)) and is_free(found, now, dead)):
        return False
    change_job(tx, found, **sent_again(found, now))
    return True


def working(tx: sqlite3.Connection, now: float) -> bool:
    found = tx.execute(
        "SELECT 1 FROM session JOIN job ON job.id = session.active_job"
        " WHERE session.active_job IS NOT NULL AND job.status = 'running' AND job.until > ? UNION ALL"
        " SELECT 1 FROM job WHERE aside = 1 AND status = 'running' AND until > ? LIMIT 1",
        (now, now),
    )
    return found.fetchone() is not None


def unfinished(tx: sqlite3.Connection, now: float, dead: Sequence[str], limit: int) -> tuple[str, ...]:
    holders = ", ".join("?" * len(dead))
    rows = tx.execute(
        "WITH candidate AS (SELECT job.* FROM session JOIN job ON job.id = session.active_job"
        " WHERE session.active_job IS NOT NULL UNION ALL"
        " SELECT * FROM job WHERE aside = 1 AND status IN ('queued', 'running'))"
        " SELECT id FROM candidate WHERE status = 'queued' OR status = 'running'"
        f" AND (until IS NULL OR until <= ? OR holder IN ({holders})) ORDER BY id LIMIT ?",
        (now, *dead, limit),
    )
    return tuple(row["id"] for row in rows)


def renew(tx: sqlite3.Connection, fence: Fence, until: float) -> Job:
    held = _held(tx, fence)
    holder = held.lease.holder if held.lease else ""
    return change_job(tx, held, lease=Lease(holder=holder, until=until))


def save_turn(tx: sqlite3.Connection, fence: Fence, turn: Turn) -> Job:
    held = _held(tx, fence)
    saved = (held.id, turn.turn)
    if tx.execute("SELECT 1 FROM turn WHERE job_id = ? AND turn = ?", saved).fetchone():
        return held
    _not_cancelled(held)
    tx.execute("INSERT INTO turn (job_id, turn, body) VALUES (?, ?, ?)", (*saved, dump_record(turn)))
    return change_job(tx, held, **turn_saved(held, turn))


def settle_turn(tx: sqlite3.Connection, fence: Fence, number: int, tool_calls: tuple[ToolCall, ...]) -> None:
    held = _held(tx, fence)
    row = tx.execute("SELECT body FROM turn WHERE job_id = ? AND turn = ?", (held.id, number)).fetchone()
    if row is None:
        raise InvalidRequest(f"The job '{held.id}' has no turn {number}.")
    settled = load_record(Turn, row["body"]).model_copy(update={"tool_calls": tool_calls})
    tx.execute("UPDATE turn SET body = ? WHERE job_id = ? AND turn = ?", (dump_record(settled), held.id, number))


def turns(tx: sqlite3.Connection, job_id: str) -> tuple[Turn, ...]:
    rows = tx.execute("SELECT body FROM turn WHERE job_id = ? ORDER BY turn", (job_id,))
    return tuple(load_record(Turn, row["body"]) for row in rows)


def add_usage(tx: sqlite3.Connection, fence: Fence, usage: Usage, cost_usd: float) -> None:
    held = _held(tx, fence)
    change_job(tx, held, usage=held.usage + usage, cost_usd=held.cost_usd + cost_usd)


def set_progress(tx: sqlite3.Connection, fence: Fence, progress: Progress, preview: Json | None) -> None:
    change_job(tx, _wanted(tx, fence), progress=progress, preview=preview)


def assign(tx: sqlite3.Connection, fence: Fence, kind: JobKind, route: Route, sections: tuple[str, ...]) -> Job:
    return change_job(tx, _wanted(tx, fence), kind=kind, route=route, model=route.model, sections=sections)


def release(tx: sqlite3.Connection, fence: Fence, now: float) -> None:
    held = _held(tx, fence)
    change_job(tx, held, **handed_over(held, now))


def wait_for_input(tx: sqlite3.Connection, fence: Fence, awaiting: Awaiting) -> None:
    change_job(tx, _wanted(tx, fence), status="awaiting_input", lease=None, preview=None, awaiting=awaiting)


def resume(
    tx: sqlite3.Connection, job_id: str, owner: str, answer: Resume, now: float, allowance: Allowance | None
) -> Job:
    found = job(tx, job_id, owner)
    if found.status in ENDED:
        raise JobEnded(f"The job '{job_id}' has already ended: {found.status}.")
    if found.status != "awaiting_input":
        raise NotAwaiting(f"The job '{job_id}' is {found.status} and waits for no answer.")
    return change_job(tx, found, allowance=allowance or found.allowance, **answered(answer, now))


def finish(
    tx: sqlite3.Connection,
    fence: Fence,
    status: JobStatus,
    at: str,
    error: JobError | None,
    progress: Progress | None,
    message: Message | None,
) -> str | None:
    held = _held(tx, fence)
    if message is not None:
        insert_message(tx, held.session_id, message)
    return end(tx, held, status, at, error=error, progress=progress or held.progress)


def end(tx: sqlite3.Connection, ending: Job, status: JobStatus, at: str, **fields: Any) -> str | None:
    """End a job. When it was the active one the session goes to the next in line, whose id is returned."""
    was_active = _is_active(tx, ending)
    change_job(tx, ending, **{**ended(status, at), **fields})
    if not was_active:
        return None
    row = tx.execute(
        "SELECT * FROM job WHERE session_id = ? AND status = 'queued' AND NOT aside ORDER BY place LIMIT 1",
        (ending.session_id,),
    ).fetchone()
    following = change_job(tx, load_job(row), **turn_came(at)).id if row else None
    tx.execute("UPDATE session SET active_job = ? WHERE id = ?", (following, ending.session_id))
    return following
