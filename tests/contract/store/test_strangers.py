"""A stranger sees nothing of another's session and changes nothing in it."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from archwright.errors import NotFound, UnknownJob, UnknownSession
from archwright.jobs.model import Fence, Resume
from archwright.store.ports import IdempotencyKey, Marker, Page, Store
from tests.builders import OWNER, SESSION, STRANGER, a_change, a_job, a_marker, a_message, at, epoch, message_of

Call = Callable[[Store], Coroutine[Any, Any, Any]]
LATE = a_change(2, change_id="late")
FOREIGN = a_job("job_2", owner=STRANGER)
FENCE = Fence(job_id="job_1", number=1)

CALLS: dict[str, tuple[type[NotFound], Call]] = {
    "head": (UnknownSession, lambda s: s.head(SESSION, STRANGER)),
    "load": (UnknownSession, lambda s: s.load(SESSION, STRANGER)),
    "delete_session": (UnknownSession, lambda s: s.delete_session(SESSION, STRANGER)),
    "append": (UnknownSession, lambda s: s.append(SESSION, STRANGER, LATE, a_marker(LATE))),
    "append with a fence": (UnknownSession, lambda s: s.append(SESSION, STRANGER, LATE, a_marker(LATE), FENCE)),
    "append a known change": (
        UnknownSession,
        lambda s: s.append(SESSION, STRANGER, a_change(1), a_marker(a_change(1))),
    ),
    "remember": (UnknownSession, lambda s: s.remember(SESSION, STRANGER, Marker("late", None, None, {}))),
    "marker": (UnknownSession, lambda s: s.marker(SESSION, STRANGER, "chg_1")),
    "changes": (UnknownSession, lambda s: s.changes(SESSION, STRANGER, 0)),
    "changes_before": (UnknownSession, lambda s: s.changes_before(SESSION, STRANGER, 9, 10)),
    "changes_of_job": (UnknownSession, lambda s: s.changes_of_job(SESSION, STRANGER, "job_1")),
    "add_message": (UnknownSession, lambda s: s.add_message(SESSION, STRANGER, a_message("msg_late"))),
    "messages": (UnknownSession, lambda s: s.messages(SESSION, STRANGER, None, 10)),
    "recent_messages": (UnknownSession, lambda s: s.recent_messages(SESSION, STRANGER, 10)),
    "submit_job": (UnknownSession, lambda s: s.submit_job(FOREIGN, message_of(FOREIGN), "enqueue")),
    "submit_job to interrupt": (UnknownSession, lambda s: s.submit_job(FOREIGN, message_of(FOREIGN), "interrupt")),
    "job": (UnknownJob, lambda s: s.job("job_1", STRANGER)),
    "resume": (UnknownJob, lambda s: s.resume("job_1", STRANGER, Resume(answer="yes"), epoch())),
    "cancel": (UnknownJob, lambda s: s.cancel("job_1", STRANGER, at(9))),
}


async def everything(store: Store) -> tuple[Any, ...]:
    return (
        await store.load(SESSION, OWNER),
        await store.job("job_1"),
        await store.changes(SESSION, OWNER, 0),
        await store.marker(SESSION, OWNER, "late"),
        await store.messages(SESSION, OWNER, None, 10),
        await store.list_sessions(OWNER, None, 10),
        await store.list_sessions(STRANGER, None, 10),
    )


@pytest.fixture
async def anothers(store: Store, session: str) -> None:
    """A session of OWNER's with a change and a running job."""
    await store.append(session, OWNER, a_change(1), a_marker(a_change(1)))
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    await store.claim("job_1", "w1", epoch(), epoch(60))


@pytest.mark.parametrize("name", CALLS)
async def test_a_stranger_is_told_that_there_is_nothing(store: Store, anothers: None, name: str) -> None:
    error, call = CALLS[name]
    before = await everything(store)
    with pytest.raises(error):
        await call(store)
    assert await everything(store) == before


@pytest.mark.parametrize("name", CALLS)
async def test_what_does_not_exist_is_told_in_the_same_way(store: Store, name: str) -> None:
    error, call = CALLS[name]
    with pytest.raises(error):
        await call(store)
    assert await store.list_sessions(OWNER, None, 10) == Page((), None)


async def test_a_strangers_key_opens_nothing(store: Store, anothers: None) -> None:
    key = IdempotencyKey("k1", "hash")
    await store.create_session("ses_2", OWNER, "Mine", at(), key)
    assert (await store.create_session("ses_3", STRANGER, "Theirs", at(), key)).answer is None
