"""Run one job: claim it, keep its lease alive, let the agent work, and bring it to an end."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from archwright.access.ledger import Ledger
from archwright.diagram.deeds import deeds_of, told
from archwright.errors import (
    ArchwrightError,
    CancelRequested,
    JobEnded,
    LeaseLost,
    ModelError,
    Unavailable,
    UnknownJob,
    UnknownSession,
)
from archwright.ids import new_id, utc_now
from archwright.jobs.model import Fence, Job, JobError, JobStatus, Message
from archwright.jobs.policy import HANDOVERS_MAX, hands_over_for_ever, is_poison
from archwright.jobs.ports import Agent, Control, Drained, Finished, Outcome, Paused
from archwright.jobs.signs import Signs
from archwright.queue.ports import Queue
from archwright.store.ports import Store

log = logging.getLogger(__name__)

ENDLESS = (
    f"It was handed over {HANDOVERS_MAX} times before the model's next answer was whole, so it was given up. "
    "What was drawn so far is kept."
)
_RELEASE_S = 2.0
CANCELLED = "Stopped on request."


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Seconds: how long a lease lasts, between its renewals, and between looks for a cancellation."""

    lease_s: float = 60
    renew_s: float = 15
    watch_s: float = 1


class Runner:
    """One runner, several front ends: the embedded pool and the Lambda worker both call `run`."""

    def __init__(
        self,
        store: Store,
        queue: Queue,
        agent: Agent,
        holder: str,
        *,
        ledger: Ledger,
        times: LeaseTimes,
        max_attempts: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._queue = queue
        self._agent = agent
        self._holder = holder
        self._ledger = ledger
        self._times = times
        self.max_attempts = max_attempts
        self._now = now
        self.signs = Signs(store, now)

    async def run(self, job_id: str, control: Control, dead: tuple[str, ...] = (), *, alone: bool = False) -> None:
        """Run a job to its end, its pause or its hand-off. Does nothing when it is not this holder's to run. With
        `alone` nothing runs beside it in this process until it saves a turn."""
        now = self._now()
        try:
            job = await self._store.claim(job_id, self._holder, now, now + self._times.lease_s, dead, alone=alone)
        except (LeaseLost, JobEnded, UnknownJob):
            return
        fence = Fence(job_id=job.id, number=job.fence)
        try:
            await self.signs.leave()
            await self._conclude(job, fence, await self._outcome(job, fence, control))
        except (LeaseLost, UnknownJob, UnknownSession):
            log.warning("job %s: the lease was lost; its new holder goes on", job.id)
        except Unavailable as error:
            log.error("job %s: %s; it goes on when its lease has run out", job.id, error)
        except asyncio.CancelledError:
            await self._give_back(fence)
            raise

    async def _give_back(self, fence: Fence) -> None:
        """Hand the job over though it was stopped in the middle: the process ends in good order, it does not die."""
        with suppress(ArchwrightError, TimeoutError):
            async with asyncio.timeout(_RELEASE_S):
                await self._store.release(fence, self._now())

    async def _outcome(self, job: Job, fence: Fence, control: Control) -> Outcome | CancelRequested:
        if job.cancel_requested:
            return CancelRequested()
        if is_poison(job, self.max_attempts):
            reason = _poison(job)
            return Finished("failed", reason, JobError(type="poison", detail=reason))
        try:
            return await self._guarded(job, fence, control)
        except CancelRequested as stop:
            return stop
        except (LeaseLost, UnknownJob, UnknownSession, Unavailable):
            raise
        except ModelError as error:
            return _failed(error)
        except ArchwrightError as error:
            log.exception("job %s: broken", job.id)
            return _failed(error)
        except Exception as error:
            log.exception("job %s: broken", job.id)
            detail = f"A bug of ours stopped the job ({type(error).__name__}). What was drawn is kept."
            return Finished("failed", detail, JobError(type="internal-error", detail=detail))

    async def _guarded(self, job: Job, fence: Fence, control: Control) -> Outcome:
        """Run the agent while a second task keeps the lease; whichever fails first stops the other."""
        work = asyncio.create_task(self._agent.run(job, fence, control))
        watch = asyncio.create_task(self._keep_lease(fence))
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await watch
            return await work
        finally:
            for task in (work, watch):
                task.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)

    async def _keep_lease(self, fence: Fence) -> None:
        """Renew the lease in time, and look for a cancellation in between; returns only by raising."""
        renewed = self._now()
        while True:
            await asyncio.sleep(min(self._times.watch_s, self._times.renew_s))
            try:
                renewed = await self._look(fence, renewed)
            except (LeaseLost, CancelRequested, UnknownJob):
                raise
            except Exception:
                log.exception("job %s: its lease could not be looked after; it is tried again", fence.job_id)

    async def _look(self, fence: Fence, renewed: float) -> float:
        """Renew the lease if it is time; returns when it was renewed last."""
        job = await self._store.job(fence.job_id)
        if job.fence != fence.number or job.status != "running":
            raise LeaseLost()
        if job.cancel_requested:
            raise CancelRequested()
        now = self._now()
        if now - renewed < self._times.renew_s:
            return renewed
        await self._store.renew(fence, now, now + self._times.lease_s)
        await self.signs.leave()
        return now

    async def _conclude(self, job: Job, fence: Fence, outcome: Outcome | CancelRequested) -> None:
        match outcome:
            case Paused():
                await self._pause(job, fence, outcome)
            case Drained():
                await self._hand_over(job, fence)
            case Finished():
                await self._finish(job, fence, outcome.status, outcome.text, outcome.error)
            case CancelRequested():
                await self._finish(job, fence, "cancelled", await self._stopped(job), None)

    async def _stopped(self, job: Job) -> str:
        """What a person reads of a job that they stopped: what it had done, by the log."""
        changes = await self._store.changes(job.session_id, job.owner, job.base_version)
        return f"{CANCELLED} {told(deeds_of(op for change in changes if change.job_id == job.id for op in change.ops))}"

    async def _hand_over(self, job: Job, fence: Fence) -> None:
        if hands_over_for_ever(await self._store.job(job.id)):
            await self._finish(job, fence, "incomplete", ENDLESS, JobError(type="endless", detail=ENDLESS))
            return
        await self._store.release(fence, self._now())
        await self._queue.send(job.id, job.owner)

    async def _pause(self, job: Job, fence: Fence, outcome: Paused) -> None:
        try:
            await self._store.wait_for_input(fence, outcome.awaiting)
            waiting = await self._store.job(job.id)
            if waiting.status == "awaiting_input":
                await self._ledger.pause(waiting)
        except CancelRequested:
            await self._finish(job, fence, "cancelled", await self._stopped(job), None)

    async def _finish(self, job: Job, fence: Fence, status: JobStatus, text: str, error: JobError | None) -> None:
        at = utc_now()
        current = await self._store.job(job.id)
        progress = current.progress.ended(status, _one_line(text))
        said = text and not job.aside
        message = Message(id=new_id("msg"), role="assistant", text=text, job_id=job.id, at=at) if said else None
        following = await self._store.finish(fence, status, at, error, progress, message)
        if not job.aside:
            await self._ledger.settle(await self._store.job(job.id))
        if following is not None:
            await self._queue.send(following, job.owner)


def _failed(error: ArchwrightError) -> Finished:
    return Finished("failed", error.detail, JobError(type=error.type, detail=error.detail))


def _poison(job: Job) -> str:
    together = job.deaths - job.lone_deaths
    company = f" and {together} times beside other jobs" if together else ""
    return (
        f"Its worker died each time before a new turn was saved: {job.lone_deaths} times while it ran alone{company}. "
        "What was drawn so far is kept."
    )


def _one_line(text: str) -> str:
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= 200 else line[:199] + "…"
