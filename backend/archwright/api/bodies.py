"""How much and how deep a request's body is read."""

import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Message, Receive

BODY_MAX = 1_048_576
DEPTH_MAX = 64
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a body is not read."""

    status: int
    type: str
    title: str
    detail: str


async def read_body(headers: Headers, receive: Receive) -> bytes | Refused:
    """Return the whole body, or why it is not read: above 1 MB, not JSON by its type, or nested deeper than 64."""
    body = await _whole(headers, receive)
    if body is None:
        return Refused(
            413, "payload-too-large", "The body is too large", f"A request body may hold {BODY_MAX:,} bytes."
        )
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if body and kind != "application/json" and not kind.endswith("+json"):
        detail = f"A body is read as application/json, not as {kind[:100]!r}."
        return Refused(415, "media-type", "Unsupported media type", detail)
    if too_deep(body):
        return Refused(422, "limit-exceeded", "A limit was exceeded", f"JSON may nest {DEPTH_MAX} deep.")
    return body


async def _whole(headers: Headers, receive: Receive) -> bytes | None:
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


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return the receiver of an app that is given a body which was read already."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
