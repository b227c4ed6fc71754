"""Who calls, what they may do here, and how often.

A person signs in (Clerk), a program has an API key, a viewer a share link: all three come as `Authorization: Bearer`.
Without sign-in everybody who reaches this machine's server is its one user.
"""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from archwright.access.grants import PREFIXES, Grant
from archwright.access.rates import network_of
from archwright.api.services import Here, Services
from archwright.errors import NotAllowed, Unauthenticated, UnknownSession

LOCAL = "local"
VIEWS = frozenset({"readSession", "readChanges", "readVersion", "readDocument", "exportSession", "readExport"})
"""The operations that a share link of their session opens."""
OPEN = frozenset({"isAlive", "isReady", "readConfig", "listModels", "listTemplates", "readCatalogue"})
"""The operations that need no sign-in, for they are the same for everybody."""


class SignIn(Protocol):
    """How people sign in. `publishable_key` is what the editor needs for it, `issuer` where its pages come from."""

    @property
    def publishable_key(self) -> str: ...

    @property
    def issuer(self) -> str: ...

    def owner(self, token: str) -> str:
        """Return whose token it is. Raises Unauthenticated, which says what is wrong with it."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose things a request is about, and the key or share link that it came with, if it did."""

    owner: str
    grant: Grant | None = None
    signed_in: bool = False


async def _caller(request: Request, here: Here) -> Caller:
    """Return who calls, once their request was counted. Raises Unauthenticated, TooManyRequests, NotAllowed."""
    try:
        caller = await _known(here, _token(request))
    except Unauthenticated:
        await _count_address(request, here)
        raise
    if not caller.signed_in:
        await _count_address(request, here)
    if caller.grant is None or caller.grant.kind == "key":
        await here.rates.take(f"user:{caller.owner}", here.ledger.limits.user_requests)
    if caller.grant is not None:
        _check_grant(request, caller.grant)
    return caller


async def _count_address(request: Request, here: Services) -> None:
    """Count somebody who is not signed in: a share link's viewer too, for else strangers could use up its owner's."""
    await here.rates.take(f"address:{network_of(_address(request, here))}", here.ledger.limits.address_requests)


async def _known(here: Services, token: str | None) -> Caller:
    grant = await _grant(here, token)
    if grant is not None:
        return Caller(grant.owner, grant, signed_in=grant.kind == "key")
    return Caller(_person(here, token), signed_in=here.sign_in is not None)


Calling = Annotated[Caller, Depends(_caller)]


async def _owner(caller: Calling) -> str:
    """Return whose things the request is about: everything that a route reads or writes belongs to this owner."""
    return caller.owner


Owner = Annotated[str, Depends(_owner)]


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _grant(here: Services, token: str | None) -> Grant | None:
    """Return the key or share link that the token is, or None when it is of another sort."""
    if token is None or not token.startswith(tuple(PREFIXES.values())):
        return None
    grant = await here.grants.find(token)
    if grant is None:
        raise Unauthenticated("This API key or share link is not known: it was revoked, or it has expired.")
    return grant


def _person(here: Services, token: str | None) -> str:
    if here.sign_in is not None:
        if not token:
            raise Unauthenticated("Send `Authorization: Bearer` with a session token or an API key.")
        return here.sign_in.owner(token)
    if token is not None:
        raise Unauthenticated("This server has no sign-in; the token is none of its API keys or share links.")
    return LOCAL


def _check_grant(request: Request, grant: Grant) -> None:
    """Raise unless a route is one that a key or a share link opens."""
    operation = request.scope["route"].operation_id
    if grant.kind == "key" and operation in ("createKey", "revokeKey"):
        raise NotAllowed("An API key makes and revokes no keys; sign in for that.")
    if grant.kind == "share":
        wanted = request.path_params.get("session_id")
        if wanted != grant.session_id:
            raise UnknownSession(f"There is no session '{str(wanted)[:100]}' behind this share link.")
        if operation not in VIEWS:
            raise NotAllowed("A share link shows the diagram and changes nothing.")


def _address(request: Request, here: Services) -> str:
    """Return the caller's address: the connection's, or the one that our own content network names."""
    named = request.headers.get("x-archwright-viewer")
    if named and here.proxy_secret and request.headers.get("x-archwright-proxy") == here.proxy_secret:
        return named
    return request.client.host if request.client else "unknown"
