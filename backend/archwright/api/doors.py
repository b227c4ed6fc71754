"""What stands before the routes: who asks for what, whom the server answers to, and where its answers lead."""

from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archwright.access.addresses import Proxies
from archwright.access.forwarded import Asked, Place, asked, place
from archwright.access.reach import SAFE, Reach
from archwright.api.bodies import Refused, read_body, replayed
from archwright.api.heads import headers_only
from archwright.api.problems import problem

PLACE = "archwright.place"
"""The key of a request's `Place` in its scope."""


class Doors:
    """Pure ASGI. Refuses foreign hosts and origins (DNS rebinding, cross-site requests) and bodies that are not read;
    believes the forwarded headers of trusted proxies and of nobody else; answers HEAD as GET without a body; and lets
    every `Location` lead to where the product lies for whoever asks."""

    def __init__(self, app: ASGIApp, reach: Reach, trusted: Proxies) -> None:
        self._app = app
        self._reach = reach
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else None
        found = asked(peer, scope["scheme"], headers.getlist, self._trusted)
        refusal = self._stranger(scope["method"], found, headers)
        if refusal:
            await problem(403, "forbidden", "Forbidden", refusal, scope["path"])(scope, receive, send)
            return
        known = self._reach.names is not None
        where = place(found, scope["path"], self._reach.public, known=known)
        await self._answer(_rewritten(scope, found, where), headers, receive, _leading(where, found, send))

    def _stranger(self, method: str, found: Asked, headers: Headers) -> str:
        origins, site = headers.getlist("origin"), headers.get("sec-fetch-site", "")
        return self._reach.refuses_host(found.hosts) or self._reach.refuses_origin(method, origins, found.host, site)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await headers_only(self._app, {**scope, "method": "GET"}, receive, send)
            return
        if scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        body = await read_body(headers, receive)
        if isinstance(body, Refused):
            refused = problem(body.status, body.type, body.title, body.detail, scope["path"])
            await refused(scope, receive, send)
            return
        await self._app(scope, replayed(body, receive), send)


def _rewritten(scope: Scope, found: Asked, where: Place) -> Scope:
    """The request as its caller made it, before any proxy; its path without the one under which the product lies."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    changed: dict[str, Any] = {
        "client": (found.address, 0),
        "scheme": found.scheme,
        "headers": [(b"host", found.host.encode("latin-1", "replace")), *headers],
        "path": where.path,
        "raw_path": quote(where.path).encode(),
        PLACE: where,
    }
    return {**scope, **changed}


def _leading(where: Place, found: Asked, send: Send) -> Send:
    """A `send` that makes a Location of our own one that the caller can follow."""
    own = f"{found.scheme}://{found.host}"

    async def led(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            location = headers.get("location", "").removeprefix(own)
            if location.startswith("/"):
                headers["location"] = where.link(location)
        await send(message)

    return led
