"""Jobs that nobody runs any more: sent again, or given up with the reason."""

import time
from collections.abc import Callable
from functools import partial

from archwright.access.ledger import Ledger
from archwright.errors import JobEnded, UnknownJob
from archwright.ids import new_id, utc_now
from archwright.jobs.loops import survives
from archwright.jobs.model import Fence, JobError, Message
from archwright.jobs.policy import NO_WORKER, is_due, is_given_up
from archwright.queue.ports import Queue
from archwright.store.ports import Store

_LEASE_S = 30.0


class Rescue:
    def __init__(self, store: Store, queue: Queue, ledger: Ledger, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._queue = queue
        self._ledger = ledger
        self._now = now
        self._sent = 0

    async def sweep(self) -> int:
        """Send the jobs again whose lease has run out, and those that wait, each time twice as late; fail those for
        which no worker has started. Returns how many were sent. What fails for one job holds up no other."""
        self._sent = 0
        for job_id in await self._store.unfinished(self._now()):
            await survives(f"job {job_id}", partial(self._look_at, job_id))
        return self._sent

    async def _look_at(self, job_id: str) -> None:
        job, now = await self._store.job(job_id), self._now()
        if is_given_up(job, now) and not await self._store.working(now):
            await self.give_up(job_id, NO_WORKER, "no-worker")
        elif is_due(job, now) and await self._store.send_again(job, now):
            await self._queue.send(job.id, job.owner)
            self._sent += 1

    async def give_up(self, job_id: str, reason: str, kind: str = "poison") -> bool:
        """End a job as failed, with the reason, and say so. One that has ended is left as it is: False.

        Raises LeaseLost while somebody runs it."""
        now = self._now()
        try:
            job = await self._store.claim(job_id, new_id("run"), now, now + _LEASE_S)
        except (JobEnded, UnknownJob):
            return False
        fence, at = Fence(job_id=job.id, number=job.fence), utc_now()
        progress = job.progress.model_copy(update={"phase": "failed", "message": reason})
        message = None if job.aside else Message(id=new_id("msg"), role="assistant", text=reason, job_id=job.id, at=at)
        error = JobError(type=kind, detail=reason)
        following = await self._store.finish(fence, "failed", at, error, progress, message)
        await self._ledger.settle(await self._store.job(job.id))
        if following is not None:
            await self._queue.send(following, job.owner)
        return True
