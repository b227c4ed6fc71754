"""Sessions: create, import, list, read, rename, delete, lay out, and past versions."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from archwright.api.auth import Owner
from archwright.api.bounds import bounded_change, content_page, read_cursor
from archwright.api.problems import declared
from archwright.api.requests import HowToLayOut, IfNoneMatch, Key, NewSession, NewTitle
from archwright.api.schemas import (
    Changed,
    SessionList,
    SessionOut,
    Started,
    job_json,
    json_response,
    row_json,
    session_json,
)
from archwright.api.services import Here, Services
from archwright.diagram.change import Actor
from archwright.diagram.model import Diagram
from archwright.diagram.ops import SetTitleInput
from archwright.errors import Conflict, UnknownSession, UnknownTemplate
from archwright.formats import read_json
from archwright.ids import new_id, utc_now
from archwright.sessions import memory
from archwright.sessions.commit import Origin, request_hash
from archwright.sessions.text import check_prompt
from archwright.store.ports import Head, IdempotencyKey, Json

router = APIRouter(tags=["sessions"])
SessionId = Annotated[str, Path(description="A session's id.")]
Cursor = Annotated[str | None, Query(description="The `next_cursor` of the page before.")]
_RETRY = {"Retry-After": "1"}
_CREATED: dict[int | str, dict[str, Any]] = {
    201: {"model": SessionOut, "description": "Created", "headers": {"Location": {"schema": {"type": "string"}}}},
    202: {"model": Started, "description": "Created, and the job is queued", "headers": {
        "Location": {"schema": {"type": "string"}}, "Retry-After": {"schema": {"type": "integer"}}}},
}  # fmt: skip


def idempotency(key: str | None, *request: Any) -> IdempotencyKey | None:
    return IdempotencyKey(key, request_hash(*request)) if key else None


def user(owner: str) -> Actor:
    return Actor(kind="user", id=owner)


@router.post(
    "/sessions", status_code=201, operation_id="createSession", response_model=None,
    responses={**_CREATED, **declared(400, 402, 403, 404, 409, 413, 415, 422, 503)},
)  # fmt: skip
async def create_session(here: Here, owner: Owner, asked: NewSession, key: Key = None) -> Response:
    """Create a session; with a prompt, also queue the job that draws it."""
    template = _template(here, asked.template)
    claim = idempotency(key, "POST /sessions", asked.model_dump())
    if asked.prompt is not None:
        prompt = check_prompt(asked.prompt)
        return await _start(here, owner, asked, prompt, template, claim)
    if asked.model is not None:
        here.jobs.resolve(asked.model)
    title = asked.title or (template.title if template else "") or "Untitled"
    return await _create(here, owner, title, template, claim)


async def _start(
    here: Services, owner: str, asked: NewSession, prompt: str, template: Diagram | None, claim: IdempotencyKey | None
) -> Response:
    submitted = await here.jobs.start(
        owner, title=asked.title, prompt=prompt, model=asked.model, template=template, key=claim,
        approve_above_usd=asked.approve_above_usd,
    )  # fmt: skip
    head, diagram = await here.sessions.snapshot(submitted.session_id, owner)
    body = {"session": _whole(here, head, diagram), "job": job_json(submitted.job)}
    return json_response(body, 202, {"Location": f"/api/v1/jobs/{submitted.job.id}", **_RETRY})


async def _create(
    here: Services, owner: str, title: str, content: Diagram | None, claim: IdempotencyKey | None
) -> Response:
    claimed = await here.store.create_session(new_session := new_id("ses"), owner, title, utc_now(), claim)
    session_id = claimed.answer["session_id"] if claimed.answer else new_session
    head, diagram = await here.sessions.snapshot(session_id, owner)
    if content is not None and head.version == 0:
        await here.sessions.replace(session_id, owner, user(owner), content.replace(title=head.title), "template")
        head, diagram = await here.sessions.snapshot(session_id, owner)
    return json_response(_whole(here, head, diagram), 201, {"Location": f"/api/v1/sessions/{session_id}"})


def _template(here: Services, name: str | None) -> Diagram | None:
    if name is None:
        return None
    if name not in here.templates:
        known = ", ".join(here.templates) or "none"
        raise UnknownTemplate(f"There is no template '{name[:100]}'; templates: {known}.")
    return here.templates[name]()


@router.post(
    "/sessions/import", status_code=201, operation_id="importSession", response_model=None,
    responses={201: _CREATED[201], **declared(400, 403, 404, 413, 415, 422, 503)},
)  # fmt: skip
async def import_session(
    here: Here, owner: Owner, asked: Annotated[dict[str, Any], Body(description="A JSON export.")], key: Key = None
) -> Response:
    """Create a session from a JSON export."""
    diagram = read_json(asked)
    claim = idempotency(key, "POST /sessions/import", asked)
    return await _create(here, owner, diagram.title or "Imported", diagram, claim)


@router.get("/sessions", operation_id="listSessions", response_model=SessionList, responses=declared(422, 503))
async def list_sessions(
    here: Here, owner: Owner, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Response:
    """The caller's sessions, newest first."""
    page = await here.store.list_sessions(owner, cursor, limit)
    return json_response({"items": [row_json(head) for head in page.items], "next_cursor": page.next_cursor})


@router.get(
    "/sessions/{session_id}", operation_id="readSession", response_model=SessionOut,
    responses={304: {"description": "Nothing changed"}, **declared(404, 422, 503)},
)  # fmt: skip
async def read_session(
    here: Here, owner: Owner, session_id: SessionId, cursor: Cursor = None, known: IfNoneMatch = None
) -> Response:
    """The session; one that is larger than an answer in pages, which all are of the version that the first was."""
    if cursor is not None:
        return json_response(await _page(here, owner, session_id, *read_cursor(cursor)))
    head = await here.store.head(session_id, owner)
    if known is not None and matches(known, _etag(head.version, head.active_job)):
        return Response(status_code=304, headers={"ETag": _etag(head.version, head.active_job)})
    head, diagram = await here.sessions.snapshot(session_id, owner)
    return json_response(_whole(here, head, diagram), headers={"ETag": _etag(head.version, head.active_job)})


def _whole(here: Services, head: Head, diagram: Diagram) -> Json:
    """A session from its start on, which is all of it but for very large ones."""
    return session_json(head, content_page(diagram, head.version, 0, here.answer_bytes))


async def _page(here: Services, owner: str, session_id: str, version: int, start: int) -> Json:
    """The session at a version, from a place in it on."""
    diagram = await here.sessions.at_version(session_id, owner, version)
    head = await here.store.head(session_id, owner)
    content = content_page(diagram, version, start, here.answer_bytes)
    return {**session_json(head, content), "title": diagram.title, "version": version}


def _etag(version: int, active_job: str | None) -> str:
    return f'"{version}-{active_job or ""}"'


def matches(known: str, etag: str) -> bool:
    """Whether an If-None-Match names the ETag."""
    return known.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in known.split(","))


@router.patch(
    "/sessions/{session_id}", operation_id="renameSession", response_model=SessionOut,
    responses=declared(400, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
async def rename_session(here: Here, owner: Owner, session_id: SessionId, asked: NewTitle) -> Response:
    """Give the session another title."""
    origin = Origin(user(owner), new_id("chg"))
    await here.sessions.commit(session_id, owner, [SetTitleInput(title=asked.title)], origin)
    head, diagram = await here.sessions.snapshot(session_id, owner)
    return json_response(_whole(here, head, diagram))


@router.delete(
    "/sessions/{session_id}", status_code=204, operation_id="deleteSession",
    response_class=Response, responses=declared(403, 404, 422, 503),
)  # fmt: skip
async def delete_session(here: Here, owner: Owner, session_id: SessionId) -> Response:
    """Remove the session and all that belongs to it; a running job stops."""
    with suppress(UnknownSession):  # what a call before began to remove and did not finish has no head to be read
        head = await here.store.head(session_id, owner)
        if head.active_job is not None:
            await _stop(here, head.active_job, owner)
    await here.store.delete_session(session_id, owner)
    await here.grants.revoke_all(owner, session_id)
    await here.store.drop_value(memory.KIND, session_id)
    here.sessions.forget(session_id)
    return Response(status_code=204)


async def _stop(here: Services, job_id: str, owner: str) -> None:
    try:
        await here.jobs.cancel(job_id, owner)
    except Conflict:
        return


@router.get(
    "/sessions/{session_id}/versions/{version}", operation_id="readVersion", response_model=SessionOut,
    responses=declared(404, 422, 503),
)  # fmt: skip
async def read_version(
    here: Here, owner: Owner, session_id: SessionId, version: Annotated[int, Path(ge=0, le=10**12)],
    cursor: Cursor = None,
) -> Response:  # fmt: skip
    """The session as it was at a version; in pages like the newest one."""
    start = read_cursor(cursor)[1] if cursor is not None else 0
    return json_response(await _page(here, owner, session_id, version, start))


@router.post(
    "/sessions/{session_id}/layout", operation_id="layOutSession", response_model=Changed,
    responses=declared(400, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
async def lay_out(
    here: Here, owner: Owner, session_id: SessionId, asked: HowToLayOut | None = None, key: Key = None
) -> Response:
    """Tidy the whole diagram, as one change."""
    direction = asked.direction if asked else "LR"
    done = await here.sessions.tidy(session_id, owner, user(owner), key or new_id("chg"), direction)
    return json_response(bounded_change(done.result, here.answer_bytes))
