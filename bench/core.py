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
from archwright.ids import utc_now
from archwright.sessions.commit import Origin
from archwright.sessions.service import Sessions
from archwright.store.sqlite import SqliteStore
from bench.figures import Figure
from bench.samples import one_node, sample

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
    """One session, one writer after the other, each commit durable before the next."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "bench.db")
        sessions = Sessions(store)
        await store.create_session("ses", "local", "Bench", utc_now())
        rates = []
        for batch in range(5):
            start = time.perf_counter()
            for n in range(100):
                op = one_node(batch * 100 + n, "")
                await sessions.commit("ses", "local", op, Origin(ANN, f"c{batch}-{n}"))
            rates.append(100 / (time.perf_counter() - start))
        await store.close()
    return [Figure("commits through the one door, growing to 500 nodes", "1/s", tuple(rates), 500, more=True)]


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
