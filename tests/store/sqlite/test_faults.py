"""A locked file, a full disk, a closed store, a caller that goes away: said plainly, and nothing half written."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest, Unavailable, VersionMoved
from archwright.store.sqlite import SqliteStore
from archwright.store.sqlite.database import Database
from tests.builders import OWNER, SESSION, a_change, a_marker, a_node, adds, at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archwright.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = Database.open(path, busy_timeout_s=0.1)
    yield database
    await database.close()


@pytest.fixture
async def store(database: Database) -> SqliteStore:
    """A store with an empty session, which waits no longer than 0.1 s for a lock."""
    store = SqliteStore(database)
    await store.create_session(SESSION, OWNER, "Shop", at())
    return store


async def append(store: SqliteStore, version: int, **fields: Any) -> Any:
    change = a_change(version, **fields)
    return await store.append(SESSION, OWNER, change, a_marker(change))


async def test_a_write_says_that_another_process_keeps_the_file_locked(store: SqliteStore, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as refusal:
            await append(store, 1)
        with pytest.raises(Unavailable):
            await store.ready()
        assert (await store.head(SESSION, OWNER)).version == 0
        other.execute("ROLLBACK")
    assert refusal.value.detail == f"The database {path} does not answer: database is locked."
    await store.ready()
    assert await append(store, 1) is None


async def test_a_write_waits_for_another_process_that_is_quick(path: Path) -> None:
    store = SqliteStore.open(path, busy_timeout_s=30)
    await store.create_session(SESSION, OWNER, "Shop", at())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(append(store, 1))
        assert (await store.head(SESSION, OWNER)).version == 0
        other.execute("ROLLBACK")
        assert await waiting is None
    await store.close()


async def test_a_full_disk_is_said_and_leaves_the_last_version(store: SqliteStore, database: Database) -> None:
    await append(store, 1)
    before = await store.load(SESSION, OWNER)
    pages = await database.write(lambda tx: tx.execute("PRAGMA page_count").fetchone()[0])
    await database.write(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    large = adds(*(a_node(f"m{n}", description="x" * 4_000) for n in range(100)))
    with pytest.raises(Unavailable, match="database or disk is full"):
        await append(store, 2, ops=large)
    assert await store.load(SESSION, OWNER) == before
    await database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000").fetchone())
    assert await append(store, 2, ops=large) is None
    assert (await store.head(SESSION, OWNER)).node_count == 101


async def test_writes_that_commit_together_are_refused_each_for_itself(store: SqliteStore) -> None:
    changes = [a_change(1, change_id=f"chg_{n}") for n in range(20)]
    outcomes = await asyncio.gather(
        *(store.append(SESSION, OWNER, change, a_marker(change)) for change in changes),
        store.create_session("ses_2", OWNER, "Bank", at()),
        return_exceptions=True,
    )
    assert outcomes[0] is None
    assert all(isinstance(outcome, VersionMoved) for outcome in outcomes[1:20])
    assert await store.changes(SESSION, OWNER, 0) == (changes[0],)
    assert (await store.head("ses_2", OWNER)).title == "Bank"


async def test_a_bug_in_one_write_takes_nobody_elses_with_it(store: SqliteStore, database: Database) -> None:
    def broken(tx: sqlite3.Connection) -> None:
        tx.execute("UPDATE session SET title = 'Broken'")
        raise ZeroDivisionError

    outcomes = await asyncio.gather(append(store, 1), database.write(broken), append(store, 2), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), ZeroDivisionError, type(None)]
    head = await store.head(SESSION, OWNER)
    assert (head.title, head.version) == ("Shop", 2)


async def test_a_caller_that_goes_away_leaves_all_or_nothing(store: SqliteStore) -> None:
    for n in range(50):
        version = (await store.head(SESSION, OWNER)).version + 1
        task = asyncio.create_task(append(store, version, change_id=f"chg_{n}"))
        for _ in range(n % 5):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await store.ready()
        known = await store.marker(SESSION, OWNER, f"chg_{n}")
        head, diagram = await store.load(SESSION, OWNER)
        assert (known is None) == (head.version == version - 1)
        assert len(diagram.nodes) == head.node_count == head.version


async def test_text_that_is_not_unicode_is_refused_and_stores_nothing(store: SqliteStore) -> None:
    with pytest.raises(InvalidRequest):
        await append(store, 1, ops=adds(a_node("api", properties={"half": "\ud83d"})))
    head, diagram = await store.load(SESSION, OWNER)
    assert (head.version, diagram) == (0, Diagram(title="Shop"))


async def test_a_closed_store_says_so(store: SqliteStore) -> None:
    await store.close()
    await store.close()
    for call in (store.head(SESSION, OWNER), append(store, 1), store.ready()):
        with pytest.raises(Unavailable, match=r"The database is closed\."):
            await call


async def test_closing_finishes_the_writes_that_were_begun(path: Path) -> None:
    store = SqliteStore.open(path)
    await store.create_session(SESSION, OWNER, "Shop", at())
    writes = [asyncio.create_task(append(store, version)) for version in range(1, 30)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*writes) == [None] * 29
    reopened = SqliteStore.open(path)
    assert (await reopened.head(SESSION, OWNER)).version == 29
    await reopened.close()


async def test_what_was_acknowledged_is_flushed_to_the_disk(database: Database) -> None:
    mode, flush = await database.write(
        lambda tx: tx.execute("SELECT * FROM pragma_journal_mode, pragma_synchronous").fetchone()
    )
    assert (mode, flush) == ("wal", 2)


async def test_a_reader_cannot_write(store: SqliteStore, database: Database) -> None:
    with pytest.raises(Unavailable, match="readonly"):
        await database.read(lambda tx: tx.execute("UPDATE session SET title = 'Changed'"))
    assert (await store.head(SESSION, OWNER)).title == "Shop"
