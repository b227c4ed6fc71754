"""Signs of workers: when one was last at work. A moment between two jobs of a busy worker is not taken for there being
none."""

import time
from collections.abc import Callable
from contextlib import suppress

from archwright.errors import ArchwrightError
from archwright.store.ports import ValueStore

_KIND, _ID = "workers", "seen"
_APART_S = 60.0


class Signs:
    def __init__(self, store: ValueStore, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._left = 0.0

    async def leave(self) -> None:
        """Note that a worker is at work, at most once a minute. A failure is no harm, for the next sign makes up for
        it."""
        now = self._now()
        if now < self._left + _APART_S:
            return
        self._left = now
        with suppress(ArchwrightError):
            found = await self._store.value(_KIND, _ID)
            if found is None or found.body["at"] + _APART_S <= now:
                await self._store.put_value(_KIND, _ID, {"at": now}, found.revision if found else 0)

    async def last(self) -> float:
        """Return when a worker left a sign last, to within a minute, in seconds since the epoch; 0 for never."""
        found = await self._store.value(_KIND, _ID)
        return float(found.body["at"]) if found else 0.0
