"""HEAD: what GET would answer, without a body."""

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def headers_only(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the status and the headers of the app's answer; one that goes on and on is ended after them."""
    with anyio.CancelScope() as asking:

        async def without_body(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b""})
            if message.get("more_body", False):
                asking.cancel()

        await app(scope, receive, without_body)
