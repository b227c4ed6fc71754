"""What stands in the table: where, for how long, and in how many pieces when it is large."""

import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.diagram.ops import DeleteNode
from archwright.errors import LeaseLost, UnknownJob, UnknownSession
from archwright.jobs.model import Fence
from archwright.sessions.commit import change_result
from archwright.store.dynamodb import DynamoStore, keys, table_definition
from archwright.store.dynamodb.table import Table
from archwright.store.ports import Checkpoint, IdempotencyKey, Marker, PendingWrite
from tests.builders import (
    OWNER,
    SESSION,
    a_change,
    a_job,
    a_marker,
    a_node,
    a_turn,
    adds,
    an_edge,
    at,
    epoch,
    message_of,
)
from tests.store.dynamodb.conftest import everything

DAY_S = 24 * 3600
HOME = keys.key("SES#ses_1", "MSG#m")
NOISE = random.Random(11)


def noise(length: int) -> str:
    """Text that shrinks to half, of so many bytes when it is compressed."""
    return NOISE.randbytes(length).hex()


def size(item: dict[str, Any]) -> int:
    """About how many bytes an item is charged for."""
    return sum(len(name) + len(str(value)) for name, value in item.items())


def expiry(item: dict[str, Any]) -> int:
    return int(item["expires"]["N"]) - int(time.time())


async def a_holder(store: DynamoStore) -> Fence:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject", IdempotencyKey("k1", "hash"))
    return Fence(job_id="job_1", number=(await store.claim("job_1", "w1", epoch(), epoch(60))).fence)


async def test_each_thing_stands_in_its_place(store: DynamoStore, session: str, table: Table) -> None:
    fence = await a_holder(store)
    await store.save_turn(fence, a_turn(1))
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b"", (PendingWrite("t1", 0, b"w"),)), fence)
    change = a_change(1, adds(a_node("api"), a_node("db"), an_edge("api", "db")))
    await store.append(session, OWNER, change, a_marker(change), fence)
    await store.append(session, OWNER, a_change(2, [DeleteNode(id="db", before=a_node("db"))]), a_marker(a_change(2)))
    await store.ready()
    places = {(item["PK"]["S"], item["SK"]["S"]): item for item in everything(table)}
    assert set(places) == {
        ("SES#ses_1", "HEAD"),
        ("SES#ses_1", "CH#000000000001"),
        ("SES#ses_1", "CH#000000000002"),
        ("SES#ses_1", "EL#N#api"),
        ("SES#ses_1", "EL#N#db"),
        ("SES#ses_1", "EL#E#api--db"),
        ("SES#ses_1", "ID#chg_1"),
        ("SES#ses_1", "ID#chg_2"),
        ("SES#ses_1", "MSG#msg_job_1"),
        ("SES#ses_1", "JOB#job_1"),
        ("JOB#job_1", "META"),
        ("JOB#job_1", "TURN#000001"),
        ("JOB#job_1", "CP#c1##C"),
        ("JOB#job_1", "CP#c1##W#t1#0"),
        ("IDEM#ada", "k1"),
        ("READY", "READY"),
    }
    days = {place: round(expiry(item) / DAY_S) for place, item in places.items() if "expires" in item}
    assert days == {
        ("SES#ses_1", "ID#chg_1"): 30,
        ("SES#ses_1", "ID#chg_2"): 30,
        ("SES#ses_1", "EL#N#db"): 1,
        ("IDEM#ada", "k1"): 1,
    }


async def test_only_heads_and_jobs_that_somebody_should_run_are_in_the_index(
    store: DynamoStore, session: str, table: Table
) -> None:
    def indexed() -> list[tuple[str, str]]:
        return sorted((item["GSI1PK"]["S"], item["PK"]["S"]) for item in everything(table) if "GSI1PK" in item)

    head = ("USER#ada", "SES#ses_1")
    fence = await a_holder(store)
    waiting = a_job("job_2")
    await store.submit_job(waiting, message_of(waiting), "enqueue")
    assert indexed() == [("ACTIVE", "JOB#job_1"), head]
    await store.finish(fence, "succeeded", at(1))
    assert indexed() == [("ACTIVE", "JOB#job_2"), head]
    await store.cancel("job_2", OWNER, at(2))
    assert indexed() == [head]


async def test_the_table_forgets_what_has_expired(table: Table) -> None:
    told = table.client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert (told["TimeToLiveStatus"], told["AttributeName"]) == ("ENABLED", "expires")
    assert table_definition("x")["BillingMode"] == "PAY_PER_REQUEST"


async def test_a_marker_repeats_nothing_that_its_change_holds(store: DynamoStore, session: str, table: Table) -> None:
    change = a_change(1, adds(a_node("api", description=noise(1_500))))
    result = {"first": 1, **change_result(change), "last": [None, 2]}
    await store.append(session, OWNER, change, Marker("chg_1", 1, "hash", result))
    (stored,) = (item for item in everything(table) if item["SK"]["S"] == "ID#chg_1")
    assert size(stored) < 500
    found = await store.marker(session, OWNER, "chg_1")
    assert found == Marker("chg_1", 1, "hash", result)
    assert list(found.result) == list(result)


async def test_ids_of_callers_reach_nothing_beside_their_place(store: DynamoStore, session: str) -> None:
    change = a_change(1)
    await store.append(session, OWNER, change, a_marker(change))
    odd = ["", "#", "chg_1#", "%", "../HEAD", "a" * 5_000, "a" * 5_001, "é\x00\U0001f6d2", "~", "%~"]
    for change_id in odd:
        assert await store.marker(session, OWNER, change_id) is None
        await store.remember(session, OWNER, Marker(change_id, None, None, {"id": change_id}))
    for change_id in odd:
        assert await store.marker(session, OWNER, change_id) == Marker(change_id, None, None, {"id": change_id})
    for job_id in odd:
        with pytest.raises(UnknownJob):
            await store.job(job_id)
        with pytest.raises(UnknownSession):
            await store.head(job_id, OWNER)


@given(st.lists(st.text(st.characters(codec=None), max_size=300), min_size=2, max_size=2, unique=True))
def test_parts_of_keys_differ_when_their_texts_do(texts: list[str]) -> None:
    first, second = map(keys.part, texts)
    assert first != second
    assert "#" not in first + second
    assert len(first) <= 250


@given(st.lists(st.text("abcXYZ0189_-.", max_size=30), min_size=2, max_size=2))
def test_parts_of_keys_keep_the_order_of_ids(ids: list[str]) -> None:
    assert sorted(ids) == sorted(ids, key=keys.part)


async def test_a_list_of_many_sessions_is_read_whole(store: DynamoStore) -> None:
    for n in range(130):
        await store.create_session(f"ses_{n:03}", OWNER, "Shop", at(n))
    listed = (await store.list_sessions(OWNER, None, 120)).items
    assert [head.id for head in listed] == [f"ses_{n:03}" for n in range(129, 9, -1)]


async def test_a_job_with_many_pending_writes_keeps_them_all(store: DynamoStore, session: str) -> None:
    fence = await a_holder(store)
    writes = tuple(PendingWrite("t1", n, b"w" * n) for n in range(150))
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b"1", writes), fence)
    await store.put_checkpoint("job_1", Checkpoint("", "c0", None, b"0"), fence)
    await store.put_writes("job_1", "", "c2", writes, fence)
    found = await store.checkpoints("job_1")
    assert found == (Checkpoint("", "c1", None, b"1", writes), Checkpoint("", "c0", None, b"0"))


async def test_a_job_of_a_session_that_is_being_removed_cannot_be_had(
    store: DynamoStore, session: str, table: Table
) -> None:
    fence = await a_holder(store)
    head = keys.head(SESSION)
    table.client.update_item(
        TableName=table.name,
        Key=head,
        UpdateExpression="SET deleted = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )
    for call in (
        store.claim("job_1", "w2", epoch(100), epoch(160)),
        store.cancel("job_1", OWNER, at(1)),
        store.release(fence, epoch()),
        store.finish(fence, "succeeded", at(1)),
        store.append(session, OWNER, a_change(1), a_marker(a_change(1)), fence),
        store.head(session, OWNER),
    ):
        with pytest.raises((UnknownJob, UnknownSession, LeaseLost)):
            await call
