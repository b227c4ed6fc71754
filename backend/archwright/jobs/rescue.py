"""Jobs that nobody runs any more: sent again, or given up with the reason."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from archwright.access.ledger import Ledger
from archwright.errors import JobEnded, LeaseLost, UnknownJob
from archwright.ids import new_id, utc_now
from archwright.jobs.loops import survives
from archwright.jobs.model import Fence, Job, JobError, Message
from archwright.jobs.policy import NO_WORKER, is_due, is_given_up
from archwright.jobs.signs import Signs
from archwright.queue.ports import Queue
from archwright.store.ports import Store

_LEASE_S = 30.0


@dataclass(slots=True)
class Swept:
    """What a look at all jobs came to: how many ids were sent again, and which jobs were ended."""

    sent: int = 0
    ended: list[str] = field(default_factory=list)


class Rescue:
    def __init__(self, store: Store, queue: Queue, ledger: Ledger, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._queue = queue
        self._ledger = ledger
        self._now = now
        self._signs = Signs(store, now)

    async def sweep(self) -> Swept:
        """Send the jobs again whose lease has run out, and those that wait, each time twice as late; fail those for
        which no worker has started. What fails for one job holds up no other."""
        swept = Swept()
        for job_id in await self._store.unfinished(self._now()):
            await survives(f"job {job_id}", partial(self._look_at, job_id, swept))
        return swept

    async def _look_at(self, job_id: str, swept: Swept) -> None:
        job, now = await self._store.job(job_id), self._now()
        if await self.end_hopeless(job):
            swept.ended.append(job.id)
        elif is_due(job, now) and await self._store.send_again(job, now):
            await self._queue.send(job.id, job.owner)
            swept.sent += 1

    async def end_hopeless(self, job: Job) -> bool:
        """Fail a job for which no worker has started for 10 minutes, once however many notice. False, and the job is
        left as it is, while there is hope: workers are busy, one was seen since, or one has just taken it."""
        now = self._now()
        if job.status != "queued" or not is_given_up(job, now):
            return False
        if not is_given_up(job, now, await self._signs.last()) or await self._store.working(now):
            return False
        try:
            return await self.give_up(job.id, NO_WORKER, "no-worker", seen=job)
        except LeaseLost:
            return False

    async def give_up(self, job_id: str, reason: str, kind: str = "poison", seen: Job | None = None) -> bool:
        """End a job as failed, with the reason, and say so. One that has ended is left as it is: False; so is one that
        somebody ran since it was `seen`.

        Raises LeaseLost while somebody runs it."""
        now = self._now()
        try:
            job = await self._store.claim(job_id, new_id("run"), now, now + _LEASE_S)
        except (JobEnded, UnknownJob):
            return False
        fence, at = Fence(job_id=job.id, number=job.fence), utc_now()
        if seen is not None and job.fence != seen.fence + 1:
            await self._store.release(fence, now)
            return False
        progress = job.progress.ended("failed", reason)
        message = None if job.aside else Message(id=new_id("msg"), role="assistant", text=reason, job_id=job.id, at=at)
        error = JobError(type=kind, detail=reason)
        following = await self._store.finish(fence, "failed", at, error, progress, message)
        if not job.aside:
            await self._ledger.settle(await self._store.job(job.id))
        if following is not None:
            await self._queue.send(following, job.owner)
        return True
