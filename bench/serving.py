"""What a running server does: polls, deltas, previews, and twenty jobs at once."""

import asyncio
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2

from bench.figures import Figure
from bench.samples import percentile

_PROMPT = "An online shop: web and mobile clients, an API gateway, order, payment and user services, PostgreSQL, Redis"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(**environment: str) -> Iterator[str]:
    """A server on a free port over an empty directory; yields its address and ends it by its own process."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("archwright")), "serve", "--no-browser"]
        command += ["--port", str(port), "--data-dir", str(Path(folder) / "data")]
        process = subprocess.Popen(command, env={"PATH": "/usr/bin:/bin", "HOME": folder, **environment})
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(15)


def _wait_until_ready(address: str) -> None:
    for _ in range(300):
        try:
            if httpx2.get(f"{address}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready in 30 s")


@asynccontextmanager
async def _client(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"{address}/api/v1", timeout=30) as client:
        yield client


async def _grow(client: httpx2.AsyncClient, nodes: int) -> tuple[str, int]:
    """Make a session of so many nodes by changes of fifty; returns its id and version."""
    session: dict[str, Any] = (await client.post("/sessions", json={"title": "Bench"})).json()
    version = 0
    for start in range(0, nodes, 50):
        ops = [
            {"op": "add_node", "node": {"id": f"n{n}", "label": f"Component {n}", "technology": "FastAPI"}}
            for n in range(start, min(start + 50, nodes))
        ]
        answer = await client.post(f"/sessions/{session['id']}/changes", json={"ops": ops})
        version = answer.raise_for_status().json()["version"]
    return str(session["id"]), version


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> bytes:
    """One request on an open connection; returns the head of an answer without a body, as it was on the wire."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await writer.drain()
    return await reader.readuntil(b"\r\n\r\n")


async def _idle(address: str, session_id: str, version: int, repeats: int) -> tuple[list[float], int]:
    port = int(address.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"/api/v1/sessions/{session_id}/changes?since={version}"
    times, size = [], 0
    for _ in range(repeats):
        start = time.perf_counter()
        head = await _exchange(reader, writer, path)
        times.append((time.perf_counter() - start) * 1_000)
        size = len(head)
        if not head.startswith(b"HTTP/1.1 304"):
            raise RuntimeError(head.decode())
    writer.close()
    return times, size


async def polls() -> list[Figure]:
    figures = []
    with server(ARCHWRIGHT_OFFLINE_PACE="0") as address:
        async with _client(address) as client:
            for nodes in (10, 1_000):
                session_id, version = await _grow(client, nodes)
                times, size = await _idle(address, session_id, version, 300)
                middles = tuple(percentile(times[n::5], 0.5) for n in range(5))
                figures.append(Figure(f"idle poll at {nodes} nodes, p50", "ms", middles, 3))
                figures.append(Figure(f"idle poll at {nodes} nodes, bytes on the wire", "bytes", (size,), 300))
                figures.append(await _delta(client, session_id, version, nodes))
    return figures


async def _delta(client: httpx2.AsyncClient, session_id: str, version: int, nodes: int) -> Figure:
    op = {"op": "update_node", "id": "n1", "set": {"label": "Renamed"}}
    await client.post(f"/sessions/{session_id}/changes", json={"ops": [op]})
    answer = await client.get(f"/sessions/{session_id}/changes", params={"since": version})
    return Figure(f"delta poll of one renamed node at {nodes} nodes", "bytes", (len(answer.content),))


async def crowd() -> list[Figure]:
    """Twenty jobs at once in one process, each polled by a client of its own, as often as the answers ask for."""
    with server(ARCHWRIGHT_WORKER_CONCURRENCY="20") as address:
        async with _client(address) as client:
            outcomes = await asyncio.gather(*(_job(client, n) for n in range(20)))
    times = [ms for polled, _, _ in outcomes for ms in polled]
    return [
        Figure("20 jobs at once, a poll's p99", "ms", (percentile(times, 0.99),), 50),
        Figure("20 jobs at once, from prompt to end", "s", tuple(took for _, took, _ in outcomes)),
        Figure("20 jobs at once, from prompt to first preview or change", "s", tuple(seen for _, _, seen in outcomes)),
    ]


async def _job(client: httpx2.AsyncClient, n: int) -> tuple[list[float], float, float]:
    await asyncio.sleep(random.uniform(0, 1))
    start = time.perf_counter()
    submitted = (await client.post("/sessions", json={"prompt": f"{_PROMPT} number {n}"})).json()
    session_id, version, polled, seen = submitted["session"]["id"], 0, [], 0.0
    while True:
        asked = time.perf_counter()
        answer = await client.get(f"/sessions/{session_id}/changes", params={"since": version})
        polled.append((time.perf_counter() - asked) * 1_000)
        state: dict[str, Any] = json.loads(answer.content) if answer.status_code == 200 else {}
        version = state.get("version", version)
        seen = seen or (time.perf_counter() - start if state.get("preview") or version else 0.0)
        job = (await client.get(f"/jobs/{submitted['job']['id']}")).json()
        if job["finished_at"] is not None:
            if job["status"] != "succeeded":
                raise RuntimeError(f"the job ended as {job['status']}: {job['error']}")
            return polled, time.perf_counter() - start, seen
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)) * random.uniform(0.8, 1.2))
