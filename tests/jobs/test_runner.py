"""The runner brings every claimed job to an end, a pause or a hand-off, whatever the agent does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits
from archwright.errors import LeaseLost, ModelRefused, ModelRetryable
from archwright.jobs.model import Awaiting, Budget, Fence, Job, JobError, Progress
from archwright.jobs.policy import HANDOVERS_MAX, is_poison
from archwright.jobs.ports import Control, Drained, Finished, Outcome, Paused
from archwright.jobs.runner import ENDLESS, LeaseTimes, Runner
from archwright.queue.local import LocalQueue
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, a_job, a_turn, at, message_of

Script = Callable[[Job, Fence, Control], Awaitable[Outcome]]


class ScriptedAgent:
    """An agent that does what the test says."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def run(self, job: Job, fence: Fence, control: Control) -> Outcome:
        return await self._script(job, fence, control)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "jobs.db")
    await opened.create_session(SESSION, OWNER, "Shop", at())
    await opened.submit_job(a_job(), message_of(a_job()), "reject")
    yield opened
    await opened.close()


QUICK = LeaseTimes(lease_s=0.4, renew_s=0.1, watch_s=0.02)


async def run(store: SqliteStore, script: Script, times: LeaseTimes = QUICK, attempts: int = 3) -> LocalQueue:
    queue = LocalQueue()
    runner = Runner(
        store,
        queue,
        ScriptedAgent(script),
        "here",
        ledger=Ledger(store, Limits(), Budget()),
        times=times,
        max_attempts=attempts,
    )
    await runner.run("job_1", Control(deadline=asyncio.get_running_loop().time() + 60))
    return queue


async def succeed(job: Job, fence: Fence, control: Control) -> Outcome:
    return Finished("succeeded", "Drew the shop.\n\nNext: add a cache.")


async def test_a_finished_job_keeps_its_last_word_and_frees_the_session(store: SqliteStore) -> None:
    await run(store, succeed)
    job, head = await store.job("job_1"), await store.head(SESSION, OWNER)
    assert (job.status, job.error, job.lease, job.progress.message) == ("succeeded", None, None, "Drew the shop.")
    assert (head.active_job, head.last_job) == (None, "job_1")
    said = [m for m in (await store.messages(SESSION, OWNER, None, 10)).items if m.role == "assistant"]
    assert [(m.text, m.job_id) for m in said] == [("Drew the shop.\n\nNext: add a cache.", "job_1")]


async def test_a_finished_job_sends_the_next_in_line(store: SqliteStore) -> None:
    waiting = a_job("job_2")
    await store.submit_job(waiting, message_of(waiting), "enqueue")
    queue = await run(store, succeed)
    assert await asyncio.wait_for(queue.receive(), 1) == "job_2"
    assert (await store.head(SESSION, OWNER)).active_job == "job_2"


BROKEN = "A bug of ours stopped the job (ZeroDivisionError). What was drawn is kept."


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (ModelRefused("The key is not valid."), JobError(type="model-refused", detail="The key is not valid.")),
        (ModelRetryable("Overloaded too long."), JobError(type="model-unavailable", detail="Overloaded too long.")),
        (ZeroDivisionError("oops"), JobError(type="internal-error", detail=BROKEN)),
    ],
)
async def test_a_fault_ends_the_job_and_says_why(store: SqliteStore, fault: Exception, error: JobError) -> None:
    async def fail(job: Job, fence: Fence, control: Control) -> Outcome:
        raise fault

    await run(store, fail)
    job = await store.job("job_1")
    assert (job.status, job.error) == ("failed", error)


async def test_a_paused_job_waits_without_a_lease(store: SqliteStore) -> None:
    awaiting = Awaiting(kind="question", question="Which cloud?", options=["AWS", "GCP"])

    async def ask(job: Job, fence: Fence, control: Control) -> Outcome:
        return Paused(awaiting)

    await run(store, ask)
    job = await store.job("job_1")
    assert (job.status, job.awaiting, job.lease) == ("awaiting_input", awaiting, None)


async def test_a_drained_job_is_queued_again_and_that_is_no_death(store: SqliteStore) -> None:
    async def hand_over(job: Job, fence: Fence, control: Control) -> Outcome:
        return Drained()

    queue = await run(store, hand_over)
    job = await store.job("job_1")
    assert (job.status, job.deaths, await asyncio.wait_for(queue.receive(), 1)) == ("queued", 0, "job_1")


async def test_a_cancelled_job_stops_within_a_look_and_ends_as_cancelled(store: SqliteStore) -> None:
    stopped = asyncio.Event()

    async def work_on(job: Job, fence: Fence, control: Control) -> Outcome:
        await store.cancel(job.id, OWNER, at(1))
        try:
            await asyncio.sleep(30)
        finally:
            stopped.set()
        return Finished("succeeded", "")

    await run(store, work_on)
    assert stopped.is_set()
    assert (await store.job("job_1")).status == "cancelled"


async def test_a_lease_is_kept_alive_while_the_agent_works(store: SqliteStore) -> None:
    async def work_long(job: Job, fence: Fence, control: Control) -> Outcome:
        await asyncio.sleep(1.0)
        await store.set_progress(fence, Progress(message="still mine"), None)
        return Finished("succeeded", "done")

    await run(store, work_long)
    assert (await store.job("job_1")).status == "succeeded"


async def test_a_holder_that_lost_its_lease_writes_nothing_more(store: SqliteStore) -> None:
    async def be_overtaken(job: Job, fence: Fence, control: Control) -> Outcome:
        assert job.lease is not None
        await store.claim(job.id, "there", job.lease.until + 1, job.lease.until + 61)
        with pytest.raises(LeaseLost):
            await store.save_turn(fence, a_turn())
        return Finished("succeeded", "mine")

    await run(store, be_overtaken)
    job = await store.job("job_1")
    assert (job.status, job.turn, job.lease.holder if job.lease else None) == ("running", 0, "there")


async def die(store: SqliteStore, times: int, *, alone: bool) -> Job:
    """Let so many workers take the job, one after the other, and never be heard of again."""
    for _ in range(times):
        job = await store.job("job_1")
        start = job.lease.until if job.lease else 0.0
        job = await store.claim("job_1", "dead", start, start + 0.5, alone=alone)
    return job


async def never(job: Job, fence: Fence, control: Control) -> Outcome:
    raise AssertionError("a poison job must not run again")


async def test_a_job_over_which_a_worker_of_its_own_died_three_times_is_poison(store: SqliteStore) -> None:
    await die(store, 3, alone=True)
    await run(store, never)
    job = await store.job("job_1")
    assert (job.status, job.error and job.error.type) == ("failed", "poison")
    assert job.progress.message == (
        "Its worker died each time before a new turn was saved: 3 times while it ran alone. "
        "What was drawn so far is kept."
    )


async def test_deaths_in_company_and_one_alone_are_no_proof_but_a_second_one_alone_is(store: SqliteStore) -> None:
    await die(store, 2, alone=False)
    await die(store, 1, alone=True)
    assert not is_poison(await store.claim("job_1", "here", 10, 11, alone=True), 3)
    await run(store, never)
    assert (await store.job("job_1")).progress.message == (
        "Its worker died each time before a new turn was saved: 2 times while it ran alone and 2 times beside "
        "other jobs. What was drawn so far is kept."
    )


async def test_a_saved_turn_forgets_the_deaths_before_it(store: SqliteStore) -> None:
    claimed = await die(store, 3, alone=True)
    await store.save_turn(Fence(job_id="job_1", number=claimed.fence), a_turn())
    await run(store, succeed)
    assert (await store.job("job_1")).status == "succeeded"


async def test_a_job_that_is_handed_over_again_and_again_without_a_turn_ends_with_the_reason(
    store: SqliteStore,
) -> None:
    async def hand_over(job: Job, fence: Fence, control: Control) -> Outcome:
        return Drained()

    for _ in range(HANDOVERS_MAX):
        await run(store, hand_over)
    assert (await store.job("job_1")).status == "queued"
    await run(store, hand_over)
    job = await store.job("job_1")
    assert (job.status, job.error) == ("incomplete", JobError(type="endless", detail=ENDLESS))


async def test_a_job_that_saves_turns_may_be_handed_over_as_often_as_it_takes(store: SqliteStore) -> None:
    async def work_and_hand_over(job: Job, fence: Fence, control: Control) -> Outcome:
        await store.save_turn(fence, a_turn(job.turn + 1))
        return Drained()

    for _ in range(HANDOVERS_MAX + 2):
        await run(store, work_and_hand_over)
    assert (await store.job("job_1")).status == "queued"


async def test_a_process_that_stops_in_good_order_gives_its_jobs_back(store: SqliteStore) -> None:
    async def work_long(job: Job, fence: Fence, control: Control) -> Outcome:
        await asyncio.sleep(30)
        return Finished("succeeded", "")

    running = asyncio.create_task(run(store, work_long))
    while (await store.job("job_1")).status != "running":
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    job = await store.job("job_1")
    assert (job.status, job.lease, job.deaths, job.handovers) == ("queued", None, 0, 1)


async def test_a_lease_is_looked_after_though_a_look_fails(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    renew, failures = store.renew, iter([OSError("the disk"), ValueError("a bug")])

    async def fails_twice(fence: Fence, now: float, until: float) -> Job:
        for failure in failures:
            raise failure
        return await renew(fence, now, until)

    monkeypatch.setattr(store, "renew", fails_twice)

    async def work_long(job: Job, fence: Fence, control: Control) -> Outcome:
        await asyncio.sleep(0.6)
        return Finished("succeeded", "done")

    await run(store, work_long)
    job = await store.job("job_1")
    assert (job.status, job.error) == ("succeeded", None)
    assert caplog.text.count("its lease could not be looked after") == 2


async def test_a_job_that_is_not_there_or_ended_or_held_is_passed_over(store: SqliteStore) -> None:
    await run(store, succeed)
    before = await store.job("job_1")
    await run(store, succeed)
    assert await store.job("job_1") == before
