"""Kills in the middle of plans, parallel steps, approvals and documents: the log stays whole, and the job ends."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.jobs.model import ENDED, Job, Resume
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.wiring import Embedded, embedded
from tests.agent.product import NODE
from tests.agent.test_kills import started
from tests.agent.worker import settings_for
from tests.claude_server import ClaudeServer

PARTS = ("a", "b", "c")
KILLS = 6
"""Of each kind of work."""


def node(node_id: str) -> tuple[str, dict[str, Any]]:
    return "add_node", {**NODE, "id": node_id, "label": node_id}


def edge(source: str, target: str) -> tuple[str, dict[str, Any]]:
    return "add_edge", {"source": source, "target": target, "label": "calls", "kind": "request"}


PLAN = [{"id": part, "title": part, "task": f"Part {part}.", "after": []} for part in PARTS] + [
    {"id": "join", "title": "join", "task": "Part join.", "after": list(PARTS)}
]


def script(body: Body) -> Step:
    """A generation by a plan of three parallel steps of two turns each and one after them; a deletion of six of its
    nodes; a document of two turns. What is answered follows from the request alone."""
    text = str(body["messages"])
    turn = sum(message["role"] == "assistant" for message in body["messages"])
    if "<step>" in text:
        return _step(text.split("<step>")[1][:20], turn)
    if "<sections>" in text:
        turn -= text.count("Done with it.")
        lines = text.split("<sections>\\n")[1].split("\\n</sections>")[0].split("\\n")
        slugs = [line.split(" | ")[0] for line in lines][turn * 6 : turn * 6 + 6]
        calls = [("update_document_section", {"slug": s, "title": s, "body": f"On {s}."}) for s in slugs]
        return Step.calls(*calls, pause_s=0.003) if calls else Step.says("Done with it.")
    if "Delete six" in text.rsplit("<request>", 1)[1]:
        return Step.says("Done with it.") if "delete_node" in text else Step.calls(
            *(("delete_node", {"id": f"{part}-{number}"}) for part in PARTS for number in (0, 1)), pause_s=0.003
        )  # fmt: skip
    return Step.says("Done with it.") if turn else Step.calls(("write_plan", {"steps": PLAN}), pause_s=0.003)


def _step(task: str, turn: int) -> Step:
    part = next(part for part in (*PARTS, "join") if f"Part {part}." in task)
    if turn > 1 or (part == "join" and turn):
        return Step.says(f"Drew {part}.")
    if part == "join":
        return Step.calls(node("join"), *(edge(f"{one}-1", "join") for one in PARTS), pause_s=0.003)
    tied = [edge(f"{part}-0", f"{part}-1")] if turn else []
    return Step.calls(node(f"{part}-{turn}"), *tied, pause_s=0.003)


DRAWN = {f"{part}-{number}" for part in PARTS for number in (0, 1)} | {"join"}


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(script) as running:
        yield running


async def killed_until(folder: Path, url: str, job: Job, dice: random.Random, kills: int) -> None:
    """Run a job in processes that are killed `kills` times, answering what it waits for, until it has ended."""
    async with embedded(settings_for(folder, url), works=False) as here:
        while (await _state(here, job)).status not in ENDED:
            process = started(folder, url, job)
            patience_s = dice.uniform(0.03, 0.5) if kills > 0 else 60
            ended = asyncio.create_task(_ended_or_answered(here, job))
            await asyncio.wait({ended}, timeout=patience_s)
            if ended.done() and ended.exception() is None:
                await asyncio.to_thread(process.join, 20)
                return
            ended.cancel()
            kills -= 1
            os.kill(process.pid, signal.SIGKILL)
            await asyncio.to_thread(process.join, 10)


async def _state(here: Embedded, job: Job) -> Job:
    return await here.store.job(job.id)


async def _ended_or_answered(here: Embedded, job: Job) -> None:
    """Answer each pause as the person would, until the job has ended."""
    async with asyncio.timeout(60):
        while (current := await _state(here, job)).status not in ENDED:
            if current.status == "awaiting_input" and current.awaiting is not None:
                kept = [op for op in current.awaiting.ops or [] if op["id"] != "c-1"]
                await here.jobs.resume(job.id, "local", Resume(decision="approve", ops=kept))
            await asyncio.sleep(0.01)


async def checked(folder: Path, url: str, job: Job) -> Diagram:
    """Check the oracle of every fault, and return the diagram."""
    async with embedded(settings_for(folder, url), works=False) as here:
        job, turns = await here.jobs.trace(job.id, "local")
        head, diagram = await here.store.load(job.session_id, "local")
        changes = await here.store.changes(job.session_id, "local", 0)
    assert job.status == "succeeded", job.error
    assert [change.version for change in changes] == list(range(1, head.version + 1))
    assert fold(Diagram(title=diagram.title), (op for change in changes for op in change.ops)) == diagram
    ids = [change.change_id for change in changes]
    assert len(ids) == len(set(ids))
    assert [turn.turn for turn in turns] == list(range(1, len(turns) + 1))
    calls = [call for turn in turns for call in turn.tool_calls]
    assert all(call.result for call in calls)
    assert {call.id for call in calls if call.change_id} <= set(ids)
    assert job.cost_usd == pytest.approx(sum(turn.cost_usd for turn in turns), abs=1e-9)
    return diagram


async def submitted(folder: Path, url: str, session: str | None, text: str) -> Job:
    async with embedded(settings_for(folder, url), works=False) as here:
        if session is None:
            return (await here.jobs.start("local", title=None, prompt=text)).job
        return (await here.jobs.submit(session, "local", text=text)).job


async def test_plans_approvals_and_documents_survive_the_death_of_their_workers(
    tmp_path: Path, server: ClaudeServer
) -> None:
    dice = random.Random(2026)
    job = await submitted(tmp_path, server.url, None, "Draw three parts and what joins them")
    await killed_until(tmp_path, server.url, job, dice, KILLS)
    diagram = await checked(tmp_path, server.url, job)
    assert (set(diagram.nodes), len(diagram.edges)) == (DRAWN, 6)
    deleting = await submitted(tmp_path, server.url, job.session_id, "Delete six of them")
    await killed_until(tmp_path, server.url, deleting, dice, KILLS)
    assert set((await checked(tmp_path, server.url, deleting)).nodes) == {"join", "c-1"}
    writing = await submitted(tmp_path, server.url, job.session_id, "Write the design document")
    await killed_until(tmp_path, server.url, writing, dice, KILLS)
    written = set((await checked(tmp_path, server.url, writing)).sections)
    assert {"summary", "goals", "security", "phases", "component-join"} <= written and len(written) == 11
    assert server.violations == []
