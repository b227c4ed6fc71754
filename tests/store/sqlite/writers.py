"""What the child processes of these tests do: write as fast as they can, and report what was acknowledged."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from archwright.diagram.ops import DeleteNode, Op, SetSection, UpdateNode
from archwright.errors import Unavailable, VersionMoved
from archwright.jobs.model import Fence, Progress
from archwright.store.sqlite import SqliteStore
from tests.builders import OWNER, SESSION, a_change, a_marker, a_node, a_turn, adds, an_edge

TASKS = 4
_NOBODY = 65_534


def batches(name: str) -> Iterator[tuple[Op, ...]]:
    """Ops of every size on elements of one's own, for ever."""
    for n in itertools.count():
        a, b = a_node(f"{name}-a{n}"), a_node(f"{name}-b{n}")
        yield adds(a, b, an_edge(a.id, b.id))
        yield (UpdateNode(id=a.id, set={"label": "New"}, before={"label": a.label}),)
        many = [a_node(f"{name}-m{n}-{i}", description="x" * 300) for i in range(40)]
        yield adds(*many)
        yield tuple(DeleteNode(id=node.id, before=node) for node in many)
        yield (SetSection(slug=f"{name}-s", title="Section", body=f"{n}" * 500, position=n, before=None),)


async def commit(store: SqliteStore, change_id: str, ops: tuple[Op, ...]) -> int:
    """Append on top of whatever is newest; returns the version that the store acknowledged."""
    while True:
        version = (await store.head(SESSION, OWNER)).version + 1
        change = a_change(version, ops, change_id=change_id)
        try:
            await store.append(SESSION, OWNER, change, a_marker(change))
        except VersionMoved:
            continue
        return version


async def _commits(store: SqliteStore, name: str, told: Connection) -> None:
    for n, ops in enumerate(batches(name)):
        version = await commit(store, f"{name}-{n}", ops)
        told.send(("change", version, f"{name}-{n}"))


async def _turns(store: SqliteStore, job_id: str, told: Connection) -> None:
    job = await store.claim(job_id, f"{os.getpid()}", 0, 0)
    fence = Fence(job_id=job_id, number=job.fence)
    for number in itertools.count(job.turn + 1):
        await store.set_progress(fence, Progress(phase="drawing"), {"nodes": [{"id": f"n{number}"}]})
        await store.save_turn(fence, a_turn(number))
        told.send(("turn", number, ""))


async def _for_ever(path: Path, name: str, job_id: str, told: Connection) -> None:
    store = SqliteStore.open(path)
    async with asyncio.TaskGroup() as group:
        group.create_task(_turns(store, job_id, told))
        for task in range(TASKS):
            group.create_task(_commits(store, f"{name}{task}", told))


def write_for_ever(path: Path, name: str, job_id: str, told: Connection) -> None:
    """Write changes and turns until killed; every acknowledged one is told as (what, number, change id)."""
    asyncio.run(_for_ever(path, name, job_id, told))


async def _some(path: Path, name: str, count: int) -> None:
    store = SqliteStore.open(path)
    for n in range(count):
        await commit(store, f"{name}-{n}", adds(a_node(f"{name}-{n}")))
    await store.close()


def write_some(path: Path, name: str, count: int, _: Connection) -> None:
    """Make so many changes of one node each."""
    asyncio.run(_some(path, name, count))


def open_only(path: Path, told: Connection) -> None:
    """Open the store, say so, and close it."""
    store = SqliteStore.open(path)
    told.send(("open", 0, ""))
    asyncio.run(store.close())


def open_unprivileged(path: Path, told: Connection) -> None:
    """Try to open the store as somebody who is not the superuser, and tell what the refusal says."""
    if os.geteuid() == 0:
        os.setuid(_NOBODY)
    try:
        SqliteStore.open(path)
    except Unavailable as refusal:
        told.send(("refused", 0, refusal.detail))
