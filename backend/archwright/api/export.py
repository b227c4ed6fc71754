"""A diagram as a file."""

import re
import unicodedata
from typing import Annotated
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Query, Response

from archwright.api.auth import Owner
from archwright.api.problems import declared
from archwright.api.services import Here
from archwright.api.sessions import SessionId
from archwright.formats import FORMATS, Theme, format_of, write

router = APIRouter(tags=["export"], prefix="/sessions/{session_id}/export")
_SANDBOX = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
_FILE = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {form.media_type: _FILE for form in FORMATS.values() if form.name != "json"} | {
    "application/json": {"schema": {"type": "object"}}
}


@router.get(
    "", operation_id="exportSession", response_class=Response,
    responses={200: {"description": "The file", "content": _CONTENT}, **declared(404, 422, 503)},
)  # fmt: skip
async def export(
    here: Here, owner: Owner, session_id: SessionId,
    name: Annotated[str, Query(alias="format", description="json, mermaid, svg, png, markdown, html or pdf")],
    theme: Theme = "auto",
) -> Response:  # fmt: skip
    """The diagram in a format, as an attachment; markdown, html and pdf hold the design document too."""
    form = format_of(name)
    head, diagram = await here.sessions.snapshot(session_id, owner)
    content = await anyio.to_thread.run_sync(write, diagram, form.name, theme)
    headers = {"Content-Disposition": _attachment(head.title, form.suffix), "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=form.media_type, headers={**headers, **_SANDBOX})


def _attachment(title: str, suffix: str) -> str:
    """The header that names the file: plain letters for old clients, the whole title for all others."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_title).strip("-.")[:80] or "diagram"
    whole = re.sub(r"[\\/:*?\"<>|\x00-\x1f]+", "-", title).strip(" .")[:120] or "diagram"
    return f"attachment; filename=\"{plain}{suffix}\"; filename*=UTF-8''{quote(whole + suffix, safe='')}"
