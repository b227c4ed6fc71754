"""The door through which a diagram changes: undo, redo, revert, restore, tidy, as several people use it at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.change import Actor
from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.diagram.ops import op_input_adapter
from archwright.errors import KeyReused, NothingToRedo, NothingToUndo, OpRefused, UnknownChange, UnknownVersion
from archwright.sessions.commit import Committed, Origin
from archwright.sessions.service import Sessions
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, at

ANN, BOB = Actor(kind="user", id="ann"), Actor(kind="user", id="bob")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "archwright.db")
    await opened.create_session(SESSION, OWNER, "Shop", at())
    yield opened
    await opened.close()


@pytest.fixture
def sessions(store: SqliteStore) -> Sessions:
    return Sessions(store)


async def change(sessions: Sessions, name: str, *ops: dict[str, Any], by: Actor = ANN) -> Committed:
    return await sessions.commit(SESSION, OWNER, [op_input_adapter.validate_python(op) for op in ops], Origin(by, name))


def node(name: str, **others: Any) -> dict[str, Any]:
    return {"op": "add_node", "node": {"id": name, "type": "service", "label": name, **others}}


def relabel(name: str, label: str) -> dict[str, Any]:
    return {"op": "update_node", "id": name, "set": {"label": label}}


async def diagram(sessions: Sessions) -> Diagram:
    return (await sessions.snapshot(SESSION, OWNER))[1]


async def labels(sessions: Sessions) -> dict[str, str]:
    return {name: found.label for name, found in (await diagram(sessions)).nodes.items()}


async def check_log(store: SqliteStore) -> None:
    head, found = await store.load(SESSION, OWNER)
    log = await store.changes(SESSION, OWNER, 0)
    assert [entry.version for entry in log] == list(range(1, head.version + 1))
    assert fold(Diagram(title="Shop"), (op for entry in log for op in entry.ops)) == found


async def test_undo_takes_back_the_own_change_and_keeps_what_others_did(sessions: Sessions, store: SqliteStore) -> None:
    await change(sessions, "a1", node("orders", description="Takes orders."))
    await change(sessions, "a2", relabel("orders", "Order service"))
    await change(sessions, "b1", {"op": "update_node", "id": "orders", "set": {"description": "Bob's words."}}, by=BOB)
    done = await sessions.undo(SESSION, OWNER, ANN, "a3")
    orders = (await diagram(sessions)).nodes["orders"]
    assert (orders.label, orders.description, done.result.get("skipped", [])) == ("orders", "Bob's words.", [])
    await sessions.redo(SESSION, OWNER, ANN, "a4")
    assert (await labels(sessions)) == {"orders": "Order service"}
    await check_log(store)


async def test_what_somebody_changed_since_is_skipped_and_told(sessions: Sessions) -> None:
    await change(sessions, "a1", node("orders"))
    await change(sessions, "a2", relabel("orders", "Order service"))
    await change(sessions, "b1", relabel("orders", "Checkout"), by=BOB)
    done = await sessions.undo(SESSION, OWNER, ANN, "a3")
    assert (await labels(sessions)) == {"orders": "Checkout"}
    assert len(done.result["skipped"]) == 1


async def test_undo_and_redo_end_where_nothing_is_left(sessions: Sessions) -> None:
    with pytest.raises(NothingToUndo):
        await sessions.undo(SESSION, OWNER, ANN, "u0")
    await change(sessions, "b1", node("orders"), by=BOB)
    with pytest.raises(NothingToUndo):
        await sessions.undo(SESSION, OWNER, ANN, "u1")
    with pytest.raises(NothingToRedo):
        await sessions.redo(SESSION, OWNER, BOB, "r1")
    assert (await labels(sessions)) == {"orders": "orders"}


async def test_undos_at_once_take_back_one_change_each(sessions: Sessions, store: SqliteStore) -> None:
    for n in range(6):
        await change(sessions, f"a{n}", node(f"n{n}"))
    others = Sessions(store)
    await asyncio.gather(*((sessions, others)[n % 2].undo(SESSION, OWNER, ANN, f"u{n}") for n in range(4)))
    assert set(await labels(sessions)) == {"n0", "n1"}
    await check_log(store)


async def test_a_repeated_undo_undoes_once(sessions: Sessions) -> None:
    await change(sessions, "a1", node("one"))
    await change(sessions, "a2", node("two"))
    first = await sessions.undo(SESSION, OWNER, ANN, "u1")
    again = await sessions.undo(SESSION, OWNER, ANN, "u1")
    assert (again.version, again.result, again.replayed) == (first.version, first.result, True)
    assert set(await labels(sessions)) == {"one"}
    with pytest.raises(KeyReused):
        await sessions.redo(SESSION, OWNER, ANN, "u1")


async def test_a_change_of_anybody_can_be_reverted_by_its_id(sessions: Sessions, store: SqliteStore) -> None:
    await change(sessions, "b1", node("orders"), node("billing"), by=BOB)
    await change(sessions, "a1", node("mail"))
    await sessions.revert_change(SESSION, OWNER, ANN, "v1", "b1")
    assert set(await labels(sessions)) == {"mail"}
    log = await store.changes(SESSION, OWNER, 2)
    assert [(entry.intent, entry.reverts, entry.actor) for entry in log] == [("revert", "b1", ANN)]
    with pytest.raises(UnknownChange):
        await sessions.revert_change(SESSION, OWNER, ANN, "v2", "chg_nobody")


async def test_restore_brings_back_every_pixel_of_a_version(sessions: Sessions, store: SqliteStore) -> None:
    await change(
        sessions, "a1", node("web"), node("api"), {"op": "add_edge", "edge": {"source": "web", "target": "api"}}
    )
    wanted = await diagram(sessions)
    await change(sessions, "a2", {"op": "delete_node", "id": "api"}, node("other"))
    await sessions.tidy(SESSION, OWNER, BOB, "t1", "TB")
    await sessions.restore(SESSION, OWNER, ANN, "r1", 1)
    assert await diagram(sessions) == wanted
    assert await sessions.at_version(SESSION, OWNER, 1) == wanted
    with pytest.raises(UnknownVersion):
        await sessions.restore(SESSION, OWNER, ANN, "r2", 99)
    await check_log(store)


async def test_a_change_is_whole_or_not_at_all(sessions: Sessions, store: SqliteStore) -> None:
    with pytest.raises(OpRefused):
        await change(sessions, "a1", node("web"), relabel("nobody", "x"))
    assert await labels(sessions) == {}
    assert await store.changes(SESSION, OWNER, 0) == ()


async def test_writers_at_once_all_win(sessions: Sessions, store: SqliteStore) -> None:
    writers = [Sessions(store) for _ in range(4)]
    done = await asyncio.gather(*(change(writers[n % 4], f"c{n}", node(f"n{n}")) for n in range(24)))
    assert sorted(one.version for one in done) == list(range(1, 25))
    assert set(await labels(sessions)) == {f"n{n}" for n in range(24)}
    await check_log(store)
