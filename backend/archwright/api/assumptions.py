"""What the agent assumed: read it, change one and have what rests on it planned anew."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from archwright.api.auth import Owner
from archwright.api.bounds import bounded_change
from archwright.api.messages import answer_submitted, reject_busy
from archwright.api.problems import declared
from archwright.api.requests import Key, NewAssumption
from archwright.api.schemas import Changed, JobOut, MessageOut, json_response
from archwright.api.services import Here
from archwright.api.sessions import SessionId, idempotency
from archwright.diagram.assumptions import Assumption, assumptions
from archwright.errors import SessionBusy
from archwright.sessions.text import check_prompt

router = APIRouter(tags=["assumptions"], prefix="/sessions/{session_id}/assumptions")
AssumptionId = Annotated[str, Path(description="An assumption's id: the slug of its section.")]


class AssumptionList(BaseModel):
    version: int
    items: list[Assumption]


class Replanned(Changed):
    message: MessageOut
    job: JobOut


@router.get("", operation_id="readAssumptions", response_model=AssumptionList, responses=declared(404, 422, 503))
async def read_assumptions(here: Here, owner: Owner, session_id: SessionId) -> Response:
    """What was assumed because nobody said it, and which nodes rest on each."""
    head, diagram = await here.sessions.snapshot(session_id, owner)
    items = [one.model_dump(mode="json") for one in assumptions(diagram)]
    return json_response({"version": head.version, "items": items})


@router.post(
    "/{assumption_id}", operation_id="changeAssumption", response_model=Changed,
    responses={202: {"model": Replanned}, **declared(400, 402, 403, 404, 409, 413, 415, 422, 503)},
)  # fmt: skip
async def change_assumption(
    here: Here, owner: Owner, session_id: SessionId, assumption_id: AssumptionId, asked: NewAssumption, key: Key = None
) -> Response:
    """Say what holds instead; 202 with the job that changes what rests on it, 200 when nothing does."""
    text = check_prompt(asked.text)
    claim = idempotency(key, "assumptions", session_id, assumption_id, asked.model_dump())
    try:
        changed, submitted = await here.jobs.replan(
            session_id, owner, assumption_id, text, model=asked.model, on_busy=asked.on_busy, key=claim
        )
    except SessionBusy as busy:
        raise reject_busy(busy) from None
    if submitted is None:
        return json_response(bounded_change(changed.result, here.answer_bytes))
    return answer_submitted(submitted, changed.result)
