"""The change log: each change once, whole, on top of the version that it was computed against."""

from typing import Any

import pytest

from archwright.diagram.change import Actor, Change
from archwright.diagram.core import diff, fold, invert
from archwright.diagram.model import Diagram, Point, Section, Size
from archwright.diagram.ops import (
    AddEdge,
    AddNode,
    DeleteEdge,
    DeleteNode,
    DeleteSection,
    Op,
    SetSection,
    SetTitle,
    UpdateEdge,
    UpdateNode,
)
from archwright.errors import CancelRequested, LeaseLost, UnknownSession, VersionMoved
from archwright.jobs.model import Fence
from archwright.store.ports import Head, Marker, Store
from tests.builders import (
    OWNER,
    SESSION,
    a_change,
    a_job,
    a_marker,
    a_node,
    adds,
    an_edge,
    at,
    epoch,
    message_of,
)
from tests.contract.store.adapters import Adapter


async def write(store: Store, *changes: Change) -> None:
    for change in changes:
        assert await store.append(SESSION, OWNER, change, a_marker(change)) is None


async def a_running_job(store: Store, job_id: str = "job_1") -> Fence:
    job = a_job(job_id)
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim(job_id, "w1", epoch(), epoch(60))
    return Fence(job_id=job_id, number=claimed.fence)


def ordered(diagram: Diagram) -> tuple[Any, ...]:
    """All of a diagram, with the order of its elements, which plain equality ignores."""
    return diagram, list(diagram.nodes), list(diagram.edges), list(diagram.sections)


async def test_a_change_moves_the_head_and_the_diagram_by_one_version(store: Store, session: str) -> None:
    api, db = a_node("api"), a_node("db", type="database")
    change = a_change(1, adds(api, db, an_edge("api", "db")))
    assert await store.append(session, OWNER, change, a_marker(change)) is None
    head = Head(session, OWNER, "Shop", 1, 2, 1, None, None, at(), at(1))
    assert await store.head(session, OWNER) == head
    diagram = Diagram(title="Shop", nodes={"api": api, "db": db}, edges={"api--db": an_edge("api", "db")})
    assert await store.load(session, OWNER) == (head, diagram)
    assert await store.changes(session, OWNER, 0) == (change,)


async def test_every_kind_of_op_has_the_effect_that_a_fold_gives_it(store: Store, session: str) -> None:
    vpc = a_node("vpc", type="group", label="Réseau \U0001f310", properties={"a": {"b": [1, None, 2.5]}, "empty": ""})
    api = a_node("api", parent="vpc", technology="FastAPI", description="zwei\nZeilen", position=Point(x=1.5, y=-2))
    db, edge = a_node("db", pinned=True, size=Size(width=10, height=20)), an_edge("api", "db", label="reads")
    routed = [{"x": 0.5, "y": 1.0}, {"x": 2.0, "y": 3.0}]
    section = Section(slug="risks", title="Risks", body="# None", position=0)
    batches: list[tuple[Op, ...]] = [
        (*adds(vpc, api, db, edge), SetTitle(title="Bank", before="Shop")),
        (
            UpdateNode(id="api", set={"parent": None, "label": "API"}, before={"parent": "vpc", "label": "Api"}),
            UpdateNode(id="db", set={"properties": {}}, before={"properties": {}}),
            UpdateNode(id="db", set={"position": {"x": 7, "y": 8}}, before={"position": {"x": 0, "y": 0}}),
            UpdateEdge(id=edge.id, set={"route": routed, "kind": "data"}, before={"route": [], "kind": "request"}),
            SetSection(slug="risks", title="Risks", body="# None", position=0, before=None),
            SetSection(slug="goals", title="Goals", body="", position=1, before=None),
        ),
        (
            SetSection(slug="risks", title="Risks", body="Some", position=2, before=section),
            DeleteEdge(id=edge.id, before=edge),
            DeleteNode(id="vpc", before=vpc),
        ),
        (DeleteSection(slug="goals", before=Section(slug="goals", title="Goals", position=1)),),
        (AddNode(node=vpc), AddEdge(edge=edge)),
    ]
    expected = Diagram(title="Shop")
    for version, ops in enumerate(batches, start=1):
        await write(store, a_change(version, ops))
        expected = fold(expected, ops)
        head, diagram = await store.load(session, OWNER)
        assert ordered(diagram) == ordered(expected)
        assert (head.version, head.title) == (version, expected.title)
        assert (head.node_count, head.edge_count) == (len(expected.nodes), len(expected.edges))
        assert head == await store.head(session, OWNER)


async def test_elements_come_back_in_the_order_of_their_creation(store: Store, session: str) -> None:
    ids = ["z", "b", "y", "a", "m"]
    await write(store, a_change(1, adds(*(a_node(i) for i in ids[:3]))))
    await write(store, a_change(2, adds(*(a_node(i) for i in ids[3:]))))
    await write(store, a_change(3, [UpdateNode(id="z", set={"label": "Zed"}, before={"label": "Z"})]))
    await write(store, a_change(4, [DeleteNode(id="b", before=a_node("b"))]))
    await write(store, a_change(5, adds(a_node("b"))))
    _, diagram = await store.load(session, OWNER)
    assert list(diagram.nodes) == ["z", "y", "a", "m", "b"]


async def test_an_element_added_and_deleted_in_one_change_leaves_nothing(store: Store, session: str) -> None:
    node = a_node("api")
    await write(store, a_change(1, [*adds(node), DeleteNode(id="api", before=node), *adds(node)]))
    await write(store, a_change(2, [DeleteNode(id="api", before=node), *adds(node), DeleteNode(id="api", before=node)]))
    head, diagram = await store.load(session, OWNER)
    assert (diagram, head.node_count, head.version) == (Diagram(title="Shop"), 0, 2)


async def test_elements_of_two_kinds_may_share_an_id(store: Store, session: str) -> None:
    node, edge = a_node("x"), an_edge("x", "x", id="x")
    section = SetSection(slug="x", title="X", body="", position=0, before=None)
    await write(store, a_change(1, [*adds(node, edge), section]))
    await write(store, a_change(2, [DeleteEdge(id="x", before=edge)]))
    _, diagram = await store.load(session, OWNER)
    assert diagram == Diagram(title="Shop", nodes={"x": node}, sections={"x": Section(slug="x", title="X")})


async def test_a_change_without_ops_still_makes_a_version(store: Store, session: str) -> None:
    await write(store, a_change(1, []))
    assert (await store.head(session, OWNER)).version == 1
    assert await store.changes(session, OWNER, 0) == (a_change(1, []),)


async def test_a_change_is_stored_whole(store: Store, session: str) -> None:
    actor = Actor(kind="job", id="job_1")
    change = a_change(1, actor=actor, job_id="job_1", turn=3, reverts="version:0", intent="revert", change_id="toolu_1")
    await write(store, change)
    assert await store.changes(session, OWNER, 0) == (change,)


async def test_a_change_of_a_thousand_elements_is_one_version(store: Store, session: str) -> None:
    nodes = [a_node(f"n{n}", description="x" * 200) for n in range(600)]
    edges = [an_edge(f"n{n}", f"n{n + 1}") for n in range(400)]
    full = fold(Diagram(title="Shop"), adds(*nodes, *edges))
    moved = full.replace(nodes={k: n.model_copy(update={"position": Point(x=5, y=6)}) for k, n in full.nodes.items()})
    moves = diff(full, moved)
    await write(store, a_change(1, adds(*nodes, *edges)))
    assert ordered((await store.load(session, OWNER))[1]) == ordered(full)
    await write(store, a_change(2, moves))
    assert ordered((await store.load(session, OWNER))[1]) == ordered(moved)
    await write(store, a_change(3, invert(moves)), a_change(4, invert(adds(*nodes, *edges))))
    head, diagram = await store.load(session, OWNER)
    assert (diagram, head.version, head.node_count, head.edge_count) == (Diagram(title="Shop"), 4, 0, 0)
    assert [len(change.ops) for change in await store.changes(session, OWNER, 0)] == [1_000, 600, 600, 1_000]


@pytest.mark.parametrize("version", [1, 2, 4, 9])
async def test_a_change_against_another_version_is_refused(store: Store, session: str, version: int) -> None:
    await write(store, a_change(1), a_change(2))
    before = await store.load(session, OWNER)
    change = a_change(version, change_id="late")
    with pytest.raises(VersionMoved):
        await store.append(session, OWNER, change, a_marker(change))
    assert await store.load(session, OWNER) == before
    assert await store.marker(session, OWNER, "late") is None
    assert await store.changes(session, OWNER, 0) == (a_change(1), a_change(2))


async def test_a_repeated_change_id_returns_what_the_first_time_stored(store: Store, session: str) -> None:
    first = a_change(1)
    await store.append(session, OWNER, first, a_marker(first, text="as it was"))
    before = await store.load(session, OWNER)
    again = a_change(2, adds(a_node("other")), change_id=first.change_id)
    known = await store.append(session, OWNER, again, Marker("chg_1", 2, "another hash", {"text": "new"}))
    assert known == Marker("chg_1", 1, "hash of chg_1", {"version": 1, "text": "as it was"})
    assert await store.load(session, OWNER) == before
    assert await store.changes(session, OWNER, 0) == (first,)


async def test_a_change_id_belongs_to_its_session(store: Store, session: str) -> None:
    await store.create_session("ses_2", OWNER, "Bank", at())
    change = a_change(1)
    await write(store, change)
    assert await store.append("ses_2", OWNER, change, a_marker(change)) is None
    assert await store.changes("ses_2", OWNER, 0) == (change,)


async def test_a_marker_is_found_by_its_change_id(store: Store, session: str) -> None:
    change = a_change(1)
    marker = a_marker(change, nested={"a": [1, None, "\x00", "é"], "empty": {}, "none": []})
    await store.append(session, OWNER, change, marker)
    assert await store.marker(session, OWNER, change.change_id) == marker
    assert await store.marker(session, OWNER, "chg_2") is None


async def test_a_marker_can_be_stored_without_a_change(store: Store, session: str) -> None:
    marker = Marker("toolu_1", None, None, {"refused": "There is no node 'x'."})
    assert await store.remember(session, OWNER, marker) is None
    assert await store.marker(session, OWNER, "toolu_1") == marker
    assert await store.remember(session, OWNER, Marker("toolu_1", None, "h", {"other": 1})) == marker
    assert (await store.head(session, OWNER)).version == 0
    change = a_change(1, change_id="toolu_1")
    assert await store.append(session, OWNER, change, a_marker(change)) == marker
    assert await store.changes(session, OWNER, 0) == ()


async def test_the_log_is_read_from_a_version_upwards(store: Store, session: str) -> None:
    changes = tuple(a_change(version) for version in range(1, 6))
    await write(store, *changes)
    assert await store.changes(session, OWNER, 0) == changes
    assert await store.changes(session, OWNER, 2) == changes[2:]
    assert await store.changes(session, OWNER, 2, 2) == changes[2:4]
    assert await store.changes(session, OWNER, 5) == ()
    assert await store.changes(session, OWNER, 99) == ()


async def test_the_log_is_read_from_a_version_downwards(store: Store, session: str) -> None:
    changes = tuple(a_change(version) for version in range(1, 6))
    await write(store, *changes)
    assert await store.changes_before(session, OWNER, 6, 10) == changes[::-1]
    assert await store.changes_before(session, OWNER, 4, 2) == (changes[2], changes[1])
    assert await store.changes_before(session, OWNER, 1, 10) == ()


async def test_the_changes_of_a_job_are_read_without_the_others(store: Store, session: str) -> None:
    changes = [a_change(v, job_id="job_1" if v % 2 else "job_2" if v == 2 else None) for v in range(1, 6)]
    await write(store, *changes)
    assert await store.changes_of_job(session, OWNER, "job_1") == (changes[0], changes[2], changes[4])
    assert await store.changes_of_job(session, OWNER, "job_2") == (changes[1],)
    assert await store.changes_of_job(session, OWNER, "job_3") == ()


async def test_the_holder_of_a_job_writes_with_its_fence(store: Store, session: str) -> None:
    fence = await a_running_job(store)
    change = a_change(1)
    assert await store.append(session, OWNER, change, a_marker(change), fence) is None
    assert await store.remember(session, OWNER, Marker("toolu_2", None, None, {}), fence) is None


async def refused_for(store: Store, fence: Fence, error: type[Exception]) -> None:
    """Check that the holder of this fence can change nothing in the session."""
    before = await store.load(SESSION, OWNER)
    change = a_change(before[0].version + 1, change_id="late")
    with pytest.raises(error):
        await store.append(SESSION, OWNER, change, a_marker(change), fence)
    with pytest.raises(error):
        await store.remember(SESSION, OWNER, a_marker(change), fence)
    assert await store.load(SESSION, OWNER) == before
    assert await store.marker(SESSION, OWNER, "late") is None


async def test_a_fence_that_was_overtaken_writes_nothing(store: Store, session: str) -> None:
    old = await a_running_job(store)
    new = await store.claim("job_1", "w2", epoch(100), epoch(160))
    await refused_for(store, old, LeaseLost)
    await refused_for(store, Fence(job_id="job_1", number=new.fence + 1), LeaseLost)


async def test_a_released_lease_writes_nothing(store: Store, session: str) -> None:
    fence = await a_running_job(store)
    await store.release(fence, epoch())
    await refused_for(store, fence, LeaseLost)


async def test_a_job_that_ended_writes_nothing(store: Store, session: str) -> None:
    fence = await a_running_job(store)
    await store.finish(fence, "succeeded", at(1))
    await refused_for(store, fence, LeaseLost)


async def test_a_job_of_another_session_writes_nothing(store: Store, session: str) -> None:
    await store.create_session("ses_2", OWNER, "Bank", at())
    job = a_job("job_2", session_id="ses_2")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim("job_2", "w1", epoch(), epoch(60))
    await refused_for(store, Fence(job_id="job_2", number=claimed.fence), LeaseLost)
    await refused_for(store, Fence(job_id="nobody", number=1), LeaseLost)


async def test_a_cancelled_job_writes_nothing_while_people_still_do(store: Store, session: str) -> None:
    fence = await a_running_job(store)
    await store.cancel("job_1", OWNER, at(1))
    await refused_for(store, fence, CancelRequested)
    await write(store, a_change(1))
    assert (await store.head(session, OWNER)).version == 1


async def test_a_repeat_is_answered_even_when_the_lease_is_over(store: Store, session: str) -> None:
    fence = await a_running_job(store)
    change = a_change(1)
    await store.append(session, OWNER, change, a_marker(change), fence)
    await store.release(fence, epoch())
    assert await store.append(session, OWNER, change, a_marker(change), fence) == a_marker(change)


async def test_an_unknown_session_has_no_log(store: Store) -> None:
    change = a_change(1)
    with pytest.raises(UnknownSession):
        await store.append("ses_9", OWNER, change, a_marker(change))


async def test_a_write_whose_answer_was_lost_counts_once(adapter: Adapter, store: Store, session: str) -> None:
    change = a_change(1)
    with adapter.ambiguous(store):
        outcome = await store.append(session, OWNER, change, a_marker(change))
    assert outcome in (None, a_marker(change))
    assert await store.changes(session, OWNER, 0) == (change,)
    assert (await store.head(session, OWNER)).version == 1
    assert await store.append(session, OWNER, change, a_marker(change)) == a_marker(change)
