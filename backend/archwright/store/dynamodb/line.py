"""New sessions and jobs, who holds a session and who waits; how a job ends and hands its session on.
Each function may run anew; see `records`."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from archwright.errors import Conflict, JobEnded, KeyReused, SessionBusy
from archwright.ids import iso
from archwright.jobs.model import ENDED, Fence, Job, JobError, JobStatus, Message, OnBusy, Progress
from archwright.jobs.transitions import ended, submitted, turn_came
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed, dump_json
from archwright.store.dynamodb.heads import new_head, read_head, taken, text
from archwright.store.dynamodb.records import (
    Stored,
    change_job,
    drop_replaced,
    held,
    job_item,
    lease_over,
    move_line,
    moves,
    read_job,
    read_line,
    store_job,
    unknown_job,
)
from archwright.store.dynamodb.sessions import insert_message
from archwright.store.dynamodb.table import Refused, Table
from archwright.store.dynamodb.writes import Write, check, item, put
from archwright.store.ports import Claimed, IdempotencyKey, Json

KEY_KEPT = timedelta(hours=24)


def create_session(
    table: Table, session_id: str, owner: str, title: str, at: str, key: IdempotencyKey | None
) -> Claimed:
    known = answered(table, owner, key, at)
    if known is not None:
        return Claimed(known)
    try:
        table.transact([new_head(session_id, owner, title, at), *_claim(owner, key, {"session_id": session_id}, at)])
    except Refused as refusal:
        if 0 in refusal.places:
            raise taken(session_id) from None
        raise
    return Claimed(None)


def answered(table: Table, owner: str, key: IdempotencyKey | None, at: str) -> Json | None:
    """Return what an earlier call stored under the key. Raises KeyReused."""
    found = table.get(keys.idempotency(owner, key.key)) if key else None
    if key is None or found is None or found["at"]["S"] <= _day_before(at):
        return None
    if found["hash"]["S"] != key.body_hash:
        raise KeyReused(f"The key '{key.key}' was used with another body within the last 24 hours.")
    answer: Json = json.loads(found["answer"]["S"])
    return answer


def _claim(owner: str, key: IdempotencyKey | None, answer: Json, at: str) -> list[Write]:
    """Return the write that stores the answer under the key, unless another call was faster."""
    if key is None:
        return []
    expires = int((datetime.fromisoformat(at) + KEY_KEPT).timestamp())
    home = keys.idempotency(owner, key.key)
    stored = item(home, hash=key.body_hash, answer=dump_json(answer), at=at, expires=expires)
    return [put(stored, "attribute_not_exists(#PK) OR #at <= :old", old=_day_before(at))]


def _day_before(at: str) -> str:
    return iso((datetime.fromisoformat(at) - KEY_KEPT).timestamp())


def submit_job(
    table: Table,
    new: Job,
    message: Message,
    on_busy: OnBusy,
    key: IdempotencyKey | None,
    new_session_title: str | None,
) -> Claimed:
    answer = {"session_id": new.session_id, "job_id": new.id, "message_id": message.id}
    known = answered(table, new.owner, key, new.created_at)
    if known is not None:
        return Claimed(known)
    line, bodies, active = _join(table, new, on_busy, new_session_title)
    whole, body = job_item(submitted(new) if active else new, runnable=active)
    said, said_body = insert_message(new.session_id, message)
    pointer = item(keys.job_of_session(new.session_id, new.id), id=new.id)
    first = put(whole, "attribute_not_exists(#PK)")
    writes = [first, *line, said, put(pointer), *_claim(new.owner, key, answer, new.created_at)]
    try:
        table.transact(writes, body, said_body, *bodies)
    except Refused as refusal:
        if refusal.places == (0,):
            raise Conflict(f"The job '{new.id}' exists already.") from None
        if new_session_title is not None and refusal.places == (1,):
            raise taken(new.session_id) from None
        raise
    return Claimed(None)


def submit_aside(table: Table, new: Job) -> None:
    read_head(table, new.session_id, new.owner)
    whole, body = job_item(submitted(new), runnable=True)
    pointer = item(keys.job_of_session(new.session_id, new.id), id=new.id)
    there = check(keys.head(new.session_id), "attribute_exists(#PK) AND attribute_not_exists(#deleted)")
    try:
        table.transact([put(whole, "attribute_not_exists(#PK)"), put(pointer), there], body)
    except Refused as refusal:
        if refusal.places == (0,):
            raise Conflict(f"The job '{new.id}' exists already.") from None
        raise


def _join(
    table: Table, new: Job, on_busy: OnBusy, new_session_title: str | None
) -> tuple[list[Write], list[Packed], bool]:
    """Return the writes with which a new job takes the session or its place in the line, the bodies whose parts go
    first, and whether it holds the session at once. Raises SessionBusy, UnknownSession."""
    if new_session_title is not None:
        return [new_head(new.session_id, new.owner, new_session_title, new.created_at, active=new.id)], [], True
    head = read_head(table, new.session_id, new.owner)
    active, waiting = text(head, "active"), waiting_in(head)
    if active is None:
        return [move_line(head, active=new.id, last=new.id)], [], True
    if on_busy == "reject":
        raise SessionBusy(f"The job '{active}' is active in this session.", job_id=active)
    if on_busy == "enqueue":
        return [move_line(head, line=[*waiting, new.id], last=new.id)], [], False
    return _interrupt(head, read_job(table, active).job, new, waiting)


def _interrupt(head: Item, active: Job, new: Job, waiting: list[str]) -> tuple[list[Write], list[Packed], bool]:
    if active.status != "running":
        _, write, body = change_job(active, **_as_cancelled(new.created_at))
        return [move_line(head, active=new.id, last=new.id, lease=None, stopped=None), write], [body], True
    in_line = move_line(head, line=[new.id, *waiting], last=new.id, stopped=True)
    if active.cancel_requested:
        return [in_line], [], False
    _, write, body = change_job(active, cancel_requested=True)
    return [in_line, write], [body], False


def waiting_in(head: Item) -> list[str]:
    return [one["S"] for one in head["line"]["L"]] if "line" in head else []


def _as_cancelled(at: str) -> dict[str, Any]:
    return {"cancel_requested": True, **ended("cancelled", at)}


def cancel(table: Table, job_id: str, owner: str, at: str) -> Job:
    found = read_job(table, job_id, owner)
    if found.job.status in ENDED:
        raise JobEnded(f"The job '{job_id}' has already ended: {found.job.status}.")
    head = read_line(table, found.job.session_id)
    if head is None:
        raise unknown_job(job_id)
    if found.job.status != "running":
        return _end(table, head, found, **_as_cancelled(at))[0]
    if found.job.cancel_requested:
        return found.job
    return store_job(table, found, *moves(found.job, head, stopped=True), cancel_requested=True)


def finish(
    table: Table,
    fence: Fence,
    status: JobStatus,
    at: str,
    error: JobError | None,
    progress: Progress | None,
    message: Message | None,
) -> str | None:
    found = held(table, fence)
    head = read_line(table, found.job.session_id)
    if head is None:
        raise lease_over(fence)
    said = [insert_message(found.job.session_id, message)] if message is not None else []
    fields = {**ended(status, at), "error": error, "progress": progress or found.job.progress}
    writes, bodies = [write for write, _ in said], [body for _, body in said]
    return _end(table, head, found, *writes, bodies=bodies, **fields)[1]


def _end(
    table: Table, head: Item, ending: Stored, *others: Write, bodies: Sequence[Packed] = (), **fields: Any
) -> tuple[Job, str | None]:
    """End a job with these fields. When it was the active one the session goes to the next in line, whose id is
    returned too."""
    if ending.job.aside:
        return store_job(table, ending, *others, bodies=bodies, **fields), None
    waiting = waiting_in(head)
    if text(head, "active") != ending.job.id:
        line = [job_id for job_id in waiting if job_id != ending.job.id]
        return store_job(table, ending, move_line(head, line=line or None), *others, bodies=bodies, **fields), None
    following, rest = (waiting[0], waiting[1:]) if waiting else (None, [])
    line_moves = move_line(head, active=following, line=rest or None, lease=None, stopped=None)
    if following is None:
        return store_job(table, ending, line_moves, *others, bodies=bodies, **fields), None
    next_up = read_job(table, following)
    _, starts, body = change_job(next_up.job, runnable=True, **turn_came(fields["finished_at"]))
    after = store_job(table, ending, line_moves, starts, *others, bodies=[*bodies, body], **fields)
    drop_replaced(table, keys.meta(following), next_up.body)
    return after, following
