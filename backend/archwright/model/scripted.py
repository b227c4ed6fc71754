"""A model that plays a script, for tests of what stands above it: replies and faults over the Messages protocol.

It is a transport below the real SDK, so a test runs the production path:
`ClaudeModel("key", transport=ScriptedTransport([Step.says("Done.")]))`.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import httpx2

from archwright.model.messages import Pace, event, stream
from archwright.model.ports import Block
from archwright.model.protocol import Body, Rules

Fault = Literal["end", "reset", "stall", "error", "garbage"]
_FAULTS = frozenset({"end", "reset", "stall", "error", "garbage"})


@dataclass(frozen=True, slots=True)
class Step:
    """What answers one request.

    With a `status` other than 200 it is an error of type `error` with `message` and `headers`. Else the reply
    `content` with `stop_reason` (by default `tool_use` if it calls tools, else `end_turn`). A `fault` happens
    after `after` events of the stream (by default in the middle of the last block): the stream ends cleanly,
    the socket is reset, nothing more comes, an error event comes (of type `error`), or an event that is no JSON.
    `cut` leaves so many characters off the last tool call's input, as a token limit does. `pause_s` is the
    silence before each event, `first_s` that before the answer begins. `raw` is sent instead of the reply's events,
    as it is; `page` instead of an error's body.
    """

    content: tuple[Block, ...] = ()
    stop_reason: str | None = None
    stop_details: dict[str, Any] | None = None
    usage: dict[str, int] = field(default_factory=dict)
    status: int = 200
    error: str = "overloaded_error"
    message: str = "Overloaded"
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    after: int | None = None
    cut: int = 0
    pause_s: float = 0
    first_s: float = 0
    raw: tuple[bytes, ...] = ()
    page: str | None = None

    @staticmethod
    def says(text: str, **rest: Any) -> "Step":
        """A reply of text alone."""
        return Step(content=({"type": "text", "text": text},), **rest)

    @staticmethod
    def calls(*calls: tuple[str, dict[str, Any]], text: str = "", **rest: Any) -> "Step":
        """A reply that calls tools, each given as name and input; the script numbers their ids."""
        said = ({"type": "text", "text": text},) if text else ()
        used = ({"type": "tool_use", "id": "", "name": name, "input": values} for name, values in calls)
        return Step(content=(*said, *used), **rest)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Step":
        """Read a step as a script file holds it. Raises ValueError for a field or a fault that does not exist."""
        unknown = sorted(set(values) - {known.name for known in fields(Step)})
        if unknown:
            raise ValueError(f"a step has no {', '.join(unknown)}")
        if values.get("fault") not in _FAULTS | {None}:
            raise ValueError(f"no such fault: {values['fault']}; there are {', '.join(sorted(_FAULTS))}")
        return Step(**{**values, "content": tuple(values.get("content", ()))})


Script = Sequence[Step] | Callable[[Body], Step]


class ScriptEnded(Exception):
    """A request came after the last step."""


class Player:
    """Plays a script: steps in turn, or a function of the request's body. `requests` are the bodies that came.

    With `strict`, a request that the real API would refuse raises ProtocolViolation.
    """

    def __init__(self, script: Script, *, strict: bool = True) -> None:
        self.requests: list[Body] = []
        self._script = script
        self._rules = Rules() if strict else None
        self._ids = itertools.count(1)

    def take(self, body: Body) -> Step:
        """Return the step that answers this request, its tool calls numbered and its thinking signed.

        Raises ProtocolViolation, or ScriptEnded.
        """
        self.requests.append(body)
        if self._rules is not None:
            self._rules.check(body)
        step = self._next(body)
        content = tuple(self._numbered(block) for block in step.content)
        sealed = self._rules.seal(body, content) if self._rules is not None else content
        return replace(step, content=sealed)

    def _next(self, body: Body) -> Step:
        if callable(self._script):
            return self._script(body)
        if len(self.requests) > len(self._script):
            raise ScriptEnded(f"request {len(self.requests)} came, but the script has {len(self._script)} steps")
        return self._script[len(self.requests) - 1]

    def _numbered(self, block: Block) -> Block:
        if block["type"] == "tool_use" and not block.get("id"):
            return {**block, "id": f"toolu_script_{next(self._ids)}"}
        return block


def error_answer(step: Step) -> bytes:
    """The body of an answer with an error's status."""
    return json.dumps(error_body(step)).encode() if step.page is None else step.page.encode()


def error_body(step: Step) -> Body:
    """The body of an error as the Messages API writes it."""
    return {"type": "error", "error": {"type": step.error, "message": step.message}}


async def events_of(step: Step, body: Body, number: int) -> list[bytes]:
    """The events that are sent before a step's fault, or all of them."""
    if step.raw:
        return list(step.raw)
    calls = any(block["type"] == "tool_use" for block in step.content)
    stop_reason = step.stop_reason or ("tool_use" if calls else "end_turn")
    raw = stream(f"msg_script_{number}", body, step.content, stop_reason, Pace())
    whole = list(_edited(step, [part async for part in raw]))
    if step.fault is None:
        return whole
    return whole[: len(whole) - 4 if step.after is None else step.after]


def _edited(step: Step, events: Sequence[bytes]) -> Iterator[bytes]:
    # Events are edited as values, since the writer of `messages` knows only replies that are whole.
    last_input = max((n for n, raw in enumerate(events) if b"input_json_delta" in raw), default=-1)
    for n, raw in enumerate(events):
        value = json.loads(raw.split(b"data: ", 1)[1])
        if n == last_input and step.cut:
            value["delta"]["partial_json"] = value["delta"]["partial_json"][: -step.cut]
        if value["type"] == "message_start":
            value["message"]["usage"].update({k: v for k, v in step.usage.items() if k != "output_tokens"})
        if value["type"] == "message_delta":
            value["usage"].update(step.usage)
            value["delta"]["stop_details"] = step.stop_details
        yield event(value.pop("type"), **value)


class ScriptedTransport(httpx2.AsyncBaseTransport):
    """An in-process server that plays a script; resets and stalls are the errors that a socket would raise."""

    def __init__(self, script: Script, *, strict: bool = True) -> None:
        self._player = Player(script, strict=strict)

    @property
    def requests(self) -> list[Body]:
        """The bodies that came, in order."""
        return self._player.requests

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(await request.aread())
        step = self._player.take(body)
        if step.status != 200:
            headers = {"content-type": "application/json", **step.headers}
            return httpx2.Response(step.status, headers=headers, content=error_answer(step))
        events = await events_of(step, body, len(self.requests))
        headers = {"content-type": "text/event-stream", **step.headers}
        return httpx2.Response(200, headers=headers, stream=_Events(_played(step, events)))


class _Events(httpx2.AsyncByteStream):
    def __init__(self, events: AsyncIterator[bytes]) -> None:
        self._events = events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._events:
            yield part


async def _played(step: Step, events: Sequence[bytes]) -> AsyncIterator[bytes]:
    await asyncio.sleep(step.first_s)
    for part in events:
        await asyncio.sleep(step.pause_s)
        yield part
    match step.fault:
        case "reset":
            raise httpx2.ReadError("connection reset by peer")
        case "stall":
            raise httpx2.ReadTimeout("nothing came")
    yield fault_bytes(step)


def fault_bytes(step: Step) -> bytes:
    """What a fault that is said rather than done puts on the wire."""
    match step.fault:
        case "error":
            return event("error", error=error_body(step)["error"])
        case "garbage":
            return b'event: content_block_delta\ndata: {"type": "content_bl\n\n'
    return b""
