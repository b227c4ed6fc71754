"""Ask a model for one turn, and try again while that may help and time allows."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter

from archwright.errors import ModelError, ModelRetryable
from archwright.jobs.model import Attempted, Usage
from archwright.model.ports import Model, ModelEvent, ModelRequest, Reply

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 20.0
_DOUBLINGS_MAX = 10

Listener = Callable[[ModelEvent | None], Awaitable[None]]
"""Told every event of a streaming turn; None says that the turn starts anew and what was told is void."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole turn, the calls that failed before it, and the tokens that those had used."""

    reply: Reply
    errors: tuple[Attempted, ...]
    wasted: Usage

    @property
    def retries(self) -> int:
        return len(self.errors)


def next_delay(failures: int, wished_s: float | None, remaining_s: float, jitter: float = 1.0) -> float | None:
    """Return the seconds to wait before the next try, or None to give up.

    Doubles from half a second to 20 s, times `jitter`; never less than the provider's wish. Gives up when the wait
    would not end within the time that remains.
    """
    delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - 1, _DOUBLINGS_MAX)) * jitter
    delay = delay if wished_s is None else max(delay, wished_s)
    return delay if delay < remaining_s else None


async def ask(
    model: Model,
    request: ModelRequest,
    listener: Listener,
    *,
    deadline: float,
    retry_s: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] | None = None,
) -> Answered:
    """Return the model's turn. `deadline` is in seconds of `clock`, by default the loop's; failing calls are
    repeated for `retry_s` seconds from the first failure.

    Raises ModelRefused at once, and at the end ModelRetryable, each with `extra["wasted"]` (Usage) and
    `extra["errors"]` (Attempted of each failure); ModelRetryable's `extra["deadline"]` says whether it was the
    deadline, and not the provider, that ended it: another process may go on.
    What the listener raises ends the call and is raised as it is.
    """
    now = clock or asyncio.get_running_loop().time
    errors, wasted, give_up = list[Attempted](), Usage(), None
    while True:
        start = perf_counter()
        try:
            return Answered(await _once(model, request, listener, deadline - now()), tuple(errors), wasted)
        except ModelError as failed:
            error = failed
        wasted += error.extra.get("usage") or Usage()
        errors.append(Attempted(type=error.type, detail=error.detail, ms=round((perf_counter() - start) * 1_000, 1)))
        give_up = now() + retry_s if give_up is None else give_up
        delay = _delay_after(error, len(errors), min(give_up, deadline) - now())
        if delay is None:
            raise _given_up(error, tuple(errors), wasted, late=deadline < give_up) from error
        await listener(None)
        await sleep(delay)


def _delay_after(error: ModelError, failures: int, remaining_s: float) -> float | None:
    if not isinstance(error, ModelRetryable) or "deadline" in error.extra:
        return None
    return next_delay(failures, error.extra.get("retry_after_s"), remaining_s, random.uniform(1.0, 1.2))


def _given_up(error: ModelError, errors: tuple[Attempted, ...], wasted: Usage, *, late: bool) -> ModelError:
    tries = f" Gave up after {len(errors)} tries." if len(errors) > 1 else ""
    extra = {**error.extra, "wasted": wasted, "errors": errors}
    if isinstance(error, ModelRetryable):
        extra["deadline"] = late or "deadline" in error.extra
    return type(error)(f"{error.detail}{tries}", **extra)


async def _once(model: Model, request: ModelRequest, listener: Listener, within_s: float) -> Reply:
    reply: Reply | None = None
    try:
        async with asyncio.timeout(within_s) as limit, aclosing(model.stream(request)) as events:
            async for event in events:
                await listener(event)
                if isinstance(event, Reply):
                    reply = event
    except TimeoutError as error:
        if not limit.expired():
            raise
        said = "The time for this call was over before the model had answered."
        raise ModelRetryable(said, deadline=True) from error
    if reply is None:
        raise ModelRetryable("The model's stream ended in the middle of its turn.")
    return reply
