"""Running a job: the lease, the fence, the turns, the pauses and the end."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from archwright.errors import CancelRequested, JobEnded, LeaseLost, NotAwaiting, UnknownJob
from archwright.jobs.model import (
    Allowance,
    Attempted,
    Awaiting,
    Fence,
    Job,
    JobError,
    JobStatus,
    Lease,
    Progress,
    Resume,
    Route,
    ToolCall,
    Usage,
    Waiting,
)
from archwright.jobs.transitions import TAKEN_OVER
from archwright.store.ports import Checkpoint, PendingWrite, Store
from tests.builders import OWNER, SESSION, a_job, a_message, a_turn, at, epoch, message_of, runnable

Write = Callable[[Store, Fence], Coroutine[Any, Any, Any]]

WRITES_OF_A_HOLDER: dict[str, Write] = {
    "renew": lambda store, fence: store.renew(fence, epoch(1), epoch(61)),
    "save_turn": lambda store, fence: store.save_turn(fence, a_turn(2)),
    "settle_turn": lambda store, fence: store.settle_turn(fence, 1, ()),
    "add_usage": lambda store, fence: store.add_usage(fence, Usage(model_calls=1), 1.0),
    "set_progress": lambda store, fence: store.set_progress(fence, Progress(phase="late"), None),
    "assign": lambda store, fence: store.assign(fence, "edit", Route(model="m", reason="r"), ()),
    "release": lambda store, fence: store.release(fence, epoch(1)),
    "wait_for_input": lambda store, fence: store.wait_for_input(fence, Awaiting(kind="question")),
    "finish": lambda store, fence: store.finish(fence, "failed", at(9)),
    "put_checkpoint": lambda store, fence: store.put_checkpoint("job_1", Checkpoint("", "c", None, b""), fence),
    "put_writes": lambda store, fence: store.put_writes("job_1", "", "c", [PendingWrite("t", 0, b"")], fence),
}
RESUMES = Progress(phase="resuming", message=TAKEN_OVER)
STOPPED_BY_CANCEL = ("save_turn", "set_progress", "assign", "wait_for_input")


@pytest.fixture
async def queued(store: Store, session: str) -> Job:
    """A job that waits for a worker."""
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    return runnable(job)


@pytest.fixture
async def running(store: Store, queued: Job) -> Job:
    """The job, claimed by w1 for a minute."""
    return await store.claim(queued.id, "w1", epoch(), epoch(60))


def fence_of(job: Job) -> Fence:
    return Fence(job_id=job.id, number=job.fence)


def changed(job: Job, **fields: Any) -> Job:
    """The job as it is after one stored change."""
    return job.model_copy(update={"rev": job.rev + 1, **fields})


async def everything(store: Store) -> tuple[Any, ...]:
    """All that a write of a job could change."""
    return (
        await store.load(SESSION, OWNER),
        await store.job("job_1"),
        await store.turns("job_1"),
        await store.checkpoints("job_1"),
        await store.recent_messages(SESSION, OWNER, 10),
    )


async def test_a_claim_takes_the_lease_and_the_next_fence(store: Store, queued: Job) -> None:
    claimed = await store.claim("job_1", "w1", epoch(5), epoch(65))
    assert claimed == changed(
        queued,
        status="running",
        fence=1,
        waiting=None,
        lease=Lease(holder="w1", until=epoch(65)),
        started_at=at(5),
    )
    assert await store.job("job_1") == claimed


async def test_a_lease_that_holds_is_not_to_be_had(store: Store, running: Job) -> None:
    for holder in ("w1", "w2"):
        with pytest.raises(LeaseLost):
            await store.claim("job_1", holder, epoch(59), epoch(119), dead=("w3",))
    assert await store.job("job_1") == running
    assert await store.unfinished(epoch(59), dead=("w3",)) == ()


async def test_an_expired_lease_goes_to_the_next_claimer(store: Store, running: Job) -> None:
    assert await store.unfinished(epoch(60)) == ("job_1",)
    claimed = await store.claim("job_1", "w2", epoch(60), epoch(120))
    lease = Lease(holder="w2", until=epoch(120))
    assert claimed == changed(running, fence=2, deaths=1, lease=lease, progress=RESUMES)
    assert await store.job("job_1") == claimed


async def test_the_lease_of_a_dead_holder_is_free_at_once(store: Store, running: Job) -> None:
    dead = ("w0", "w1")
    assert await store.unfinished(epoch(1), dead) == ("job_1",)
    claimed = await store.claim("job_1", "w2", epoch(1), epoch(61), dead)
    lease = Lease(holder="w2", until=epoch(61))
    assert claimed == changed(running, fence=2, deaths=1, lease=lease, progress=RESUMES)


async def test_only_the_active_job_can_be_claimed(store: Store, queued: Job) -> None:
    waiting = a_job("job_2")
    await store.submit_job(waiting, message_of(waiting), "enqueue")
    with pytest.raises(LeaseLost):
        await store.claim("job_2", "w1", epoch(), epoch(60))
    assert await store.job("job_2") == waiting


async def test_a_job_that_waits_for_a_person_cannot_be_claimed(store: Store, running: Job) -> None:
    await store.wait_for_input(fence_of(running), Awaiting(kind="question", question="Which?"))
    with pytest.raises(LeaseLost):
        await store.claim("job_1", "w2", epoch(999), epoch(1_059), dead=("w1",))
    assert await store.unfinished(epoch(999), ("w1",)) == ()


async def test_a_job_that_ended_cannot_be_claimed(store: Store, running: Job) -> None:
    await store.finish(fence_of(running), "succeeded", at(1))
    with pytest.raises(JobEnded):
        await store.claim("job_1", "w2", epoch(999), epoch(1_059))
    with pytest.raises(UnknownJob):
        await store.claim("job_9", "w2", epoch(), epoch(60))


async def test_unfinished_jobs_are_the_active_ones_that_nobody_runs(store: Store, running: Job) -> None:
    for n in range(2, 5):
        await store.create_session(f"ses_{n}", OWNER, "Shop", at())
        job = a_job(f"job_{n}", session_id=f"ses_{n}")
        await store.submit_job(job, message_of(job), "reject")
    await store.claim("job_3", "w2", epoch(), epoch(30))
    assert await store.unfinished(epoch(10)) == ("job_2", "job_4")
    assert await store.unfinished(epoch(40)) == ("job_2", "job_3", "job_4")
    assert await store.unfinished(epoch(40), ("w1",)) == ("job_1", "job_2", "job_3", "job_4")
    assert len(await store.unfinished(epoch(40), ("w1",), limit=2)) == 2


async def test_a_renewed_lease_lasts_longer(store: Store, running: Job) -> None:
    renewed = await store.renew(fence_of(running), epoch(15), epoch(75))
    assert renewed == changed(running, lease=Lease(holder="w1", until=epoch(75)))
    assert await store.job("job_1") == renewed
    with pytest.raises(LeaseLost):
        await store.claim("job_1", "w2", epoch(74), epoch(134))


async def test_a_renewal_brings_the_news_of_a_cancellation(store: Store, running: Job) -> None:
    await store.cancel("job_1", OWNER, at(1))
    assert (await store.renew(fence_of(running), epoch(15), epoch(75))).cancel_requested


@pytest.mark.parametrize("write", WRITES_OF_A_HOLDER)
async def test_a_holder_who_was_overtaken_writes_nothing(store: Store, running: Job, write: str) -> None:
    await store.save_turn(fence_of(running), a_turn(1))
    await store.claim("job_1", "w2", epoch(100), epoch(160))
    before = await everything(store)
    with pytest.raises(LeaseLost):
        await WRITES_OF_A_HOLDER[write](store, fence_of(running))
    assert await everything(store) == before


@pytest.mark.parametrize("write", WRITES_OF_A_HOLDER)
@pytest.mark.parametrize("ending", ["release", "wait_for_input", "finish"])
async def test_after_the_lease_was_given_up_its_fence_writes_nothing(
    store: Store, running: Job, write: str, ending: str
) -> None:
    await store.save_turn(fence_of(running), a_turn(1))
    await WRITES_OF_A_HOLDER[ending](store, fence_of(running))
    before = await everything(store)
    with pytest.raises(LeaseLost):
        await WRITES_OF_A_HOLDER[write](store, fence_of(running))
    assert await everything(store) == before


@pytest.mark.parametrize("write", STOPPED_BY_CANCEL)
async def test_a_cancelled_job_does_not_go_on(store: Store, running: Job, write: str) -> None:
    await store.save_turn(fence_of(running), a_turn(1))
    await store.cancel("job_1", OWNER, at(1))
    before = await everything(store)
    with pytest.raises(CancelRequested):
        await WRITES_OF_A_HOLDER[write](store, fence_of(running))
    assert await everything(store) == before


async def test_a_cancelled_job_still_accounts_for_what_it_used_and_ends(store: Store, running: Job) -> None:
    fence = fence_of(running)
    await store.save_turn(fence, a_turn(1))
    await store.cancel("job_1", OWNER, at(1))
    await store.settle_turn(fence, 1, ())
    await store.add_usage(fence, Usage(model_calls=1), 0.5)
    await store.finish(fence, "cancelled", at(2))
    ended = await store.job("job_1")
    assert (ended.status, ended.usage.model_calls, ended.cost_usd) == ("cancelled", 2, 0.75)


async def test_a_saved_turn_counts_once(store: Store, running: Job) -> None:
    fence = fence_of(running)
    usage = Usage(model_calls=1, input_tokens=100, output_tokens=10)
    after = await store.save_turn(fence, a_turn(1))
    assert after == changed(running, turn=1, usage=usage, cost_usd=0.25)
    assert await store.save_turn(fence, a_turn(1, reply=[{"type": "text", "text": "other"}], cost_usd=9)) == after
    assert await store.job("job_1") == after
    assert await store.turns("job_1") == (a_turn(1),)


async def test_turns_add_up_in_their_order(store: Store, running: Job) -> None:
    for number in range(1, 13):
        await store.save_turn(fence_of(running), a_turn(number))
    job = await store.job("job_1")
    usage = Usage(model_calls=12, input_tokens=1_200, output_tokens=120)
    assert (job.turn, job.usage, job.cost_usd) == (12, usage, 3.0)
    assert await store.turns("job_1") == tuple(a_turn(number) for number in range(1, 13))


async def test_a_turn_comes_back_word_for_word(store: Store, running: Job) -> None:
    odd = {
        "nul": "\x00",
        "half": "\ud83d",
        "emoji": "\U0001f6d2",
        "": "",
        "big": 2**70,
        "small": 1e-9,
        "sum": 0.1 + 0.2,
    }
    nested = {"none": None, "yes": True, "list": [[], {}, [1, 1.0, "1"]], "long": "é" * 200_000}
    turn = a_turn(
        1,
        reply=[{"type": "tool_use", "id": "toolu_1", "name": "add_node", "input": {**odd, **nested}}],
        request={"messages": [], "odd": odd},
        errors=(Attempted(type="overloaded", detail="busy \x00", ms=1.25),),
        plan={"nodes": {"api": {"x": 1.5, "y": -2}}},
        first_token_ms=None,
        message_id="msg_abc",
        retries=1,
    )
    await store.save_turn(fence_of(running), turn)
    assert await store.turns("job_1") == (turn,)


async def test_the_outcomes_of_tool_calls_are_recorded_on_their_turn(store: Store, running: Job) -> None:
    fence = fence_of(running)
    await store.save_turn(fence, a_turn(1))
    await store.save_turn(fence, a_turn(2))
    calls = (
        ToolCall(id="toolu_1", name="add_node", input={"id": "api"}, result="done", change_id="c", version=1, ms=0.5),
        ToolCall(id="toolu_2", name="add_node", input={}, result="no label", is_error=True),
    )
    await store.settle_turn(fence, 1, calls)
    await store.settle_turn(fence, 1, calls)
    assert await store.turns("job_1") == (a_turn(1, tool_calls=calls), a_turn(2))


async def test_a_failed_model_call_is_paid_for_without_a_turn(store: Store, running: Job) -> None:
    await store.add_usage(fence_of(running), Usage(model_calls=1, input_tokens=7), 0.125)
    after = changed(running, usage=Usage(model_calls=1, input_tokens=7), cost_usd=0.125)
    assert await store.job("job_1") == after


async def test_progress_and_preview_are_shown_until_replaced(store: Store, running: Job) -> None:
    progress = Progress(phase="drawing", message="Drawing", tool_calls=2, nodes=1, steps=[{"name": "add_node"}])
    preview = {"turn": 1, "nodes": [{"id": "api", "label": "\ud83d\x00"}], "edges": [], "sections": []}
    await store.set_progress(fence_of(running), progress, preview)
    shown = changed(running, progress=progress, preview=preview)
    assert await store.job("job_1") == shown
    await store.set_progress(fence_of(running), Progress(), None)
    assert await store.job("job_1") == changed(shown, progress=Progress(), preview=None)


async def test_a_job_becomes_work_of_another_kind_for_another_model(store: Store, running: Job) -> None:
    route = Route(model="claude-haiku-5-5", reason="It asks.", named=True)
    assigned = await store.assign(fence_of(running), "document", route, ("summary",))
    expected = changed(running, kind="document", model="claude-haiku-5-5", route=route, sections=("summary",))
    assert assigned == await store.job("job_1") == expected


async def test_a_released_job_is_queued_again_and_that_is_no_death(store: Store, running: Job) -> None:
    await store.release(fence_of(running), epoch(1))
    released = changed(running, status="queued", lease=None, handovers=1, waiting=Waiting(since=epoch(1)))
    assert await store.job("job_1") == released
    assert await store.unfinished(epoch(1)) == ("job_1",)
    claimed = await store.claim("job_1", "w2", epoch(9), epoch(69))
    lease = Lease(holder="w2", until=epoch(69))
    assert claimed == changed(released, status="running", fence=2, waiting=None, lease=lease)


async def test_a_saved_turn_forgets_deaths_and_handovers(store: Store, running: Job) -> None:
    await store.release(fence_of(running), epoch(1))
    await store.claim("job_1", "w2", epoch(2), epoch(3), alone=True)
    claimed = await store.claim("job_1", "w3", epoch(4), epoch(64), alone=True)
    assert (claimed.handovers, claimed.deaths, claimed.lone_deaths, claimed.alone) == (1, 1, 1, True)
    saved = await store.save_turn(fence_of(claimed), a_turn(1))
    assert (saved.handovers, saved.deaths, saved.lone_deaths, saved.alone) == (0, 0, 0, False)


async def test_a_paused_job_waits_and_goes_on_with_the_answer(store: Store, running: Job) -> None:
    fence = fence_of(running)
    await store.set_progress(fence, Progress(phase="drawing"), {"turn": 1, "nodes": []})
    awaiting = Awaiting(kind="question", question="Which cloud?", options=["AWS", "none"])
    before = await store.job("job_1")
    await store.wait_for_input(fence, awaiting)
    waiting = changed(before, status="awaiting_input", lease=None, preview=None, awaiting=awaiting)
    assert await store.job("job_1") == waiting
    answer = Resume(answer="AWS")
    resumed = await store.resume("job_1", OWNER, answer, epoch(5))
    assert resumed == changed(waiting, status="queued", awaiting=None, resume=answer, waiting=Waiting(since=epoch(5)))
    assert await store.job("job_1") == resumed
    assert await store.unfinished(epoch(1)) == ("job_1",)
    claimed = await store.claim("job_1", "w2", epoch(9), epoch(69))
    assert claimed.resume == answer
    assert (await store.save_turn(fence_of(claimed), a_turn(1))).resume is None


async def test_an_answer_may_come_with_another_allowance(store: Store, running: Job) -> None:
    await store.wait_for_input(fence_of(running), Awaiting(kind="question", question="Which cloud?"))
    allowance = Allowance(tokens=70, cost_usd=0.5)
    resumed = await store.resume("job_1", OWNER, Resume(answer="AWS"), epoch(5), allowance)
    assert (resumed.allowance, (await store.job("job_1")).allowance) == (allowance, allowance)


async def test_an_answer_is_taken_only_by_a_job_that_waits_for_one(store: Store, queued: Job) -> None:
    with pytest.raises(NotAwaiting):
        await store.resume("job_1", OWNER, Resume(answer="AWS"), epoch(5))
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    with pytest.raises(NotAwaiting):
        await store.resume("job_1", OWNER, Resume(answer="AWS"), epoch(5))
    assert await store.job("job_1") == claimed
    await store.finish(fence_of(claimed), "succeeded", at(1))
    with pytest.raises(JobEnded):
        await store.resume("job_1", OWNER, Resume(answer="AWS"), epoch(5))
    with pytest.raises(UnknownJob):
        await store.resume("job_9", OWNER, Resume(answer="AWS"), epoch(5))


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled", "incomplete"])
async def test_a_job_ends_with_its_last_message_in_one_write(store: Store, running: Job, status: JobStatus) -> None:
    fence = fence_of(running)
    await store.set_progress(fence, Progress(phase="drawing"), {"turn": 1, "nodes": []})
    before = await store.job("job_1")
    error = JobError(type="model-refused", detail="wrong key") if status == "failed" else None
    last = a_message("msg_z", role="assistant", job_id="job_1")
    following = await store.finish(fence, status, at(9), error, Progress(phase="done"), last)
    assert following is None
    assert await store.job("job_1") == changed(
        before,
        status=status,
        lease=None,
        preview=None,
        finished_at=at(9),
        error=error,
        progress=Progress(phase="done"),
    )
    head = await store.head(SESSION, OWNER)
    assert (head.active_job, head.last_job) == (None, "job_1")
    assert await store.recent_messages(SESSION, OWNER, 10) == (message_of(a_job("job_1")), last)
    assert await store.unfinished(epoch(999), ("w1",)) == ()


async def test_a_job_that_ends_without_progress_keeps_the_last(store: Store, running: Job) -> None:
    await store.set_progress(fence_of(running), Progress(phase="drawing"), None)
    await store.finish(fence_of(running), "succeeded", at(9))
    assert (await store.job("job_1")).progress == Progress(phase="drawing")


async def test_a_job_that_ends_hands_the_session_to_the_next_in_line(store: Store, running: Job) -> None:
    following = a_job("job_2")
    await store.submit_job(following, message_of(following), "enqueue")
    assert await store.finish(fence_of(running), "succeeded", at(9)) == "job_2"
    assert (await store.head(SESSION, OWNER)).active_job == "job_2"
    assert (await store.claim("job_2", "w1", epoch(), epoch(60))).status == "running"


async def test_an_unknown_job_has_neither_state_nor_turns(store: Store) -> None:
    with pytest.raises(UnknownJob):
        await store.job("job_9")
    with pytest.raises(UnknownJob):
        await store.job("job_9", OWNER)
    assert await store.turns("job_9") == ()
