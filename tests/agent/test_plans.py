"""Plans: steps in contexts of their own, at once where they can be; what fails, what waits for a person."""

import asyncio
from dataclasses import replace
from pathlib import Path

from archwright.diagram.change import Actor
from archwright.diagram.ops import op_input_adapter
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.sessions.commit import Origin
from tests.agent.product import DONE, diagram_of, drawn, edge, edited, ended, node, product, resumed, told


def planner(body: Body) -> Step:
    """A plan of two steps that may run at once and one that waits for both; each draws in a turn and ends."""
    text = str(body["messages"])
    calls = [
        b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"] if b["type"] == "tool_use"
    ]
    if "<step>" in text:
        name = next(name for name in ("left", "right", "join") if f"Draw {name}" in text)
        if calls:
            return Step.says(f"Drew {name}.")
        tied = [edge("left", "join"), edge("right", "join")] if name == "join" else []
        return Step.calls(node(name), *tied, pause_s=0.002)
    if not calls:
        return Step.calls(("write_plan", {"steps": PLAN}), text="I plan it.")
    return Step.says("All drawn.")


PLAN = [
    {"id": "left", "title": "Left part", "task": "Draw left", "after": []},
    {"id": "right", "title": "Right part", "task": "Draw right", "after": []},
    {"id": "join", "title": "What joins them", "task": "Draw join", "after": ["left", "right"]},
]


async def test_a_plan_is_carried_out_step_by_step_in_contexts_of_their_own(tmp_path: Path) -> None:
    async with product(tmp_path, planner) as (here, server):
        job = await drawn(here)
        diagram = await diagram_of(here, job)
        assert (job.status, set(diagram.nodes), set(diagram.edges)) == (
            "succeeded", {"left", "right", "join"}, {"left--join", "right--join"},
        )  # fmt: skip
        assert [(one["id"], one["status"]) for one in job.progress.steps or []] == [
            ("left", "done"), ("right", "done"), ("join", "done"),
        ]  # fmt: skip
        _, turns = await here.jobs.trace(job.id, "local")
        assert [turn.turn for turn in turns] == list(range(1, len(turns) + 1))
        assert sorted({turn.context for turn in turns}) == ["", "step:1:join", "step:1:left", "step:1:right"]
        assert {turn.context for turn in turns[1:3]} == {"step:1:left", "step:1:right"}
        assert turns[0].tool_calls[0].result == (
            "left: done — Drew left.\nright: done — Drew right.\njoin: done — Drew join."
        )
        steps = [body["messages"] for body in server.requests if "<step>" in str(body["messages"])]
        assert [len(messages) for messages in steps if "Draw join" in str(messages)] == [1, 3]
        assert "join" not in str(steps[0]).split("<step>")[1]


async def test_a_step_that_fails_is_told_and_what_waits_for_it_is_not_done(tmp_path: Path) -> None:
    def failing(body: Body) -> Step:
        if "<step>\nDraw left" in str(body["messages"][0]["content"][-1]["text"]):
            wrong = Step.calls(("update_node", {"id": "ghost", "label": "Ghost"}))
            return wrong if len(body["messages"]) == 1 else Step.says("I could not.")
        return planner(body)

    async with product(tmp_path, failing) as (here, _):
        job = await drawn(here)
        _, turns = await here.jobs.trace(job.id, "local")
        lines = (turns[0].tool_calls[0].result or "").split("\n")
        assert lines[0].startswith("left: failed — I could not. Op 0 (update_node): There is no node 'ghost'")
        assert lines[1:] == ["right: done — Drew right.", "join: skipped — what it waits for was not done"]
        assert [one["status"] for one in job.progress.steps or []] == ["failed", "done", "skipped"]
        assert set((await diagram_of(here, job)).nodes) == {"right"}


async def test_a_plan_that_may_cost_too_much_waits_and_runs_as_the_person_wants_it(tmp_path: Path) -> None:
    async with product(tmp_path, planner) as (here, _):
        started = await here.jobs.start("local", title=None, prompt="Draw it", approve_above_usd=0)
        job = await ended(here, started.job)
        assert job.awaiting is not None and job.awaiting.steps is not None
        assert (job.awaiting.kind, len(job.awaiting.steps), job.awaiting.ops) == ("approval", 3, [])
        assert job.awaiting.estimate_usd is not None and job.awaiting.estimate_usd > 0
        job = await resumed(here, job, decision="approve", steps=[job.awaiting.steps[1]])
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"right"})


async def test_a_plan_that_a_person_refuses_is_not_carried_out(tmp_path: Path) -> None:
    async with product(tmp_path, planner, approve_above_usd=0.0) as (here, _):
        job = await resumed(here, await drawn(here), decision="reject", reason="too much")
        _, turns = await here.jobs.trace(job.id, "local")
        call = turns[0].tool_calls[0]
        assert (job.status, (await diagram_of(here, job)).nodes) == ("succeeded", {})
        assert call.is_error and call.result is not None
        assert call.result.startswith("Refused: the person does not want this plan: too much.")


async def test_a_job_is_stopped_between_the_steps_of_its_plan_and_keeps_what_they_drew(tmp_path: Path) -> None:
    def slow(body: Body) -> Step:
        late = "<step>\\nDraw join" in str(body["messages"])
        return replace(planner(body), pause_s=0.2) if late else planner(body)

    async with product(tmp_path, slow) as (here, _):
        job = (await here.jobs.start("local", title=None, prompt="Draw two parts")).job
        async with asyncio.timeout(20):
            while "running" not in [one["status"] for one in (job.progress.steps or [])[2:]]:
                await asyncio.sleep(0.01)
                job = await here.store.job(job.id)
        await here.jobs.cancel(job.id, "local")
        job = await ended(here, job)
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("cancelled", {"left", "right"})
        assert [one["status"] for one in job.progress.steps or []] == ["done", "done", "skipped"]


async def test_a_plan_below_the_limit_runs_at_once(tmp_path: Path) -> None:
    async with product(tmp_path, planner, approve_above_usd=100.0) as (here, _):
        assert (await drawn(here)).status == "succeeded"


async def test_a_plan_in_a_circle_is_refused_in_words(tmp_path: Path) -> None:
    circle = [{**PLAN[0], "after": ["right"]}, {**PLAN[1], "after": ["left"]}]
    sorry = Step.says("I could not plan it.")
    async with product(tmp_path, [Step.calls(("write_plan", {"steps": circle})), sorry, sorry]) as (here, server):
        await drawn(here)
        assert "left, right wait for one another" in told(server.requests[1])


async def test_deletions_in_parallel_steps_each_wait_for_a_person(tmp_path: Path) -> None:
    ids = [f"n{i}" for i in range(12)]

    def deleting(body: Body) -> Step:
        text, first = str(body["messages"]), len(body["messages"]) == 1
        if "<step>" in text:
            half = ids[:6] if "first half" in text.split("<step>")[1] else ids[6:]
            return Step.calls(*(("delete_node", {"id": i}) for i in half)) if first else Step.says("Gone.")
        if "Draw" in text.rsplit("<request>", 1)[1]:
            return Step.calls(*map(node, ids)) if first else DONE
        steps = [
            {"id": name, "title": name, "task": f"Delete the {name} half", "after": []} for name in ("first", "second")
        ]
        return Step.calls(("write_plan", {"steps": steps})) if "write_plan" not in text else DONE

    async with product(tmp_path, deleting) as (here, _):
        job = await edited(here, await drawn(here), "Delete all in two halves")
        kept = []
        for _ in range(2):
            assert job.awaiting is not None and job.awaiting.ops is not None
            kept.append(job.awaiting.ops[0])
            job = await resumed(here, job, decision="approve", ops=job.awaiting.ops[1:])
        assert job.status == "succeeded"
        assert set((await diagram_of(here, job)).nodes) == {op["id"] for op in kept} == {"n0", "n6"}


async def test_a_plan_is_revised_when_a_step_failed(tmp_path: Path) -> None:
    def revising(body: Body) -> Step:
        text, turns = str(body["messages"]), sum(message["role"] == "assistant" for message in body["messages"])
        if "<step>\\nDraw left" in text and "again" not in text.split("<step>")[1]:
            return Step.says("I could not.") if turns else Step.calls(("delete_node", {"id": "ghost"}))
        if "<step>" not in text and turns == 1:
            again = {**PLAN[0], "task": "Draw left again"}
            return Step.calls(("write_plan", {"steps": [again]}))
        return planner(body)

    async with product(tmp_path, revising) as (here, _):
        job = await drawn(here)
        assert [(one["id"], one["status"]) for one in job.progress.steps or []] == [
            ("left", "done"), ("right", "done"), ("join", "skipped"),
        ]  # fmt: skip
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"left", "right"})


async def test_a_person_strikes_some_deletions_from_the_proposal(tmp_path: Path) -> None:
    ids = [f"n{i}" for i in range(7)]
    going = Step.calls(*(("delete_node", {"id": i}) for i in ids[:6]))
    async with product(tmp_path, [Step.calls(*map(node, ids)), DONE, DONE, going, DONE, DONE]) as (here, _):
        job = await edited(here, await drawn(here), "Delete nearly everything")
        assert job.awaiting is not None and job.awaiting.ops is not None
        job = await resumed(here, job, decision="approve", ops=job.awaiting.ops[2:])
        assert set((await diagram_of(here, job)).nodes) == {"n0", "n1", "n6"}
        _, turns = await here.jobs.trace(job.id, "local")
        assert [call.is_error for call in turns[0].tool_calls] == [True, True, False, False, False, False]


async def test_an_answer_is_to_the_deletions_that_were_shown_whatever_goes_meanwhile(tmp_path: Path) -> None:
    ids = [f"n{i}" for i in range(7)]
    going = Step.calls(*(("delete_node", {"id": i}) for i in ids[:6]))
    async with product(tmp_path, [Step.calls(*map(node, ids)), DONE, DONE, going, DONE, DONE]) as (here, _):
        job = await edited(here, await drawn(here), "Delete nearly everything")
        ops = [op_input_adapter.validate_python({"op": "delete_node", "id": i}) for i in ids[1:6]]
        mine = Origin(Actor(kind="user", id="local"), "mine")
        await here.sessions.commit(job.session_id, "local", ops, mine)
        await resumed(here, job, decision="reject", reason="It stays.")
        assert set((await diagram_of(here, job)).nodes) == {"n0", "n6"}
