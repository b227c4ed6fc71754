"""A diagram as a file."""

import re
import unicodedata
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from archwright.api.auth import Owner
from archwright.api.jobs import JobId
from archwright.api.problems import declared
from archwright.api.schemas import Exporting, job_json, json_response
from archwright.api.services import Here, Services
from archwright.api.sessions import SessionId
from archwright.errors import UnknownJob
from archwright.formats import FORMATS, Format, Theme, format_of
from archwright.jobs.model import ENDED, Job

router = APIRouter(tags=["export"], prefix="/sessions/{session_id}")
_SANDBOX = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
_FILE = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {form.media_type: _FILE for form in FORMATS.values() if form.name != "json"} | {
    "application/json": {"schema": {"type": "object"}}
}


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": _CONTENT},
    202: {"model": Exporting, "description": "Too large to wait for: a job makes the file; ask its `result`",
          "headers": {"Location": {"schema": {"type": "string"}}, "Retry-After": {"schema": {"type": "integer"}}}},
    303: {"description": "Where the file is fetched", "headers": {"Location": {"schema": {"type": "string"}}}},
}  # fmt: skip


@router.get(
    "/export", operation_id="exportSession", response_class=Response, responses={**_ANSWERS, **declared(404, 422, 503)}
)
async def export(
    here: Here, owner: Owner, session_id: SessionId,
    name: Annotated[str, Query(alias="format", description="json, mermaid, svg, png, markdown, html or pdf")],
    theme: Theme = "auto",
) -> Response:  # fmt: skip
    """The diagram in a format, as an attachment; markdown, html and pdf hold the design document too."""
    form = format_of(name)
    made = await here.exports.export(session_id, owner, form, theme)
    if isinstance(made, Job):
        return await _answer(here, made, form)
    title = (await here.store.head(session_id, owner)).title
    return _file(made, form, title)


@router.get(
    "/exports/{job_id}", operation_id="readExport", response_class=Response,
    responses={**_ANSWERS, **declared(404, 422, 503)},
)  # fmt: skip
async def read_export(here: Here, owner: Owner, session_id: SessionId, job_id: JobId) -> Response:
    """The file that an export job made; 202 with the job while it is at it."""
    job = await here.jobs.get(job_id, owner)
    if job.session_id != session_id or job.order is None:
        raise UnknownJob(f"There is no export '{job_id}' in this session.")
    return await _answer(here, job, format_of(job.order.format))


async def _answer(here: Services, job: Job, form: Format) -> Response:
    if job.status not in ENDED:
        headers = {"Location": f"/api/v1/jobs/{job.id}", "Retry-After": "1"}
        return json_response({"job": job_json(job)}, 202, headers)
    title = (await here.store.head(job.session_id, job.owner)).title
    made = await here.exports.made(job, _attachment(title, form.suffix))
    return (
        _file(made, form, title) if isinstance(made, bytes) else Response(status_code=303, headers={"Location": made})
    )


def _file(content: bytes, form: Format, title: str) -> Response:
    headers = {"Content-Disposition": _attachment(title, form.suffix), "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=form.media_type, headers={**headers, **_SANDBOX})


def _attachment(title: str, suffix: str) -> str:
    """The header that names the file: plain letters for old clients, the whole title for all others."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_title).strip("-.")[:80] or "diagram"
    whole = re.sub(r"[\\/:*?\"<>|\x00-\x1f]+", "-", title).strip(" .")[:120] or "diagram"
    return f"attachment; filename=\"{plain}{suffix}\"; filename*=UTF-8''{quote(whole + suffix, safe='')}"
