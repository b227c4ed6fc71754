"""A worker may be killed or paused at any moment: nothing is lost, nothing happens twice, the job ends."""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.jobs.model import ENDED, Job
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.wiring import DATABASE, Embedded, embedded
from tests.agent.worker import settings_for, work
from tests.claude_server import ClaudeServer
from tests.processes import processes

KILLS = 50
TURNS = 6


def turn_of(body: Body) -> int:
    return sum(message["role"] == "assistant" for message in body["messages"])


def six_turns(body: Body) -> Step:
    """Five turns of two nodes and an edge each, and a last word; the ids follow from the turn alone."""
    turn = turn_of(body)
    if turn >= TURNS - 1:
        return Step.says("Drew five pairs.")
    a, b = f"client-{turn}", f"service-{turn}"
    node = {"technology": "", "description": "A part.", "parent": ""}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("add_node", {"id": a, "type": "client", "label": f"Client {turn}", **node}),
        ("add_node", {"id": b, "type": "service", "label": f"Service {turn}", **node}),
        ("add_edge", {"source": a, "target": b, "label": "calls", "kind": "request"}),
    ]
    content = tuple(
        {"type": "tool_use", "id": f"toolu_{turn}_{i}", "name": name, "input": given}
        for i, (name, given) in enumerate(calls)
    )
    return Step(content=content, pause_s=0.004)


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(six_turns) as running:
        yield running


async def submitted(folder: Path, url: str) -> Job:
    async with embedded(settings_for(folder, url), works=False) as here:
        return (await here.jobs.start("local", title=None, prompt="Draw five pairs", model=None)).job


def started(folder: Path, url: str, job: Job, lease_s: float = 60) -> Any:
    process = processes.Process(target=work, args=(str(folder), url, job.id, lease_s))
    process.start()
    return process


async def checked(here: Embedded, job_id: str) -> Diagram:
    """Check the oracle of every fault, and return the diagram."""
    job, turns = await here.jobs.trace(job_id, "local")
    head, diagram = await here.store.load(job.session_id, "local")
    changes = await here.store.changes(job.session_id, "local", 0)
    assert job.status == "succeeded", job.error
    assert [change.version for change in changes] == list(range(1, head.version + 1))
    assert fold(Diagram(title=diagram.title), (op for change in changes for op in change.ops)) == diagram
    ids = [change.change_id for change in changes]
    calls = [call for turn in turns for call in turn.tool_calls]
    assert len(ids) == len(set(ids))
    assert {call.id for call in calls} <= set(ids)
    assert all(call.result and not call.is_error for call in calls)
    assert job.cost_usd == pytest.approx(sum(turn.cost_usd for turn in turns), abs=1e-9)
    assert job.usage.model_calls == len(turns) == TURNS
    return diagram


async def result_of(folder: Path, url: str, job: Job) -> Diagram:
    async with embedded(settings_for(folder, url), works=False) as here:
        return await checked(here, job.id)


async def undisturbed(folder: Path, url: str) -> Diagram:
    job = await submitted(folder, url)
    process = started(folder, url, job)
    await asyncio.to_thread(process.join, 30)
    return await result_of(folder, url, job)


def asked_in_order(requests: list[Body]) -> bool:
    """Whether no turn was asked for again once a later one had been."""
    return all(before <= after for before, after in pairwise(map(turn_of, requests)))


async def test_a_job_killed_again_and_again_draws_what_it_would_have_drawn(
    tmp_path: Path, server: ClaudeServer
) -> None:
    expected = await undisturbed(tmp_path / "calm", server.url)
    dice, kills, jobs = random.Random(2026), 0, 0
    while kills < KILLS:
        jobs += 1
        folder, patience_s = tmp_path / f"job{jobs}", 1.5
        job, first = await submitted(folder, server.url), len(server.requests)
        while True:
            process = started(folder, server.url, job)
            await asyncio.to_thread(process.join, dice.uniform(0.05, patience_s))
            if process.exitcode == 0:
                break
            os.kill(process.pid, signal.SIGKILL)
            kills, patience_s = kills + 1, patience_s * 1.1  # a slow machine finishes too
            await asyncio.to_thread(process.join, 10)
        assert await result_of(folder, server.url, job) == expected
        assert asked_in_order(server.requests[first:])
    assert server.violations == []


async def paused(pid: int, database: Path) -> None:
    """Stop a process where it holds no lock of the database; stopped within a write it would keep everybody out."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        connection = sqlite3.connect(database, timeout=0.2, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(0.01)
        finally:
            connection.close()


async def test_a_worker_paused_past_its_lease_can_write_nothing_when_it_wakes_up(
    tmp_path: Path, server: ClaudeServer
) -> None:
    expected = await undisturbed(tmp_path / "calm", server.url)
    folder = tmp_path / "paused"
    job = await submitted(folder, server.url)
    sleeper = started(folder, server.url, job, lease_s=0.4)
    async with embedded(settings_for(folder, server.url), works=False) as here:
        async with asyncio.timeout(60):
            while (await here.store.job(job.id)).turn < 2:
                await asyncio.sleep(0.005)
    await paused(sleeper.pid, folder / DATABASE)
    await asyncio.sleep(0.6)
    other = started(folder, server.url, job, lease_s=0.4)
    try:
        async with embedded(settings_for(folder, server.url), works=False) as here:
            async with asyncio.timeout(40):
                while (await here.store.job(job.id)).status not in ENDED:
                    await here.jobs.get(job.id, "local")
                    await asyncio.sleep(0.05)
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
    for process in (sleeper, other):
        await asyncio.to_thread(process.join, 20)
    assert await result_of(folder, server.url, job) == expected


def slowly(body: Body) -> Step:
    return replace(six_turns(body), pause_s=0.02)


async def test_while_a_killed_worker_is_missing_the_job_says_so_and_when_it_goes_on(tmp_path: Path) -> None:
    with ClaudeServer(slowly) as server:
        job = await submitted(tmp_path, server.url)
        async with embedded(settings_for(tmp_path, server.url, lease_grace_s=1), works=False) as here:
            killed = started(tmp_path, server.url, job, lease_s=1)
            async with asyncio.timeout(60):
                while (await here.store.job(job.id)).turn < 2:
                    await asyncio.sleep(0.01)
            os.kill(killed.pid, signal.SIGKILL)
            said, words = list[str](), ""
            async with asyncio.timeout(60):
                while (seen := await here.jobs.get(job.id, "local")).status != "queued":
                    if seen.progress.message != words:
                        said.append(words := seen.progress.message)
                    await asyncio.sleep(0.02)
            assert said[-1] == seen.progress.message == "The worker was lost; it goes on within a minute"
            await asyncio.to_thread(killed.join, 10)
            other = started(tmp_path, server.url, job)
            await asyncio.to_thread(other.join, 60)
            await checked(here, job.id)


async def test_two_servers_over_one_directory_run_a_job_once(tmp_path: Path, server: ClaudeServer) -> None:
    first = len(server.requests)
    job = await submitted(tmp_path, server.url)
    both = [started(tmp_path, server.url, job) for _ in range(2)]
    for process in both:
        await asyncio.to_thread(process.join, 30)
    await result_of(tmp_path, server.url, job)
    assert len(server.requests) - first == TURNS
