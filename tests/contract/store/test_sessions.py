"""Sessions: made once, listed newest first, and gone when deleted."""

import pytest

from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest, KeyReused, LeaseLost, UnknownJob, UnknownSession
from archwright.jobs.model import Fence, Progress
from archwright.store.ports import Checkpoint, Claimed, Head, IdempotencyKey, Page, PendingWrite, Store
from tests.builders import (
    OWNER,
    SESSION,
    STRANGER,
    a_change,
    a_job,
    a_marker,
    a_message,
    a_turn,
    at,
    epoch,
    message_of,
)

DAY_S = 24 * 3600


def an_empty_head(session_id: str, created: str, title: str = "Shop") -> Head:
    return Head(session_id, OWNER, title, 0, 0, 0, None, None, created, created)


async def test_a_new_session_is_empty_at_version_0(store: Store) -> None:
    claimed = await store.create_session(SESSION, OWNER, "Shop", at())
    assert claimed == Claimed(None)
    assert await store.head(SESSION, OWNER) == an_empty_head(SESSION, at())
    assert await store.load(SESSION, OWNER) == (an_empty_head(SESSION, at()), Diagram(title="Shop"))
    assert await store.changes(SESSION, OWNER, 0) == ()
    assert await store.messages(SESSION, OWNER, None, 10) == Page((), None)


async def test_a_repeated_key_creates_nothing_and_returns_the_first_answer(store: Store) -> None:
    key = IdempotencyKey("k1", "hash")
    assert await store.create_session("ses_1", OWNER, "Shop", at(), key) == Claimed(None)
    assert await store.create_session("ses_2", OWNER, "Shop", at(1), key) == Claimed({"session_id": "ses_1"})
    assert await store.list_sessions(OWNER, None, 10) == Page((an_empty_head("ses_1", at()),), None)


async def test_a_key_with_another_body_is_refused_and_creates_nothing(store: Store) -> None:
    await store.create_session("ses_1", OWNER, "Shop", at(), IdempotencyKey("k1", "hash"))
    with pytest.raises(KeyReused):
        await store.create_session("ses_2", OWNER, "Bank", at(1), IdempotencyKey("k1", "other hash"))
    assert await store.list_sessions(OWNER, None, 10) == Page((an_empty_head("ses_1", at()),), None)


async def test_a_key_belongs_to_its_owner(store: Store) -> None:
    key = IdempotencyKey("k1", "hash")
    await store.create_session("ses_1", OWNER, "Shop", at(), key)
    assert await store.create_session("ses_2", STRANGER, "Bank", at(), key) == Claimed(None)
    assert (await store.head("ses_2", STRANGER)).title == "Bank"


async def test_a_key_is_kept_for_24_hours_and_no_longer(store: Store) -> None:
    key = IdempotencyKey("k1", "hash")
    await store.create_session("ses_1", OWNER, "Shop", at(), key)
    assert await store.create_session("ses_2", OWNER, "Shop", at(DAY_S - 1), key) == Claimed({"session_id": "ses_1"})
    assert await store.create_session("ses_2", OWNER, "Shop", at(DAY_S + 1), key) == Claimed(None)
    assert await store.create_session("ses_3", OWNER, "Shop", at(DAY_S + 2), key) == Claimed({"session_id": "ses_2"})


async def test_sessions_are_listed_newest_first_page_by_page(store: Store) -> None:
    heads = [an_empty_head(f"ses_{n}", at(n), f"Session {n}") for n in range(5)]
    for head in (heads[2], heads[0], heads[4], heads[1], heads[3]):
        await store.create_session(head.id, OWNER, head.title, head.created_at)
    first = await store.list_sessions(OWNER, None, 2)
    second = await store.list_sessions(OWNER, first.next_cursor, 2)
    third = await store.list_sessions(OWNER, second.next_cursor, 2)
    assert first.items == (heads[4], heads[3])
    assert second.items == (heads[2], heads[1])
    assert third == Page((heads[0],), None)


async def test_sessions_of_one_moment_are_each_listed_once(store: Store) -> None:
    for n in range(4):
        await store.create_session(f"ses_{n}", OWNER, "Shop", at())
    first = await store.list_sessions(OWNER, None, 3)
    second = await store.list_sessions(OWNER, first.next_cursor, 3)
    assert [head.id for head in (*first.items, *second.items)] == ["ses_3", "ses_2", "ses_1", "ses_0"]


async def test_a_page_that_holds_the_last_session_has_no_next(store: Store) -> None:
    for n in range(2):
        await store.create_session(f"ses_{n}", OWNER, "Shop", at(n))
    assert (await store.list_sessions(OWNER, None, 2)).next_cursor is None


async def test_a_list_shows_only_the_callers_sessions(store: Store) -> None:
    await store.create_session("ses_1", OWNER, "Shop", at())
    await store.create_session("ses_2", STRANGER, "Bank", at())
    assert [head.id for head in (await store.list_sessions(STRANGER, None, 10)).items] == ["ses_2"]
    assert await store.list_sessions("nobody", None, 10) == Page((), None)


@pytest.mark.parametrize("cursor", ["", "x", "ses_1", "🙂", "\x00", "WyJzZXNzaW9ucyJd", "a" * 5_000])
async def test_a_cursor_that_is_not_ours_is_refused(store: Store, session: str, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        await store.list_sessions(OWNER, cursor, 2)
    with pytest.raises(InvalidRequest):
        await store.messages(session, OWNER, cursor, 2)


async def test_a_tampered_cursor_is_refused(store: Store) -> None:
    for n in range(3):
        await store.create_session(f"ses_{n}", OWNER, "Shop", at(n))
    cursor = (await store.list_sessions(OWNER, None, 1)).next_cursor
    assert cursor is not None
    middle = len(cursor) // 2
    for wrong in (cursor[:-2], cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]):
        with pytest.raises(InvalidRequest):
            await store.list_sessions(OWNER, wrong, 1)


async def test_a_cursor_of_another_list_is_refused(store: Store, session: str) -> None:
    for n in range(2):
        await store.add_message(session, OWNER, a_message(f"msg_{n}"))
    cursor = (await store.messages(session, OWNER, None, 1)).next_cursor
    with pytest.raises(InvalidRequest):
        await store.list_sessions(OWNER, cursor, 1)


async def test_a_deleted_session_is_gone_with_all_that_belonged_to_it(store: Store, session: str) -> None:
    change = a_change(1, job_id="job_1")
    await store.append(session, OWNER, change, a_marker(change))
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim(job.id, "w1", epoch(), epoch(60))
    fence = Fence(job_id=job.id, number=claimed.fence)
    await store.save_turn(fence, a_turn(1))
    await store.put_checkpoint(job.id, Checkpoint("", "c1", None, b"state"), fence)
    await store.put_writes(job.id, "", "c1", [PendingWrite("t1", 0, b"write")], fence)
    await store.delete_session(session, OWNER)

    assert await store.list_sessions(OWNER, None, 10) == Page((), None)
    for call in (
        store.head(session, OWNER),
        store.load(session, OWNER),
        store.changes(session, OWNER, 0),
        store.marker(session, OWNER, change.change_id),
        store.messages(session, OWNER, None, 10),
        store.delete_session(session, OWNER),
    ):
        with pytest.raises(UnknownSession):
            await call
    with pytest.raises(UnknownJob):
        await store.job(job.id)
    assert await store.turns(job.id) == ()
    assert await store.checkpoints(job.id) == ()
    assert await store.unfinished(epoch(1_000)) == ()


async def test_the_jobs_of_a_deleted_session_can_write_nothing(store: Store, session: str) -> None:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim(job.id, "w1", epoch(), epoch(60))
    fence = Fence(job_id=job.id, number=claimed.fence)
    await store.delete_session(session, OWNER)
    change = a_change(1)
    for write in (
        store.append(session, OWNER, change, a_marker(change), fence),
        store.remember(session, OWNER, a_marker(change), fence),
        store.add_message(session, OWNER, a_message(), fence),
    ):
        with pytest.raises(UnknownSession):
            await write
    for write_of_job in (
        store.renew(fence, epoch(1), epoch(61)),
        store.save_turn(fence, a_turn(1)),
        store.set_progress(fence, Progress(), None),
        store.release(fence, epoch()),
        store.finish(fence, "succeeded", at(2)),
        store.put_checkpoint(job.id, Checkpoint("", "c1", None, b""), fence),
    ):
        with pytest.raises(LeaseLost):
            await write_of_job
    with pytest.raises(UnknownJob):
        await store.claim(job.id, "w2", epoch(100), epoch(160))


async def test_deleting_one_session_leaves_the_others(store: Store, session: str) -> None:
    await store.create_session("ses_2", OWNER, "Bank", at(1))
    change = a_change(1)
    await store.append("ses_2", OWNER, change, a_marker(change))
    await store.delete_session(session, OWNER)
    assert [head.id for head in (await store.list_sessions(OWNER, None, 10)).items] == ["ses_2"]
    assert await store.changes("ses_2", OWNER, 0) == (change,)


async def test_a_store_that_works_says_that_it_is_ready(store: Store) -> None:
    await store.ready()


async def test_being_ready_changes_nothing(store: Store, session: str) -> None:
    before = await store.load(session, OWNER)
    await store.ready()
    assert await store.load(session, OWNER) == before
