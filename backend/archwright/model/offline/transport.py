"""The offline planner behind the Messages protocol, in this process: no socket, the same SDK."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

import httpx2

from archwright.model.messages import Pace, stream
from archwright.model.ports import Block

PACE = Pace(first_s=0.3, character_s=0.0005)
"""The pace of a model, at a factor of 1: a tool call takes about a tenth of a second."""


class Planned(Protocol):
    """What a planner answers: blocks of the Messages API, and why it stopped."""

    @property
    def content(self) -> Sequence[Block]: ...

    @property
    def stop_reason(self) -> str: ...


class OfflineTransport(httpx2.AsyncBaseTransport):
    """Answers POST /v1/messages with `plan(body)` as a stream; `pace` stretches it, 0 is at once.

    What `plan` raises comes out of the request: it is a bug of ours, not a fault of a network.
    """

    def __init__(self, plan: Callable[[dict[str, Any]], Planned], pace: float = 1.0) -> None:
        self._plan = plan
        self._pace = PACE.times(pace)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raw = await request.aread()
        body = json.loads(raw)
        planned = await asyncio.to_thread(self._plan, body)
        message_id = f"msg_off_{hashlib.sha256(raw).hexdigest()[:20]}"
        events = stream(message_id, body, planned.content, planned.stop_reason, self._pace)
        headers = {"content-type": "text/event-stream", "request-id": message_id}
        return httpx2.Response(200, headers=headers, stream=_Events(events))


class _Events(httpx2.AsyncByteStream):
    def __init__(self, events: AsyncIterator[bytes]) -> None:
        self._events = events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._events:
            yield part
