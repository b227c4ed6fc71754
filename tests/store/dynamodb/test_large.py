"""Changes that no transaction holds: made at one moment, written out afterwards, whole at every step of it."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest

from archwright.diagram.change import Change
from archwright.diagram.core import diff, fold, invert
from archwright.diagram.model import Diagram, Point
from archwright.diagram.ops import DeleteNode, SetSection, UpdateNode
from archwright.errors import UnknownSession, VersionMoved
from archwright.store.dynamodb import DynamoStore, commit
from archwright.store.dynamodb.table import Table
from archwright.store.ports import Store
from tests.aws import LostAnswer, faults
from tests.builders import OWNER, SESSION, a_change, a_marker, a_node, adds, an_edge
from tests.store.dynamodb.conftest import everything, sort_keys

NODES, EDGES = 150, 60
NOISE = random.Random(7)


class Died(Exception):
    """The process that sent the request is no more."""


class DiesAt:
    """A fault: the process dies at its n-th request, before it is sent or after it took effect."""

    def __init__(self, request: int, *, after: bool) -> None:
        self.left = request
        self._lost = LostAnswer() if after else None

    def __call__(self, request: Any) -> None:
        self.left -= 1
        if self.left == 0 and self._lost:
            try:
                self._lost(request)
            except Exception as error:
                raise Died from error
        if self.left <= 0:
            raise Died


def noise(length: int) -> str:
    """Text that does not shrink."""
    return NOISE.randbytes(length // 2).hex()


def a_large_change(version: int = 1) -> Change:
    nodes = [a_node(f"n{n}", description=noise(900)) for n in range(NODES)]
    edges = [an_edge(f"n{n}", f"n{n + 1}") for n in range(EDGES)]
    return a_change(version, adds(*nodes, *edges))


def ordered(diagram: Diagram) -> tuple[Any, ...]:
    return diagram, list(diagram.nodes), list(diagram.edges), list(diagram.sections)


async def folded(store: Store) -> Diagram:
    changes = await store.changes(SESSION, OWNER, 0)
    return fold(Diagram(title="Shop"), (op for change in changes for op in change.ops))


async def check_whole(store: Store) -> int:
    """Check that what a reader gets is the log's fold at the head's version; return the version."""
    head, diagram = await store.load(SESSION, OWNER)
    assert ordered(diagram) == ordered(await folded(store))
    assert (head.node_count, head.edge_count) == (len(diagram.nodes), len(diagram.edges))
    changes = await store.changes(SESSION, OWNER, 0)
    assert [change.version for change in changes] == list(range(1, head.version + 1))
    return head.version


def pending(table: Table) -> Iterator[int]:
    return (int(item["pending"]["N"]) for item in everything(table) if "pending" in item)


REQUESTS = 6  # a part of the change, the commit, three batches of elements, and the end


@pytest.mark.parametrize("after", [False, True], ids=["before it is sent", "after it took effect"])
@pytest.mark.parametrize("request_number", range(1, REQUESTS + 1))
async def test_a_process_that_dies_at_any_request_leaves_a_whole_session(
    store: DynamoStore, rival: DynamoStore, session: str, table: Table, client: Any, request_number: int, after: bool
) -> None:
    change = a_large_change()
    with faults(client, DiesAt(request_number, after=after)), pytest.raises(Died):
        await store.append(session, OWNER, change, a_marker(change))
    committed = request_number > 2 or (request_number == 2 and after)
    assert await check_whole(rival) == (1 if committed else 0)
    assert list(pending(table)) == ([1] if committed and not (request_number == REQUESTS and after) else [])

    again = await rival.append(session, OWNER, change, a_marker(change))
    assert again == (a_marker(change) if committed else None)
    edit = a_change(2, [UpdateNode(id="n7", set={"label": "Seven"}, before={"label": "N7"})])
    assert await rival.append(session, OWNER, edit, a_marker(edit)) is None
    assert await check_whole(rival) == 2
    assert list(pending(table)) == []
    assert await check_whole(store) == 2


async def test_a_large_change_takes_the_requests_that_the_test_above_counts(
    store: DynamoStore, session: str, client: Any
) -> None:
    counter = DiesAt(1_000, after=False)
    with faults(client, counter):
        await store.append(session, OWNER, a_large_change(), a_marker(a_large_change()))
    assert 1_000 - counter.left == REQUESTS


async def leave_pending(store: DynamoStore, client: Any, change: Change) -> None:
    """Commit a large change in a process that dies before it writes an element."""
    with faults(client, DiesAt(3, after=False)), pytest.raises(Died):
        await store.append(SESSION, OWNER, change, a_marker(change))


async def test_a_reader_sees_a_pending_change_whole_and_writes_nothing(
    store: DynamoStore, rival: DynamoStore, session: str, client: Any, table: Table
) -> None:
    await leave_pending(store, client, a_large_change())
    before = everything(table)
    assert await check_whole(rival) == 1
    assert everything(table) == before


async def test_every_kind_of_large_change_is_finished_by_the_next_writer(
    store: DynamoStore, rival: DynamoStore, session: str, client: Any
) -> None:
    first = a_large_change()
    await store.append(session, OWNER, first, a_marker(first))
    full = await folded(store)
    moved = full.replace(nodes={k: n.model_copy(update={"position": Point(x=5, y=6)}) for k, n in full.nodes.items()})
    version = 1
    for ops in (diff(full, moved), invert(diff(full, moved)), invert(first.ops), first.ops):
        change = a_change(version + 1, ops)
        await leave_pending(store, client, change)
        assert await check_whole(rival) == version + 1
        small = a_change(version + 2, adds(a_node(f"extra-{version}")))
        assert await rival.append(session, OWNER, small, a_marker(small)) is None
        version = await check_whole(rival)
    assert version == 9


async def test_many_who_find_a_pending_change_finish_it_once(
    store: DynamoStore, rival: DynamoStore, session: str, client: Any, table: Table
) -> None:
    await leave_pending(store, client, a_large_change())
    edits = [a_change(2, adds(a_node(f"m{n}")), change_id=f"chg_m{n}") for n in range(6)]
    outcomes = await asyncio.gather(
        *(c.append(session, OWNER, e, a_marker(e)) for c, e in zip((store, rival) * 3, edits, strict=True)),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, VersionMoved) for outcome in outcomes) == 5
    assert await check_whole(store) == 2
    assert list(pending(table)) == []


async def test_one_who_wakes_up_late_writes_nothing_of_a_change_that_others_finished(
    store: DynamoStore, session: str, client: Any, table: Table
) -> None:
    first = a_large_change()
    await leave_pending(store, client, first)
    node = (await folded(store)).nodes["n7"]
    deletion = a_change(2, [DeleteNode(id="n7", before=node), *invert(first.ops[-1:])])
    await store.append(session, OWNER, deletion, a_marker(deletion))
    before = everything(table)
    commit.roll_forward(table, session, 1)
    assert everything(table) == before
    assert await check_whole(store) == 2


async def test_small_changes_of_others_go_on_beside_large_ones(
    store: DynamoStore, rival: DynamoStore, session: str
) -> None:
    async def append(client: Store, name: str, ops: Any) -> None:
        while True:
            version = (await client.head(session, OWNER)).version + 1
            change = a_change(version, ops, change_id=name)
            try:
                await client.append(session, OWNER, change, a_marker(change))
                return
            except VersionMoved:
                continue

    async def reader() -> None:
        while await check_whole_now() < 9:
            await asyncio.sleep(0)

    async def check_whole_now() -> int:
        head, diagram = await rival.load(session, OWNER)
        assert (head.node_count, head.edge_count) == (len(diagram.nodes), len(diagram.edges))
        return head.version

    large = [adds(*(a_node(f"l{batch}-{n}") for n in range(120))) for batch in range(3)]
    small = [adds(a_node(f"s{n}")) for n in range(6)]
    await asyncio.gather(
        reader(),
        *(append(store, f"large_{n}", ops) for n, ops in enumerate(large)),
        *(append(rival, f"small_{n}", ops) for n, ops in enumerate(small)),
    )
    assert await check_whole(store) == 9


async def test_a_change_of_many_bytes_is_large_however_few_its_elements(
    store: DynamoStore, session: str, table: Table
) -> None:
    sections = [
        SetSection(slug=f"s{n}", title="S", body=noise(48_000), position=n, before=None) for n in range(95)
    ]  # 4.5 MB, of which half remains when compressed
    nodes = adds(*(a_node(f"n{n}", properties={"blob": noise(60_000)}) for n in range(60)))
    for version, ops in enumerate((sections, nodes), start=1):
        change = a_change(version, ops)
        assert await store.append(session, OWNER, change, a_marker(change)) is None
        assert await check_whole(store) == version
    assert list(pending(table)) == []


async def test_a_lost_race_leaves_no_parts_of_its_change(store: DynamoStore, session: str, table: Table) -> None:
    await store.append(session, OWNER, a_change(1), a_marker(a_change(1)))
    late = a_large_change().model_copy(update={"change_id": "late"})
    with pytest.raises(VersionMoved):
        await store.append(session, OWNER, late, a_marker(late))
    assert sort_keys(table, "PART#") == []


async def test_a_repeat_of_a_large_change_leaves_its_parts(store: DynamoStore, session: str) -> None:
    change = a_large_change()
    await store.append(session, OWNER, change, a_marker(change))
    assert await store.append(session, OWNER, change, a_marker(change)) == a_marker(change)
    assert await check_whole(store) == 1


async def test_a_session_with_a_pending_change_can_be_deleted(
    store: DynamoStore, rival: DynamoStore, session: str, client: Any, table: Table
) -> None:
    await leave_pending(store, client, a_large_change())
    await rival.delete_session(session, OWNER)
    commit.roll_forward(table, session, 1)
    assert everything(table) == []
    with pytest.raises(UnknownSession):
        await store.load(session, OWNER)
