"""Bodies of any size: short ones to be read, long ones compressed, very long ones in parts."""

import asyncio
import random

import pytest

from archwright.diagram.ops import UpdateNode
from archwright.jobs.model import Fence, Progress, ToolCall
from archwright.store.dynamodb import DynamoStore, keys
from archwright.store.dynamodb.bodies import INLINE_BYTES, PART_BYTES, READABLE_BYTES, pack, part_keys, unpack
from archwright.store.dynamodb.table import Table
from archwright.store.ports import Checkpoint, IdempotencyKey, Marker, PendingWrite
from tests.builders import (
    OWNER,
    a_change,
    a_job,
    a_marker,
    a_message,
    a_node,
    a_turn,
    adds,
    epoch,
    message_of,
)
from tests.store.dynamodb.conftest import sort_keys

HOME = keys.key("SES#ses_1", "MSG#m")
NOISE = random.Random(11)


def noise(length: int) -> str:
    """Text of so many bytes when it is compressed."""
    return NOISE.randbytes(length).hex()


async def a_holder(store: DynamoStore) -> Fence:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject", IdempotencyKey("k1", "hash"))
    return Fence(job_id="job_1", number=(await store.claim("job_1", "w1", epoch(), epoch(60))).fence)


BORDERS = [0, 1, READABLE_BYTES, READABLE_BYTES + 1, INLINE_BYTES - 50, INLINE_BYTES + 50, PART_BYTES - 50]


@pytest.mark.parametrize("length", [*BORDERS, PART_BYTES + 50, 3 * PART_BYTES + 50])
def test_a_body_of_any_size_is_unpacked_as_it_was(length: int) -> None:
    body = NOISE.randbytes(length)
    packed = pack(body, HOME)
    chunks = [part["body"]["B"] for part in packed.parts]
    assert unpack(packed.value, chunks) == body
    assert part_keys(packed.value, HOME) == tuple({"PK": p["PK"], "SK": p["SK"]} for p in packed.parts)
    assert all(len(chunk) <= PART_BYTES for chunk in chunks)
    assert bool(chunks) == (length > INLINE_BYTES)


def test_short_text_can_be_read_in_the_table() -> None:
    assert pack('{"a":1}', HOME).value == {"S": '{"a":1}'}
    assert set(pack("x" * 513, HOME).value) == {"B"}


@pytest.mark.parametrize("length", [INLINE_BYTES - 200, INLINE_BYTES, PART_BYTES, 400 * 1024, 2 * PART_BYTES + 9])
async def test_nothing_is_too_long_for_an_item(store: DynamoStore, session: str, table: Table, length: int) -> None:
    fence = await a_holder(store)
    message = a_message("msg_z", text=noise(length))
    turn = a_turn(1, reply=[{"type": "text", "text": noise(length)}])
    preview = {"turn": 1, "nodes": [{"id": noise(length)}]}
    checkpoint = Checkpoint("", "c1", None, NOISE.randbytes(length), (PendingWrite("t", 0, NOISE.randbytes(length)),))
    node = a_node("big", properties={"a": noise(length)})
    patch = UpdateNode(id="big", set={"properties": {"b": noise(length)}}, before={"properties": node.properties})
    marker = Marker("chg_2", 2, None, {"text": noise(length)})
    await store.add_message(session, OWNER, message)
    await store.save_turn(fence, turn)
    await store.set_progress(fence, Progress(), preview)
    await store.put_checkpoint("job_1", checkpoint, fence)
    await store.append(session, OWNER, a_change(1, adds(node)), a_marker(a_change(1)))
    await store.append(session, OWNER, a_change(2, [patch]), marker)

    assert (await store.recent_messages(session, OWNER, 1))[0] == message
    assert await store.turns("job_1") == (turn,)
    assert (await store.job("job_1")).preview == preview
    assert await store.checkpoints("job_1") == (checkpoint,)
    assert await store.marker(session, OWNER, "chg_2") == marker
    assert await store.changes(session, OWNER, 0) == (a_change(1, adds(node)), a_change(2, [patch]))
    _, diagram = await store.load(session, OWNER)
    assert diagram.nodes == {"big": node.model_copy(update={"properties": patch.set["properties"]})}
    await store.delete_session(session, OWNER)
    assert sort_keys(table) == ["k1"]


async def test_what_is_replaced_leaves_no_parts_behind(store: DynamoStore, session: str, table: Table) -> None:
    fence = await a_holder(store)
    await store.save_turn(fence, a_turn(1, reply=[{"type": "text", "text": noise(2 * PART_BYTES)}]))
    for _ in range(3):
        await store.set_progress(fence, Progress(), {"nodes": noise(2 * PART_BYTES)})
        await store.settle_turn(fence, 1, (ToolCall(id="t1", name="x", input={"a": noise(9)}),))
    assert len(sort_keys(table, "PART#META#")) == 3
    assert len(sort_keys(table, "PART#TURN#")) == 3
    await store.set_progress(fence, Progress(), None)
    assert sort_keys(table, "PART#META#") == []
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, NOISE.randbytes(2 * PART_BYTES)), fence)
    await store.drop_checkpoints("job_1")
    assert sort_keys(table, "PART#CP#") == sort_keys(table, "CP#") == []


async def test_a_body_that_is_replaced_while_it_is_read_is_read_again(store: DynamoStore, session: str) -> None:
    fence = await a_holder(store)

    async def writer() -> None:
        for n in range(15):
            await store.set_progress(fence, Progress(message=f"{n}"), {"n": n, "nodes": noise(PART_BYTES // 4)})

    async def reader() -> None:
        while True:
            shown = await store.job("job_1")
            if shown.preview is not None:
                assert shown.progress.message == f"{shown.preview['n']}"
            if shown.progress.message == "14":
                return

    await asyncio.gather(writer(), reader(), reader())


async def test_lists_longer_than_a_page_of_the_table_are_read_whole(store: DynamoStore, session: str) -> None:
    sent = [a_message(f"msg_{n:03}", text=noise(30_000)) for n in range(70)]
    for message in sent:
        await store.add_message(session, OWNER, message)
    nodes = [a_node(f"n{n}", description=noise(1_900)) for n in range(700)]
    changes = [a_change(v, adds(*nodes[100 * v - 100 : 100 * v]), job_id=f"job_{v % 2}") for v in range(1, 8)]
    for change in changes:
        await store.append(session, OWNER, change, Marker(change.change_id, change.version, None, {}))
    saved = [Checkpoint("", f"c{n:03}", None, NOISE.randbytes(40_000)) for n in range(60)]
    for checkpoint in saved:
        await store.put_checkpoint("job_1", checkpoint)

    assert (await store.messages(session, OWNER, None, 100)).items == tuple(sent)
    assert await store.recent_messages(session, OWNER, 60) == tuple(sent[10:])
    assert list((await store.load(session, OWNER))[1].nodes.values()) == nodes
    assert await store.changes(session, OWNER, 0) == tuple(changes)
    assert await store.changes_before(session, OWNER, 8, 100) == tuple(changes[::-1])
    assert await store.changes_of_job(session, OWNER, "job_1") == tuple(changes[::2])
    assert await store.checkpoints("job_1") == tuple(saved[::-1])
    assert await store.checkpoints("job_1", limit=2) == tuple(saved[:-3:-1])
