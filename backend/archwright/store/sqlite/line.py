"""New sessions and jobs, who holds a session and who waits: each function runs in one transaction."""

import sqlite3

from archwright.errors import Conflict, JobEnded, SessionBusy
from archwright.jobs.model import ENDED, Job, Message, OnBusy
from archwright.jobs.transitions import submitted
from archwright.store.ports import Claimed, IdempotencyKey
from archwright.store.sqlite.jobs import change_job, end, job
from archwright.store.sqlite.keys import claim_key
from archwright.store.sqlite.rows import dump_job
from archwright.store.sqlite.sessions import head, insert_message, insert_session


def create_session(
    tx: sqlite3.Connection, session_id: str, owner: str, title: str, at: str, key: IdempotencyKey | None
) -> Claimed:
    known = claim_key(tx, owner, key, {"session_id": session_id}, at)
    if known is None:
        insert_session(tx, session_id, owner, title, at)
    return Claimed(known)


def submit_job(
    tx: sqlite3.Connection,
    new: Job,
    message: Message,
    on_busy: OnBusy,
    key: IdempotencyKey | None,
    new_session_title: str | None,
) -> Claimed:
    answer = {"session_id": new.session_id, "job_id": new.id, "message_id": message.id}
    known = claim_key(tx, new.owner, key, answer, new.created_at)
    if known is not None:
        return Claimed(known)
    if new_session_title is not None:
        insert_session(tx, new.session_id, new.owner, new_session_title, new.created_at)
    active = head(tx, new.session_id, new.owner).active_job
    if active is not None and on_busy == "reject":
        raise SessionBusy(f"The job '{active}' is active in this session.", job_id=active)
    stored = submitted(new) if active is None else new
    _insert_job(tx, stored, _place(tx, new.session_id, first=on_busy == "interrupt"))
    insert_message(tx, new.session_id, message)
    tx.execute(
        "UPDATE session SET active_job = coalesce(active_job, ?), last_job = ? WHERE id = ?",
        (new.id, new.id, new.session_id),
    )
    if active is not None and on_busy == "interrupt":
        stop(tx, job(tx, active), new.created_at)
    return Claimed(None)


def submit_aside(tx: sqlite3.Connection, new: Job) -> None:
    head(tx, new.session_id, new.owner)
    _insert_job(tx, submitted(new), 0)


def _place(tx: sqlite3.Connection, session_id: str, first: bool) -> int:
    """A place in the line before all that wait, or behind them."""
    row = tx.execute(
        "SELECT coalesce(min(place), 0) - 1 AS front, coalesce(max(place), 0) + 1 AS back FROM job"
        " WHERE session_id = ? AND status = 'queued' AND NOT aside",
        (session_id,),
    ).fetchone()
    place: int = row["front" if first else "back"]
    return place


def _insert_job(tx: sqlite3.Connection, new: Job, place: int) -> None:
    inserted = tx.execute(
        "INSERT INTO job (id, session_id, owner, aside, place, status, fence, holder, until, cancel_requested, body)"
        " VALUES (:id, :session_id, :owner, :aside, :place, :status, :fence, :holder, :until, :cancel_requested, :body)"
        " ON CONFLICT DO NOTHING",
        {**dump_job(new), "place": place},
    )
    if not inserted.rowcount:
        raise Conflict(f"The job '{new.id}' exists already.")


def cancel(tx: sqlite3.Connection, job_id: str, owner: str, at: str) -> Job:
    found = job(tx, job_id, owner)
    if found.status in ENDED:
        raise JobEnded(f"The job '{job_id}' has already ended: {found.status}.")
    return stop(tx, found, at)


def stop(tx: sqlite3.Connection, found: Job, at: str) -> Job:
    """Ask a running job to stop; end one that nobody runs. Returns the job as it is then."""
    if found.status != "running":
        end(tx, found, "cancelled", at, cancel_requested=True)
    elif not found.cancel_requested:
        change_job(tx, found, cancel_requested=True)
    return job(tx, found.id)
