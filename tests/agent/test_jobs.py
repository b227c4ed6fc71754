"""Whole jobs over a real socket with the real SDK: what the agent does with what a model answers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archwright.agent.architect import Architect
from archwright.jobs.model import ENDED, Budget, Fence, Job, Resume
from archwright.jobs.ports import Control, Finished
from archwright.model.models import Models
from archwright.model.scripted import Step
from archwright.wiring import Embedded, ModelChoice, embedded
from tests.agent.product import DONE, NODE, PAIR, diagram_of, drawn, edited, product, results
from tests.agent.worker import settings_for


async def test_a_turn_of_parallel_calls_draws_a_laid_out_diagram(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE]) as (here, server):
        job = await drawn(here)
        diagram = await diagram_of(here, job)
        assert (job.status, job.turn, job.usage.model_calls) == ("succeeded", 2, 2)
        assert set(diagram.nodes) == {"web", "api"}
        assert all(node.size.width > 0 for node in diagram.nodes.values())
        assert len(diagram.edges["web--api"].route) >= 2
        assert server.requests[1]["messages"][: len(server.requests[0]["messages"])] == server.requests[0]["messages"]


async def test_a_refused_call_tells_the_model_what_exists(tmp_path: Path) -> None:
    wrong = Step.calls(("update_node", {"id": "ghost", "label": "Ghost"}))
    async with product(tmp_path, [PAIR, wrong, DONE]) as (here, _):
        job = await drawn(here)
        await diagram_of(here, job)
        text, is_error = (await results(here, job))[-1]
        assert is_error
        assert text is not None
        assert "'ghost'" in text
        assert "api" in text


@pytest.mark.parametrize("fault", ["end", "reset", "error", "garbage"])
async def test_a_stream_that_breaks_inside_a_call_is_asked_for_again_and_leaves_nothing(
    tmp_path: Path, fault: Any
) -> None:
    broken = Step(content=PAIR.content, fault=fault)
    async with product(tmp_path, [broken, PAIR, DONE]) as (here, server):
        job = await drawn(here)
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}
        assert (job.status, len(server.requests)) == ("succeeded", 3)
        _, turns = await here.jobs.trace(job.id, "local")
        assert [len(turn.errors) for turn in turns] == [1, 0]


async def test_a_silent_model_is_asked_again(tmp_path: Path) -> None:
    stalled = Step(content=PAIR.content, fault="stall")
    async with product(tmp_path, [stalled, PAIR, DONE], model_stall_s=0.3) as (here, _):
        assert (await drawn(here)).status == "succeeded"


@pytest.mark.parametrize("status", [429, 529, 500])
async def test_an_overloaded_provider_is_asked_again(tmp_path: Path, status: int) -> None:
    async with product(tmp_path, [Step(status=status), PAIR, DONE]) as (here, _):
        assert (await drawn(here)).status == "succeeded"


async def test_a_wrong_key_fails_the_job_once_with_the_reason(tmp_path: Path) -> None:
    refusal = Step(status=401, error="authentication_error", message="invalid x-api-key")
    async with product(tmp_path, [refusal]) as (here, server):
        job = await drawn(here)
        assert job.status == "failed"
        assert job.error is not None
        assert "invalid x-api-key" in job.error.detail
        assert len(server.requests) == 1


async def test_no_network_fails_the_job_with_the_reason(tmp_path: Path) -> None:
    async with embedded(settings_for(tmp_path, "http://127.0.0.1:9", model_retry_s=0.2)) as here:
        job = await drawn(here)
        assert job.status == "failed"
        assert job.error is not None
        assert job.error.type == "model-unavailable"


async def test_a_refusal_of_the_model_fails_the_job_and_keeps_what_was_drawn(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, Step(stop_reason="refusal")]) as (here, _):
        job = await drawn(here)
        assert (job.status, job.error and job.error.type) == ("failed", "refusal")
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}


async def test_a_call_cut_by_the_token_limit_does_not_run_and_the_model_goes_on(tmp_path: Path) -> None:
    cut = Step(content=PAIR.content, stop_reason="max_tokens", cut=20)
    rest = Step.calls(("add_edge", {"source": "web", "target": "api", "label": "calls", "kind": "request"}))
    async with product(tmp_path, [cut, rest, DONE]) as (here, _):
        job = await drawn(here)
        assert job.status == "succeeded"
        assert set((await diagram_of(here, job)).edges) == {"web--api"}


async def test_a_model_that_loops_for_ever_is_stopped_with_its_work_kept(tmp_path: Path) -> None:
    def again(body: Any) -> Step:
        return PAIR if len(body["messages"]) < 2 else Step.calls(("check_diagram", {}))

    async with product(tmp_path, again) as (here, _):
        job = await drawn(here)
        assert (job.status, job.error and job.error.type) == ("incomplete", "loop")
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}


async def test_the_budget_of_turns_ends_a_job_as_incomplete(tmp_path: Path) -> None:
    def more(body: Any) -> Step:
        number = len(body["messages"])
        return Step.calls(("add_node", {**NODE, "id": f"n{number}", "label": f"N{number}"}))

    async with product(tmp_path, more, job_turns=4) as (here, _):
        job = await drawn(here)
        assert (job.status, job.turn, job.error and job.error.type) == ("incomplete", 4, "budget-turns")


async def test_findings_go_back_to_the_model_once(tmp_path: Path) -> None:
    lonely = Step.calls(("add_node", {**NODE, "id": "web", "type": "web", "label": "Web"}),
                        ("add_node", {**NODE, "id": "api", "label": "API"}))  # fmt: skip
    async with product(tmp_path, [lonely, DONE, Step.says("They stay apart.")]) as (here, server):
        job = await drawn(here)
        assert (job.status, len(server.requests)) == ("succeeded", 3)
        assert "isolated-node" in server.requests[2]["messages"][-1]["content"][0]["text"]


def six_nodes() -> Step:
    return Step.calls(*(("add_node", {**NODE, "id": f"n{i}", "label": f"N{i}"}) for i in range(7)))


def deletion(count: int) -> Sequence[tuple[str, dict[str, Any]]]:
    return [("delete_node", {"id": f"n{i}"}) for i in range(count)]


async def drawn_and_asked_to_delete(here: Embedded) -> Job:
    return await edited(here, await drawn(here), "Delete nearly everything")


@pytest.mark.parametrize(("decision", "left"), [("approve", {"n6"}), ("reject", {f"n{i}" for i in range(7)})])
async def test_a_deletion_in_bulk_waits_for_a_person(tmp_path: Path, decision: Any, left: set[str]) -> None:
    script = [six_nodes(), DONE, Step.says("I leave them so."), Step.calls(*deletion(6)), DONE, DONE]
    async with product(tmp_path, script) as (here, _):
        job = await drawn_and_asked_to_delete(here)
        assert job.status == "awaiting_input"
        assert job.awaiting is not None
        assert (job.awaiting.kind, len(job.awaiting.ops)) == ("approval", 6)
        await here.jobs.resume(job.id, "local", Resume(decision=decision))
        async with asyncio.timeout(20):
            while (await here.store.job(job.id)).status not in ENDED:
                await asyncio.sleep(0.01)
        assert set((await diagram_of(here, job)).nodes) == left


async def test_a_question_pauses_the_job_until_it_is_answered(tmp_path: Path) -> None:
    asking = Step.calls(("ask_user", {"question": "Which cloud?", "options": ["AWS", "Azure"]}))
    async with product(tmp_path, [asking, PAIR, DONE]) as (here, server):
        job = await drawn(here)
        assert job.awaiting is not None
        assert (job.awaiting.question, job.awaiting.options) == ("Which cloud?", ["AWS", "Azure"])
        await here.jobs.resume(job.id, "local", Resume(answer="AWS"))
        async with asyncio.timeout(20):
            while (await here.store.job(job.id)).status not in ENDED:
                await asyncio.sleep(0.01)
        assert server.requests[1]["messages"][-1]["content"][0]["content"] == "AWS"
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}


async def test_call_ids_that_a_server_counts_anew_do_not_hide_later_calls(tmp_path: Path) -> None:
    def counted(name: str, node: str) -> Step:
        given = {**NODE, "id": node, "label": node}
        return Step(content=({"type": "tool_use", "id": "call_0", "name": name, "input": given},))

    script = [counted("add_node", "a"), counted("add_node", "b"), DONE, DONE]
    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        assert set((await diagram_of(here, job)).nodes) == {"a", "b"}


async def test_a_second_job_sees_the_conversation_and_the_new_diagram(tmp_path: Path) -> None:
    rename = Step.calls(("update_node", {"id": "api", "label": "Orders API"}))
    async with product(tmp_path, [PAIR, DONE, rename, DONE]) as (here, server):
        job = await edited(here, await drawn(here), "Call it Orders API")
        assert (await diagram_of(here, job)).nodes["api"].label == "Orders API"
        first = server.requests[2]["messages"]
        assert [message["role"] for message in first] == ["user", "assistant", "user"]
        assert 'api [service] "API"' in first[-1]["content"][0]["text"]


async def test_a_job_that_is_handed_over_after_its_time_ends_instead_of_travelling_for_ever(tmp_path: Path) -> None:
    async with embedded(settings_for(tmp_path, "http://127.0.0.1:9"), works=False) as here:
        waiting = (await here.jobs.start("local", title=None, prompt="Draw two parts", model=None)).job
        job = await here.store.claim(waiting.id, "here", 0, 60)
        models, budget = Models({}, ()), Budget(wall_s=0.001)
        agent = Architect(
            here.store, here.sessions, models, ModelChoice(here.cards), budget=budget, retry_s=1, price=models.cost_usd
        )
        control = Control(deadline=asyncio.get_running_loop().time() + 60)
        control.drain.set()
        await asyncio.sleep(0.01)
        outcome = await agent.run(job, Fence(job_id=job.id, number=job.fence), control)
        assert isinstance(outcome, Finished)
        assert (outcome.status, outcome.error and outcome.error.type) == ("incomplete", "budget-time")
