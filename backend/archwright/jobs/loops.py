"""Loops in the background: an error is logged and ends nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from archwright.errors import Unavailable

log = logging.getLogger(__name__)

AFTER_AN_ERROR_S = 1.0


async def forever(what: str, step: Callable[[], Awaitable[None]], pause_s: float = 0) -> None:
    """Take the step again and again, with a pause after each, until the task is cancelled. Whatever the step raises is
    logged, and it is taken again."""
    while True:
        await asyncio.sleep(pause_s if await survives(what, step) else max(pause_s, AFTER_AN_ERROR_S))


async def survives(what: str, step: Callable[[], Awaitable[object]]) -> bool:
    """Take the step once. Whatever it raises is logged: False."""
    try:
        await step()
    except Unavailable as error:
        log.error("%s: %s; it is tried again", what, error)
    except Exception:
        log.exception("%s: an error of ours; it is tried again", what)
    else:
        return True
    return False
