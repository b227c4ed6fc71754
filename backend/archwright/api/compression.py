"""Answers are compressed for who reads gzip: not tiny ones, not what is compressed already, never events."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MINIMUM = 1_000
"""Bytes from which on it is worth the while: one packet holds what is below."""
_LEVEL = 5


class Compression:
    """Pure ASGI. An entity tag becomes a weak one when the answer is compressed, for other bytes mean the same."""

    def __init__(self, app: ASGIApp) -> None:
        self._packed = GZipMiddleware(app, minimum_size=MINIMUM, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                _say_what_varies(message["status"], MutableHeaders(raw=message["headers"]))
            await send(message)

        if scope["type"] != "http":
            await self._packed(scope, receive, send)
            return
        if not _reads_gzip(Headers(scope=scope)):
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        await self._packed(scope, receive, told)


def _reads_gzip(headers: Headers) -> bool:
    """Whether a caller reads gzip; one that is named with the quality 0 is not read."""
    for coding in headers.get("accept-encoding", "").split(","):
        name, _, quality = coding.partition(";")
        if name.strip().lower() == "gzip":
            return quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _say_what_varies(status: int, headers: MutableHeaders) -> None:
    tag = headers.get("etag")
    if tag is None:
        return
    if status == 304:
        headers.add_vary_header("Accept-Encoding")
    elif "content-encoding" in headers and not tag.startswith("W/"):
        headers["etag"] = f"W/{tag}"
