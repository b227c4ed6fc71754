"""What stands before the routes: whom the server answers to, and how much and how deep it reads."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archwright.api.problems import problem

BODY_MAX = 1_048_576
DEPTH_MAX = 64
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Doors:
    """Pure ASGI. Refuses foreign hosts and origins (DNS rebinding, cross-site requests), bodies above 1 MB, JSON
    nested deeper than 64, and bodies that are not JSON by their type."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._stranger(scope["method"], headers)
        if refusal:
            await problem(403, "forbidden", "Forbidden", refusal, scope["path"])(scope, receive, send)
            return
        if scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return
        await self._with_body(scope, headers, receive, send)

    def _stranger(self, method: str, headers: Headers) -> str:
        if not self._hosts:
            return ""
        host = headers.get("host", "")
        if _name(f"//{host}") not in self._hosts:
            return f"This server is not {host[:100]!r}."
        origin = headers.get("origin")
        if method not in _SAFE and origin is not None and urlsplit(origin).netloc != host:
            return f"A page of {origin[:100]!r} may not change anything here."
        return ""

    async def _with_body(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        body = await _read(headers, receive)
        if body is None:
            detail = f"A request body may hold {BODY_MAX:,} bytes."
            await problem(413, "payload-too-large", "The body is too large", detail, scope["path"])(
                scope, receive, send
            )
            return
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if body and kind != "application/json" and not kind.endswith("+json"):
            detail = f"A body is read as application/json, not as {kind[:100]!r}."
            await problem(415, "media-type", "Unsupported media type", detail, scope["path"])(scope, receive, send)
            return
        if too_deep(body):
            detail = f"JSON may nest {DEPTH_MAX} deep."
            await problem(422, "limit-exceeded", "A limit was exceeded", detail, scope["path"])(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _read(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body, or None when it is too large."""
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > BODY_MAX:
        return None
    parts, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_MAX:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def too_deep(body: bytes) -> bool:
    """Whether JSON text nests deeper than is read."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return False
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH_MAX:
            return True
    return False


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
