"""An answer as it comes over the network: its events, with a limit to the server's silence."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import httpx2

from archwright.errors import ModelRefused, ModelRetryable
from archwright.model.batches import events_in
from archwright.model.events import Event, EventReader
from archwright.model.failures import failure_of_answer
from archwright.model.ports import Waiting
from archwright.model.streamed import Streamed
from archwright.model.waiting import next_of, patiently, within

SLOW_S = 15.0
"""Seconds without a word of the model after which, and how often then, it is said that it is slow."""
_EVENTS = "text/event-stream"
_KIND_MAX = 60
_GOODBYE_S = 1.0
"""Seconds for which a server may take to end an answer that is over."""


@dataclass(frozen=True, slots=True)
class Silences:
    """How many seconds may pass without a byte: before the model's first word, and after it."""

    first_s: float
    later_s: float


async def events_of(
    response: httpx2.Response, turn: Streamed, silences: Silences
) -> AsyncGenerator[Event | Waiting, None]:
    """Yield what the server says, for `turn` to take; before its first word also a Waiting now and then. A message that
    comes whole, as JSON, is taken too.

    Raises ModelRefused for an answer of another kind, the ModelError that an error event stands for, ModelRetryable
    after too long a silence, ValueError for what is no JSON, and what breaks in the network as it is."""
    if not response.headers.get("content-type", _EVENTS).lower().startswith(_EVENTS):
        for whole in await _whole(response, silences):
            yield whole
        return
    reader = EventReader()
    async with aclosing(_pieces(response.aiter_bytes(), turn, silences)) as pieces:
        async for piece in pieces:
            for event in [piece] if isinstance(piece, Waiting) else reader.feed(piece):
                yield _no_error(event, response)
    for event in reader.end():
        yield _no_error(event, response)


async def _pieces(
    answer: AsyncIterator[bytes], turn: Streamed, silences: Silences
) -> AsyncGenerator[bytes | Waiting, None]:
    piece: bytes | Waiting | None = b""
    while piece is not None and not turn.has_begun:
        async with aclosing(patiently(next_of(answer), silences.first_s, SLOW_S)) as waiting:
            async for piece in waiting:
                if piece is not None:
                    yield piece
    while piece is not None and not turn.is_over:
        piece = await within(next_of(answer), silences.later_s)
        if piece is not None:
            yield piece
    if piece is not None:
        with suppress(ModelRetryable):
            await within(next_of(answer), _GOODBYE_S)


async def _whole(response: httpx2.Response, silences: Silences) -> list[Event]:
    """The events of a message that is no stream. There may be a server, but none that speaks the protocol."""
    kind = response.headers["content-type"][:_KIND_MAX]
    body: object = None
    if "json" in kind.lower():
        with suppress(ValueError, RecursionError):
            body = json.loads(await within(response.aread(), silences.first_s))
    if isinstance(body, dict) and isinstance(body.get("content"), list):
        return list(events_in(body))
    if isinstance(body, dict) and body.get("error"):
        raise failure_of_answer(response.status_code, body, response.headers)
    said = f"{response.url.netloc.decode()} answered with {kind} instead of a stream of events"
    raise ModelRefused(f"{said}: it is no server of the Messages API.")


def _no_error(event: Event | Waiting, response: httpx2.Response) -> Event | Waiting:
    if isinstance(event, dict) and event["type"] == "error":
        raise failure_of_answer(200, event, response.headers)
    return event


def known_of(turn: Streamed, first_token_ms: float | None, total_ms: float) -> dict[str, Any]:
    """Return what a ModelError carries of a turn that broke off: what it used, whether it had begun, and the part that
    may be kept. Nothing when the provider had not taken the request."""
    if not (turn.has_started or turn.has_begun):
        return {}
    partial = turn.partial(first_token_ms, total_ms)
    return {"usage": turn.usage, "cut": turn.has_begun, **({"partial": partial} if partial else {})}
