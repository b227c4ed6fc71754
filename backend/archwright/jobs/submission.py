"""How a job comes to be: decided, reserved for, stored in one write, sent. What is refused leaves nothing behind."""

from dataclasses import dataclass

from archwright.access.ledger import Ledger
from archwright.errors import ArchwrightError, SessionBusy
from archwright.ids import utc_now
from archwright.jobs.model import Job, Message, OnBusy
from archwright.jobs.routing import ModelNames
from archwright.queue.ports import Queue
from archwright.store.ports import Head, IdempotencyKey, Store


@dataclass(frozen=True, slots=True)
class Submitted:
    """A stored job. `repeated` says that this idempotency key had submitted it before."""

    session_id: str
    job: Job
    message_id: str
    repeated: bool


class Submission:
    def __init__(self, store: Store, queue: Queue, ledger: Ledger, models: ModelNames) -> None:
        self._store = store
        self._queue = queue
        self._ledger = ledger
        self._models = models

    async def known(self, owner: str, key: IdempotencyKey | None) -> Submitted | None:
        """Return the job that the key submitted before; it is answered also when nothing else would be accepted.

        Raises KeyReused, and UnknownJob when the job is gone."""
        answer = await self._store.answered(owner, key, utc_now()) if key else None
        if answer is None or "job_id" not in answer:
            return None
        job = await self._store.job(answer["job_id"], owner)
        return Submitted(answer["session_id"], job, answer["message_id"], repeated=True)

    def check_free(self, head: Head, on_busy: OnBusy) -> None:
        """Raise SessionBusy when a job is active in the session and the request is not to wait or to interrupt."""
        if on_busy == "reject" and head.active_job is not None:
            raise SessionBusy(f"The job '{head.active_job}' is active in this session.", job_id=head.active_job)

    async def reserve(self, job: Job) -> Job:
        """Return the job with what it may use. Raises BudgetSpent, TooManyJobs."""
        free = self.costs_nothing(job)
        allowance = await self._ledger.reserve(job.owner, job.session_id, job.id, free=free)
        return job.model_copy(update={"allowance": allowance})

    async def release(self, job: Job) -> None:
        """Take back what was reserved for a job that is not stored."""
        await self._ledger.release(job.owner, job.session_id, job.id)

    async def store(
        self, job: Job, message: Message, on_busy: OnBusy, key: IdempotencyKey | None, title: str | None = None
    ) -> Submitted:
        """Store a job that is reserved for, and send it; with a title, its session too. Raises as `submit_job`."""
        try:
            claimed = await self._store.submit_job(job, message, on_busy, key, new_session_title=title)
        except ArchwrightError:
            await self.release(job)
            raise
        if claimed.answer is None:
            await self._queue.send(job.id, job.owner)
            return Submitted(job.session_id, job, message.id, repeated=False)
        await self.release(job)
        known = await self._store.job(claimed.answer["job_id"], job.owner)
        return Submitted(claimed.answer["session_id"], known, claimed.answer["message_id"], repeated=True)

    def costs_nothing(self, job: Job) -> bool:
        """Whether no model that may be asked for the job costs anything: its own, or the one it is given instead."""
        models, route = self._models, job.route
        settled = route is None or route.sure or route.named or models.small is None
        others = () if settled else (models.small, models.large, models.default)
        return all(model in models.free for model in (job.model, *others) if model is not None)
