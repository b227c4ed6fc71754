"""The product against a scripted Claude over a real socket, and what tests of whole jobs say of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.jobs.model import ENDED, Job, Resume
from archwright.model.protocol import Body
from archwright.model.scripted import Script, Step
from archwright.wiring import Embedded, embedded
from tests.agent.worker import settings_for
from tests.claude_server import ClaudeServer

NODE = {"type": "service", "technology": "Go", "description": "A part.", "parent": ""}
PAIR = Step.calls(
    ("add_node", {**NODE, "id": "web", "type": "web", "label": "Web"}),
    ("add_node", {**NODE, "id": "api", "label": "API"}),
    ("add_edge", {"source": "web", "target": "api", "label": "calls", "kind": "request"}),
    text="I draw two parts.",
)
DONE = Step.says("Drew two parts.")


@asynccontextmanager
async def product(folder: Path, script: Script, **settings: Any) -> AsyncIterator[tuple[Embedded, ClaudeServer]]:
    with ClaudeServer(script) as server:
        async with embedded(settings_for(folder, server.url, **settings)) as here:
            yield here, server
        assert server.violations == []


async def drawn(here: Embedded, prompt: str = "Draw two parts") -> Job:
    return await ended(here, (await here.jobs.start("local", title=None, prompt=prompt, model=None)).job)


async def edited(here: Embedded, job: Job, text: str) -> Job:
    return await ended(here, (await here.jobs.submit(job.session_id, "local", text=text, focus=(), model=None)).job)


async def ended(here: Embedded, job: Job) -> Job:
    async with asyncio.timeout(20):
        while job.status not in {*ENDED, "awaiting_input"}:
            await asyncio.sleep(0.01)
            job = await here.store.job(job.id)
    return job


async def diagram_of(here: Embedded, job: Job) -> Diagram:
    """The diagram, once the log was checked against it and the cost against the turns."""
    head, diagram = await here.store.load(job.session_id, "local")
    changes = await here.store.changes(job.session_id, "local", 0)
    assert [change.version for change in changes] == list(range(1, head.version + 1))
    assert fold(Diagram(title=diagram.title), (op for c in changes for op in c.ops)) == diagram
    _, turns = await here.jobs.trace(job.id, "local")
    current = await here.store.job(job.id)
    assert current.cost_usd == pytest.approx(sum(turn.cost_usd for turn in turns), abs=1e-9)
    return diagram


async def results(here: Embedded, job: Job) -> list[tuple[str | None, bool]]:
    _, turns = await here.jobs.trace(job.id, "local")
    return [(call.result, call.is_error) for turn in turns for call in turn.tool_calls]


async def resumed(here: Embedded, job: Job, **answer: Any) -> Job:
    """Answer a job that waits, and return it when it has ended or waits again."""
    return await ended(here, await here.jobs.resume(job.id, "local", Resume(**answer)))


def question(text: str, *options: str) -> tuple[str, dict[str, Any]]:
    return "ask_user", {"question": text, "options": list(options)}


def node(node_id: str, **others: Any) -> tuple[str, dict[str, Any]]:
    return "add_node", {**NODE, "id": node_id, "label": node_id.title(), **others}


def edge(source: str, target: str) -> tuple[str, dict[str, Any]]:
    return "add_edge", {"source": source, "target": target, "label": "calls", "kind": "request"}


def told(body: Body) -> str:
    """All text of the last message of a request."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "\n".join(
        str(block.get("text") or block.get("content")) for block in content
    )  # fmt: skip
