"""What needs no server: layout, imports, commits, opening a session, and our own time per turn."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from archwright.diagram import layout
from archwright.diagram.change import Actor
from archwright.diagram.ops import DeleteNodeInput, OpInput
from archwright.ids import new_id, utc_now
from archwright.sessions.commit import Origin
from archwright.sessions.service import Sessions
from archwright.store.sqlite import SqliteStore
from bench.figures import Figure
from bench.samples import one_node, one_rename, sample

ANN = Actor(kind="user", id="local")


def _seconds(work: Callable[[], object], repeats: int) -> tuple[float, ...]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return tuple(times)


def layouts() -> list[Figure]:
    layout.arrange(sample(5))
    figures = []
    for size, goal, repeats in ((50, 0.1, 7), (200, 0.6, 5), (1_000, 3.0, 3)):
        diagram = sample(size)
        times = _seconds(lambda d=diagram: layout.arrange(d), repeats)  # type: ignore[misc]
        figures.append(Figure(f"layout, {size} nodes", "s", times, goal))
    return figures


def imports() -> list[Figure]:
    code = "import time; t = time.perf_counter(); import archwright.api.app; print(time.perf_counter() - t)"

    def once() -> float:
        return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)

    once()
    return [Figure("import of the API", "s", tuple(once() for _ in range(5)), 0.7)]


async def commits() -> list[Figure]:
    """One session, one writer after the other, each commit durable before the next: as the diagram grows, and a
    rename in it at its final size."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "bench.db")
        sessions = Sessions(store)
        await store.create_session("ses", "local", "Bench", utc_now())

        async def rate(ops: Callable[[int], list[OpInput]]) -> float:
            start = time.perf_counter()
            for n in range(100):
                await sessions.commit("ses", "local", ops(n), Origin(ANN, new_id("chg")))
            return 100 / (time.perf_counter() - start)

        growing = [await rate(lambda n, b=batch: one_node(b * 100 + n, "")) for batch in range(5)]  # type: ignore[misc]
        ids = [f"new{n}" for n in range(100, 500)]
        await sessions.commit("ses", "local", [DeleteNodeInput(id=i) for i in ids], Origin(ANN, "shrink"), limit=1_000)
        renaming = [await rate(lambda n: one_rename("new0", n)) for _ in range(5)]
        await store.close()
    return [
        Figure("commits of a rename among 100 nodes", "1/s", tuple(renaming), 500, more=True),
        Figure("commits of a new node, growing to 500", "1/s", tuple(growing), more=True),
    ]


async def opening() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "bench.db")
        await store.create_session("ses", "local", "Bench", utc_now())
        await Sessions(store).replace("ses", "local", ANN, layout.arrange(sample(1_000)))
        times = []
        for _ in range(7):
            start = time.perf_counter()
            await Sessions(store).snapshot("ses", "local")
            times.append((time.perf_counter() - start) * 1_000)
        await store.close()
    return [Figure("opening a session of 1,000 nodes, from the store", "ms", tuple(times), 150)]


async def turns() -> list[Figure]:
    """A commit of one node and one edge into 200 nodes: the part of a turn that the layout and the log take."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "bench.db")
        sessions = Sessions(store)
        await store.create_session("ses", "local", "Bench", utc_now())
        await sessions.replace("ses", "local", ANN, layout.arrange(sample(200)))
        times = []
        for n in range(20):
            start = time.perf_counter()
            await sessions.commit("ses", "local", one_node(n, f"n{n * 3}"), Origin(ANN, f"c{n}"))
            times.append((time.perf_counter() - start) * 1_000)
            await asyncio.sleep(0)
        await store.close()
    return [Figure("a tool call's commit at 200 nodes", "ms", tuple(times), 20)]
