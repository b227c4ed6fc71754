"""Several processes on one file, and processes that are killed in the middle of commits."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.jobs.model import Usage
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, a_job, a_turn, at, message_of
from tests.processes import processes
from tests.store.sqlite.writers import open_only, open_unprivileged, write_for_ever, write_some

KILLS = 50
Told = tuple[str, int, str]


def start(work: Callable[..., None], *args: Any) -> tuple[ForkServerProcess, Connection]:
    """Start a child with its end of a pipe as the last argument."""
    ours, theirs = processes.Pipe(duplex=False)
    child = processes.Process(target=work, args=(*args, theirs), daemon=True)
    child.start()
    theirs.close()
    return child, ours


def rest(told: Connection) -> Iterator[Told]:
    """What a child has told, up to the moment of its death."""
    while True:
        try:
            yield told.recv()
        except EOFError:
            return


async def prepare(path: Path) -> None:
    store = SqliteStore.open(path)
    await store.create_session(SESSION, OWNER, "Shop", at())
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    await store.close()


async def check(path: Path, acknowledged: set[Told]) -> None:
    """Open what a killed process left, and compare it with what it had been told was safe."""
    store = SqliteStore.open(path)
    changes = await store.changes(SESSION, OWNER, 0)
    assert [change.version for change in changes] == list(range(1, len(changes) + 1))
    assert acknowledged_changes(acknowledged) <= {(change.version, change.change_id) for change in changes}
    head, diagram = await store.load(SESSION, OWNER)
    folded = fold(Diagram(title="Shop"), (op for change in changes for op in change.ops))
    assert (diagram, list(diagram.nodes), list(diagram.edges)) == (folded, list(folded.nodes), list(folded.edges))
    sizes = (len(changes), len(folded.nodes), len(folded.edges))
    assert (head.version, head.node_count, head.edge_count) == sizes
    newest = changes[-1] if changes else None
    assert newest is None or await store.marker(SESSION, OWNER, newest.change_id) is not None
    await check_turns(store, {number for what, number, _ in acknowledged if what == "turn"})
    await store.close()


def acknowledged_changes(acknowledged: set[Told]) -> set[tuple[int, str]]:
    return {(number, change_id) for what, number, change_id in acknowledged if what == "change"}


async def check_turns(store: SqliteStore, acknowledged: set[int]) -> None:
    turns, job = await store.turns("job_1"), await store.job("job_1")
    assert turns == tuple(
        a_turn(number).model_copy(update={"at": turns[number - 1].at}) for number in range(1, len(turns) + 1)
    )
    assert acknowledged <= {turn.turn for turn in turns}
    assert (job.turn, job.cost_usd) == (len(turns), 0.25 * len(turns))
    assert job.usage == sum((turn.usage for turn in turns), Usage())


@pytest.mark.fault
async def test_a_kill_in_the_middle_of_commits_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path, chance, acknowledged = tmp_path / "archwright.db", random.Random(1), set[Told]()
    await prepare(path)
    for kill in range(KILLS):
        child, told = start(write_for_ever, path, f"k{kill}-", "job_1")
        for _ in range(chance.randrange(40)):
            acknowledged.add(told.recv())
        time.sleep(chance.random() / 100)
        child.kill()
        acknowledged.update(rest(told))
        child.join()
        await check(path, acknowledged)
    assert len(acknowledged) > 10 * KILLS
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.fault
async def test_a_process_that_lives_goes_on_when_another_is_killed(tmp_path: Path) -> None:
    path, chance, acknowledged = tmp_path / "archwright.db", random.Random(2), set[Told]()
    await prepare(path)
    survivor, _ = start(write_some, path, "survivor", 150)
    for kill in range(5):
        child, told = start(write_for_ever, path, f"k{kill}-", "job_1")
        acknowledged.update(told.recv() for _ in range(chance.randrange(20)))
        child.kill()
        acknowledged.update(rest(told))
        child.join()
    survivor.join()
    assert survivor.exitcode == 0
    await check(path, acknowledged)


@pytest.mark.fault
async def test_two_processes_write_to_one_session_at_once(tmp_path: Path) -> None:
    path = tmp_path / "archwright.db"
    await prepare(path)
    children = [start(write_some, path, name, 200)[0] for name in ("ada", "bob")]
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0]
    await check(path, set())
    store = SqliteStore.open(path)
    written = [change.change_id for change in await store.changes(SESSION, OWNER, 0)]
    await store.close()
    assert sorted(written) == sorted(f"{name}-{n}" for name in ("ada", "bob") for n in range(200))


@pytest.mark.fault
async def test_many_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "archwright.db"
    children = [start(open_only, path) for _ in range(8)]
    assert [list(rest(told)) for _, told in children] == [[("open", 0, "")]] * 8
    for child, _ in children:
        child.join()
    assert [child.exitcode for child, _ in children] == [0] * 8


def test_a_directory_that_is_not_writable_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "archwright.db"
    tmp_path.chmod(0o500)
    child, told = start(open_unprivileged, path)
    assert list(rest(told)) == [("refused", 0, f"The database {path} cannot be opened: permission denied.")]
    child.join()
