"""Whole jobs whose model's server is odd, over a real socket: what is drawn, recorded and told in the end."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest

from archwright.jobs.model import Job, ToolCall, Turn
from archwright.model import answers
from archwright.model.scripted import Step
from archwright.wiring import Embedded
from tests.agent.product import DONE, PAIR, diagram_of, drawn, edited, ended, node, product, resumed
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
        turns = await turns_of(here, job)
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


async def test_a_session_that_counted_more_tokens_than_can_be_opens_again(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE]) as (here, _):
        job = await drawn(here)
    with sqlite3.connect(tmp_path / "archwright.db") as db:
        db.create_function("beyond", 1, lambda body: re.sub(r'"input_tokens":\d+', f'"input_tokens":{10**20}', body))
        db.execute("UPDATE job SET body = beyond(body)")
        db.execute("UPDATE turn SET body = beyond(body)")
    db.close()
    async with product(tmp_path, [DONE]) as (here, _):
        stored = await here.store.job(job.id)
        assert stored.usage.input_tokens == 10**15
        assert not any(call.is_error for call in await calls_of(here, job))
        assert (await edited(here, job, "Say what you see")).status == "succeeded"
