"""Reserving and settling: jobs that run at once can together not go beyond a limit, and nothing is counted twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Account, Limits, Reserved, left_of, take
from archwright.access.rates import StoredRates
from archwright.errors import BudgetSpent, TooManyRequests
from archwright.jobs.model import Allowance, Awaiting, Budget, Fence, Job, Usage
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, a_job, at, epoch, message_of

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


def waiting(job_id: str, tokens: int, cost_usd: float) -> Job:
    usage = Usage(output_tokens=tokens)
    return a_job(job_id, status="awaiting_input").model_copy(update={"usage": usage, "cost_usd": cost_usd})


async def test_a_job_that_waits_holds_nothing_and_what_it_spent_is_counted_once(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(day_tokens=1_000, active_jobs=1), BUDGET)
    await ledger.reserve(OWNER, SESSION, "job_1")
    for _ in range(2):
        await ledger.pause(waiting("job_1", 150, 0.5))
    account = await ledger.account(OWNER)
    assert (account.tokens, account.cost_usd, account.jobs, account.running) == (150, 0.5, 0, 0)
    assert left_of(account, 1_000, None).tokens == 850
    assert await ledger.reserve(OWNER, "ses_2", "job_2") == Allowance(tokens=400, cost_usd=2.0)
    await ledger.settle(a_job("job_2", session_id="ses_2"))
    assert await ledger.resume(waiting("job_1", 150, 0.5)) == Allowance(tokens=400, cost_usd=2.0)
    assert left_of(await ledger.account(OWNER), 1_000, None).tokens == 1_000 - 150 - 250
    await ledger.settle(waiting("job_1", 300, 0.75))
    account = await ledger.account(OWNER)
    assert (account.tokens, account.cost_usd, account.jobs, account.reserved) == (300, 0.75, 2, {})
    session = await store.value("account", f"session:{SESSION}")
    assert session is not None and (session.body["tokens"], session.body["reserved"]) == (300, {})


async def test_a_job_that_ends_while_it_waits_is_a_job_of_the_day(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(), BUDGET)
    await ledger.reserve(OWNER, SESSION, "job_1")
    await ledger.pause(waiting("job_1", 150, 0.5))
    await ledger.settle(waiting("job_1", 150, 0.5))
    account = await ledger.account(OWNER)
    assert (account.tokens, account.cost_usd, account.jobs, account.reserved) == (150, 0.5, 1, {})


async def test_an_answer_for_which_nothing_is_left_is_refused_and_the_job_waits_on(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(day_usd=2.5), BUDGET)
    await ledger.reserve(OWNER, SESSION, "job_1")
    await ledger.pause(waiting("job_1", 10, 0.5))
    await ledger.reserve(OWNER, "ses_2", "job_2")
    with pytest.raises(BudgetSpent, match="a job that runs"):
        await ledger.resume(waiting("job_1", 10, 0.5))
    account = await ledger.account(OWNER)
    assert {job: one.waiting for job, one in account.reserved.items()} == {"job_1": True, "job_2": False}
    await ledger.settle(a_job("job_2", session_id="ses_2").model_copy(update={"cost_usd": 0.5}))
    assert await ledger.resume(waiting("job_1", 10, 0.5)) == Allowance(tokens=400, cost_usd=2.0)


async def test_what_a_job_spent_before_midnight_is_not_counted_again_after(store: SqliteStore) -> None:
    clock = Clock()
    ledger = Ledger(store, Limits(day_usd=3.0), BUDGET, clock)
    await ledger.reserve(OWNER, SESSION, "job_1")
    await ledger.pause(waiting("job_1", 10, 1.5))
    clock.now += 86_400
    await ledger.resume(waiting("job_1", 10, 1.5))
    await ledger.settle(waiting("job_1", 10, 1.75))
    assert (await ledger.account(OWNER)).cost_usd == 0.25


async def test_jobs_that_waited_before_they_were_paused_for_are_found_and_hold_nothing(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(day_usd=2.0), BUDGET)
    await store.create_session(SESSION, OWNER, "Shop", at())
    await store.submit_job(a_job(), message_of(a_job()), "reject")
    await ledger.reserve(OWNER, SESSION, "job_1")
    claimed = await store.claim("job_1", "worker", epoch(), epoch(60))
    question = Awaiting(kind="question", question="How many?")
    await store.wait_for_input(Fence(job_id="job_1", number=claimed.fence), question)
    assert await ledger.reserve(OWNER, "ses_2", "job_2") == Allowance(tokens=400, cost_usd=2.0)


async def test_an_account_of_an_earlier_version_is_read(store: SqliteStore) -> None:
    held = {"tokens": 400, "cost_usd": 2.0, "session_id": SESSION, "at": 1.0}
    old = {"day": "2027-01-15", "tokens": 5, "cost_usd": 0.5, "jobs": 1, "reserved": {"job_1": held}}
    await store.put_value("account", f"user:{OWNER}", old, 0)
    ledger = Ledger(store, Limits(), BUDGET, Clock())
    await ledger.pause(waiting("job_1", 7, 0.25))
    account = await ledger.account(OWNER)
    assert (account.day, account.tokens, account.cost_usd, account.running) == ("2027-01-15", 12, 0.75, 0)


async def test_a_job_that_costs_nothing_reserves_nothing_and_asks_for_no_dollars(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(day_usd=2.0, day_tokens=500, session_usd=1.0), BUDGET)
    await ledger.reserve(OWNER, SESSION, "job_paid")
    for number in range(3):
        granted = await ledger.reserve(OWNER, SESSION, f"job_{number}", free=True)
        assert granted.tokens == 100
    account = await ledger.account(OWNER)
    assert [(one.tokens, one.cost_usd) for one in account.reserved.values()] == [
        (400, 1.0),
        (0, 0.0),
        (0, 0.0),
        (0, 0.0),
    ]
    assert account.running == 4


MIDNIGHT = "2027-01-16T00:00:00Z"


@pytest.mark.parametrize(
    ("used", "held", "renews_at", "said"),
    [
        (3.0, [], MIDNIGHT, f"is used; it renews at {MIDNIGHT}."),
        (3.0, [1.0], MIDNIGHT, f"is used; it renews at {MIDNIGHT}."),
        (1.0, [2.0], MIDNIGHT, f"a job that runs, and free again when it ends, at the latest at {MIDNIGHT}."),
        (0.0, [2.0, 1.0], None, "2 jobs that run, and free again when they end."),
        (3.0, [2.0, 1.0], None, "2 jobs that run, and free again when they end."),
    ],
)  # fmt: skip
async def test_what_is_said_of_a_spent_day_is_true_at_the_time_that_it_names(
    store: SqliteStore, used: float, held: list[float], renews_at: str | None, said: str
) -> None:
    clock = Clock()
    reserved = {
        f"job_{n}": Reserved(cost_usd=usd, session_id="ses_9", at=clock.now + 86_400) for n, usd in enumerate(held)
    }
    account = Account(day="2027-01-15", cost_usd=used, reserved=reserved)
    await store.put_value("account", f"user:{OWNER}", account.model_dump(), 0)
    ledger = Ledger(store, Limits(day_usd=3.0), BUDGET, clock)
    with pytest.raises(BudgetSpent) as refused:
        await ledger.reserve(OWNER, SESSION, "job_new")
    assert (refused.value.extra["renews_at"], refused.value.detail.endswith(said)) == (renews_at, True)
    clock.now = datetime.fromisoformat(MIDNIGHT).timestamp()
    try:
        await ledger.reserve(OWNER, SESSION, "job_new")
        renewed = True
    except BudgetSpent:
        renewed = False
    assert renewed == (renews_at is not None)


async def test_a_session_that_is_used_up_does_not_promise_to_renew(store: SqliteStore) -> None:
    ledger = Ledger(store, Limits(session_usd=1.0), BUDGET)
    await store.put_value("account", f"session:{SESSION}", Account(cost_usd=1.0).model_dump(), 0)
    with pytest.raises(BudgetSpent, match="for a session is used, and does not renew"):
        await ledger.reserve(OWNER, SESSION, "job_1")
