"""Jobs: look, cancel, answer, read what was recorded, follow."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from archwright.access.values import change_value
from archwright.api.auth import Owner
from archwright.api.bounds import fitting, following
from archwright.api.problems import declared
from archwright.api.requests import Feedback, IfNoneMatch, Key, Resumed
from archwright.api.schemas import FeedbackOut, JobOut, Trace, job_json, json_response
from archwright.api.services import Here, Services
from archwright.api.sessions import matches
from archwright.diagram.change import Change, public
from archwright.errors import InvalidRequest, NotFound, Unavailable, UnknownJob, UnknownSession
from archwright.ids import utc_now
from archwright.jobs.loops import AFTER_AN_ERROR_S
from archwright.jobs.model import ENDED, Job
from archwright.jobs.policy import tag

log = logging.getLogger(__name__)

router = APIRouter(tags=["jobs"], prefix="/jobs/{job_id}")
JobId = Annotated[str, Path(description="A job's id.")]
_LOOK_S = 0.08
_HEARTBEAT_S = 15.0


def _headers(job: Job) -> dict[str, str]:
    headers = {"ETag": f'"{tag(job)}"'}
    return headers if job.status in ENDED else {**headers, "Retry-After": "1"}


@router.get(
    "", operation_id="readJob", response_model=JobOut,
    responses={304: {"description": "Nothing changed"}, **declared(404, 422, 503)},
)  # fmt: skip
async def read_job(here: Here, owner: Owner, job_id: JobId, known: IfNoneMatch = None) -> Response:
    """Where a job is."""
    job = await here.jobs.get(job_id, owner)
    if known is not None and matches(known, f'"{tag(job)}"'):
        return Response(status_code=304, headers=_headers(job))
    return json_response(job_json(job), headers=_headers(job))


@router.post(
    "/cancel", status_code=202, operation_id="cancelJob", response_model=JobOut,
    responses=declared(400, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
async def cancel_job(here: Here, owner: Owner, job_id: JobId, key: Key = None) -> Response:
    """Stop a job and keep its work."""
    job = await here.jobs.cancel(job_id, owner)
    return json_response(job_json(job), 202, _headers(job))


@router.post(
    "/resume", status_code=202, operation_id="resumeJob", response_model=JobOut,
    responses=declared(400, 402, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
async def resume_job(here: Here, owner: Owner, job_id: JobId, asked: Resumed, key: Key = None) -> Response:
    """Answer a job that waits for a person."""
    given = [asked.decision is not None, asked.answer is not None, asked.answers is not None, asked.skip]
    if given.count(True) != 1:
        raise InvalidRequest('Send one of {"decision": "approve" or "reject"}, {"answer": "…"}, "answers" or "skip".')
    job = await here.jobs.resume(job_id, owner, asked.value())
    return json_response(job_json(job), 202, _headers(job))


@router.get("/trace", operation_id="readTrace", response_model=Trace, responses=declared(404, 422, 503))
async def read_trace(
    here: Here, owner: Owner, job_id: JobId,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> Response:  # fmt: skip
    """The turns of a job, as recorded; a long trace in pages."""
    job, turns = await here.jobs.trace(job_id, owner)
    since = _turn_in(cursor)
    later = [turn for turn in turns if turn.turn > since]
    shown, _ = fitting((t.model_dump(mode="json", exclude={"plan", "message_id"}) for t in later), here.answer_bytes)
    after = str(later[len(shown) - 1].turn) if len(shown) < len(later) else None
    route = job.route.model_dump(include={"model", "reason"}) if job.route else None
    given = await here.store.value("feedback", job_id)
    feedback = given.body if given else None
    return json_response(
        {"job_id": job.id, "attempts": job.fence, "route": route, "feedback": feedback, "turns": shown,
         **following(after)}
    )  # fmt: skip


def _turn_in(cursor: str | None) -> int:
    """The turn after which a page starts. Raises InvalidRequest."""
    if cursor is not None and not (cursor.isdecimal() and len(cursor) < 10):
        raise InvalidRequest("`cursor` is none that this address gave out.")
    return int(cursor or 0)


@router.post(
    "/feedback", operation_id="rateJob", response_model=FeedbackOut,
    responses=declared(400, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
async def rate_job(here: Here, owner: Owner, job_id: JobId, asked: Feedback, key: Key = None) -> Response:
    """Say whether a job was of use; kept with its trace. A later word replaces the earlier one."""
    await here.store.job(job_id, owner)
    said = {"rating": asked.rating, "comment": asked.comment, "at": utc_now()}
    await change_value(here.store, "feedback", job_id, lambda _: (said, None))
    return json_response(said)


def _event_schema(kind: str, data: dict[str, Any], *more: str) -> dict[str, Any]:
    """What an event of a kind holds; its data are JSON."""
    of_data = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    named = {"event": {"type": "string", "const": kind}, "data": of_data, **{name: {"type": "string"} for name in more}}
    return {"type": "object", "properties": named, "required": list(named)}


_SHAPES = "#/components/schemas/"
_PREVIEW = {"preview": {"anyOf": [{"$ref": f"{_SHAPES}Preview"}, {"type": "null"}]}}
_EVENTS = {"oneOf": [
    _event_schema("change", {"$ref": f"{_SHAPES}ChangeOut"}, "id"),
    _event_schema("job", {"$ref": f"{_SHAPES}JobOut", "properties": _PREVIEW, "required": ["preview"]}),
]}  # fmt: skip


@router.get(
    "/events", operation_id="followJob", response_class=Response,
    responses={200: {"description": "Server-sent events: `change` (id = version) and `job`",
                     "content": {"text/event-stream": {"itemSchema": _EVENTS}}}, **declared(404, 422, 503)},
)  # fmt: skip
async def follow_job(
    here: Here, owner: Owner, job_id: JobId,
    last: Annotated[str | None, Header(alias="Last-Event-ID", description="The version seen last.")] = None,
) -> Response:  # fmt: skip
    """Follow a job and the changes of its session, until it ends. Embedded server only."""
    if not here.embedded:
        raise NotFound("Events are not served here; poll the job.")
    job = await here.jobs.get(job_id, owner)
    if last is not None and not (last.isdecimal() and len(last) < 13):
        raise InvalidRequest("Last-Event-ID is a version: a whole number of 0 or more.")
    since = int(last) if last is not None else job.base_version
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    return StreamingResponse(_events(here, owner, job, since), media_type="text/event-stream", headers=headers)


async def _events(here: Services, owner: str, job: Job, since: int) -> AsyncIterator[bytes]:
    """Yield what is new until the job has ended or is gone."""
    seen, told = "", time.monotonic()
    while True:
        try:
            job, changes, pause_s = await _news(here, owner, job, since)
        except (UnknownJob, UnknownSession):
            return
        for change in changes:
            since, told = change.version, time.monotonic()
            yield _event("change", public(change), str(change.version))
        if tag(job) != seen:
            seen, told = tag(job), time.monotonic()
            yield _event("job", {**job_json(job), "preview": job.preview})
        if job.status in ENDED:
            return
        await asyncio.sleep(pause_s)
        if time.monotonic() - told >= _HEARTBEAT_S:
            told = time.monotonic()
            yield b": still here\n\n"


async def _news(here: Services, owner: str, job: Job, since: int) -> tuple[Job, Sequence[Change], float]:
    """Return the job as it is, the changes after a version, and the seconds until there may be more. While the store
    does not answer the job is as it was. Raises UnknownJob, UnknownSession."""
    try:
        now = await here.jobs.get(job.id, owner)
        return now, await here.store.changes(job.session_id, owner, since), _LOOK_S
    except Unavailable as error:
        log.error("the events of job %s: %s; it is tried again", job.id, error)
        return job, (), AFTER_AN_ERROR_S


def _event(kind: str, data: dict[str, Any], event_id: str | None = None) -> bytes:
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
