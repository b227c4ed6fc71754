"""The conversation around the tool loop: questions, plans, proposals, assumptions, memory, routes, the cache."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.assumptions import assumptions
from archwright.diagram.change import Actor
from archwright.diagram.model import Diagram, Edge, Node
from archwright.diagram.ops import op_input_adapter
from archwright.errors import InvalidRequest, SessionBusy, UnknownAssumption
from archwright.jobs.model import Job
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.sessions import memory
from archwright.sessions.commit import Origin
from archwright.store.ports import IdempotencyKey
from archwright.wiring import Embedded
from tests.agent.product import DONE, NODE, PAIR, diagram_of, drawn, edited, ended, product, resumed
from tests.prompt_cache import PromptCache


def question(text: str, *options: str) -> tuple[str, dict[str, Any]]:
    return "ask_user", {"question": text, "options": list(options)}


def node(node_id: str, **others: Any) -> tuple[str, dict[str, Any]]:
    return "add_node", {**NODE, "id": node_id, "label": node_id.title(), **others}


def edge(source: str, target: str) -> tuple[str, dict[str, Any]]:
    return "add_edge", {"source": source, "target": target, "label": "calls", "kind": "request"}


def told(body: Body) -> str:
    """All text of the last message of a request."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "\n".join(
        str(block.get("text") or block.get("content")) for block in content
    )  # fmt: skip


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


# --- plans


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
        assert sorted({turn.context for turn in turns}) == ["", "step:join", "step:left", "step:right"]
        assert {turn.context for turn in turns[1:3]} == {"step:left", "step:right"}
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


async def test_a_plan_below_the_limit_runs_at_once(tmp_path: Path) -> None:
    async with product(tmp_path, planner, approve_above_usd=100.0) as (here, _):
        assert (await drawn(here)).status == "succeeded"


async def test_a_plan_in_a_circle_is_refused_in_words(tmp_path: Path) -> None:
    circle = [{**PLAN[0], "after": ["right"]}, {**PLAN[1], "after": ["left"]}]
    async with product(tmp_path, [Step.calls(("write_plan", {"steps": circle})), DONE]) as (here, server):
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


# --- proposals


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


# --- assumptions

ASSUMED = Step.calls(
    *((block["name"], block["input"]) for block in PAIR.content if block["type"] == "tool_use"),
    ("note_assumption", {"topic": "Peak load", "text": "About 100 requests a second.", "rests_on": ["api"]}),
)


async def test_an_assumption_is_a_section_that_names_what_rests_on_it(tmp_path: Path) -> None:
    async with product(tmp_path, [ASSUMED, DONE]) as (here, _):
        diagram = await diagram_of(here, await drawn(here))
        (noted,) = assumptions(diagram)
        assert noted.model_dump() == {
            "id": "assumption-peak-load", "topic": "Peak load", "text": "About 100 requests a second.",
            "rests_on": ("api",),
        }  # fmt: skip


async def test_a_changed_assumption_changes_what_rests_on_it_and_nothing_else(tmp_path: Path) -> None:
    replanned = Step.calls(
        ("update_node", {"id": "api", "technology": "Rust"}), ("update_node", {"id": "web", "label": "Other"}),
        node("balancer", type="loadbalancer"), edge("balancer", "api"), edge("web", "balancer"),
        ("update_document_section", {"slug": "summary", "title": "Summary", "body": "x"}),
    )  # fmt: skip
    async with product(tmp_path, [ASSUMED, DONE, replanned, DONE, DONE]) as (here, server):
        first = await drawn(here)
        changed, submitted = await here.jobs.replan(
            first.session_id, "local", "assumption-peak-load", "About 10,000 requests a second."
        )
        assert submitted is not None and changed.version == 5
        job = await ended(here, submitted.job)
        diagram = await diagram_of(here, job)
        assert (diagram.nodes["api"].technology, diagram.nodes["web"].label) == ("Rust", "Web")
        assert set(diagram.edges) == {"web--api", "balancer--api", "web--balancer"}
        assert set(diagram.sections) == {"assumption-peak-load"}
        opening = told(server.requests[2])
        assert "was: About 100 requests a second.\nis: About 10,000 requests a second.\nrests on: api" in opening
        assert "<focus>api</focus>" in opening and "Peak load: About 10,000 requests a second." in opening


async def test_an_assumption_on_which_nothing_rests_is_changed_without_a_job(tmp_path: Path) -> None:
    noted = Step.calls(("note_assumption", {"topic": "Budget", "text": "Small.", "rests_on": []}))
    async with product(tmp_path, [noted, DONE]) as (here, _):
        job = await drawn(here)
        changed, submitted = await here.jobs.replan(job.session_id, "local", "assumption-budget", "Large.")
        assert (changed.version, submitted) == (2, None)
        assert [one.text for one in assumptions(await diagram_of(here, job))] == ["Large."]
        with pytest.raises(UnknownAssumption, match="assumption-budget"):
            await here.jobs.replan(job.session_id, "local", "assumption-load", "Much.")


async def test_a_repeated_change_of_an_assumption_is_one_change_and_one_job(tmp_path: Path) -> None:
    async with product(tmp_path, [ASSUMED, DONE, DONE]) as (here, _):
        first = await drawn(here)
        key = IdempotencyKey("once", "hash")
        given = (first.session_id, "local", "assumption-peak-load", "Much.")
        (one, job), (again, same) = [await here.jobs.replan(*given, key=key) for _ in range(2)]
        assert job is not None and same is not None
        assert (one.version, job.job.id) == (again.version, same.job.id)
        with pytest.raises(SessionBusy):
            await here.jobs.replan(*given)
        await ended(here, job.job)


# --- routes


async def test_an_uncertain_request_is_sorted_by_the_small_model_and_the_trace_says_so(tmp_path: Path) -> None:
    def script(body: Body) -> Step:
        if body["model"] == "claude-haiku-5-5" and "sort" in str(body["system"]):
            return Step.says("question small")
        return PAIR if len(body["messages"]) == 1 and "Draw" in told(body) else DONE

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
        return PAIR if "Draw" in told(body) and len(body["messages"]) == 1 else DONE

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
    async with product(tmp_path, [PAIR, DONE, write, DONE]) as (here, _):
        job = await edited(here, await drawn(here), "Write the design document")
        assert (job.kind, job.status, "component-api" in job.sections) == ("document", "succeeded", True)
        assert (await diagram_of(here, job)).sections["summary"].body == "Two parts."


# --- memory and cache


async def test_a_long_conversation_is_summed_up_once_and_its_end_stays_word_for_word(tmp_path: Path) -> None:
    summed = 0

    def script(body: Body) -> Step:
        nonlocal summed
        if "<summarise>" in told(body):
            summed += 1
            return Step.says(f"Summary {summed}.")
        return PAIR if len(body["messages"]) == 1 else Step.says("word " * 300)

    async with product(tmp_path, script, model=None) as (here, server):
        job = await drawn(here)
        for number in range(32):
            job = await edited(here, job, f"Explain part {number} " + "in depth " * 80)
            assert job.status == "succeeded"
        assert summed == 3
        last = server.requests[-1]["messages"]
        assert last[0]["content"].startswith("<memory>\nSummary 3.\n</memory>\n\nExplain part 24 ")
        assert "Explain part 31" in str(last[-1]) and "Explain part 30" in str(last[-3])
        _, turns = await here.jobs.trace(job.id, "local")
        assert {turn.context for turn in turns} == {""}
        stored = await here.store.value(memory.KIND, job.session_id)
        assert stored is not None and stored.body["summary"] == "Summary 3."


async def test_on_the_tenth_edit_of_a_conversation_most_of_the_input_is_read_from_the_cache(tmp_path: Path) -> None:
    cache = PromptCache()

    def script(body: Body) -> Step:
        usage = cache.usage(body)
        if "<request>\nDraw" in told(body):
            return Step.calls(
                *(node(f"n{i}") for i in range(12)), *(edge(f"n{i}", f"n{i + 1}") for i in range(11)), usage=usage
            )
        if "<request>" in told(body):
            return Step.calls(("update_node", {"id": "n3", "technology": told(body)[-12:-11]}), usage=usage)
        return Step.says("Changed the technology of N3, as you asked. Next: name the others.", usage=usage)

    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        for number in range(10):
            job = await edited(here, job, f"Change the technology of N3 to version {number}")
        await diagram_of(here, job)
        used = job.usage
        assert used.cache_read_tokens / (used.input_tokens + used.cache_read_tokens + used.cache_write_tokens) >= 0.8


async def test_an_edit_of_a_diagram_of_two_thousand_nodes_sends_under_12_000_tokens(tmp_path: Path) -> None:
    """Counted at 3.5 characters a token, with everything that a request holds."""

    def script(body: Body) -> Step:
        if "find_nodes" not in str(body["messages"]):
            return Step.calls(("find_nodes", {"query": "service 1234"}), ("describe_nodes", {"ids": ["node-1234"]}))
        return Step.calls(("update_node", {"id": "node-1234", "technology": "Rust"})) if "Rust" not in str(
            body["messages"][2:]
        ) else DONE  # fmt: skip

    nodes = {f"node-{n}": Node(id=f"node-{n}", label=f"Order service {n}", technology="Go") for n in range(2_000)}
    edges = {
        f"edge-{n}": Edge(id=f"edge-{n}", source=f"node-{n}", target=f"node-{n + 1}", label="calls")
        for n in range(1_999)
    }
    async with product(tmp_path, script) as (here, server):
        await here.store.create_session("ses_1", "local", "Large", "2026-11-01T00:00:00.000Z")
        actor = Actor(kind="user", id="local")
        await here.sessions.replace("ses_1", "local", actor, Diagram(title="Large", nodes=nodes, edges=edges))
        before = (await here.sessions.snapshot("ses_1", "local"))[1]
        sent = await here.jobs.submit("ses_1", "local", text="Rewrite order service 1234 in Rust")
        assert (await ended(here, sent.job)).status == "succeeded"
        after = (await here.sessions.snapshot("ses_1", "local"))[1]
        assert {n.id for n in after.nodes.values() if n != before.nodes[n.id]} == {"node-1234"}
        assert after.nodes["node-1234"].position == before.nodes["node-1234"].position
        sizes = [len(json.dumps([b["system"], b["tools"], b["messages"]])) / 3.5 for b in server.requests]
        assert len(sizes) == 3 and max(sizes) < 12_000


async def test_rejecting_what_the_agent_did_keeps_what_a_person_wrote_since(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE]) as (here, _):
        job = await drawn(here)
        ada = Actor(kind="user", id="local")
        rename = op_input_adapter.validate_python({"op": "update_node", "id": "api", "set": {"label": "Orders"}})
        await here.sessions.commit(job.session_id, "local", [rename], Origin(ada, "mine"))
        undone = await here.sessions.revert_job(job.session_id, "local", ada, "undo", job.id)
        diagram = await diagram_of(here, job)
        assert (set(diagram.nodes), diagram.nodes["api"].label) == ({"api"}, "Orders")
        assert [skip["id"] for skip in undone.result["skipped"]] == ["api"]
