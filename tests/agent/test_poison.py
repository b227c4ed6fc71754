"""A process that dies takes nobody with it: only the job that kills it again and again, alone, fails."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archwright.jobs.model import ENDED, Job
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.wiring import embedded
from tests.agent.product import DONE, PAIR
from tests.agent.worker import serve, settings_for
from tests.claude_server import ClaudeServer
from tests.processes import processes

NEIGHBOURS = 6
HELD = Step(content=PAIR.content, pause_s=60)
"""An answer that comes so late that its process is gone."""


def drawn(body: Body) -> Step:
    return DONE if any(message["role"] == "assistant" for message in body["messages"]) else PAIR


class Model:
    """A model that lets everybody wait while `holding`, and kills the process that asks for poison."""

    def __init__(self) -> None:
        self.holding = True
        self.pid = 0
        self.asked = 0
        self.deaths = 0

    def __call__(self, body: Body) -> Step:
        if "Poison" in str(body["messages"]):
            self.deaths += 1
            os.kill(self.pid, signal.SIGKILL)
            return HELD
        self.asked += 1
        return HELD if self.holding else drawn(body)


async def submitted(folder: Path, url: str, *prompts: str) -> list[Job]:
    async with embedded(settings_for(folder, url), works=False) as here:
        return [(await here.jobs.start("local", title=None, prompt=prompt)).job for prompt in prompts]


@contextmanager
def server(folder: Path, url: str, model: Model) -> Iterator[Any]:
    """A server process with the settings that everybody has; it is killed at the end."""
    model.asked = 0
    process = processes.Process(target=serve, args=(str(folder), url, {"max_attempts": 3}))
    process.start()
    model.pid = process.pid
    try:
        yield process
    finally:
        process.kill()
        process.join(10)


async def until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def now(folder: Path, url: str, jobs: list[Job]) -> list[Job]:
    async with embedded(settings_for(folder, url), works=False) as here:
        return [await here.store.job(job.id) for job in jobs]


async def ended(folder: Path, url: str, jobs: list[Job]) -> list[Job]:
    async with embedded(settings_for(folder, url), works=False) as here, asyncio.timeout(90):
        while True:
            found = [await here.store.job(job.id) for job in jobs]
            if all(job.status in ENDED for job in found):
                return found
            await asyncio.sleep(0.05)


async def test_no_job_is_to_blame_when_its_process_is_killed_again_and_again(tmp_path: Path) -> None:
    model = Model()
    with ClaudeServer(model) as claude:
        jobs = await submitted(tmp_path, claude.url, *(f"Draw system {n}" for n in range(NEIGHBOURS)))
        for kill in range(4):
            with server(tmp_path, claude.url, model):
                await until(lambda first=kill < 2: model.asked >= (NEIGHBOURS if first else 1))  # type: ignore[misc]
        model.holding = False
        with server(tmp_path, claude.url, model):
            found = await ended(tmp_path, claude.url, jobs)
    assert [(job.status, job.error) for job in found] == [("succeeded", None)] * NEIGHBOURS


async def test_a_job_that_kills_its_process_fails_alone_with_the_reason_and_its_neighbours_succeed(
    tmp_path: Path,
) -> None:
    model = Model()
    with ClaudeServer(model) as claude:
        prompts = ["Poison", *(f"Draw system {n}" for n in range(NEIGHBOURS))]
        jobs = await submitted(tmp_path, claude.url, *prompts)
        for _ in range(8):
            with server(tmp_path, claude.url, model) as process:
                model.holding = model.deaths < 2
                await until(lambda: not process.is_alive() or model.deaths == 4, 30)
                if process.is_alive():
                    break
        with server(tmp_path, claude.url, model):
            poison, *others = await ended(tmp_path, claude.url, jobs)
    assert (poison.status, poison.error and poison.error.type, model.deaths) == ("failed", "poison", 4)
    assert poison.error and "alone" in poison.error.detail
    assert [(job.status, job.error) for job in others] == [("succeeded", None)] * NEIGHBOURS
