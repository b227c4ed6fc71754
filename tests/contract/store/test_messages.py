"""The conversation: each message once, oldest first."""

import pytest

from archwright.errors import LeaseLost, UnknownSession
from archwright.jobs.model import Fence
from archwright.store.ports import Page, Store
from tests.builders import OWNER, a_job, a_message, at, epoch, message_of


async def test_messages_come_back_oldest_first_page_by_page(store: Store, session: str) -> None:
    sent = tuple(a_message(f"msg_{n}", at=at(n)) for n in range(5))
    for message in sent:
        await store.add_message(session, OWNER, message)
    first = await store.messages(session, OWNER, None, 2)
    second = await store.messages(session, OWNER, first.next_cursor, 2)
    third = await store.messages(session, OWNER, second.next_cursor, 2)
    assert (first.items, second.items) == (sent[:2], sent[2:4])
    assert third == Page(sent[4:], None)
    assert await store.messages(session, OWNER, None, 5) == Page(sent, None)


async def test_a_message_is_stored_whole(store: Store, session: str) -> None:
    text = "Zürich → \U0001f6d2\n\x00\t\u2028" + "x" * 50_000
    message = a_message("msg_1", role="assistant", text=text, focus=("api", "db"), job_id="job_1", at=at(7))
    await store.add_message(session, OWNER, message)
    assert await store.messages(session, OWNER, None, 10) == Page((message,), None)


async def test_a_message_that_is_stored_already_is_left_as_it_is(store: Store, session: str) -> None:
    await store.add_message(session, OWNER, a_message("msg_1", text="first"))
    await store.add_message(session, OWNER, a_message("msg_1", text="second"))
    assert await store.messages(session, OWNER, None, 10) == Page((a_message("msg_1", text="first"),), None)


async def test_the_last_messages_are_read_oldest_first(store: Store, session: str) -> None:
    sent = tuple(a_message(f"msg_{n}") for n in range(5))
    for message in sent:
        await store.add_message(session, OWNER, message)
    assert await store.recent_messages(session, OWNER, 2) == sent[3:]
    assert await store.recent_messages(session, OWNER, 9) == sent


async def test_messages_belong_to_their_session(store: Store, session: str) -> None:
    await store.create_session("ses_2", OWNER, "Bank", at())
    await store.add_message(session, OWNER, a_message("msg_1"))
    assert await store.messages("ses_2", OWNER, None, 10) == Page((), None)
    assert await store.recent_messages("ses_2", OWNER, 10) == ()


async def test_a_session_that_does_not_exist_takes_no_message(store: Store) -> None:
    with pytest.raises(UnknownSession):
        await store.add_message("ses_9", OWNER, a_message())


async def test_only_the_holder_of_a_job_adds_messages_in_its_name(store: Store, session: str) -> None:
    job = a_job("job_1", message_id="msg_0")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    fence = Fence(job_id="job_1", number=claimed.fence)
    await store.add_message(session, OWNER, a_message("msg_1"), fence)
    await store.claim("job_1", "w2", epoch(100), epoch(160))
    with pytest.raises(LeaseLost):
        await store.add_message(session, OWNER, a_message("msg_2"), fence)
    assert await store.recent_messages(session, OWNER, 10) == (message_of(job), a_message("msg_1"))
