"""The embedded front end of the runner: several jobs at once on the event loop of the serving process."""

import asyncio
import logging
import time

from archwright.errors import Unavailable
from archwright.jobs.holders import Holder
from archwright.jobs.ports import Control
from archwright.jobs.runner import Runner
from archwright.queue.local import LocalQueue
from archwright.store.ports import JobStore

log = logging.getLogger(__name__)

_SCAN_S = 1.0
_FOREVER_S = 10 * 365 * 86_400.0


class Pool:
    """Runs the jobs of a local queue, and finds in the store those that nobody runs: submitted in another
    process, or left by one that is gone."""

    def __init__(self, runner: Runner, queue: LocalQueue, store: JobStore, holder: Holder, concurrency: int) -> None:
        self._runner = runner
        self._queue = queue
        self._store = store
        self._holder = holder
        self._slots = asyncio.Semaphore(concurrency)
        self._drain = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loops = [asyncio.create_task(self._receive()), asyncio.create_task(self._scan())]

    async def stop(self, grace_s: float) -> None:
        """Ask the running jobs to hand over, and wait for that up to `grace_s` seconds."""
        for loop in self._loops:
            loop.cancel()
        self._drain.set()
        running = list(self._running.values())
        if running:
            _, late = await asyncio.wait(running, timeout=grace_s)
            for task in late:
                task.cancel()
        await asyncio.gather(*self._loops, *running, return_exceptions=True)

    async def _receive(self) -> None:
        while True:
            job_id = await self._queue.receive()
            await self._slots.acquire()
            if job_id in self._running:
                self._slots.release()
                continue
            task = asyncio.create_task(self._run(job_id))
            self._running[job_id] = task

    async def _run(self, job_id: str) -> None:
        control = Control(deadline=asyncio.get_running_loop().time() + _FOREVER_S, drain=self._drain)
        try:
            await self._runner.run(job_id, control, self._holder.dead())
        except Unavailable as error:
            log.error("job %s: %s; the scan tries again", job_id, error)
        finally:
            del self._running[job_id]
            self._slots.release()

    async def _scan(self) -> None:
        while True:
            try:
                for job_id in await self._store.unfinished(time.time(), self._holder.dead()):
                    if job_id not in self._running:
                        await self._queue.send(job_id, "")
            except Unavailable as error:
                log.error("the store does not answer: %s", error)
            await asyncio.sleep(_SCAN_S)
