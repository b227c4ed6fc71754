"""What a look at a job that no worker takes says and does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits
from archwright.jobs.model import Budget, Fence, Job, JobError
from archwright.jobs.policy import NO_WORKER, NOT_STARTED, tag
from archwright.jobs.service import Jobs
from archwright.model.pricing import cards
from archwright.queue.local import LocalQueue
from archwright.sessions.service import Sessions
from archwright.store.sqlite import SqliteStore
from archwright.wiring import ModelChoice
from tests.builders import OWNER, epoch


@dataclass
class Here:
    """The use cases over a store whose clock the test sets; nobody takes what is sent."""

    store: SqliteStore
    queue: LocalQueue
    ledger: Ledger
    now: float = epoch()

    def jobs(self, *, gives_up: bool = True) -> Jobs:
        choice, sessions = ModelChoice(cards(has_key=False)), Sessions(self.store)
        return Jobs(
            self.store, sessions, self.queue, choice, self.ledger, 15, now=lambda: self.now, gives_up=gives_up
        )  # fmt: skip

    async def seen(self, job: Job, seconds: float) -> Job:
        self.now = epoch(seconds)
        return await self.jobs().get(job.id, OWNER)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    store = SqliteStore.open(tmp_path / "jobs.db")
    yield Here(store, LocalQueue(), Ledger(store, Limits(), Budget()))
    await store.close()


async def drawing(here: Here) -> Job:
    return (await here.jobs().start(OWNER, title=None, prompt="A shop with a database")).job


async def test_a_look_says_that_no_worker_started_and_after_ten_minutes_fails_the_job_once(here: Here) -> None:
    job = await drawing(here)
    following = await here.jobs().submit(job.session_id, OWNER, text="Add a cache", on_busy="enqueue")
    since = (await here.store.job(job.id)).waiting
    assert since is not None
    start = since.since - epoch()
    assert (await here.seen(job, start + 149)).progress.message == "Waiting for a worker"
    assert (await here.seen(job, start + 150)).progress.message == NOT_STARTED
    assert (await here.seen(job, start + 599)).status == "queued"
    here.now, here.queue = epoch(start + 600), LocalQueue()
    await asyncio.gather(*(here.jobs().get(job.id, OWNER) for _ in range(5)))
    ended = await here.seen(job, start + 601)
    assert (ended.status, ended.error) == ("failed", JobError(type="no-worker", detail=NO_WORKER))
    said = [m.text for m in (await here.store.messages(job.session_id, OWNER, None, 10)).items if m.role != "user"]
    assert said == [NO_WORKER]
    assert list((await here.ledger.account(OWNER)).reserved) == [following.job.id]
    assert (await here.store.head(job.session_id, OWNER)).active_job == following.job.id
    async with asyncio.timeout(5):
        assert await here.queue.receive() == following.job.id


async def test_where_something_else_looks_each_minute_a_look_fails_no_job(here: Here) -> None:
    job = await drawing(here)
    here.now = epoch(9_000)
    assert (await here.jobs(gives_up=False).get(job.id, OWNER)).status == "queued"


async def test_a_job_behind_another_or_a_busy_worker_waits_for_ever(here: Here) -> None:
    other, job = await drawing(here), await drawing(here)
    behind = (await here.jobs().submit(other.session_id, OWNER, text="Add a cache", on_busy="enqueue")).job
    await here.store.claim(other.id, "w1", epoch(), epoch(99_999))
    free = await here.seen(job, 90_000)
    turn = await here.seen(behind, 90_000)
    assert (free.status, free.progress.message) == ("queued", "Waiting for a free worker")
    assert (turn.status, turn.progress.message) == ("queued", "Waiting for its turn")


async def test_a_lost_worker_is_told_of_from_the_end_of_its_lease_until_another_has_more_to_tell(here: Here) -> None:
    job = await drawing(here)
    claimed = await here.store.claim(job.id, "w1", epoch(), epoch(60))
    fence = Fence(job_id=job.id, number=claimed.fence)
    drawn = claimed.progress.model_copy(update={"phase": "drawing", "message": "Drawing", "nodes": 3})
    await here.store.set_progress(fence, drawn, None)
    looks = [await here.seen(job, second) for second in (59, 60, 74, 75, 76, 110)]
    lost = "The worker was lost; it goes on"
    assert [look.progress.message for look in looks] == [
        "Drawing", *[f"{lost} within a minute"] * 4, f"{lost} as soon as a worker is free",
    ]  # fmt: skip
    assert [look.status for look in looks] == ["running"] * 3 + ["queued"] * 3
    assert [look.rev - looks[0].rev for look in looks] == [0, 0, 0, 1, 1, 1]
    assert {look.progress.nodes for look in looks} == {3}
    assert len({tag(look) for look in looks}) == 4
    await here.store.claim(job.id, "w2", epoch(111), epoch(171))
    taken = await here.seen(job, 112)
    assert taken.progress.message == "The worker was lost; another goes on now, from the last saved turn"
