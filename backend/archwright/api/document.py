"""The design document: read how it stands, have it written."""

from typing import Any

from fastapi import APIRouter, Response

from archwright.api.auth import Owner
from archwright.api.bounds import fitting, following, read_cursor
from archwright.api.messages import answer_submitted, reject_busy
from archwright.api.problems import declared
from archwright.api.requests import Key, NewDocument
from archwright.api.schemas import DocumentOut, Sent, json_response
from archwright.api.services import Here
from archwright.api.sessions import Cursor, SessionId, idempotency
from archwright.diagram.document import Standing
from archwright.diagram.model import Section
from archwright.errors import SessionBusy

router = APIRouter(tags=["document"], prefix="/sessions/{session_id}/document")


@router.get("", operation_id="readDocument", response_model=DocumentOut, responses=declared(404, 422, 503))
async def read_document(here: Here, owner: Owner, session_id: SessionId, cursor: Cursor = None) -> Response:
    """The sections in their order: who wrote each last, the component that it is about, and whether it is stale; a
    long document in pages."""
    head, diagram = await here.sessions.snapshot(session_id, owner)
    now = await here.jobs.standings(session_id, owner)
    start = read_cursor(cursor)[1] if cursor is not None else 0
    known = [_shown(one, now[one.slug]) for one in diagram.document() if one.slug in now][start:]
    sections, _ = fitting(known, here.answer_bytes)
    end = start + len(sections)
    more = following(f"{head.version}-{end}" if len(sections) < len(known) else None)
    return json_response({"version": head.version, "sections": sections, **more})


def _shown(section: Section, standing: Standing) -> dict[str, Any]:
    stands = standing.model_dump(mode="json")
    written_at = stands.pop("version")
    return {**section.model_dump(mode="json"), **stands, "written_at": written_at}


@router.post(
    "", status_code=202, operation_id="writeDocument", response_model=Sent,
    responses=declared(400, 402, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
async def write_document(
    here: Here, owner: Owner, session_id: SessionId, asked: NewDocument | None = None, key: Key = None
) -> Response:
    """Queue the job that writes the document, or with `only_stale` brings it up to date; what a person wrote stays."""
    wanted = asked or NewDocument()
    claim = idempotency(key, "document", session_id, wanted.model_dump())
    try:
        submitted = await here.jobs.write_document(
            session_id, owner, only_stale=wanted.only_stale, model=wanted.model, on_busy=wanted.on_busy, key=claim
        )
    except SessionBusy as busy:
        raise reject_busy(busy) from None
    return answer_submitted(submitted)
