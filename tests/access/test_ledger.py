"""Reserving and settling: jobs that run at once can together not go beyond a limit, and nothing is counted twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits, take
from archwright.access.rates import StoredRates
from archwright.errors import BudgetSpent, TooManyRequests
from archwright.jobs.model import Allowance, Budget, Usage
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, a_job

BUDGET = Budget(output_tokens=400, cost_usd=2.0)


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "ledger.db")
    yield opened
    await opened.close()


async def test_jobs_at_once_reserve_no_more_than_there_is(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(day_tokens=1_000), BUDGET)
    asked = [ledger.reserve(OWNER, f"ses_{n}", f"job_{n}") for n in range(5)]
    granted = await asyncio.gather(*asked, return_exceptions=True)
    tokens = sorted(one.tokens or 0 for one in granted if isinstance(one, Allowance))
    assert tokens == [200, 400, 400]
    assert sum(isinstance(one, BudgetSpent) for one in granted) == 2


async def test_a_job_is_counted_once_however_often_it_is_settled(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(), BUDGET)
    await ledger.reserve(OWNER, SESSION, "job_1")
    job = a_job().model_copy(update={"usage": Usage(output_tokens=70), "cost_usd": 0.5})
    await asyncio.gather(*(ledger.settle(job) for _ in range(4)))
    account = await ledger.account(OWNER)
    assert (account.tokens, account.cost_usd, account.jobs, account.reserved) == (70, 0.5, 1, {})


async def test_a_new_day_begins_at_nothing_but_what_runs_over_midnight_stays_reserved(store: SqliteStore) -> None:
    clock = Clock()
    ledger = Ledger(store, Limits(day_usd=3.0), BUDGET, clock)
    await ledger.reserve(OWNER, SESSION, "job_1")
    await ledger.settle(a_job().model_copy(update={"cost_usd": 1.5}))
    await ledger.reserve(OWNER, SESSION, "job_2")
    clock.now += 86_400
    account = await ledger.account(OWNER)
    assert (account.cost_usd, account.jobs, list(account.reserved)) == (0.0, 0, ["job_2"])


async def test_a_reservation_of_a_job_that_was_never_stored_is_found_and_given_back(store: SqliteStore) -> None:
    clock = Clock()
    ledger = Ledger(store, Limits(day_usd=2.0), BUDGET, clock)
    await ledger.reserve(OWNER, SESSION, "job_lost")
    with pytest.raises(BudgetSpent):
        await ledger.reserve(OWNER, SESSION, "job_2")
    clock.now += 61
    assert await ledger.reserve(OWNER, SESSION, "job_2") == Allowance(tokens=400, cost_usd=2.0)


async def test_requests_to_many_processes_are_counted_together_and_in_few_writes(store: SqliteStore) -> None:
    clock = Clock()
    processes = [StoredRates(store, clock) for _ in range(3)]
    passed = 0
    for n in range(150):
        try:
            await processes[n % 3].take("user:ada", 120)
            passed += 1
        except TooManyRequests as refused:
            assert refused.extra["retry_after_s"] > 0
    found = await store.value("bucket", "user:ada")
    assert 117 <= passed <= 120 and found is not None and found.revision <= 40
    clock.now += 60
    for process in processes:
        await process.take("user:ada", 120)


def test_a_bucket_holds_a_minutes_worth_and_fills_steadily() -> None:
    bucket, waits = None, []
    for now in (0, 0, 0, 10, 20, 20, 200):
        following, wait_s = take(bucket, 3, now)
        bucket = following or bucket
        waits.append(round(wait_s, 6))
    assert waits == [0, 0, 0, 10, 0, 20, 0]
