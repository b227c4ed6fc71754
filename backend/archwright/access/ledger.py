"""Reserving and settling what jobs use, over the store."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from archwright.access import limits
from archwright.access.limits import Account, Limits, Reserved, Unit
from archwright.access.values import change_value
from archwright.errors import ArchwrightError, BudgetSpent, TooManyJobs, UnknownJob
from archwright.jobs.model import ENDED, Allowance, Budget, Job
from archwright.store.ports import Json, Store

log = logging.getLogger(__name__)

_ON_ITS_WAY_S = 60.0


@dataclass(frozen=True, slots=True)
class _Asking:
    """For which job something is to be set aside, and what it has used already."""

    owner: str
    session_id: str
    job_id: str
    free: bool
    used_tokens: int = 0
    used_usd: float = 0.0
    waited: bool = False

    def taken_back(self, account: Account) -> Account:
        """Return the account as it was before: the job waits still, or never was."""
        if self.waited:
            return limits.pause(account, self.job_id, self.used_tokens, self.used_usd)
        return limits.release(account, self.job_id)

    @property
    def user(self) -> str:
        return f"user:{self.owner}"

    @property
    def session(self) -> str:
        return f"session:{self.session_id}"

    def held(self, granted: Allowance, at: float) -> Reserved:
        amounts = Allowance(tokens=0, cost_usd=0.0) if self.free else granted
        return Reserved(
            **amounts.model_dump(), session_id=self.session_id, at=at, used_tokens=self.used_tokens,
            used_usd=self.used_usd,
        )  # fmt: skip


def _spent(account: Account, unit: Unit, allowed: float, what: str, name: str) -> BudgetSpent:
    why, renews = limits.renewal(account, unit, allowed)
    return BudgetSpent(f"The limit of {what} {why}.", limit=name, allowed=allowed, left=0, renews_at=renews)


class Ledger:
    """`budget` is the most that one job may use."""

    def __init__(self, store: Store, allowed: Limits, budget: Budget, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self.limits = allowed
        self._budget = budget
        self._now = now
        self._turn = asyncio.Lock()  # one writer of this process at a time, so that they need not retry each other

    async def reserve(self, owner: str, session_id: str, job_id: str, *, free: bool = False) -> Allowance:
        """Set aside what a new job may use and return it: a job's budget, or what is left of a limit when that is
        less. For a job that costs nothing (`free`) nothing is set aside, and dollars do not matter.

        Raises BudgetSpent and TooManyJobs, which say which limit, how much is left and when it renews; what is
        refused leaves nothing behind."""
        return await self._settled(owner, _Asking(owner, session_id, job_id, free))

    async def resume(self, job: Job, *, free: bool = False) -> Allowance:
        """Set aside anew what a job that waited may use, and return the most that it may use in all. As `reserve`."""
        asking = _Asking(job.owner, job.session_id, job.id, free, job.usage.output_tokens, job.cost_usd, waited=True)
        granted = await self._settled(job.owner, asking)
        return Allowance(
            tokens=None if granted.tokens is None else granted.tokens + asking.used_tokens,
            cost_usd=None if granted.cost_usd is None else granted.cost_usd + asking.used_usd,
        )

    async def _settled(self, owner: str, asking: _Asking) -> Allowance:
        try:
            return await self._reserve(asking)
        except (BudgetSpent, TooManyJobs):
            if not await self._settle_ended(owner):
                raise
            return await self._reserve(asking)

    async def _reserve(self, asking: _Asking) -> Allowance:
        wanted = Allowance(
            tokens=max(0, self._budget.output_tokens - asking.used_tokens),
            cost_usd=max(0.0, self._budget.cost_usd - asking.used_usd),
        )
        self._left(asking.user, await self._account(asking.user), asking.free)  # refuses before anything is written
        of_session = await self._reserve_in(asking.session, asking, wanted)
        try:
            return await self._reserve_in(asking.user, asking, of_session)
        except ArchwrightError:
            await self._change(asking.session, asking.taken_back)
            raise

    async def _reserve_in(self, account_id: str, asking: _Asking, wanted: Allowance) -> Allowance:
        def change(body: Json | None) -> tuple[Json, Allowance]:
            account = limits.release(self._open(account_id, body), asking.job_id)
            granted = wanted.within(self._left(account_id, account, asking.free))
            return limits.reserve(account, asking.job_id, asking.held(granted, self._now())).model_dump(), granted

        async with self._turn:
            return await change_value(self._store, "account", account_id, change)

    def _left(self, account_id: str, account: Account, free: bool) -> Allowance:
        """Return what is left in an account. Raises BudgetSpent and TooManyJobs when that is nothing."""
        if account_id.startswith("user:"):
            self._check_jobs(account)
            tokens, usd, span, name = self.limits.day_tokens, self.limits.day_usd, "a user a day", "day"
        else:
            tokens, usd, span, name = self.limits.session_tokens, self.limits.session_usd, "a session", "session"
        left = limits.left_of(account, tokens, None if free else usd)
        if left.cost_usd is not None and left.cost_usd <= 0:
            raise _spent(account, "usd", usd or 0.0, f"${usd:.2f} for {span}", f"{name}_usd")
        if left.tokens is not None and left.tokens <= 0:
            raise _spent(account, "tokens", tokens or 0, f"{tokens:,} output tokens for {span}", f"{name}_tokens")
        return left

    def _check_jobs(self, account: Account) -> None:
        most = self.limits.active_jobs
        if most is not None and account.running >= most:
            raise TooManyJobs(f"{most} jobs are active already, the most at once; wait for one to end, or cancel one.",
                              limit="active_jobs", allowed=most, left=0)  # fmt: skip

    async def pause(self, job: Job) -> None:
        """Count what a job used so far and set nothing aside for it while it waits for a person. A failure is logged
        alone, for the owner's next job makes up for it."""
        await self._count(job, limits.pause)

    async def release(self, owner: str, session_id: str, job_id: str) -> None:
        """Take a reservation back: the job was not stored."""
        for account_id in (f"session:{session_id}", f"user:{owner}"):
            await self._change(account_id, lambda account: limits.release(account, job_id))

    async def settle(self, job: Job) -> None:
        """Count what an ended job used, once however often it is asked; what it reserved is free again. A failure is
        logged alone, for the owner's next job settles what was left behind."""
        await self._count(job, limits.settle)

    async def _count(self, job: Job, how: Callable[[Account, str, int, float], Account]) -> None:
        def counted(account: Account) -> Account:
            return how(account, job.id, job.usage.output_tokens, job.cost_usd)

        try:
            for account_id in (f"session:{job.session_id}", f"user:{job.owner}"):
                await self._change(account_id, counted)
        except ArchwrightError as error:
            log.warning("job %s is settled later: %s", job.id, error)

    async def _settle_ended(self, owner: str) -> bool:
        """Settle the jobs of an owner that ended without it, and pause those that wait; says whether there were any. A
        job that is reserved for but not there is on its way, unless that was a while ago."""
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
            elif job.status == "awaiting_input" and not held.waiting:
                await self.pause(job)
                found = True
        return found

    async def account(self, owner: str) -> Account:
        """Return what the user used today."""
        return await self._account(f"user:{owner}")

    async def _account(self, account_id: str) -> Account:
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
