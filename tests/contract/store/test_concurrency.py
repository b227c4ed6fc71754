"""Many writers at once: nothing is lost, nothing happens twice, exactly one wins."""

import asyncio
from collections.abc import Sequence

from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.diagram.ops import Op, UpdateNode
from archwright.errors import JobEnded, LeaseLost, SessionBusy, VersionMoved
from archwright.jobs.model import Fence, Job
from archwright.store.ports import Claimed, IdempotencyKey, Marker, Store
from tests.builders import (
    OWNER,
    SESSION,
    a_change,
    a_job,
    a_marker,
    a_message,
    a_node,
    a_turn,
    adds,
    at,
    epoch,
    message_of,
)

WRITERS = 8
APPENDS = 200


async def commit(store: Store, change_id: str, ops: Sequence[Op]) -> int:
    """Append the ops on top of whatever is newest, however often it takes; returns the version."""
    while True:
        version = (await store.head(SESSION, OWNER)).version + 1
        change = a_change(version, ops, change_id=change_id)
        try:
            known = await store.append(SESSION, OWNER, change, a_marker(change))
        except VersionMoved:
            continue
        return version if known is None else known.version or 0


async def test_eight_writers_lose_nothing_and_leave_no_gap(store: Store, rival: Store, session: str) -> None:
    async def writer(number: int) -> list[int]:
        client = (store, rival)[number % 2]
        versions = [await commit(client, f"chg_{number}_0", adds(a_node(f"w{number}", label="0")))]
        for n in range(1, APPENDS):
            ops = [UpdateNode(id=f"w{number}", set={"label": f"{n}"}, before={"label": f"{n - 1}"})]
            versions.append(await commit(client, f"chg_{number}_{n}", ops))
        return versions

    told = await asyncio.gather(*(writer(number) for number in range(WRITERS)))
    total = WRITERS * APPENDS
    assert sorted(version for versions in told for version in versions) == list(range(1, total + 1))
    changes = await store.changes(session, OWNER, 0)
    assert [change.version for change in changes] == list(range(1, total + 1))
    for number, versions in enumerate(told):
        assert [changes[v - 1].change_id for v in versions] == [f"chg_{number}_{n}" for n in range(APPENDS)]
    head, diagram = await store.load(session, OWNER)
    assert diagram == fold(Diagram(title="Shop"), (op for change in changes for op in change.ops))
    assert {node.label for node in diagram.nodes.values()} == {f"{APPENDS - 1}"}
    assert (head.version, head.node_count) == (total, WRITERS)


async def test_a_reader_sees_each_version_whole_while_others_write(store: Store, rival: Store, session: str) -> None:
    written = asyncio.Event()

    async def writer() -> None:
        for n in range(40):
            await commit(rival, f"chg_{n}", adds(a_node(f"a{n}"), a_node(f"b{n}")))
        written.set()

    async def reader() -> int:
        seen = 0
        while not written.is_set():
            head, diagram = await store.load(session, OWNER)
            assert (len(diagram.nodes), head.node_count) == (2 * head.version, 2 * head.version)
            assert head.version >= seen
            seen = head.version
        return seen

    await asyncio.gather(writer(), reader(), reader())
    assert (await store.head(session, OWNER)).version == 40


async def test_one_change_from_many_writers_is_written_once(store: Store, rival: Store, session: str) -> None:
    for version in range(1, 11):
        change = a_change(version)
        outcomes = await asyncio.gather(
            *(client.append(session, OWNER, change, a_marker(change)) for client in (store, rival) * 3)
        )
        assert sorted(outcomes, key=bool) == [None, *[a_marker(change)] * 5]
    assert await store.changes(session, OWNER, 0) == tuple(a_change(version) for version in range(1, 11))


async def test_one_remembered_result_from_many_writers_is_stored_once(store: Store, rival: Store, session: str) -> None:
    markers = [Marker("toolu_1", None, None, {"writer": n}) for n in range(6)]
    clients = (store, rival) * 3
    outcomes = await asyncio.gather(
        *(client.remember(session, OWNER, marker) for client, marker in zip(clients, markers, strict=True))
    )
    winner = markers[outcomes.index(None)]
    assert [outcome for outcome in outcomes if outcome is not None] == [winner] * 5
    assert await store.marker(session, OWNER, "toolu_1") == winner


async def claim_or_none(store: Store, holder: str, now: float) -> Job | None:
    try:
        return await store.claim("job_1", holder, now, now + 60)
    except LeaseLost:
        return None


async def test_of_many_claimers_exactly_one_gets_the_lease(store: Store, rival: Store, session: str) -> None:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    for attempt in range(1, 6):
        now = epoch(100 * attempt)
        clients = (store, rival) * 4
        claims = await asyncio.gather(*(claim_or_none(c, f"w{n}", now) for n, c in enumerate(clients)))
        winners = [claimed for claimed in claims if claimed is not None]
        assert [winner.fence for winner in winners] == [attempt]
        assert await store.job("job_1") == winners[0]


async def test_of_many_ends_exactly_one_counts(store: Store, rival: Store, session: str) -> None:
    for job_id in ("job_1", "job_2", "job_3"):
        job = a_job(job_id)
        await store.submit_job(job, message_of(job), "enqueue")
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    fence = Fence(job_id="job_1", number=claimed.fence)
    outcomes = await asyncio.gather(
        *(client.finish(fence, "succeeded", at(1)) for client in (store, rival) * 3), return_exceptions=True
    )
    assert [outcome for outcome in outcomes if not isinstance(outcome, LeaseLost)] == ["job_2"]
    assert (await store.head(session, OWNER)).active_job == "job_2"


async def test_of_many_submissions_one_gets_the_session(store: Store, rival: Store, session: str) -> None:
    jobs = [a_job(f"job_{n}") for n in range(8)]
    clients = (store, rival) * 4
    outcomes = await asyncio.gather(
        *(client.submit_job(job, message_of(job), "reject") for client, job in zip(clients, jobs, strict=True)),
        return_exceptions=True,
    )
    accepted = [job.id for job, outcome in zip(jobs, outcomes, strict=True) if outcome == Claimed(None)]
    assert len(accepted) == 1
    assert sum(isinstance(outcome, SessionBusy) for outcome in outcomes) == 7
    assert (await store.head(session, OWNER)).active_job == accepted[0]


async def test_jobs_that_queue_up_at_once_each_get_their_turn(store: Store, rival: Store, session: str) -> None:
    jobs = [a_job(f"job_{n}") for n in range(8)]
    clients = (store, rival) * 4
    await asyncio.gather(
        *(client.submit_job(job, message_of(job), "enqueue") for client, job in zip(clients, jobs, strict=True))
    )
    order: list[str] = []
    following = (await store.head(session, OWNER)).active_job
    while following is not None:
        order.append(following)
        claimed = await store.claim(following, "w1", epoch(), epoch(60))
        following = await store.finish(Fence(job_id=claimed.id, number=claimed.fence), "succeeded", at(1))
    assert sorted(order) == [job.id for job in jobs]


async def test_one_key_from_many_callers_makes_one_job(store: Store, rival: Store) -> None:
    key = IdempotencyKey("k1", "hash")
    jobs = [a_job(f"job_{n}", session_id=f"ses_{n}") for n in range(6)]
    clients = (store, rival) * 3
    claims = await asyncio.gather(
        *(
            client.submit_job(job, message_of(job), "reject", key, "Shop")
            for client, job in zip(clients, jobs, strict=True)
        )
    )
    winner = jobs[claims.index(Claimed(None))]
    answer = {"session_id": winner.session_id, "job_id": winner.id, "message_id": winner.message_id}
    assert [claim for claim in claims if claim.answer is not None] == [Claimed(answer)] * 5
    assert [head.id for head in (await store.list_sessions(OWNER, None, 10)).items] == [winner.session_id]


async def test_one_turn_from_many_calls_is_paid_for_once(store: Store, rival: Store, session: str) -> None:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    fence = Fence(job_id="job_1", number=claimed.fence)
    after = await asyncio.gather(*(client.save_turn(fence, a_turn(1)) for client in (store, rival) * 3))
    assert after == [await store.job("job_1")] * 6
    assert (after[0].cost_usd, after[0].usage.model_calls) == (0.25, 1)


async def test_a_cancel_and_an_end_at_once_leave_the_job_ended(store: Store, rival: Store, session: str) -> None:
    for n in range(8):
        job = a_job(f"job_{n}")
        await store.submit_job(job, message_of(job), "reject")
        claimed = await store.claim(job.id, "w1", epoch(), epoch(60))
        fence = Fence(job_id=job.id, number=claimed.fence)
        _, refused = await asyncio.gather(
            store.finish(fence, "succeeded", at(1)), rival.cancel(job.id, OWNER, at(1)), return_exceptions=True
        )
        assert refused is None or isinstance(refused, Job | JobEnded)
        assert (await store.job(job.id)).status == "succeeded"
        assert (await store.head(session, OWNER)).active_job is None


async def test_messages_sent_at_once_are_all_stored(store: Store, rival: Store, session: str) -> None:
    sent = [a_message(f"msg_{n:02}") for n in range(20)]
    clients = (store, rival) * 10
    await asyncio.gather(*(c.add_message(session, OWNER, m) for c, m in zip(clients, sent, strict=True)))
    assert await store.recent_messages(session, OWNER, 30) == tuple(sent)
