"""Reserving and settling what jobs use, over the store."""

import asyncio
import logging
import time
from collections.abc import Callable

from archwright.access import limits
from archwright.access.limits import Account, Limits, Reserved
from archwright.access.values import change_value
from archwright.errors import ArchwrightError, BudgetSpent, TooManyJobs, UnknownJob
from archwright.jobs.model import ENDED, Allowance, Budget, Job
from archwright.store.ports import Json, Store

log = logging.getLogger(__name__)

_ON_ITS_WAY_S = 60.0


class Ledger:
    """`budget` is the most that one job may use."""

    def __init__(self, store: Store, allowed: Limits, budget: Budget, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self.limits = allowed
        self._budget = budget
        self._now = now
        self._turn = asyncio.Lock()  # one writer of this process at a time, so that they need not retry each other

    async def reserve(self, owner: str, session_id: str, job_id: str) -> Allowance:
        """Set aside what a new job may use and return it: a job's budget, or what is left of a limit when that is
        less. Raises BudgetSpent and TooManyJobs, which say which limit, how much is left and when it renews."""
        try:
            return await self._reserve(owner, session_id, job_id)
        except (BudgetSpent, TooManyJobs):
            if not await self._settle_ended(owner):
                raise
            return await self._reserve(owner, session_id, job_id)

    async def _reserve(self, owner: str, session_id: str, job_id: str) -> Allowance:
        ceiling = Allowance(tokens=self._budget.output_tokens, cost_usd=self._budget.cost_usd)
        of_session = await self._reserve_in(f"session:{session_id}", session_id, job_id, ceiling)
        try:
            return await self._reserve_in(f"user:{owner}", session_id, job_id, of_session)
        except ArchwrightError:
            await self._change(f"session:{session_id}", lambda account: limits.release(account, job_id))
            raise

    async def _reserve_in(self, account_id: str, session_id: str, job_id: str, wanted: Allowance) -> Allowance:
        whose = account_id.split(":", 1)[0]

        def change(body: Json | None) -> tuple[Json, Allowance]:
            account = self._open(account_id, body)
            if whose == "user":
                self._check_jobs(account)
                left = limits.left_of(account, self.limits.day_tokens, self.limits.day_usd)
            else:
                left = limits.left_of(account, self.limits.session_tokens, self.limits.session_usd)
            self._check_left(whose, account, left)
            granted = wanted.within(left)
            held = Reserved(**granted.model_dump(), session_id=session_id, at=self._now())
            return limits.reserve(account, job_id, held).model_dump(), granted

        async with self._turn:
            return await change_value(self._store, "account", account_id, change)

    def _check_jobs(self, account: Account) -> None:
        most = self.limits.active_jobs
        if most is not None and len(account.reserved) >= most:
            raise TooManyJobs(f"{most} jobs are active already, the most at once; wait for one to end, or cancel one.",
                              limit="active_jobs", allowed=most, left=0)  # fmt: skip

    def _check_left(self, whose: str, account: Account, left: Allowance) -> None:
        renews = limits.renews_at(account.day) if account.day else None
        when = f"; it renews at {renews}" if renews else ""
        for unit, amount in (("usd", left.cost_usd), ("tokens", left.tokens)):
            if amount is not None and amount <= 0:
                name = f"{'day' if whose == 'user' else 'session'}_{unit}"
                allowed = getattr(self.limits, name)
                what = f"${allowed:.2f}" if unit == "usd" else f"{allowed:,} output tokens"
                span = "a user a day" if whose == "user" else "a session"
                raise BudgetSpent(f"The limit of {what} for {span} is used or reserved by jobs that run{when}.",
                                  limit=name, allowed=allowed, left=0, renews_at=renews)  # fmt: skip

    async def release(self, owner: str, session_id: str, job_id: str) -> None:
        """Take a reservation back: the job was not stored."""
        for account_id in (f"session:{session_id}", f"user:{owner}"):
            await self._change(account_id, lambda account: limits.release(account, job_id))

    async def settle(self, job: Job) -> None:
        """Count what an ended job used, once however often it is asked; what it reserved is free again. A failure is
        logged alone, for the owner's next job settles what was left behind."""
        try:
            for account_id in (f"session:{job.session_id}", f"user:{job.owner}"):
                await self._change(
                    account_id,
                    lambda account: limits.settle(account, job.id, job.usage.output_tokens, job.cost_usd),
                )
        except ArchwrightError as error:
            log.warning("job %s is settled later: %s", job.id, error)

    async def _settle_ended(self, owner: str) -> bool:
        """Settle the jobs of an owner that ended without it; says whether there were any. A job that is reserved for
        but not there is on its way, unless that was a while ago."""
        found = False
        for job_id, held in (await self.account(owner)).reserved.items():
            try:
                job = await self._store.job(job_id, owner)
            except UnknownJob:
                if self._now() - held.at > _ON_ITS_WAY_S:
                    await self.release(owner, held.session_id, job_id)
                    found = True
                continue
            if job.status in ENDED:
                await self.settle(job)
                found = True
        return found

    async def account(self, owner: str) -> Account:
        """Return what the user used today."""
        account_id = f"user:{owner}"
        found = await self._store.value("account", account_id)
        return self._open(account_id, found.body if found else None)

    async def _change(self, account_id: str, change: Callable[[Account], Account]) -> None:
        def apply(body: Json | None) -> tuple[Json | None, None]:
            before = self._open(account_id, body)
            after = change(before)
            return (None if after == before else after.model_dump()), None

        async with self._turn:
            await change_value(self._store, "account", account_id, apply)

    def _open(self, account_id: str, body: Json | None) -> Account:
        account = Account.model_validate(body) if body is not None else None
        if account_id.startswith("user:"):
            return limits.on_day(account, limits.today(self._now()))
        return account or Account()
