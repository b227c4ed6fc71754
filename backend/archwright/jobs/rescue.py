"""Jobs that nobody runs any more: sent again, or given up with the reason."""

import time
from collections.abc import Callable
from datetime import datetime

from archwright.access.ledger import Ledger
from archwright.errors import JobEnded, UnknownJob
from archwright.ids import new_id, utc_now
from archwright.jobs.model import Fence, JobError, Message
from archwright.queue.ports import Queue
from archwright.store.ports import Store

_ON_ITS_WAY_S = 60.0
_LEASE_S = 30.0


class Rescue:
    def __init__(self, store: Store, queue: Queue, ledger: Ledger, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._queue = queue
        self._ledger = ledger
        self._now = now

    async def sweep(self) -> int:
        """Send the jobs again that are queued for a minute or whose lease has run out; returns how many.

        A message too many does no harm: who claims a job that another runs lets it be."""
        sent = 0
        for job_id in await self._store.unfinished(self._now()):
            job = await self._store.job(job_id)
            age_s = self._now() - datetime.fromisoformat(job.created_at).timestamp()
            if job.status == "queued" and age_s < _ON_ITS_WAY_S:
                continue
            await self._queue.send(job.id, job.owner)
            sent += 1
        return sent

    async def give_up(self, job_id: str, reason: str) -> bool:
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
        error = JobError(type="poison", detail=reason)
        following = await self._store.finish(fence, "failed", at, error, progress, message)
        await self._ledger.settle(await self._store.job(job.id))
        if following is not None:
            await self._queue.send(following, job.owner)
        return True
