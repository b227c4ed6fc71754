"""A worker that cannot start: ids are sent again ever later, and the job fails with the reason."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits
from archwright.jobs.model import Budget, JobError
from archwright.jobs.policy import NO_WORKER
from archwright.jobs.rescue import Rescue
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
    return [minute for minute in minutes if await rescue(store, minute * 60).sweep()]


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
    assert await rescue(store, 60).sweep() == 1
    assert "an item that cannot be read" in caplog.text
