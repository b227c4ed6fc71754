"""Waiting for a server with a limit to its silence."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any, TypeVar

from archwright.errors import ModelRetryable
from archwright.model.ports import Waiting

T = TypeVar("T")


async def within(work: Coroutine[Any, Any, T], limit_s: float) -> T:
    """Return what comes of the work. Raises ModelRetryable when it takes longer."""
    try:
        async with asyncio.timeout(limit_s) as limit:
            return await work
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise _silence(limit_s) from error


async def patiently(work: Coroutine[Any, Any, T], limit_s: float, tick_s: float) -> AsyncGenerator[T | Waiting, None]:
    """Yield a Waiting for every `tick_s` seconds that the work takes, then what comes of it.

    Raises ModelRetryable when it takes longer than `limit_s`. Closing the iterator cancels the work."""
    task, waited_s = asyncio.ensure_future(work), 0.0
    try:
        while not task.done():
            tick = min(tick_s, limit_s - waited_s)
            await asyncio.wait({task}, timeout=tick)
            waited_s += tick
            if not task.done():
                if waited_s >= limit_s:
                    raise _silence(limit_s)
                yield Waiting(waited_s)
        yield task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def next_of(pieces: AsyncIterator[T]) -> T | None:
    """Return the next of them, None at the end."""
    return await anext(pieces, None)


def _silence(limit_s: float) -> ModelRetryable:
    return ModelRetryable(f"The model sent nothing for {limit_s:g} seconds.")
