"""Submitting: one active job a session, the others in line, a key answered once; and how cancelling ends them."""

import pytest

from archwright.errors import JobEnded, KeyReused, SessionBusy, UnknownJob, UnknownSession
from archwright.jobs.model import Awaiting, Fence, Job, OnBusy
from archwright.store.ports import Claimed, Head, IdempotencyKey, Store
from tests.builders import OWNER, SESSION, a_job, at, epoch, message_of, runnable

DAY_S = 24 * 3600


async def submit(store: Store, job_id: str, on_busy: OnBusy = "reject", key: IdempotencyKey | None = None) -> Claimed:
    job = a_job(job_id)
    return await store.submit_job(job, message_of(job), on_busy, key)


async def start(store: Store, job_id: str) -> Fence:
    claimed = await store.claim(job_id, "w1", epoch(), epoch(60))
    return Fence(job_id=job_id, number=claimed.fence)


async def active(store: Store) -> str | None:
    return (await store.head(SESSION, OWNER)).active_job


async def end_all(store: Store) -> list[str]:
    """Run each active job to its end and return them in the order in which they had their turn."""
    order: list[str] = []
    following = await active(store)
    while following is not None:
        order.append(following)
        following = await store.finish(await start(store, following), "succeeded", at(1))
    return order


async def test_a_submitted_job_waits_for_a_worker_and_holds_the_session(store: Store, session: str) -> None:
    job = a_job("job_1", focus=("api",), base_version=3, text="Füge \x00 hinzu")
    assert await store.submit_job(job, message_of(job), "reject") == Claimed(None)
    assert await store.job("job_1") == runnable(job)
    assert await store.job("job_1", OWNER) == runnable(job)
    assert await store.head(session, OWNER) == Head(session, OWNER, "Shop", 0, 0, 0, "job_1", "job_1", at(), at())
    assert await store.recent_messages(session, OWNER, 10) == (message_of(job),)
    assert await store.unfinished(epoch()) == ("job_1",)


async def test_a_job_can_bring_its_session_along(store: Store) -> None:
    job = a_job("job_1", created_at=at(5))
    assert await store.submit_job(job, message_of(job), "reject", new_session_title="Bank") == Claimed(None)
    assert await store.head(SESSION, OWNER) == Head(SESSION, OWNER, "Bank", 0, 0, 0, "job_1", "job_1", at(5), at(5))


async def test_a_job_of_an_unknown_session_is_not_stored(store: Store) -> None:
    job = a_job("job_1")
    with pytest.raises(UnknownSession):
        await store.submit_job(job, message_of(job), "reject", IdempotencyKey("k1", "hash"))
    with pytest.raises(UnknownJob):
        await store.job("job_1")
    key = IdempotencyKey("k1", "another hash")
    assert await store.submit_job(job, message_of(job), "reject", key, "Shop") == Claimed(None)


async def test_a_repeated_key_stores_nothing_and_returns_the_first_job(store: Store, session: str) -> None:
    key = IdempotencyKey("k1", "hash")
    answer = {"session_id": session, "job_id": "job_1", "message_id": "msg_job_1"}
    assert await submit(store, "job_1", key=key) == Claimed(None)
    assert await submit(store, "job_2", key=key) == Claimed(answer)
    await store.finish(await start(store, "job_1"), "succeeded", at(1))
    assert await submit(store, "job_2", key=key) == Claimed(answer)
    with pytest.raises(UnknownJob):
        await store.job("job_2")
    assert await store.recent_messages(session, OWNER, 10) == (message_of(a_job("job_1")),)
    assert (await store.head(session, OWNER)).last_job == "job_1"


async def test_a_repeated_key_creates_no_second_session(store: Store) -> None:
    key = IdempotencyKey("k1", "hash")
    first, second = a_job("job_1"), a_job("job_2", session_id="ses_2")
    await store.submit_job(first, message_of(first), "reject", key, "Shop")
    answer = {"session_id": SESSION, "job_id": "job_1", "message_id": "msg_job_1"}
    assert await store.submit_job(second, message_of(second), "reject", key, "Shop") == Claimed(answer)
    assert [head.id for head in (await store.list_sessions(OWNER, None, 10)).items] == [SESSION]


async def test_a_key_with_another_body_is_refused(store: Store, session: str) -> None:
    await submit(store, "job_1", key=IdempotencyKey("k1", "hash"))
    with pytest.raises(KeyReused):
        await submit(store, "job_2", "enqueue", key=IdempotencyKey("k1", "other hash"))
    with pytest.raises(UnknownJob):
        await store.job("job_2")


async def test_a_key_is_forgotten_after_24_hours(store: Store, session: str) -> None:
    key = IdempotencyKey("k1", "hash")
    await submit(store, "job_1", key=key)
    late = a_job("job_2", created_at=at(DAY_S + 1))
    assert await store.submit_job(late, message_of(late), "enqueue", key) == Claimed(None)


async def test_a_busy_session_rejects_a_job_and_names_the_active_one(store: Store, session: str) -> None:
    await submit(store, "job_1")
    with pytest.raises(SessionBusy) as refusal:
        await submit(store, "job_2", key=IdempotencyKey("k1", "hash"))
    assert refusal.value.extra["job_id"] == "job_1"
    with pytest.raises(UnknownJob):
        await store.job("job_2")
    assert await store.recent_messages(session, OWNER, 10) == (message_of(a_job("job_1")),)
    assert (await store.head(session, OWNER)).last_job == "job_1"
    await store.cancel("job_1", OWNER, at(1))
    assert await submit(store, "job_2", key=IdempotencyKey("k1", "hash")) == Claimed(None)


@pytest.mark.parametrize("on_busy", ["reject", "enqueue", "interrupt"])
async def test_in_an_idle_session_every_job_becomes_active(store: Store, session: str, on_busy: OnBusy) -> None:
    await submit(store, "job_1", on_busy)
    assert (await active(store), await store.job("job_1")) == ("job_1", runnable(a_job("job_1")))


async def test_enqueued_jobs_get_the_session_in_the_order_of_their_coming(store: Store, session: str) -> None:
    for job_id in ("job_3", "job_1", "job_2"):
        await submit(store, job_id, "enqueue")
    head = await store.head(session, OWNER)
    assert (head.active_job, head.last_job) == ("job_3", "job_2")
    assert await store.unfinished(epoch()) == ("job_3",)
    assert await store.job("job_1") == a_job("job_1")
    assert await end_all(store) == ["job_3", "job_1", "job_2"]
    head = await store.head(session, OWNER)
    assert (head.active_job, head.last_job) == (None, "job_2")


async def test_an_interrupting_job_asks_the_running_one_to_stop_and_is_next(store: Store, session: str) -> None:
    await submit(store, "job_1")
    fence = await start(store, "job_1")
    running = await store.job("job_1")
    await submit(store, "job_2", "enqueue")
    await submit(store, "job_3", "interrupt")
    stopping = running.model_copy(update={"cancel_requested": True, "rev": running.rev + 1})
    assert await store.job("job_1") == stopping
    assert await active(store) == "job_1"
    assert await store.finish(fence, "cancelled", at(1)) == "job_3"
    assert await end_all(store) == ["job_3", "job_2"]


async def test_of_two_interrupting_jobs_the_later_goes_first(store: Store, session: str) -> None:
    await submit(store, "job_1")
    fence = await start(store, "job_1")
    await submit(store, "job_2", "interrupt")
    await submit(store, "job_3", "interrupt")
    assert await store.finish(fence, "cancelled", at(1)) == "job_3"
    assert await end_all(store) == ["job_3", "job_2"]


async def test_an_interrupting_job_ends_an_active_one_that_nobody_runs(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await submit(store, "job_2", "interrupt")
    assert await store.job("job_1") == a_job("job_1").model_copy(
        update={"status": "cancelled", "cancel_requested": True, "finished_at": at(), "rev": 1}
    )
    assert await active(store) == "job_2"


async def test_an_interrupting_job_ends_one_that_waits_for_a_person(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await store.wait_for_input(await start(store, "job_1"), Awaiting(kind="question", question="Which?"))
    await submit(store, "job_2", "interrupt")
    ended = await store.job("job_1")
    assert (ended.status, ended.awaiting, ended.finished_at) == ("cancelled", None, at())
    assert await end_all(store) == ["job_2"]


async def test_a_released_job_keeps_the_session_before_those_in_line(store: Store, session: str) -> None:
    await submit(store, "job_1")
    fence = await start(store, "job_1")
    await submit(store, "job_2", "interrupt")
    await store.release(fence, epoch())
    assert await active(store) == "job_1"
    assert await store.unfinished(epoch()) == ("job_1",)


async def test_a_job_that_waits_for_a_person_keeps_the_session(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await store.wait_for_input(await start(store, "job_1"), Awaiting(kind="question", question="Which?"))
    await submit(store, "job_2", "enqueue")
    assert await active(store) == "job_1"
    with pytest.raises(SessionBusy):
        await submit(store, "job_3")


async def test_cancelling_a_running_job_asks_it_to_stop(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await start(store, "job_1")
    running = await store.job("job_1")
    stopping = running.model_copy(update={"cancel_requested": True, "rev": running.rev + 1})
    assert await store.cancel("job_1", OWNER, at(9)) == stopping
    assert await store.job("job_1") == stopping
    assert await store.cancel("job_1", OWNER, at(10)) == stopping
    assert await active(store) == "job_1"


def cancelled(job: Job, seconds: float, rev: int) -> Job:
    changed = {"status": "cancelled", "cancel_requested": True, "finished_at": at(seconds), "rev": rev}
    return job.model_copy(update=changed)


async def test_cancelling_a_queued_job_ends_it_and_the_session_goes_on(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await submit(store, "job_2", "enqueue")
    assert await store.cancel("job_1", OWNER, at(9)) == cancelled(a_job("job_1"), 9, 1)
    assert await store.job("job_1") == cancelled(a_job("job_1"), 9, 1)
    assert await active(store) == "job_2"
    assert await store.unfinished(epoch()) == ("job_2",)


async def test_cancelling_a_job_in_line_takes_it_out_of_the_line(store: Store, session: str) -> None:
    for job_id in ("job_1", "job_2", "job_3"):
        await submit(store, job_id, "enqueue")
    assert await store.cancel("job_2", OWNER, at(9)) == cancelled(a_job("job_2"), 9, 1)
    assert await active(store) == "job_1"
    assert await end_all(store) == ["job_1", "job_3"]


async def test_cancelling_a_job_that_waits_for_a_person_ends_it(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await store.wait_for_input(await start(store, "job_1"), Awaiting(kind="question", question="Which?"))
    waiting = await store.job("job_1")
    ended = cancelled(waiting.model_copy(update={"awaiting": None}), 9, waiting.rev + 1)
    assert await store.cancel("job_1", OWNER, at(9)) == ended
    assert await active(store) is None


async def test_a_job_that_ended_cannot_be_cancelled(store: Store, session: str) -> None:
    await submit(store, "job_1")
    await store.finish(await start(store, "job_1"), "succeeded", at(1))
    ended = await store.job("job_1")
    with pytest.raises(JobEnded):
        await store.cancel("job_1", OWNER, at(2))
    assert await store.job("job_1") == ended
    with pytest.raises(UnknownJob):
        await store.cancel("job_9", OWNER, at(2))
