"""A round of questions: answered at once, one by one, or skipped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archwright.errors import InvalidRequest
from archwright.jobs.model import Job
from archwright.model.scripted import Step
from archwright.wiring import Embedded
from tests.agent.product import DONE, PAIR, diagram_of, drawn, product, question, resumed, told

TWO = Step.calls(question("How many people?", "ten", "a million"), question("Which cloud?", "AWS", "Azure"))


async def asked_twice(here: Embedded) -> Job:
    job = await drawn(here)
    assert job.awaiting is not None and job.awaiting.questions is not None
    assert (job.awaiting.question, job.awaiting.options) == ("How many people?", ["ten", "a million"])
    assert [one.question for one in job.awaiting.questions] == ["How many people?", "Which cloud?"]
    return job


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        ({"answers": ["ten", "AWS"]}, ["ten", "AWS"]),
        ({"answers": ["ten", ""]}, ["ten", "Skipped: the person leaves this to you."]),
        ({"skip": True}, ["Skipped: the person leaves this to you.", "Skipped: the person leaves this to you."]),
    ],
)
async def test_a_round_of_questions_is_answered_at_once_or_skipped(
    tmp_path: Path, answer: dict[str, Any], heard: Sequence[str]
) -> None:
    async with product(tmp_path, [TWO, PAIR, DONE]) as (here, server):
        job = await resumed(here, await asked_twice(here), **answer)
        assert job.status == "succeeded"
        results = server.requests[1]["messages"][-1]["content"]
        assert [block["type"] for block in results] == ["tool_result", "tool_result"]
        assert all(block["content"].startswith(text) for block, text in zip(results, heard, strict=True))
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}


async def test_the_questions_of_a_round_may_be_answered_one_by_one(tmp_path: Path) -> None:
    async with product(tmp_path, [TWO, PAIR, DONE]) as (here, server):
        job = await resumed(here, await asked_twice(here), answer="ten")
        assert job.awaiting is not None and job.awaiting.question == "Which cloud?"
        job = await resumed(here, job, answer="ten")
        assert job.status == "succeeded"
        assert [block["content"] for block in server.requests[1]["messages"][-1]["content"]] == ["ten", "ten"]


async def test_a_generation_asks_one_round_and_no_more_than_three_questions(tmp_path: Path) -> None:
    four = Step.calls(*(question(f"Question {n}?") for n in range(4)))
    async with product(tmp_path, [four, Step.calls(question("One more?")), PAIR, DONE]) as (here, server):
        job = await drawn(here)
        assert job.awaiting is not None and len(job.awaiting.questions or []) == 3
        job = await resumed(here, job, answers=["a", "b", "c"])
        assert job.status == "succeeded"
        assert "at most 3 questions" in server.requests[1]["messages"][-1]["content"][3]["content"]
        assert "a round of questions already" in told(server.requests[2])


async def test_the_same_answer_again_is_no_error_and_another_kind_of_answer_is(tmp_path: Path) -> None:
    async with product(tmp_path, [TWO, PAIR, DONE], worker_concurrency=1) as (here, _):
        job = await asked_twice(here)
        with pytest.raises(InvalidRequest, match="asked 2 questions"):
            await resumed(here, job, answers=["ten"])
        assert (await resumed(here, job, answers=["ten", "AWS"])).status == "succeeded"
