"""Loops without progress end early and with the reason; what a model was told stays in the trace as it was."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archwright.model.protocol import Body
from archwright.model.scripted import Step
from tests.agent.product import DONE, PAIR, diagram_of, drawn, edge, edited, node, product, question, resumed, told

CUT = Step(content=({"type": "text", "text": "I think about it at length, and"},), stop_reason="max_tokens")


async def test_a_reply_cut_off_without_progress_is_asked_for_once_more_and_then_the_job_ends(tmp_path: Path) -> None:
    async with product(tmp_path, lambda body: CUT) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error and job.error.type, len(server.requests)) == ("incomplete", "cut-off", 2)
        assert "Be brief" in told(server.requests[1])
        assert job.error is not None and "cut off at its length limit twice" in job.error.detail


async def test_a_reply_cut_off_after_each_call_goes_on_as_long_as_it_gets_somewhere(tmp_path: Path) -> None:
    parts = [Step.calls(node(f"n{i}"), *([edge("n0", f"n{i}")] if i else [])) for i in range(4)]
    cut = [Step(content=part.content, stop_reason="max_tokens") for part in parts]
    async with product(tmp_path, [*cut, Step.says("Drew it."), Step.says("Drew it.")]) as (here, server):
        job = await drawn(here)
        assert (job.status, len((await diagram_of(here, job)).nodes)) == ("succeeded", 4)
        assert "What was complete took effect" in told(server.requests[1])


async def test_a_paused_turn_goes_on_and_is_bounded_too(tmp_path: Path) -> None:
    paused = Step(content=({"type": "text", "text": "One moment."},), stop_reason="pause_turn")
    async with product(tmp_path, [paused, PAIR, DONE]) as (here, _):
        assert (await drawn(here)).status == "succeeded"
    async with product(tmp_path / "b", lambda body: paused) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error and job.error.type, len(server.requests)) == ("incomplete", "cut-off", 2)


def cycle(*steps: Step) -> Any:
    def script(body: Body) -> Step:
        replies = sum(message["role"] == "assistant" for message in body["messages"])
        return PAIR if not replies else steps[replies % len(steps)]

    return script


def find(words: str) -> Step:
    return Step.calls(("find_nodes", {"query": words}))


def call_it(label: str) -> Step:
    return Step.calls(("update_node", {"id": "api", "label": label}))


@pytest.mark.parametrize(
    ("steps", "most", "why"),
    [
        ([find("a"), find("b"), Step.calls(("check_diagram", {}))], 12, "nothing changed in 10 turns"),
        ([call_it("One"), call_it("Two")], 8, "the same changes 3 times"),
        ([Step.calls(question("Which?")), Step.calls(question("Which?"))], 8, "the same calls 3 times"),
    ],
    ids=["reads without end", "to and fro", "the same question"],
)
async def test_a_loop_without_progress_ends_with_the_reason(
    tmp_path: Path, steps: Sequence[Step], most: int, why: str
) -> None:
    async with product(tmp_path, cycle(*steps)) as (here, server):
        job = await drawn(here)
        while job.status == "awaiting_input":
            job = await resumed(here, job, answer="Any")
        assert (job.status, job.error and job.error.type) == ("incomplete", "loop")
        assert job.error is not None and why in job.error.detail
        assert len(server.requests) <= most


async def test_a_question_that_was_skipped_is_not_put_again_in_other_words_either(tmp_path: Path) -> None:
    script = [PAIR, DONE, Step.calls(question("Which part?")), Step.calls(question("What do you mean?")), PAIR, DONE]
    async with product(tmp_path, [*script[:4], Step.calls(("update_node", {"id": "api", "label": "A"})), DONE]) as (
        here, server,
    ):  # fmt: skip
        job = await resumed(here, await edited(here, await drawn(here), "Rename the part to A"), skip=True)
        assert (job.status, (await diagram_of(here, job)).nodes["api"].label) == ("succeeded", "A")
        assert "Not asked: the person left it to you" in told(server.requests[4])


async def test_a_step_that_runs_again_keeps_in_the_trace_what_the_model_was_told(tmp_path: Path) -> None:
    ids = [f"n{i}" for i in range(7)]
    steps = [
        {"id": "look", "title": "Look", "task": "Delete what was found", "after": []},
        {"id": "more", "title": "More", "task": "Draw more", "after": []},
    ]

    def script(body: Body) -> Step:
        text, replies = str(body["messages"]), sum(message["role"] == "assistant" for message in body["messages"])
        if "<step>" in text and "Delete what" in text.split("<step>")[1]:
            going = Step.calls(*(("delete_node", {"id": i}) for i in ids[:6]), pause_s=0.02)
            return [find("n"), going, Step.says("Removed six.")][replies]
        if "<step>" in text:
            return Step.calls(node("n9")) if not replies else Step.says("Drew it.")
        if "Draw two parts" in text.rsplit("<request>", 1)[1]:
            return Step.calls(*map(node, ids)) if not replies else Step.says("Here it is.")
        return Step.says("All is well.") if "write_plan" in text else Step.calls(("write_plan", {"steps": steps}))

    async with product(tmp_path, script) as (here, server):
        job = await edited(here, await drawn(here), "Delete what is old and draw more")
        assert job.awaiting is not None and job.awaiting.kind == "approval"
        job = await resumed(here, job, decision="approve")
        _, turns = await here.jobs.trace(job.id, "local")
        read = next(call for turn in turns for call in turn.tool_calls if call.name == "find_nodes")
        heard = [body for body in server.requests if any("find_nodes" in str(m) for m in body["messages"])]
        assert f"{{'type': 'tool_result', 'tool_use_id': '{read.id}', 'content': {read.result!r}" in str(heard[0])
