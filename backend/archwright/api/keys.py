"""API keys for programs: made, listed, revoked."""

import time
from typing import Any

from fastapi import APIRouter, Response

from archwright.access.grants import Grant
from archwright.api.auth import Calling, Owner
from archwright.api.problems import declared
from archwright.api.requests import Key, NewKey
from archwright.api.schemas import GrantList, NewGrant, json_response
from archwright.api.services import At, Here
from archwright.api.sessions import SessionId
from archwright.ids import iso

router = APIRouter(tags=["access"])
_REFUSALS = declared(400, 403, 413, 415, 422, 503)
_DAY_S = 86_400.0
_MADE: dict[int | str, dict[str, Any]] = {201: {"model": NewGrant, "description": "Made; shown this once"}}


def _shown(grant: Grant, **more: Any) -> dict[str, Any]:
    expires = None if grant.expires_at is None else iso(grant.expires_at)
    return {
        **grant.model_dump(include={"id", "name", "hint", "session_id", "created_at"}),
        "expires_at": expires,
        **more,
    }


def _end(days: int | None) -> float | None:
    return None if days is None else time.time() + days * _DAY_S


@router.post("/keys", status_code=201, operation_id="createKey", response_model=None, responses={**_MADE, **_REFUSALS})
async def create_key(here: Here, owner: Owner, asked: NewKey, key: Key = None) -> Response:
    """Make an API key; its secret is in this answer and nowhere else."""
    grant, secret = await here.grants.issue(owner, "key", name=asked.name, expires_at=_end(asked.days), key=key)
    return json_response(_shown(grant, secret=secret), 201)


@router.get("/keys", operation_id="listKeys", response_model=GrantList, responses=declared(503))
async def list_keys(here: Here, owner: Owner) -> Response:
    """The caller's keys, newest first, without their secrets."""
    return json_response({"items": [_shown(grant) for grant in await here.grants.list(owner, "key")]})


@router.delete(
    "/keys/{key_id}", status_code=204, operation_id="revokeKey", response_class=Response,
    responses=declared(403, 404, 422, 503),
)  # fmt: skip
async def revoke_key(here: Here, owner: Owner, key_id: str) -> Response:
    """End a key at once, and the share links that were made with it."""
    await here.grants.revoke(owner, "key", key_id)
    return Response(status_code=204)


@router.post(
    "/sessions/{session_id}/shares", status_code=201, operation_id="createShare", response_model=None,
    responses={**_MADE, **_REFUSALS, **declared(404)},
)  # fmt: skip
async def create_share(
    here: Here, caller: Calling, at: At, session_id: SessionId, asked: NewKey | None = None, key: Key = None
) -> Response:
    """Make a link that shows the session to whoever has it, and lets nobody change anything. One that is made with an
    API key ends with it."""
    await here.store.head(session_id, caller.owner)
    wanted = asked or NewKey()
    grant, secret = await here.grants.issue(
        caller.owner,
        "share",
        name=wanted.name,
        session_id=session_id,
        expires_at=_end(wanted.days),
        key=key,
        by=caller.grant,
    )
    if secret is None:
        return json_response(_shown(grant, secret=None, path=None, url=None), 201)
    page = f"/s/{session_id}#share={secret}"
    url = None if at.address is None else at.address + page
    return json_response(_shown(grant, secret=secret, path=at.prefix + page, url=url), 201)


@router.get(
    "/sessions/{session_id}/shares", operation_id="listShares", response_model=GrantList,
    responses=declared(404, 422, 503),
)  # fmt: skip
async def list_shares(here: Here, owner: Owner, session_id: SessionId) -> Response:
    """The session's share links, newest first, without their secrets."""
    await here.store.head(session_id, owner)
    return json_response({"items": [_shown(grant) for grant in await here.grants.list(owner, "share", session_id)]})


@router.delete(
    "/sessions/{session_id}/shares/{share_id}", status_code=204, operation_id="revokeShare", response_class=Response,
    responses=declared(403, 404, 422, 503),
)  # fmt: skip
async def revoke_share(here: Here, owner: Owner, session_id: SessionId, share_id: str) -> Response:
    """End a share link at once."""
    await here.store.head(session_id, owner)
    await here.grants.revoke(owner, "share", share_id, session_id)
    return Response(status_code=204)
