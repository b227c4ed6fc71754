"""Undo by chat: what the last job did is taken back by the log, without a model, and told from the log."""

from pathlib import Path

import pytest

from archwright.diagram.change import Actor
from archwright.diagram.ops import op_input_adapter
from archwright.jobs.model import Job
from archwright.model.scripted import Step
from archwright.sessions.commit import Origin
from archwright.wiring import Embedded
from tests.agent.product import DONE, PAIR, diagram_of, drawn, edge, edited, node, product
from tests.servers import serving

CACHED = Step.calls(node("cache", type="cache"), edge("api", "cache"))
SAID = Step.says("Added a cache.")


async def last_words(here: Embedded, job: Job) -> str:
    return (await here.store.recent_messages(job.session_id, "local", 9))[-1].text


async def renamed(here: Embedded, job: Job, node_id: str, label: str, key: str) -> None:
    op = op_input_adapter.validate_python({"op": "update_node", "id": node_id, "set": {"label": label}})
    await here.sessions.commit(job.session_id, "local", [op], Origin(Actor(kind="user", id="local"), key))


@pytest.mark.parametrize(
    "text", ["Undo that", "revert the last change", "Please undo everything you just did.", "undo"]
)
async def test_undo_in_the_chat_takes_back_the_last_jobs_work_without_a_model(tmp_path: Path, text: str) -> None:
    async with product(tmp_path, [PAIR, DONE, CACHED, SAID]) as (here, server):
        job = await edited(here, await drawn(here), "Add a cache behind the API")
        job = await edited(here, job, text)
        assert (job.status, job.turn, job.cost_usd, len(server.requests)) == ("succeeded", 0, 0, 4)
        assert await last_words(here, job) == (
            "I took back what was done for “Add a cache behind the API”. "
            "Removed 1 component (Cache) and 1 connection."
        )  # fmt: skip
        diagram = await diagram_of(here, job)
        assert (set(diagram.nodes), set(diagram.edges)) == ({"web", "api"}, {"web--api"})


async def test_undo_again_goes_further_back_and_redo_brings_it_back(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE, CACHED, SAID]) as (here, _):
        job = await edited(here, await drawn(here), "Add a cache behind the API")
        seen = []
        for text in ("undo that", "undo that", "undo that", "redo", "redo that"):
            job = await edited(here, job, text)
            seen.append((job.status, set((await diagram_of(here, job)).nodes)))
        assert seen == [
            ("succeeded", {"web", "api"}), ("succeeded", set()), ("incomplete", set()), ("succeeded", {"web", "api"}),
            ("succeeded", {"web", "api", "cache"}),
        ]  # fmt: skip


async def test_undo_leaves_alone_what_somebody_changed_since_and_says_so(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE, CACHED, SAID]) as (here, _):
        job = await edited(here, await drawn(here), "Add a cache behind the API")
        await renamed(here, job, "cache", "Hot cache", "mine")
        job = await edited(here, job, "Undo that")
        assert await last_words(here, job) == (
            "I took back what was done for “Add a cache behind the API”. Removed 1 connection. "
            "Left as it is: Hot cache (changed since)."
        )
        assert (await diagram_of(here, job)).nodes["cache"].label == "Hot cache"


async def test_undo_my_last_change_is_about_the_persons_own_and_the_last_change_about_the_newest(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, [PAIR, DONE, CACHED, SAID]) as (here, _):
        job = await drawn(here)
        await renamed(here, job, "api", "Orders", "mine")
        job = await edited(here, job, "Add a cache behind the API")
        job = await edited(here, job, "Undo my last change")
        assert await last_words(here, job) == "I took back your last change. Renamed Orders to API."
        await renamed(here, job, "web", "Site", "mine too")
        job = await edited(here, job, "Revert the last change")
        diagram = await diagram_of(here, job)
        assert {n.id: n.label for n in diagram.nodes.values()} == {"web": "Web", "api": "API", "cache": "Cache"}


async def test_where_there_is_nothing_to_undo_the_job_says_so(tmp_path: Path) -> None:
    async with product(tmp_path, []) as (here, server):
        job = await drawn(here, "Undo that")
        assert (job.status, job.error and job.error.type, await last_words(here, job)) == (
            "incomplete", "nothing-to-undo", "There is nothing here to undo.",
        )  # fmt: skip
        assert server.requests == []


async def test_what_was_undone_by_chat_can_be_undone_on_the_page(tmp_path: Path) -> None:
    async with product(tmp_path, [PAIR, DONE]) as (here, _):
        job = await edited(here, await drawn(here), "Undo that")
        await here.sessions.revert_job(job.session_id, "local", Actor(kind="user", id="local"), "back", job.id)
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}


def test_what_a_person_sees_of_undo_in_the_chat(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        made = server.ask("/sessions", {"prompt": "A shop with a web app, an order service and PostgreSQL"})
        server.job_ended(made["job"]["id"], 30)
        session = made["session"]["id"]
        before = server.ask(f"/sessions/{session}")["nodes"]
        added = server.ask(f"/sessions/{session}/messages", {"text": "Add a Redis cache in front of PostgreSQL"})
        server.job_ended(added["job"]["id"], 30)
        assert len(server.ask(f"/sessions/{session}")["nodes"]) == len(before) + 1
        undone = server.ask(f"/sessions/{session}/messages", {"text": "Undo that"})
        job = server.job_ended(undone["job"]["id"], 30)
        assert (job["status"], job["turn"]) == ("succeeded", 0)
        assert [n["id"] for n in server.ask(f"/sessions/{session}")["nodes"]] == [n["id"] for n in before]
        said = server.ask(f"/sessions/{session}/messages")["items"][-1]["text"]
        assert said.startswith(
            "I took back what was done for “Add a Redis cache in front of PostgreSQL”. Removed 1 component"
        )
        change = server.ask(f"/sessions/{session}/changes?since=0")["changes"][-1]
        assert (change["job_id"], change["reverts"]) == (job["id"], added["job"]["id"])
