"""A job that only reads its session runs beside the one that holds it."""

import pytest

from archwright.errors import Conflict, JobEnded, LeaseLost, UnknownJob, UnknownSession
from archwright.jobs.model import ExportOrder, Fence, Job
from archwright.store.ports import Store
from tests.builders import OWNER, SESSION, STRANGER, a_job, at, epoch, message_of, runnable


def an_export(job_id: str = "job_export", **fields: str) -> Job:
    return a_job(job_id, kind="export", order=ExportOrder(version=0, format="png"), **fields)


async def test_it_is_stored_queued_and_is_no_job_of_the_sessions_line(store: Store, session: str) -> None:
    await store.submit_aside(an_export())
    head = await store.head(session, OWNER)
    assert (head.active_job, head.last_job) == (None, None)
    assert await store.job("job_export", OWNER) == runnable(an_export())
    assert (await store.messages(session, OWNER, None, 10)).items == ()
    assert await store.unfinished(epoch()) == ("job_export",)


async def test_it_runs_while_another_job_holds_the_session_and_leaves_it_alone(store: Store, session: str) -> None:
    drawing = a_job("job_draw")
    await store.submit_job(drawing, message_of(drawing), "reject")
    await store.submit_aside(an_export())
    held = await store.claim("job_draw", "w1", epoch(), epoch(60))
    aside = await store.claim("job_export", "w2", epoch(), epoch(60))
    assert (aside.status, aside.fence) == ("running", 1)
    await store.release(Fence(job_id="job_export", number=1), epoch(1))
    aside = await store.claim("job_export", "w2", epoch(), epoch(60))
    assert await store.finish(Fence(job_id="job_export", number=aside.fence), "succeeded", at(2)) is None
    assert (await store.head(session, OWNER)).active_job == "job_draw"
    await store.renew(Fence(job_id="job_draw", number=held.fence), epoch(1), epoch(61))
    with pytest.raises(JobEnded):
        await store.claim("job_export", "w1", epoch(), epoch(60))


async def test_the_next_in_line_is_never_one_aside(store: Store, session: str) -> None:
    first, second = a_job("job_1"), a_job("job_2")
    await store.submit_job(first, message_of(first), "reject")
    await store.submit_aside(an_export())
    await store.submit_job(second, message_of(second), "enqueue")
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    assert await store.finish(Fence(job_id="job_1", number=claimed.fence), "succeeded", at(1)) == "job_2"
    assert (await store.head(session, OWNER)).active_job == "job_2"
    ended = await store.cancel("job_2", OWNER, at(2))
    assert (ended.status, (await store.head(session, OWNER)).active_job) == ("cancelled", None)


async def test_it_can_be_had_when_its_lease_has_run_out_and_is_cancelled_like_any_other(
    store: Store, session: str
) -> None:
    await store.submit_aside(an_export())
    await store.claim("job_export", "w1", epoch(), epoch(60))
    assert await store.unfinished(epoch(59)) == ()
    assert await store.unfinished(epoch(61)) == ("job_export",)
    assert await store.unfinished(epoch(1), dead=["w1"]) == ("job_export",)
    with pytest.raises(LeaseLost):
        await store.claim("job_export", "w2", epoch(59), epoch(99))
    assert (await store.cancel("job_export", OWNER, at(3))).cancel_requested
    queued = an_export("job_other")
    await store.submit_aside(queued)
    assert (await store.cancel("job_other", OWNER, at(3))).status == "cancelled"


async def test_it_needs_a_session_of_its_owners_and_goes_with_it(store: Store, session: str) -> None:
    with pytest.raises(UnknownSession):
        await store.submit_aside(an_export(owner=STRANGER))
    with pytest.raises(UnknownSession):
        await store.submit_aside(an_export(session_id="ses_none"))
    await store.submit_aside(an_export())
    with pytest.raises(Conflict):
        await store.submit_aside(an_export())
    await store.delete_session(SESSION, OWNER)
    with pytest.raises((UnknownJob, LeaseLost)):
        await store.claim("job_export", "w1", epoch(), epoch(60))
