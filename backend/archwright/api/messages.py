"""The conversation: send a message, read what was said."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from archwright.api.auth import Owner
from archwright.api.bounds import fitting
from archwright.api.problems import declared
from archwright.api.requests import Key, NewMessage
from archwright.api.schemas import Conversation, Sent, job_json, json_response, message_json
from archwright.api.services import Here
from archwright.api.sessions import SessionId, idempotency
from archwright.errors import SessionBusy
from archwright.jobs.model import Message
from archwright.jobs.submission import Submitted
from archwright.sessions.text import check_prompt
from archwright.store.ports import Json

router = APIRouter(tags=["messages"], prefix="/sessions/{session_id}/messages")


@router.post(
    "", status_code=202, operation_id="sendMessage", response_model=Sent,
    responses=declared(400, 402, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
async def send_message(here: Here, owner: Owner, session_id: SessionId, asked: NewMessage, key: Key = None) -> Response:
    """Say something to the agent; the job that answers is queued."""
    text = check_prompt(asked.text)
    claim = idempotency(key, "messages", session_id, asked.model_dump())
    try:
        submitted = await here.jobs.submit(
            session_id, owner, text=text, focus=asked.focus, model=asked.model, on_busy=asked.on_busy, key=claim,
            approve_above_usd=asked.approve_above_usd,
        )  # fmt: skip
    except SessionBusy as busy:
        raise reject_busy(busy) from None
    return answer_submitted(submitted)


def reject_busy(busy: SessionBusy) -> SessionBusy:
    """Return the refusal with the address of the active job."""
    address = f"/api/v1/jobs/{busy.extra['job_id']}"
    return SessionBusy(f"{busy.detail} Wait for {address}, cancel it, or set on_busy.", location=address,
                       job_id=busy.extra["job_id"], job=address)  # fmt: skip


def answer_submitted(submitted: Submitted, changed: Json | None = None) -> Response:
    """Answer 202 with the message and the job, after the change that came with them if there was one."""
    job = submitted.job
    message = Message(
        id=submitted.message_id, role="user", text=job.text, focus=job.focus, job_id=job.id, at=job.created_at
    )
    headers = {"Location": f"/api/v1/jobs/{job.id}", "Retry-After": "1"}
    return json_response({**(changed or {}), "message": message_json(message), "job": job_json(job)}, 202, headers)


@router.get("", operation_id="readMessages", response_model=Conversation, responses=declared(404, 422, 503))
async def read_messages(
    here: Here, owner: Owner, session_id: SessionId, cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:  # fmt: skip
    """The conversation, oldest first."""
    page = await here.store.messages(session_id, owner, cursor, limit)
    items, _ = fitting(map(message_json, page.items), here.answer_bytes)
    if len(items) < len(page.items):
        page = await here.store.messages(session_id, owner, cursor, len(items))
    return json_response({"items": items, "next_cursor": page.next_cursor})
