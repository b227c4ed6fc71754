"""Checkpoints: bytes in, bytes out, newest first, with the writes that are still pending."""

from archwright.jobs.model import Fence
from archwright.store.ports import Checkpoint, PendingWrite, Store
from tests.builders import a_job, epoch, message_of


async def a_holder(store: Store) -> Fence:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    return Fence(job_id="job_1", number=claimed.fence)


async def test_a_checkpoint_comes_back_as_it_was_put(store: Store, session: str) -> None:
    fence = await a_holder(store)
    checkpoint = Checkpoint("", "c1", None, bytes(range(256)) * 100)
    await store.put_checkpoint("job_1", checkpoint, fence)
    assert await store.checkpoints("job_1") == (checkpoint,)


async def test_a_checkpoint_may_be_larger_than_half_a_megabyte(store: Store, session: str) -> None:
    fence = await a_holder(store)
    body = b"".join(n.to_bytes(4, "big") for n in range(150_000))
    writes = (PendingWrite("t1", 0, body),)
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, body), fence)
    await store.put_writes("job_1", "", "c1", writes, fence)
    assert await store.checkpoints("job_1") == (Checkpoint("", "c1", None, body, writes),)


async def test_checkpoints_are_read_newest_first(store: Store, session: str) -> None:
    fence = await a_holder(store)
    c1, c2, c3 = Checkpoint("", "c1", None, b"1"), Checkpoint("", "c2", "c1", b"2"), Checkpoint("", "c3", "c2", b"3")
    for checkpoint in (c2, c1, c3):
        await store.put_checkpoint("job_1", checkpoint, fence)
    assert await store.checkpoints("job_1") == (c3, c2, c1)
    assert await store.checkpoints("job_1", limit=1) == (c3,)
    assert await store.checkpoints("job_1", before="c3") == (c2, c1)
    assert await store.checkpoints("job_1", before="c3", limit=1) == (c2,)
    assert await store.checkpoints("job_1", before="c1") == ()


async def test_namespaces_are_kept_apart(store: Store, session: str) -> None:
    fence = await a_holder(store)
    root, child = Checkpoint("", "c1", None, b"root"), Checkpoint("child:1", "c2", None, b"child")
    for checkpoint in (root, child):
        await store.put_checkpoint("job_1", checkpoint, fence)
    await store.put_writes("job_1", "child:1", "c2", [PendingWrite("t1", 0, b"w")], fence)
    assert await store.checkpoints("job_1", "") == (root,)
    assert await store.checkpoints("job_1", "child:1") == (
        Checkpoint("child:1", "c2", None, b"child", (PendingWrite("t1", 0, b"w"),)),
    )
    assert [found.id for found in await store.checkpoints("job_1")] == ["c2", "c1"]
    assert await store.checkpoints("job_1", "other") == ()


async def test_a_checkpoint_put_again_is_replaced_and_keeps_its_writes(store: Store, session: str) -> None:
    fence = await a_holder(store)
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b"old"), fence)
    await store.put_writes("job_1", "", "c1", [PendingWrite("t1", 0, b"w")], fence)
    await store.put_checkpoint("job_1", Checkpoint("", "c1", "c0", b"new"), fence)
    assert await store.checkpoints("job_1") == (Checkpoint("", "c1", "c0", b"new", (PendingWrite("t1", 0, b"w"),)),)


async def test_pending_writes_come_back_by_task_and_index(store: Store, session: str) -> None:
    fence = await a_holder(store)
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b""), fence)
    first = (PendingWrite("t1", 0, b"a"), PendingWrite("t1", 1, b"b"), PendingWrite("t1", 10, b"c"))
    second = (PendingWrite("t2", -1, b"special", "p1"), PendingWrite("t2", 0, b"", "p1"))
    await store.put_writes("job_1", "", "c1", second, fence)
    await store.put_writes("job_1", "", "c1", [first[2], first[0], first[1]], fence)
    assert await store.checkpoints("job_1") == (Checkpoint("", "c1", None, b"", (*first, *second)),)


async def test_a_write_put_again_is_stored_once_with_its_newest_value(store: Store, session: str) -> None:
    fence = await a_holder(store)
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b""), fence)
    await store.put_writes("job_1", "", "c1", [PendingWrite("t1", 0, b"old")], fence)
    await store.put_writes("job_1", "", "c1", [PendingWrite("t1", 0, b"new")], fence)
    assert await store.checkpoints("job_1") == (Checkpoint("", "c1", None, b"", (PendingWrite("t1", 0, b"new"),)),)


async def test_writes_may_come_before_their_checkpoint(store: Store, session: str) -> None:
    fence = await a_holder(store)
    await store.put_writes("job_1", "", "c1", [PendingWrite("t1", 0, b"w")], fence)
    assert await store.checkpoints("job_1") == ()
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b"state"), fence)
    assert await store.checkpoints("job_1") == (Checkpoint("", "c1", None, b"state", (PendingWrite("t1", 0, b"w"),)),)


async def test_a_checkpoint_without_a_fence_asks_for_no_lease(store: Store) -> None:
    checkpoint = Checkpoint("", "c1", None, b"state", (PendingWrite("t1", 0, b"w"),))
    await store.put_checkpoint("job_1", checkpoint)
    assert await store.checkpoints("job_1") == (checkpoint,)


async def test_dropped_checkpoints_are_gone_and_those_of_other_jobs_stay(store: Store) -> None:
    one, two = Checkpoint("", "c1", None, b"1"), Checkpoint("", "c1", None, b"2")
    await store.put_checkpoint("job_1", one)
    await store.put_writes("job_1", "", "c1", [PendingWrite("t1", 0, b"w")])
    await store.put_checkpoint("job_2", two)
    await store.drop_checkpoints("job_1")
    await store.drop_checkpoints("job_1")
    assert await store.checkpoints("job_1") == ()
    assert await store.checkpoints("job_2") == (two,)
    await store.put_checkpoint("job_1", one)
    assert await store.checkpoints("job_1") == (one,)
