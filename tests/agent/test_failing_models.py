"""Whole jobs whose model's server is overloaded, slow or breaks off, over a real socket: what is kept and told."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from archwright.model import answers
from archwright.model.scripted import Step
from tests.agent.product import DONE, PAIR, diagram_of, drawn, ended, node, product


def always_cut(count: int) -> Any:
    """A server that breaks off each answer after its first complete call, until all boxes are there."""

    def answer(body: Any) -> Step:
        known = sum(b["type"] == "tool_use" for m in body["messages"] if m["role"] == "assistant" for b in m["content"])
        if known >= count:
            return DONE
        calls = [node(f"n{n}") for n in range(known, count)]
        return Step.calls(*calls, node("end"), fault="end", after=1 + 11)

    return answer


async def test_a_server_that_cuts_every_answer_still_draws_all_and_is_paid_twice_at_most(tmp_path: Path) -> None:
    async with product(tmp_path, always_cut(3)) as (here, server):
        job = await drawn(here)
        turns = (await here.jobs.trace(job.id, "local"))[1]
        assert set((await diagram_of(here, job)).nodes) == {"n0", "n1", "n2"}
        assert job.status == "succeeded"
        assert [turn.stop_reason for turn in turns[:3]] == ["cut"] * 3
        assert [(turn.retries, len(turn.errors)) for turn in turns[:3]] == [(1, 2)] * 3
        assert {error.detail for error in turns[0].errors} == {"The model's stream ended in the middle of its turn."}
        assert len(server.requests) <= 2 * 3 + 2
        assert job.usage.model_calls == len(server.requests)
        told = server.requests[2]["messages"][-1]["content"]
        assert told[0]["type"] == "tool_result"
        assert told[1]["text"].startswith("Your reply broke off on its way here.")


async def test_a_server_that_cuts_every_answer_before_a_call_is_complete_fails_with_what_was_drawn(
    tmp_path: Path,
) -> None:
    cut = Step.calls(node("cache"), fault="end", usage={"input_tokens": 500})
    async with product(tmp_path, [PAIR, *[cut] * 9]) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error and job.error.detail) == (
            "failed", "The model's stream ended in the middle of its turn. Gave up after 3 tries.",
        )  # fmt: skip
        assert set((await here.store.load(job.session_id, "local"))[1].nodes) == {"web", "api"}
        assert (len(server.requests), job.usage.model_calls) == (4, 4)
        assert job.usage.input_tokens >= 1_500


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (Step(status=529), "The model provider is overloaded (529): Overloaded."),
        (
            Step(status=429, error="rate_limit_error", message="Slow down", headers={"retry-after": "90"}),
            "The model provider limits the rate of requests (429): Slow down. Try again in 2 minutes,",
        ),
        (
            Step.calls(node("a"), fault="error", error="overloaded_error", after=1),
            "The model provider is overloaded and broke off its answer (overloaded_error): Overloaded.",
        ),
    ],
    ids=["overloaded", "limited", "overloaded in mid-stream"],
)
async def test_overload_and_rate_limits_are_told_as_what_they_are(tmp_path: Path, step: Step, says: str) -> None:
    async with product(tmp_path, [step] * 9, model_retry_s=0.7) as (here, _):
        job = await drawn(here)
        assert job.status == "failed"
        assert job.error is not None
        assert job.error.detail.startswith(says)
        assert job.error.detail.endswith("or with another model.")


async def test_while_it_is_asked_again_the_progress_says_why(tmp_path: Path) -> None:
    async with product(tmp_path, [Step(status=529), PAIR, DONE]) as (here, _):
        job = (await here.jobs.start("local", title=None, prompt="Draw two parts", model=None)).job
        seen = set()
        while job.status in ("queued", "running"):
            seen.add((job.progress.phase, job.progress.message))
            await asyncio.sleep(0.02)
            job = await here.store.job(job.id)
        assert ("retrying", "The model provider is overloaded (529): Overloaded. Trying again in 1 second.") in seen


async def test_a_model_that_is_slow_to_start_is_waited_for_and_the_job_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SLOW_S", 0.2)
    monkeypatch.setattr("archwright.model.claude.SLOW_S", 0.2)
    slow = Step(content=PAIR.content, first_s=2.5)
    times: dict[str, Any] = {"model_stall_s": 0.5, "lease_s": 1.2, "lease_renew_s": 0.3}
    async with product(tmp_path, [slow, DONE], **times) as (here, server):
        job = (await here.jobs.start("local", title=None, prompt="Draw two parts", model=None)).job
        seen = set()
        while job.status in ("queued", "running"):
            seen.add(job.progress.message)
            await asyncio.sleep(0.02)
            job = await here.store.job(job.id)
        assert (job.status, job.fence, len(server.requests)) == ("succeeded", 1, 2)
        assert "The model is slow to start: no word from it for 1 second" in seen


async def test_a_job_that_waits_for_a_first_word_can_be_cancelled(tmp_path: Path) -> None:
    async with product(tmp_path, [Step(content=PAIR.content, first_s=30)]) as (here, server):
        job = (await here.jobs.start("local", title=None, prompt="Draw two parts", model=None)).job
        while not server.requests:
            await asyncio.sleep(0.02)
        await here.jobs.cancel(job.id, "local")
        assert (await ended(here, job)).status == "cancelled"


async def test_a_model_that_says_nothing_for_too_long_is_given_up(tmp_path: Path) -> None:
    silent = Step(content=PAIR.content, first_s=30)
    async with product(tmp_path, [silent], model_first_s=0.5, model_stall_s=0.3, model_retry_s=0) as (here, _):
        job = await drawn(here)
        assert (job.status, job.error and job.error.detail) == ("failed", "The model sent nothing for 0.5 seconds.")
