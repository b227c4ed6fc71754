"""Jobs that wait for a worker: their ids are sent again by one of many who notice, and it is known whether any work."""

import asyncio

import pytest

from archwright.errors import UnknownJob
from archwright.jobs.model import Awaiting, ExportOrder, Fence, Job, Waiting
from archwright.store.ports import Store
from tests.builders import OWNER, SESSION, a_job, at, epoch, message_of, runnable

EXPORT = a_job("job_1", kind="export", order=ExportOrder(version=0, format="png"))
BOTH = pytest.mark.parametrize("job", [a_job(), EXPORT], ids=["active", "aside"])


async def submitted(store: Store, job: Job) -> Job:
    """The job, stored and queued."""
    if job.aside:
        await store.submit_aside(job)
    else:
        await store.submit_job(job, message_of(job), "reject")
    return await store.job(job.id)


@BOTH
async def test_a_queued_job_counts_how_often_its_id_was_sent_again(store: Store, session: str, job: Job) -> None:
    seen = await submitted(store, job)
    assert seen == runnable(job)
    assert await store.send_again(seen, epoch(60))
    again = await store.job(job.id)
    assert again == seen.model_copy(update={"rev": seen.rev + 1, "waiting": Waiting(since=epoch(), sent=1)})
    assert await store.send_again(again, epoch(120))
    assert (await store.job(job.id)).waiting == Waiting(since=epoch(), sent=2)
    assert await store.unfinished(epoch(120)) == (job.id,)


@BOTH
async def test_a_job_whose_lease_ran_out_is_queued_by_it_and_waits_from_then_on(
    store: Store, session: str, job: Job
) -> None:
    await submitted(store, job)
    running = await store.claim(job.id, "w1", epoch(), epoch(60), alone=True)
    assert not await store.send_again(running, epoch(59))
    assert await store.job(job.id) == running
    assert await store.send_again(running, epoch(60))
    queued = {"status": "queued", "lease": None, "deaths": 1, "lone_deaths": 1, "alone": False}
    lost = running.model_copy(update={"rev": running.rev + 1, "waiting": Waiting(since=epoch(60)), **queued})
    assert await store.job(job.id) == lost
    assert await store.unfinished(epoch(60)) == (job.id,)
    assert (await store.claim(job.id, "w2", epoch(61), epoch(121))).fence == 2


@BOTH
async def test_the_job_of_a_dead_holder_is_queued_at_once(store: Store, session: str, job: Job) -> None:
    await submitted(store, job)
    running = await store.claim(job.id, "w1", epoch(), epoch(60))
    assert not await store.send_again(running, epoch(1), dead=("w2",))
    assert await store.send_again(running, epoch(1), dead=("w2", "w1"))
    assert (await store.job(job.id)).status == "queued"


@BOTH
async def test_of_many_who_noticed_one_alone_sends_the_id(store: Store, session: str, job: Job) -> None:
    seen = await submitted(store, job)
    told = await asyncio.gather(*(store.send_again(seen, epoch(60)) for _ in range(5)))
    assert sorted(told) == [False] * 4 + [True]
    assert (await store.job(job.id)).waiting == Waiting(since=epoch(), sent=1)


async def test_what_waits_for_its_turn_or_a_person_or_has_ended_is_not_sent_again(store: Store, session: str) -> None:
    await submitted(store, a_job())
    behind = a_job("job_2")
    await store.submit_job(behind, message_of(behind), "enqueue")
    assert not await store.send_again(await store.job("job_2"), epoch(999))
    fence = Fence(job_id="job_1", number=(await store.claim("job_1", "w1", epoch(), epoch(60))).fence)
    await store.wait_for_input(fence, Awaiting(kind="question", question="Which?"))
    assert not await store.send_again(await store.job("job_1"), epoch(999))
    await store.cancel("job_1", OWNER, at(1))
    assert not await store.send_again(await store.job("job_1"), epoch(999))
    assert await store.job("job_2") == behind.model_copy(update={"rev": 1, "waiting": Waiting(since=epoch(1))})


async def test_a_job_of_a_session_that_is_gone_is_not_sent_again(store: Store, session: str) -> None:
    seen = await submitted(store, a_job())
    await store.delete_session(SESSION, OWNER)
    try:
        sent = await store.send_again(seen, epoch(60))
    except UnknownJob:
        sent = False
    assert not sent


@BOTH
async def test_workers_are_at_work_while_a_lease_lasts(store: Store, session: str, job: Job) -> None:
    assert not await store.working(epoch())
    await submitted(store, job)
    assert not await store.working(epoch())
    claimed = await store.claim(job.id, "w1", epoch(), epoch(60))
    assert await store.working(epoch(59))
    assert not await store.working(epoch(60))
    fence = Fence(job_id=job.id, number=claimed.fence)
    await store.renew(fence, epoch(15), epoch(75))
    assert await store.working(epoch(60))
    await store.finish(fence, "succeeded", at(61))
    assert not await store.working(epoch(61))


@BOTH
async def test_a_job_that_is_taken_over_says_so_until_there_is_more_to_tell(
    store: Store, session: str, job: Job
) -> None:
    lost = await submitted(store, job)
    await store.claim(job.id, "w1", epoch(), epoch(60))
    lost = await store.job(job.id)
    await store.send_again(lost, epoch(60))
    taken = await store.claim(job.id, "w2", epoch(61), epoch(121))
    assert (taken.progress.phase, taken.progress.message) == (
        "resuming", "The worker was lost; another goes on now, from the last saved turn",
    )  # fmt: skip
