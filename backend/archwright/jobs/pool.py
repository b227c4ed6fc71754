"""The embedded front end of the runner: several jobs at once on the event loop of the serving process.

A job that may have killed its process is a suspect. It runs while nothing else does, until it saves a turn; so when it
kills the process again it takes nobody with it, and it is known who did it.
"""

import asyncio
import time

from archwright.errors import UnknownJob
from archwright.jobs.holders import Holder
from archwright.jobs.loops import forever, survives
from archwright.jobs.policy import is_suspect, lone_deaths
from archwright.jobs.ports import Control
from archwright.jobs.runner import Runner
from archwright.queue.local import LocalQueue
from archwright.store.ports import JobStore

_SCAN_S = 1.0
_LOOK_S = 0.2
_FOREVER_S = 10 * 365 * 86_400.0


class Pool:
    """Runs the jobs of a local queue, and finds in the store those that nobody runs: submitted in another
    process, or left by one that is gone."""

    def __init__(self, runner: Runner, queue: LocalQueue, store: JobStore, holder: Holder, concurrency: int) -> None:
        self._runner = runner
        self._queue = queue
        self._store = store
        self._holder = holder
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._drain = asyncio.Event()
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._suspected = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loops = [
            asyncio.create_task(forever("jobs that arrive", self._receive)),
            asyncio.create_task(forever("jobs that nobody runs", self._scan, _SCAN_S)),
            asyncio.create_task(forever("suspects", self._try_a_suspect)),
        ]

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
        job_id = await self._queue.receive()
        try:
            job = await self._store.job(job_id)
        except UnknownJob:
            return
        if job_id in self._running:
            return
        if is_suspect(job, self._runner.max_attempts):
            self._suspected.set()
            return
        await self._slots.acquire()
        self._begin(job_id)

    def _begin(self, job_id: str, *, alone: bool = False) -> "asyncio.Task[bool]":
        """Run the job in a slot that is taken already and is free again at its end."""
        task = asyncio.create_task(survives(f"job {job_id}", lambda: self._run(job_id, alone)))
        self._running[job_id] = task
        task.add_done_callback(lambda _: self._ended(job_id))
        return task

    def _ended(self, job_id: str) -> None:
        del self._running[job_id]
        self._slots.release()

    async def _run(self, job_id: str, alone: bool) -> None:
        control = Control(deadline=asyncio.get_running_loop().time() + _FOREVER_S, drain=self._drain)
        await self._runner.run(job_id, control, self._holder.dead(), alone=alone)

    async def _try_a_suspect(self) -> None:
        """Run a suspect in all slots until it is cleared; the scan finds the next."""
        await self._suspected.wait()
        taken = 0
        try:
            while taken < self._concurrency:
                await self._slots.acquire()
                taken += 1
            self._suspected.clear()
            job_id = await self._suspect()
            if job_id is None:
                return
            task = self._begin(job_id, alone=True)
            taken -= 1
            await self._cleared(job_id, task)
        finally:
            for _ in range(taken):
                self._slots.release()

    async def _suspect(self) -> str | None:
        """The suspect over which the fewest processes have died alone: so none is tried again before all were."""
        ids = await self._store.unfinished(time.time(), self._holder.dead())
        jobs = [await self._store.job(job_id) for job_id in ids]
        suspects = [job for job in jobs if is_suspect(job, self._runner.max_attempts)]
        if len(suspects) > 1:
            self._suspected.set()
        return min(suspects, key=lambda job: (lone_deaths(job), job.id)).id if suspects else None

    async def _cleared(self, job_id: str, task: "asyncio.Task[bool]") -> None:
        """Wait until the job has ended, paused or saved a turn."""
        while not task.done() and is_suspect(await self._store.job(job_id), self._runner.max_attempts):
            await asyncio.wait({task}, timeout=_LOOK_S)

    async def _scan(self) -> None:
        for job_id in await self._store.unfinished(time.time(), self._holder.dead()):
            if job_id not in self._running:
                await self._queue.send(job_id, "")
