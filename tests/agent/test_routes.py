"""What a request wants and which model does it: rules first, the small model where they are not sure."""

from pathlib import Path

import pytest

from archwright.model.protocol import Body
from archwright.model.scripted import Step
from tests.agent.product import DONE, PAIR, diagram_of, drawn, edited, product, told

ANSWER = Step.says("Two parts: the web calls the API.")


async def test_an_uncertain_request_is_sorted_by_the_small_model_and_the_trace_says_so(tmp_path: Path) -> None:
    def script(body: Body) -> Step:
        if body["model"] == "claude-haiku-5-5" and "sort" in str(body["system"]):
            return Step.says("question small")
        return PAIR if len(body["messages"]) == 1 and "Draw" in told(body) else ANSWER

    async with product(tmp_path, script, model=None) as (here, server):
        job = await edited(here, await drawn(here), "hmm, the API, the web")
        assert (job.kind, job.model, job.status) == ("question", "claude-haiku-5-5", "succeeded")
        assert job.route is not None and job.route.reason.startswith("claude-haiku-5-5 reads it as 'question'.")
        _, turns = await here.jobs.trace(job.id, "local")
        assert [(turn.context, turn.model) for turn in turns] == [
            ("route", "claude-haiku-5-5"), ("", "claude-haiku-5-5"),
        ]  # fmt: skip
        assert job.cost_usd == pytest.approx(sum(turn.cost_usd for turn in turns)) and job.cost_usd > 0
        assert [body["model"] for body in server.requests][:2] == ["claude-sonnet-5-5"] * 2


async def test_a_sorting_that_fails_or_says_nonsense_does_not_hold_up_the_job(tmp_path: Path) -> None:
    def script(body: Body) -> Step:
        if "sort" in str(body["system"]):
            return Step(status=400, error="invalid_request_error", message="no")
        return PAIR if "Draw" in told(body) and len(body["messages"]) == 1 else ANSWER

    async with product(tmp_path, script, model=None) as (here, _):
        job = await edited(here, await drawn(here), "hmm, the API, the web")
        assert (job.kind, job.status) == ("edit", "succeeded")


async def test_what_is_about_something_else_is_declined_without_a_model(tmp_path: Path) -> None:
    async with product(tmp_path, []) as (here, server):
        job = await drawn(here, "Write me a poem about spring")
        assert (job.kind, job.status, job.turn, job.cost_usd) == ("off_topic", "succeeded", 0, 0)
        assert server.requests == []
        messages = await here.store.recent_messages(job.session_id, "local", 9)
        assert messages[-1].text.startswith("I draw and edit architecture diagrams")


async def test_a_message_that_asks_for_the_document_starts_the_job_that_writes_it(tmp_path: Path) -> None:
    write = Step.calls(("update_document_section", {"slug": "summary", "title": "Summary", "body": "Two parts."}))
    async with product(tmp_path, [PAIR, DONE, write, DONE, DONE]) as (here, _):
        job = await edited(here, await drawn(here), "Write the design document")
        assert (job.kind, job.status, "component-api" in job.sections) == ("document", "incomplete", True)
        assert (await diagram_of(here, job)).sections["summary"].body == "Two parts."
