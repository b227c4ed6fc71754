"""Whole jobs whose model's server is odd, over a real socket: what is drawn, recorded and told in the end."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest

from archwright.jobs.model import Job, ToolCall, Turn
from archwright.model.scripted import Step
from archwright.wiring import Embedded
from tests.agent.product import DONE, PAIR, diagram_of, drawn, edited, node, product, resumed
from tests.model.odd import ODD, REFUSED

NOTE = ("note_assumption", {"topic": "Peak load", "text": "A thousand a second.", "rests_on": ["web"]})
ASK = ("ask_user", {"question": "Which cloud?", "options": ["AWS", "Azure"]})
GROUP = ("group_nodes", {"id": "all", "label": "All", "members": ["web", "api"], "parent": ""})
READ = ("describe_nodes", {"ids": ["web"]})
STEP = {"id": "a", "title": "Cache", "task": "Draw a cache.", "after": []}
PLAN = ("write_plan", {"steps": [STEP]})


async def turns_of(here: Embedded, job: Job) -> tuple[Turn, ...]:
    return (await here.jobs.trace(job.id, "local"))[1]


async def calls_of(here: Embedded, job: Job) -> list[ToolCall]:
    """All calls of a job, once all that is stored of it was found fit for an answer of the API."""
    turns = await turns_of(here, job)
    orjson.dumps([turn.model_dump(mode="json") for turn in turns])
    orjson.dumps((await here.store.job(job.id)).model_dump(mode="json"))
    return [call for turn in turns for call in turn.tool_calls]


def changed(call: tuple[str, dict[str, Any]], **values: Any) -> Step:
    return Step.calls((call[0], {**call[1], **values}), node("later"))


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_answer_draws_what_it_means(tmp_path: Path, name: str) -> None:
    async with product(tmp_path, [Step(raw=(ODD[name],)), DONE]) as (here, server):
        job = await drawn(here)
        diagram = await diagram_of(here, job)
        assert (job.status, set(diagram.nodes), set(diagram.edges)) == ("succeeded", {"web", "api"}, {"web--api"})
        assert [call.is_error for call in await calls_of(here, job)] == [False] * 3
        assert len(server.requests) == 2
        assert 0 < job.usage.input_tokens < 100_000


@pytest.mark.parametrize("name", REFUSED)
async def test_a_call_that_cannot_be_read_is_told_to_the_model_and_the_good_one_is_drawn(
    tmp_path: Path, name: str
) -> None:
    raw, said = REFUSED[name]
    async with product(tmp_path, [Step(raw=(raw,)), DONE, DONE]) as (here, server):
        job = await drawn(here)
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"api"})
        bad, good = await calls_of(here, job)
        assert (bad.is_error, good.is_error) == (True, False)
        assert said in (bad.result or "")
        told = server.requests[1]["messages"][-1]["content"]
        assert [(block["tool_use_id"], block.get("is_error", False)) for block in told] == [
            (bad.id, True), (good.id, False),
        ]  # fmt: skip
        assert told[0]["content"] == bad.result


LISTS = [
    (ASK, "options"), (NOTE, "rests_on"), (GROUP, "members"), (READ, "ids"), (PLAN, "steps"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "name"), LISTS, ids=[call[0] for call, _ in LISTS])
@pytest.mark.parametrize("value", [True, 5, {"a": 1}, "web", "[1", "{}", [["a"]], [True], [None]], ids=json.dumps)
async def test_a_list_of_another_form_is_refused_and_says_so(
    tmp_path: Path, call: tuple[str, dict[str, Any]], name: str, value: Any
) -> None:
    async with product(tmp_path, [PAIR, changed(call, **{name: value}), DONE, DONE]) as (here, _):
        job = await drawn(here)
        diagram = await diagram_of(here, job)
        assert (job.status, set(diagram.nodes), dict(diagram.sections)) == ("succeeded", {"web", "api", "later"}, {})
        bad = (await calls_of(here, job))[3]
        assert bad.is_error
        assert (bad.result or "").startswith(f"{call[0]}: {name}")
        assert " must be " in (bad.result or "")


@pytest.mark.parametrize("options", ['["AWS", "Azure"]', '"[\\"AWS\\", \\"Azure\\"]"', ["AWS", "Azure"]], ids=str)
async def test_options_as_json_text_are_the_options_that_they_mean(tmp_path: Path, options: Any) -> None:
    async with product(tmp_path, [Step.calls((ASK[0], {**ASK[1], "options": options})), PAIR, DONE]) as (here, _):
        job = await drawn(here)
        assert job.awaiting is not None
        assert (job.awaiting.question, job.awaiting.options) == ("Which cloud?", ["AWS", "Azure"])
        assert (await resumed(here, job, answer="AWS")).status == "succeeded"


@pytest.mark.parametrize("given", [{"options": None}, {}], ids=["null", "absent"])
async def test_a_question_without_options_is_one_without(tmp_path: Path, given: dict[str, Any]) -> None:
    async with product(tmp_path, [Step.calls((ASK[0], {"question": "Which cloud?", **given})), PAIR, DONE]) as (
        here,
        _,
    ):
        job = await drawn(here)
        assert job.awaiting is not None
        assert job.awaiting.options == []


async def test_lists_as_json_text_are_taken_everywhere(tmp_path: Path) -> None:
    step = Step.calls(
        (NOTE[0], {**NOTE[1], "rests_on": '["web"]'}),
        (GROUP[0], {**GROUP[1], "members": '["web", "api"]'}),
        (READ[0], {"ids": '["web"]'}),
        ("check_diagram", {}),
    )
    async with product(tmp_path, [PAIR, step, DONE, DONE]) as (here, _):
        job = await drawn(here)
        diagram = await diagram_of(here, job)
        assert not any(call.is_error for call in await calls_of(here, job))
        assert (diagram.nodes["web"].parent, diagram.nodes["api"].parent) == ("all", "all")
        assert diagram.sections["assumption-peak-load"].body.endswith("**Rests on it:** `web`")


async def test_a_plan_as_json_text_is_carried_out(tmp_path: Path) -> None:
    steps = json.dumps([json.dumps({**STEP, "after": "[]"})])
    script = [Step.calls(("write_plan", {"steps": steps})), Step.calls(node("cache")), DONE, DONE, DONE]
    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        assert set((await diagram_of(here, job)).nodes) == {"cache"}


@pytest.mark.parametrize("value", [["x"], {"a": 1}, True, 5, None], ids=json.dumps)
@pytest.mark.parametrize(
    ("name", "prop"),
    [("delete_node", "id"), ("ungroup", "id"), ("delete_edge", "id"), ("update_node", "id"), ("update_edge", "id"),
     ("find_nodes", "query"), ("delete_document_section", "slug")],
)  # fmt: skip
async def test_a_text_of_another_form_is_refused(tmp_path: Path, name: str, prop: str, value: Any) -> None:
    async with product(tmp_path, [PAIR, Step.calls((name, {prop: value}), node("later")), DONE, DONE]) as (here, _):
        job = await drawn(here)
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"web", "api", "later"})
        bad = (await calls_of(here, job))[3]
        assert bad.is_error
        assert bad.result == f"{name} needs {prop}." or (bad.result or "").startswith(f"{name}: {prop} must be text")


async def test_what_is_absent_and_has_one_meaning_takes_it(tmp_path: Path) -> None:
    step = Step.calls(
        ("add_node", {"id": "web", "type": "web", "label": "Web"}),
        ("add_node", {"id": "api", "type": "api", "label": "API", "parent": None, "technology": None}),
        ("add_edge", {"source": "web", "target": "api", "label": "calls"}),
    )
    async with product(tmp_path, [step, DONE]) as (here, _):
        diagram = await diagram_of(here, await drawn(here))
        assert [(n.id, n.parent, n.technology) for n in diagram.nodes.values()] == [
            ("web", None, ""),
            ("api", None, ""),
        ]
        assert diagram.edges["web--api"].kind == "request"


async def test_text_that_nothing_can_carry_breaks_nothing(tmp_path: Path) -> None:
    half, nul = "a\ud800b", "a\x00b"
    asked = Step.calls(
        (ASK[0], {"question": nul, "options": [half, nul]}), (PLAN[0], {"steps": [{**STEP, "task": nul}]})
    )
    drawing = Step.calls(
        node("web", label=half, description=half),
        ("find_nodes", {"query": nul}), ("describe_nodes", {"ids": [half, nul]}),
        (NOTE[0], {**NOTE[1], "text": nul}), ("update_document_section", {"slug": "a", "title": "A", "body": half}),
    )  # fmt: skip
    async with product(tmp_path, [asked, Step.says(half), drawing, DONE, DONE]) as (here, _):
        job = await drawn(here)
        assert job.awaiting is not None
        assert job.awaiting.options == ["a\ufffdb", nul]
        job = await resumed(here, job, answer="AWS")
        diagram = await diagram_of(here, job)
        calls = await calls_of(here, job)
        assert job.status == "succeeded"
        assert (diagram.nodes["web"].label, diagram.nodes["web"].description) == ("a\ufffdb", "a\ufffdb")
        assert diagram.sections["a"].body == "a\ufffdb"
        assert [call.name for call in calls if call.is_error] == ["note_assumption"]


async def test_a_session_that_counted_more_tokens_than_can_be_opens_again(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE]) as (here, _):
        job = await drawn(here)
    with sqlite3.connect(tmp_path / "archwright.db") as db:
        db.create_function("beyond", 1, lambda body: re.sub(r'"input_tokens":\d+', f'"input_tokens":{10**20}', body))
        db.execute("UPDATE job SET body = beyond(body)")
        db.execute("UPDATE turn SET body = beyond(body)")
    db.close()
    async with product(tmp_path, [Step.says("A web page and an API.")]) as (here, _):
        stored = await here.store.job(job.id)
        assert stored.usage.input_tokens == 10**15
        assert not any(call.is_error for call in await calls_of(here, job))
        assert (await edited(here, job, "What do you see?")).status == "succeeded"
