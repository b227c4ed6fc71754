"""What the agent assumes, and what follows when a person says otherwise."""

from pathlib import Path

import pytest

from archwright.diagram.assumptions import assumptions
from archwright.diagram.change import Actor
from archwright.diagram.ops import op_input_adapter
from archwright.errors import SessionBusy, UnknownAssumption
from archwright.model.scripted import Step
from archwright.sessions.commit import Origin
from archwright.store.ports import IdempotencyKey
from tests.agent.product import DONE, PAIR, diagram_of, drawn, edge, ended, node, product, told

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
        ("update_node", {"id": "api", "technology": "Rust"}),
        node("web"), ("update_node", {"id": "web", "label": "Other"}),
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
    async with product(tmp_path, [noted, PAIR, DONE]) as (here, _):
        job = await drawn(here)
        changed, submitted = await here.jobs.replan(job.session_id, "local", "assumption-budget", "Large.")
        assert (changed.version, submitted) == (5, None)
        assert [one.text for one in assumptions(await diagram_of(here, job))] == ["Large."]
        with pytest.raises(UnknownAssumption, match="assumption-budget"):
            await here.jobs.replan(job.session_id, "local", "assumption-load", "Much.")


async def test_a_repeated_change_of_an_assumption_is_one_change_and_one_job(tmp_path: Path) -> None:
    async with product(tmp_path, [ASSUMED, DONE, Step.says("It still fits.")]) as (here, _):
        first = await drawn(here)
        key = IdempotencyKey("once", "hash")
        given = (first.session_id, "local", "assumption-peak-load", "Much.")
        (one, job), (again, same) = [await here.jobs.replan(*given, key=key) for _ in range(2)]
        assert job is not None and same is not None
        assert (one.version, job.job.id) == (again.version, same.job.id)
        with pytest.raises(SessionBusy):
            await here.jobs.replan(*given)
        await ended(here, job.job)


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
