"""Ask a model for one turn, try again while that may help and time allows, and then ask the next of the chain."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import groupby
from time import perf_counter

from archwright.errors import ModelError, ModelRetryable
from archwright.jobs.model import Attempted, Usage
from archwright.model.failures import in_words
from archwright.model.ports import CUT, Model, ModelEvent, ModelRequest, Reply

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 20.0
FALL_BACK_AFTER_S = 10.0
CUT_TRIES = 3
"""Tries of one model whose answers break off: each is paid for, and what cuts one often cuts the next."""
CUT_TRIES_KEPT = 2
"""The same when something of them can be kept, which is worth more than another try."""
_DOUBLINGS_MAX = 10


@dataclass(frozen=True, slots=True)
class Anew:
    """The turn starts anew and what was told of it is void; `why` is a sentence or two for people."""

    why: str


Listener = Callable[[ModelEvent | Anew], Awaitable[None]]
"""Told every event of a streaming turn, and when it starts anew."""
Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Fallback:
    """The models that stand in, in this order, for one that is overloaded or down. While there is another to go on
    with, a failing model is retried for `after_s` seconds only."""

    models: tuple[str, ...] = ()
    after_s: float = FALL_BACK_AFTER_S

    def order(self, wanted: str, current: str) -> tuple[str, ...]:
        """Return the models to ask, in turn, for a job that wants one and was last answered by `current`.

        It comes first, then what follows it in the chain, then the chain from its beginning: what was overloaded
        may have recovered. A model that is no longer in the chain gives way to the one that the job wants.
        """
        chain = tuple(dict.fromkeys((wanted, *self.models)))
        place = chain.index(current) if current in chain else 0
        return chain[place:] + chain[:place]


NO_FALLBACK = Fallback()


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn, the request that it answers, and the calls that failed, each with its model. A turn that stopped because
    it was CUT is what was complete of one of these; what that call used is the reply's."""

    reply: Reply
    request: ModelRequest
    errors: tuple[Attempted, ...]

    @property
    def retries(self) -> int:
        return len(self.errors) - (self.reply.stop_reason == CUT)

    @property
    def wasted(self) -> Usage:
        """The tokens that the failed calls had used, of whatever model."""
        return used_by(self.errors)


def used_by(errors: Iterable[Attempted]) -> Usage:
    """Return the tokens that these calls had used."""
    return sum((error.usage for error in errors if error.usage), Usage())


def cost_of(errors: Iterable[Attempted], price: Callable[[str, Usage], float]) -> float:
    """Return what these failed calls cost in US dollars, each at the price of its own model."""
    return sum(price(error.model, error.usage) for error in errors if error.model and error.usage)


@dataclass(frozen=True, slots=True)
class _Failed:
    """A call that failed, and what can be kept of it."""

    attempted: Attempted
    request: ModelRequest
    partial: Reply | None


def _kept(failed: Sequence[_Failed]) -> Answered | None:
    """The turn that can be made of calls that all failed: what was complete of the one that came farthest."""
    best = max((one for one in failed if one.partial), key=_extent, default=None)
    if best is None or best.partial is None:
        return None
    errors = (one.attempted.model_copy(update={"usage": None}) if one is best else one.attempted for one in failed)
    return Answered(best.partial, best.request, tuple(errors))


def _errors(failed: Sequence[_Failed]) -> tuple[Attempted, ...]:
    return tuple(one.attempted for one in failed)


def _extent(one: _Failed) -> tuple[int, int]:
    return (len(one.partial.tool_calls), len(str(one.partial.content))) if one.partial else (0, 0)


def next_delay(failures: int, wished_s: float | None, remaining_s: float, jitter: float = 1.0) -> float | None:
    """Return the seconds to wait before the next try, or None to give up.

    Doubles from half a second to 20 s, times `jitter`; never less than the provider's wish. Gives up when the wait
    would not end within the time that remains.
    """
    delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - 1, _DOUBLINGS_MAX)) * jitter
    delay = delay if wished_s is None else max(delay, wished_s)
    return delay if delay < remaining_s else None


def falls_back(error: ModelError) -> bool:
    """Whether another model may do what this one did not: it is overloaded, down, or not there at all.

    The end of the time for a call is not the model's failure, and what a provider refuses (the request, the key, the
    account, the spending) is for a person to see and not to be covered up by another model.
    """
    if isinstance(error, ModelRetryable):
        return not error.extra.get("deadline")
    return bool(error.extra.get("unknown_model"))


async def ask(
    model: Model,
    request: ModelRequest,
    listener: Listener,
    *,
    deadline: float,
    retry_s: float,
    fallbacks: Sequence[ModelRequest] = (),
    fall_back_after_s: float = FALL_BACK_AFTER_S,
    sleep: Sleep = asyncio.sleep,
    clock: Clock | None = None,
) -> Answered:
    """Return the model's turn. `deadline` is in seconds of `clock`, by default the loop's; failing calls are
    repeated for `retry_s` seconds from the first failure. `fallbacks` are the same turn asked of other models, for
    when this one is overloaded, down or not there (`falls_back`): each is gone on with after `fall_back_after_s`
    seconds of failures; the last has all of `retry_s`.

    Answers that break off are asked for again only a few times (`CUT_TRIES`), since each is paid for. When no model
    gave a whole turn, the complete tool calls of the answer that came farthest are the turn, which says so in its
    `stop_reason` (CUT): the work is kept, and the model can go on from there.

    Raises ModelRefused at once, and at the end ModelRetryable, each with `extra["wasted"]` (Usage) and
    `extra["errors"]` (Attempted of each failure); ModelRetryable's `extra["deadline"]` says whether it was the
    deadline, and not the provider, that ended it: another process may go on.
    What the listener raises ends the call and is raised as it is.
    """
    now = clock or asyncio.get_running_loop().time
    failed, left = list[_Failed](), [request, *fallbacks]
    while True:
        current = left.pop(0)
        patience_s = min(retry_s, fall_back_after_s) if left else retry_s
        calling = _Calling(model, current, listener, failed, deadline, patience_s, sleep, now)
        try:
            return Answered(await calling.answer(), current, _errors(failed))
        except ModelError as error:
            if not left or not falls_back(error):
                if kept := _kept(failed):
                    return kept
                raise _given_up(error, _errors(failed)) from error
            await listener(Anew(f"{error.detail} Asking {left[0].model} instead."))


@dataclass(frozen=True, slots=True)
class _Calling:
    """One model's share of `ask`; what fails is added to `failed`."""

    model: Model
    request: ModelRequest
    listener: Listener
    failed: list[_Failed]
    deadline: float
    patience_s: float
    sleep: Sleep
    now: Clock

    async def answer(self) -> Reply:
        """Return the turn, or raise the last failure; a ModelRetryable with `deadline` as `ask` promises it."""
        own, give_up = list[ModelError](), None
        while True:
            start = perf_counter()
            try:
                return await _once(self.model, self.request, self.listener, self.deadline - self.now())
            except ModelError as failed:
                error = failed
            own.append(error)
            attempted = _attempted(self.request.model, error, perf_counter() - start)
            self.failed.append(_Failed(attempted, self.request, error.extra.get("partial")))
            give_up = self.now() + self.patience_s if give_up is None else give_up
            delay = _delay_after(own, min(give_up, self.deadline) - self.now())
            if delay is None:
                raise _ended(error, late=self.deadline < give_up) from error
            await self.listener(Anew(f"{error.detail} Trying again in {in_words(delay)}."))
            await self.sleep(delay)


def _attempted(model: str, error: ModelError, seconds: float) -> Attempted:
    usage = error.extra.get("usage")
    return Attempted(type=error.type, detail=error.detail, ms=round(seconds * 1_000, 1), model=model, usage=usage)


def _delay_after(errors: Sequence[ModelError], remaining_s: float) -> float | None:
    """The seconds to wait after these failures of one model, or None to give up."""
    last = errors[-1]
    if not isinstance(last, ModelRetryable) or "deadline" in last.extra or _cut_too_often(errors):
        return None
    return next_delay(len(errors), last.extra.get("retry_after_s"), remaining_s, random.uniform(1.0, 1.2))


def _cut_too_often(errors: Sequence[ModelError]) -> bool:
    most = CUT_TRIES_KEPT if any(error.extra.get("partial") for error in errors) else CUT_TRIES
    return sum(bool(error.extra.get("cut")) for error in errors) >= most


def _ended(error: ModelError, *, late: bool) -> ModelError:
    by_deadline = {"deadline": late or "deadline" in error.extra} if isinstance(error, ModelRetryable) else {}
    return type(error)(error.detail, **{**error.extra, **by_deadline})


def _given_up(error: ModelError, errors: tuple[Attempted, ...]) -> ModelError:
    """The last failure, telling of every model that was asked."""
    each = [(model, list(tries)) for model, tries in groupby(errors, key=lambda tried: tried.model)]
    said = [f"{model}: {_told(tries)}" if len(each) > 1 else _told(tries) for model, tries in each]
    said += [error.extra["advice"]] if "advice" in error.extra else []
    return type(error)(" ".join(said), **{**error.extra, "wasted": used_by(errors), "errors": errors})


def _told(tries: Sequence[Attempted]) -> str:
    return f"{tries[-1].detail} Gave up after {len(tries)} tries." if len(tries) > 1 else tries[-1].detail


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
