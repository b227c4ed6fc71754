"""First turns through the Message Batches API, over a real socket with the real SDK."""

import json
from pathlib import Path
from typing import Any

import pytest

from archwright.errors import InvalidRequest, ModelRefused, ModelRetryable
from archwright.model.claude import ClaudeModel
from archwright.model.offline import reply
from archwright.model.ports import ModelRequest, Reply
from archwright.model.scripted import Step
from evals.__main__ import evaluate, options_of
from evals.batching import batched
from evals.running import product
from evals.sets import SETS
from tests.claude_server import ClaudeServer
from tests.evals.batch_server import BatchServer, errored, succeeded

MODEL = "claude-sonnet-5-5"


def planned(name: str, params: Any) -> Any:
    """What the offline planner would answer."""
    answer = reply(params)
    return succeeded(params, [dict(block) for block in answer.content], answer.stop_reason)


def a_request(text: str = "Draw") -> ModelRequest:
    return ModelRequest(MODEL, "Be brief.", (), ({"role": "user", "content": text},), 100)


async def sent(server: BatchServer, *names: str) -> dict[str, Any]:
    claude = ClaudeModel("sk-secret-key", server.url)
    try:
        return await claude.batch({name: a_request(name) for name in names}, poll_s=0.01)
    finally:
        await claude.close()


async def test_each_request_gets_its_own_answer_whatever_their_order() -> None:
    def echo(name: str, params: Any) -> Any:
        return succeeded(params, [{"type": "text", "text": params["messages"][0]["content"]}], "end_turn")

    with BatchServer(echo) as server:
        found = await sent(server, "a", "b", "c")
    assert {name: one.content[0]["text"] for name, one in found.items()} == {"a": "a", "b": "b", "c": "c"}
    assert found["a"].usage.input_tokens == 1_000
    assert server.looks >= 2


async def test_a_request_that_came_to_nothing_has_the_reason_in_its_place() -> None:
    results = {
        "wrong": errored("invalid_request_error", "max_tokens is missing"),
        "busy": errored("overloaded_error", "Overloaded"),
        "late": {"type": "expired"},
        "stopped": {"type": "canceled"},
        "odd": {"type": "succeeded", "message": {"model": MODEL}},
        "lost": {},
    }
    with BatchServer(lambda name, params: results[name]) as server:
        found = await sent(server, *results)
    assert {name: type(error) for name, error in found.items()} == {
        "wrong": ModelRefused, "busy": ModelRetryable, "late": ModelRetryable, "stopped": ModelRetryable,
        "odd": ModelRetryable, "lost": ModelRetryable,
    }  # fmt: skip
    assert "max_tokens is missing" in found["wrong"].detail
    assert "expired" in found["late"].detail


async def test_a_call_that_the_token_limit_cut_is_not_made() -> None:
    content = [
        {"type": "text", "text": "So."},
        {"type": "tool_use", "id": "t1", "name": "add_node", "input": {"id": "a"}},
    ]
    with BatchServer(lambda name, params: succeeded(params, content, "max_tokens")) as server:
        (found,) = (await sent(server, "a")).values()
    assert isinstance(found, Reply)
    assert (found.stop_reason, found.tool_calls) == ("max_tokens", ())


async def test_a_provider_that_stumbles_while_the_batch_runs_is_asked_again() -> None:
    with BatchServer(planned, faults=(529, 500)) as server:
        assert isinstance((await sent(server, "a"))["a"], Reply)
        assert server.looks >= 3


async def test_a_batch_that_is_not_taken_says_why_and_never_the_key() -> None:
    with BatchServer(planned) as server:
        claude = ClaudeModel("sk-secret-key", f"{server.url}/nowhere/")
        server.created = lambda body: (401, json.dumps({"error": {"message": "sk-secret-key is wrong"}}).encode())  # type: ignore[method-assign]
        with pytest.raises(ModelRefused) as failed:
            await claude.batch({"a": a_request()}, poll_s=0.01)
        await claude.close()
    assert "sk-secret-key" not in failed.value.detail


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret-key")
    return monkeypatch


async def test_a_batch_asks_the_very_thing_that_the_agent_asks_first(
    with_key: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trial = next(t for t in SETS["edits"]("all") if "managed service" in t.text and t.submit)
    with ClaudeServer([Step.says("Done.")]) as claude, BatchServer(planned) as server:
        with_key.setenv("ANTHROPIC_BASE_URL", claude.url)
        async with product(MODEL) as at:
            await trial.run(at)
        with_key.setenv("ANTHROPIC_BASE_URL", server.url)
        async with product(MODEL, works=False) as at:
            await batched(at, [trial], 1, poll_s=0.01)
        asked, (together,) = claude.requests[0], server.batches[-1]
    assert together["params"] == {k: v for k, v in asked.items() if k not in ("stream", "diagnostics")}


async def test_first_turns_are_judged_at_half_the_price_and_repeated(with_key: pytest.MonkeyPatch) -> None:
    trials = [t for t in SETS["edits"]("development") if t.matches("rename")]
    with BatchServer(planned) as server:
        with_key.setenv("ANTHROPIC_BASE_URL", server.url)
        async with product(MODEL, works=False) as at:
            verdicts = await batched(at, trials, 2, poll_s=0.01)
    assert len(verdicts) == 2 * len(trials) == len({request["custom_id"] for request in server.batches[-1]})
    assert all(verdict.right for verdict in verdicts)
    half = 0.5 * (1_000 * 2 + 100 * 10) / 1e6
    assert [verdict.cost_usd for verdict in verdicts] == pytest.approx([half] * len(verdicts))


async def test_a_first_turn_that_never_came_is_a_wrong_case_and_no_end_of_the_run(with_key: pytest.MonkeyPatch) -> None:
    trial = next(t for t in SETS["vague"]("all"))
    with BatchServer(lambda name, params: {"type": "expired"}) as server:
        with_key.setenv("ANTHROPIC_BASE_URL", server.url)
        async with product(MODEL, works=False) as at:
            (verdict,) = await batched(at, [trial], 1, poll_s=0.01)
    assert not verdict.right
    assert "expired" in verdict.why[-1]


async def test_the_planner_has_no_batches() -> None:
    with pytest.raises(InvalidRequest, match="needs a model of Claude"):
        await evaluate(options_of(["--batch", "--set", "vague"]), lambda line: None)
