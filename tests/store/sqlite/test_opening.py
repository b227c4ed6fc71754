"""Opening the file: made when missing, kept when there, refused with the reason when it cannot be used."""

import sqlite3
import stat
from pathlib import Path

import pytest

from archwright.errors import Unavailable
from archwright.store.sqlite import SqliteStore
from archwright.store.sqlite.schema import MIGRATIONS, migrate
from tests.builders import OWNER, SESSION, a_change, a_marker, at


async def test_a_store_makes_its_directory_and_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "archwright.db"
    store = SqliteStore.open(path)
    await store.create_session(SESSION, OWNER, "Shop", at())
    await store.append(SESSION, OWNER, a_change(1), a_marker(a_change(1)))
    before = await store.load(SESSION, OWNER)
    await store.close()
    store = SqliteStore.open(path)
    assert await store.load(SESSION, OWNER) == before
    await store.close()


async def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "archwright.db")
    await store.create_session(SESSION, OWNER, "Shop", at())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    await store.close()
    assert modes == {"archwright.db": 0o600, "archwright.db-wal": 0o600, "archwright.db-shm": 0o600}


def test_a_directory_that_cannot_be_made_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    path = tmp_path / "file" / "archwright.db"
    with pytest.raises(Unavailable) as refusal:
        SqliteStore.open(path)
    assert refusal.value.detail == f"The database {path} cannot be opened: file exists."


def test_a_directory_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"The database {tmp_path} cannot be opened: "):
        SqliteStore.open(tmp_path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "archwright.db"
    path.write_text("A diary, and dear to somebody. " * 100)
    with pytest.raises(Unavailable) as refusal:
        SqliteStore.open(path)
    assert refusal.value.detail == f"The database {path} cannot be opened: file is not a database."
    assert path.read_text() == "A diary, and dear to somebody. " * 100


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "archwright.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(Unavailable, match="it was written by a newer Archwright"):
        SqliteStore.open(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


async def test_an_older_file_is_brought_up_to_date_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "archwright.db"
    store = SqliteStore.open(path)
    await store.create_session(SESSION, OWNER, "Shop", at())
    await store.close()
    later = (*MIGRATIONS, ("ALTER TABLE session ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",))
    connection = sqlite3.connect(path, isolation_level=None)
    for _ in range(2):
        migrate(connection, later)
        assert connection.execute("SELECT id, colour FROM session").fetchall() == [(SESSION, "blue")]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "archwright.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (("CREATE TABLE a (b)", "CREATE TABLE a (b)"),))
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()
