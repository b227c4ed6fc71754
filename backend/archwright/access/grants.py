"""Secrets that stand for a person: API keys, and share links, which show one session and change nothing.

Only a secret's hash is stored, so that nobody who reads the store can use it. A grant stands twice: under its hash,
which is what a caller is looked up by, and in its owner's list. It is valid while it stands under its hash.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence, Set
from typing import Literal

from archwright.access.values import change_value
from archwright.errors import KeyReused, LimitExceeded, UnknownGrant
from archwright.ids import new_id, utc_now
from archwright.jobs.model import Record
from archwright.store.ports import Json, ValueStore

GrantKind = Literal["key", "share"]
PREFIXES: dict[GrantKind, str] = {"key": "awk_", "share": "aws_"}
GRANTS_MAX = 200
_SECRET_BYTES: dict[GrantKind, int] = {"key": 32, "share": 16}


class Grant(Record):
    """`session_id` is the one session that a share link shows. `hint` is how the secret ends. `expires_at` is in
    seconds since the epoch. `by` is the API key with which it was made, and with which it ends."""

    id: str
    kind: GrantKind
    owner: str
    session_id: str | None = None
    name: str = ""
    hint: str
    created_at: str
    expires_at: float | None = None
    by: str | None = None


class _Listed(Record):
    grant: Grant
    hash: str


class Grants:
    def __init__(self, store: ValueStore, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now

    async def issue(
        self, owner: str, kind: GrantKind, *, name: str = "", session_id: str | None = None,
        expires_at: float | None = None, key: str | None = None, by: Grant | None = None,
    ) -> tuple[Grant, str | None]:  # fmt: skip
        """Make a grant and return it with its secret, which nobody can be shown again. One that is made `by` an API
        key ends with it at the latest.

        A repeat with the same idempotency key returns the grant of the first time, without the secret.
        Raises LimitExceeded for more than 200 grants of an owner, KeyReused for another grant under the same key.
        """
        secret = PREFIXES[kind] + secrets.token_urlsafe(_SECRET_BYTES[kind])
        grant = Grant(
            id=_id(kind, owner, key), kind=kind, owner=owner, session_id=session_id, name=name, hint=secret[-4:],
            created_at=utc_now(), expires_at=_earlier(expires_at, by.expires_at if by else None),
            by=by.id if by else None,
        )  # fmt: skip
        known = await self._listed(owner, grant, _hash(secret))
        if known is not None:
            if (known.name, known.session_id) != (name, session_id):
                raise KeyReused(f"The key '{key}' was used with another body.")
            return known, None
        await self._store.put_value("grant", _hash(secret), grant.model_dump(), 0, grant.expires_at)
        return grant, secret

    async def _listed(self, owner: str, grant: Grant, digest: str) -> Grant | None:
        """Put the grant into the owner's list; returns the one that stands there under its id already."""

        def add(body: Json | None) -> tuple[Json | None, Grant | None]:
            valid = [one for one in _list(body) if self._is_valid(one.grant)]
            for one in valid:
                if one.grant.id == grant.id:
                    return None, one.grant
            if len(valid) >= GRANTS_MAX:
                raise LimitExceeded(f"There may be {GRANTS_MAX} keys and share links; revoke one that is not needed.")
            return _body([*valid, _Listed(grant=grant, hash=digest)]), None

        return await change_value(self._store, "grants", owner, add)

    async def find(self, secret: str) -> Grant | None:
        """Return the grant that the secret stands for, unless it was revoked or has expired."""
        found = await self._store.value("grant", _hash(secret))
        if found is None:
            return None
        grant = Grant.model_validate(found.body)
        return grant if self._is_valid(grant) else None

    async def list(self, owner: str, kind: GrantKind, session_id: str | None = None) -> tuple[Grant, ...]:
        """Return the owner's valid grants of a kind, newest first; of one session when one is named."""
        found = await self._store.value("grants", owner)
        grants = (one.grant for one in _list(found.body if found else None))
        wanted = [grant for grant in grants if grant.kind == kind and self._is_valid(grant)]
        return tuple(grant for grant in reversed(wanted) if session_id in (None, grant.session_id))

    async def revoke(self, owner: str, kind: GrantKind, grant_id: str, session_id: str | None = None) -> None:
        """End a grant at once, and with an API key all that was granted with it. Raises UnknownGrant for one that is
        not the owner's."""

        def meant(grant: Grant) -> bool:
            return (grant.id, grant.kind) == (grant_id, kind) and session_id in (None, grant.session_id)

        listed = await self._every(owner)
        if not any(meant(one.grant) for one in listed):
            raise UnknownGrant(f"There is no {'API key' if kind == 'key' else 'share link'} '{grant_id[:100]}'.")
        await self._drop(owner, [one for one in listed if meant(one.grant) or one.grant.by == grant_id])

    async def revoke_all(self, owner: str, session_id: str) -> None:
        """End all share links of a session."""
        await self._drop(owner, [one for one in await self._every(owner) if one.grant.session_id == session_id])

    async def _every(self, owner: str) -> Sequence[_Listed]:
        found = await self._store.value("grants", owner)
        return _list(found.body if found else None)

    async def _drop(self, owner: str, ending: Sequence[_Listed]) -> None:
        """End grants; the list is changed last, so that a call cut short can be repeated."""
        for one in ending:
            await self._store.drop_value("grant", one.hash)
        gone = {one.grant.id for one in ending}
        if gone:
            await change_value(self._store, "grants", owner, lambda body: (_without(body, gone), None))

    def _is_valid(self, grant: Grant) -> bool:
        return grant.expires_at is None or self._now() < grant.expires_at


def _id(kind: GrantKind, owner: str, key: str | None) -> str:
    if key is None:
        return new_id(kind)
    return f"{kind}_{hashlib.sha256(f'{owner}|{kind}|{key}'.encode()).hexdigest()[:26]}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _list(body: Json | None) -> list[_Listed]:
    return [_Listed.model_validate(one) for one in (body or {"items": []})["items"]]


def _body(listed: list[_Listed]) -> Json:
    return {"items": [one.model_dump() for one in listed]}


def _without(body: Json | None, gone: Set[str]) -> Json:
    return _body([one for one in _list(body) if one.grant.id not in gone])


def _earlier(one: float | None, other: float | None) -> float | None:
    """Return the end that comes first; None is never."""
    return min((end for end in (one, other) if end is not None), default=None)
