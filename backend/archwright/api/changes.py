"""The change log: commit ops, poll for what is new, undo, redo, revert."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from archwright.api.auth import Owner
from archwright.api.bounds import bounded_change
from archwright.api.problems import declared
from archwright.api.requests import IfNoneMatch, Key, NewChange, WhatToRevert
from archwright.api.schemas import Changed, Delta, job_json, json_response
from archwright.api.services import Here, Services
from archwright.api.sessions import SessionId, matches, user
from archwright.api.told import Caller, Told
from archwright.diagram.change import public
from archwright.errors import InvalidRequest
from archwright.ids import new_id
from archwright.jobs.model import ENDED, Job
from archwright.jobs.policy import tag
from archwright.sessions.commit import Origin, request_hash
from archwright.store.ports import Head, Json

router = APIRouter(tags=["changes"], prefix="/sessions/{session_id}")
BEHIND_MAX = 500
DELTA_BYTES = 1_000_000
"""Of the changes in one answer; who is further behind asks again at once."""
_PAGE = 50
_BUSY_S, _IDLE_S = "1", "5"
_REFUSALS = declared(400, 403, 404, 413, 415, 422, 503)


@router.post("/changes", operation_id="commitChange", response_model=Changed, responses=_REFUSALS)
async def commit(here: Here, owner: Owner, session_id: SessionId, asked: NewChange, key: Key = None) -> Response:
    """Apply ops to the newest state, as one change. A stale `base_version` is no error by itself."""
    if asked.base_version is not None:
        newest = (await here.store.head(session_id, owner)).version
        if asked.base_version > newest:
            raise InvalidRequest(f"base_version {asked.base_version} is in the future; the newest is {newest}.")
    body = request_hash("changes", asked.model_dump(mode="json", exclude_unset=True))
    origin = Origin(user(owner), key or new_id("chg"), request_hash=body)
    done = await here.sessions.commit(session_id, owner, asked.ops, origin)
    return json_response(bounded_change(done.result, here.answer_bytes))


@router.get(
    "/changes", operation_id="readChanges", response_model=Delta,
    responses={304: {"description": "Nothing new; Retry-After says how soon to ask again"}, **declared(404, 422, 503)},
)  # fmt: skip
async def read_changes(
    here: Here, owner: Owner, session_id: SessionId, request: Request,
    since: Annotated[int, Query(ge=0, le=10**12, description="The version that the caller has.")],
    known: IfNoneMatch = None,
) -> Response:  # fmt: skip
    """What is new since a version: changes, the job, and the preview of what it is drawing."""
    head = await here.store.head(session_id, owner)
    job = await _job(here, owner, head)
    etag = f'"{since}-{head.version}-{job.id if job else ""}-{tag(job) if job else 0}"'
    active = job is not None and job.status not in ENDED
    headers = {"ETag": etag, "Retry-After": _BUSY_S if active else _IDLE_S}
    caller = _caller(request, owner)
    idle = head.version == since and not _is_news(head, job, here.told, caller)
    if matches(known, etag) if known is not None else idle:
        return Response(status_code=304, headers=headers)
    if job is not None and not active:
        here.told.tell(caller, job.id, job.rev)
    delta = await _delta(here, owner, head, job, since)
    return json_response(
        delta, headers={**headers, **({"Retry-After": _BUSY_S} if delta["version"] < head.version else {})}
    )


def _caller(request: Request, owner: str) -> Caller:
    return owner, request.client.host if request.client else "", request.headers.get("user-agent", "")


def _is_news(head: Head, job: Job | None, told: Told, caller: Caller) -> bool:
    """Whether a caller who names the newest version alone may not know how the job stands: it goes on, or ended after
    the last change and the caller was not told. One that ended before stood in the answer that told of that change."""
    if job is None or job.finished_at is None:
        return job is not None
    return job.finished_at >= head.updated_at and not told.knows(caller, job.id, job.rev)


async def _job(here: Services, owner: str, head: Head) -> Job | None:
    wanted = head.active_job or head.last_job
    return await here.jobs.get(wanted, owner) if wanted else None


async def _delta(here: Services, owner: str, head: Head, job: Job | None, since: int) -> dict[str, Any]:
    shown = {
        "version": head.version,
        "changes": [],
        "job": job_json(job) if job else None,
        "preview": job.preview if job and job.id == head.active_job else None,
    }
    if not 0 <= head.version - since <= BEHIND_MAX:
        return {**shown, "reset": True}
    changes, whole = await _changes(here, owner, head, since)
    if not whole and not changes:
        return {**shown, "reset": True}
    until = changes[-1]["version"] if changes else head.version
    return {**shown, "version": until, "changes": changes}


async def _changes(here: Services, owner: str, head: Head, since: int) -> tuple[list[Json], bool]:
    """The changes after a version, up to what an answer holds; and whether these are all."""
    told, size = list[Json](), 0
    while page := await here.store.changes(head.id, owner, since, _PAGE):
        for change in page:
            shown = public(change)
            size += len(orjson.dumps(shown))
            if size > DELTA_BYTES:
                return told, False
            told.append(shown)
        since = page[-1].version
        if len(page) < _PAGE:
            break
    return told, True


@router.post(
    "/undo", operation_id="undo", response_model=Changed,
    responses={**_REFUSALS, **declared(409)},
)  # fmt: skip
async def undo(here: Here, owner: Owner, session_id: SessionId, key: Key = None) -> Response:
    """Revert the caller's own last change; another's work is left alone."""
    done = await here.sessions.undo(session_id, owner, user(owner), key or new_id("chg"))
    return json_response(bounded_change(done.result, here.answer_bytes))


@router.post(
    "/redo", operation_id="redo", response_model=Changed,
    responses={**_REFUSALS, **declared(409)},
)  # fmt: skip
async def redo(here: Here, owner: Owner, session_id: SessionId, key: Key = None) -> Response:
    """Revert the caller's own last undo."""
    done = await here.sessions.redo(session_id, owner, user(owner), key or new_id("chg"))
    return json_response(bounded_change(done.result, here.answer_bytes))


@router.post("/revert", operation_id="revert", response_model=Changed, responses=_REFUSALS)
async def revert(here: Here, owner: Owner, session_id: SessionId, asked: WhatToRevert, key: Key = None) -> Response:
    """Revert one change, all of a job's changes, or all since a version, as one new change."""
    who, change_id = user(owner), key or new_id("chg")
    match asked:
        case WhatToRevert(change_id=str(wanted), job_id=None, to_version=None):
            done = await here.sessions.revert_change(session_id, owner, who, change_id, wanted)
        case WhatToRevert(change_id=None, job_id=str(job_id), to_version=None):
            done = await here.sessions.revert_job(session_id, owner, who, change_id, job_id)
        case WhatToRevert(change_id=None, job_id=None, to_version=int(version)):
            done = await here.sessions.restore(session_id, owner, who, change_id, version)
        case _:
            raise InvalidRequest("Name exactly one of change_id, job_id and to_version.")
    return json_response(bounded_change(done.result, here.answer_bytes))
