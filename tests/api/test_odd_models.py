"""After whatever a model's server sent, everything of the session can be read."""

import asyncio
import json
from typing import Any

import pytest

from archwright.model.scripted import Step
from tests.agent.worker import MODEL
from tests.api.conftest import Opened
from tests.claude_server import ClaudeServer
from tests.model.odd import API, ODD, REFUSED, call, end, opened, start

NASTY = start(usage={"input_tokens": 10**20, "output_tokens": -1}, model="m\ud800", id="\ud800") + b"".join([
    opened(0, type="text", text="\ud800 \x00"),
    call(2, "add_node", json.dumps({**API, "label": "a\ud800"})),
    call(3, "add_node", '{"id": ' + "9" * 400 + "}"),
    call(4, "add_node", '{"x": ' * 100 + "1" + "}" * 100),
    call(5, "find_nodes", json.dumps({"query": "\x00\ud800"})),
    call(6, "delete_node", json.dumps({"id": ["x"] * 50})),
    call(7, "\ud800\x00", "{}"),
    end(output_tokens=10**20),
])  # fmt: skip


@pytest.mark.parametrize(
    "raw", [NASTY, ODD["10^20 tokens"], ODD["tokens that are no number"], REFUSED["100 levels"][0]],
    ids=["all at once", "10^20 tokens", "tokens that are no number", "100 levels"],
)  # fmt: skip
async def test_everything_can_be_read_after_an_odd_answer(product: Opened, raw: bytes) -> None:
    with ClaudeServer([Step(raw=(raw,)), Step.says("Done."), Step.says("Done.")]) as server:
        settings: dict[str, Any] = {"anthropic_api_key": "key", "anthropic_base_url": server.url, "model": MODEL}
        async with product(**settings) as client:
            begun = (await client.post("/sessions", json={"prompt": "Draw two parts"})).json()
            session, job = f"/sessions/{begun['session']['id']}", f"/jobs/{begun['job']['id']}"
            while (found := (await client.get(job)).json())["status"] in ("queued", "running"):
                await asyncio.sleep(0.02)
            assert found["status"] == "succeeded", found["error"]
            assert 0 < found["usage"]["input_tokens"] < 100_000
            for path in (session, job, f"{job}/trace", f"{session}/changes?since=0", f"{session}/messages", "/usage",
                         f"{session}/document", f"{session}/export?format=json"):  # fmt: skip
                assert (await client.get(path)).status_code == 200, path
            trace = (await client.get(f"{job}/trace")).json()
            assert all(made["result"] for turn in trace["turns"] for made in turn["tool_calls"])
            assert [node["id"] for node in (await client.get(session)).json()["nodes"]][-1] == "api"
        assert server.violations == []
