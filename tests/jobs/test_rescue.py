"""A worker that cannot start: ids are sent again ever later, and the job fails with the reason."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits
from archwright.jobs.model import Budget, Fence, JobError
from archwright.jobs.policy import NO_WORKER
from archwright.jobs.rescue import Rescue, Swept
from archwright.jobs.signs import Signs
from archwright.queue.local import LocalQueue
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, a_job, at, epoch, message_of


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "jobs.db")
    await opened.create_session(SESSION, OWNER, "Shop", at())
    await opened.submit_job(a_job(), message_of(a_job()), "reject")
    yield opened
    await opened.close()


def rescue(store: SqliteStore, seconds: float) -> Rescue:
    return Rescue(store, LocalQueue(), Ledger(store, Limits(), Budget()), now=lambda: epoch(seconds))


async def sweeps(store: SqliteStore, *minutes: int) -> list[int]:
    """The minutes in which the id was sent again."""
    return [minute for minute in minutes if (await rescue(store, minute * 60).sweep()).sent]


async def test_an_id_is_sent_again_ever_later_and_after_ten_minutes_the_job_fails(store: SqliteStore) -> None:
    assert await sweeps(store, *range(10)) == [1, 2, 4, 8]
    assert (await store.job("job_1")).status == "queued"
    assert await sweeps(store, *range(10, 20)) == []
    job = await store.job("job_1")
    assert (job.status, job.error) == ("failed", JobError(type="no-worker", detail=NO_WORKER))
    assert (await store.head(SESSION, OWNER)).active_job is None


async def test_a_job_that_waits_while_others_keep_the_workers_busy_does_not_fail(store: SqliteStore) -> None:
    other = a_job("job_2", session_id="ses_2")
    await store.create_session("ses_2", OWNER, "Bank", at())
    await store.submit_job(other, message_of(other), "reject")
    await store.claim("job_2", "w1", epoch(), epoch(6_000))
    assert await sweeps(store, *range(40)) == [1, 2, 4, 8, 16, 32]
    assert (await store.job("job_1")).status == "queued"


async def test_a_sweep_tells_which_jobs_it_ended(store: SqliteStore) -> None:
    assert await rescue(store, 600).sweep() == Swept(sent=0, ended=["job_1"])
    assert await rescue(store, 600).sweep() == Swept()


async def test_the_moment_between_two_jobs_of_a_busy_worker_fails_none(store: SqliteStore) -> None:
    await Signs(store, now=lambda: epoch(570)).leave()
    seen = await store.job("job_1")
    assert not await rescue(store, 1_169).end_hopeless(seen)
    assert await rescue(store, 1_170).end_hopeless(seen)


async def test_a_job_that_somebody_ran_since_it_was_seen_is_left_to_whoever_runs_it_next(store: SqliteStore) -> None:
    seen = await store.job("job_1")
    claimed = await store.claim("job_1", "w1", epoch(599), epoch(659))
    assert not await rescue(store, 600).end_hopeless(seen)
    await store.release(Fence(job_id="job_1", number=claimed.fence), epoch(600))
    assert not await rescue(store, 600).end_hopeless(seen)
    assert (await store.job("job_1")).status == "queued"


async def test_a_sign_is_left_once_a_minute(store: SqliteStore) -> None:
    clock = [epoch(0)]
    signs = Signs(store, now=lambda: clock[0])
    assert await signs.last() == 0
    for second in range(0, 130, 10):
        clock[0] = epoch(second)
        await signs.leave()
    assert await signs.last() == epoch(120)
    found = await store.value("workers", "seen")
    assert found is not None
    assert found.revision == 3


async def test_a_job_whose_worker_is_gone_is_queued_and_sent_once_at_once(store: SqliteStore) -> None:
    await store.claim("job_1", "w1", epoch(), epoch(60))
    assert await sweeps(store, 0, 1, 2, 3, 4) == [1, 2, 3]
    job = await store.job("job_1")
    assert (job.status, job.lease, job.deaths, job.waiting and job.waiting.sent) == ("queued", None, 1, 2)


async def test_what_fails_for_one_job_holds_up_no_other(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = a_job("job_2", session_id="ses_2")
    await store.create_session("ses_2", OWNER, "Bank", at())
    await store.submit_job(other, message_of(other), "reject")
    read = store.job

    async def fails(job_id: str, owner: str | None = None) -> object:
        if job_id == "job_1":
            raise ValueError("an item that cannot be read")
        return await read(job_id, owner)

    monkeypatch.setattr(store, "job", fails)
    assert (await rescue(store, 60).sweep()).sent == 1
    assert "an item that cannot be read" in caplog.text
