"""What the agent says it did: nothing that the change log does not hold, and no job succeeds that did nothing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archwright.jobs.model import Job
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.wiring import Embedded
from tests.agent.product import (
    DONE,
    PAIR,
    diagram_of,
    drawn,
    edge,
    edited,
    ended,
    node,
    product,
    question,
    resumed,
    told,
)
from tests.claude_server import ClaudeServer
from tests.servers import serving

CLAIM = Step.says("Done: 12 components and 15 connections. Next steps:\n- Add a cache")
AS_TEXT = Step.says(json.dumps({"name": "add_node", "input": {"id": "web", "label": "Web"}}))
WRONG = Step.calls(("update_node", {"id": "ghost", "label": "Ghost"}))
EMPTY = Step(content=())


async def last_words(here: Embedded, job: Job) -> str:
    return (await here.store.recent_messages(job.session_id, "local", 9))[-1].text


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ([CLAIM, CLAIM], "Nothing was drawn: the model answered in words and made no call."),
        ([AS_TEXT, AS_TEXT], "Nothing was drawn: the model answered in words and made no call."),
        ([EMPTY, EMPTY], "Nothing was drawn: the model's reply was empty."),
        ([WRONG, CLAIM, CLAIM], "Nothing was drawn: every call of the model was refused."),
    ],
    ids=["talk", "JSON in text", "empty", "refused calls"],
)
async def test_a_generation_that_draws_nothing_is_asked_once_more_and_ends_incomplete_with_the_reason(
    tmp_path: Path, replies: Sequence[Step], reason: str
) -> None:
    async with product(tmp_path, replies) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error and job.error.model_dump()) == (
            "incomplete", {"type": "nothing-drawn", "detail": reason},
        )  # fmt: skip
        assert (await last_words(here, job)).startswith(reason)
        assert "12 components" not in await last_words(here, job)
        assert len(server.requests) == len(replies)
        assert "Nothing is drawn yet" in told(server.requests[-1])


async def test_a_generation_that_draws_after_it_was_asked_again_succeeds_and_is_reviewed(tmp_path: Path) -> None:
    lonely = Step.calls(node("web", type="web"), node("api"))
    async with product(tmp_path, [CLAIM, lonely, DONE, DONE]) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error, await last_words(here, job)) == ("succeeded", None, "Drew two parts.")
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}
        assert "isolated-node" in told(server.requests[-1])


async def test_what_a_person_sees_of_a_generation_that_drew_nothing(tmp_path: Path) -> None:
    with ClaudeServer([CLAIM, CLAIM]) as claude, serving(tmp_path, claude=claude.url) as server:
        made = server.ask("/sessions", {"prompt": "A chat application with a web client and PostgreSQL"})
        job = server.job_ended(made["job"]["id"], 20)
        assert (job["status"], job["error"]["type"]) == ("incomplete", "nothing-drawn")
        assert server.ask(f"/sessions/{made['session']['id']}")["nodes"] == []
        said = server.ask(f"/sessions/{made['session']['id']}/messages")["items"][-1]
        assert (said["role"], said["job_id"]) == ("assistant", job["id"])
        assert said["text"] == "Nothing was drawn: the model answered in words and made no call."


async def test_a_question_on_an_empty_canvas_may_be_answered_in_words(tmp_path: Path) -> None:
    async with product(tmp_path, [Step.says("A load balancer spreads requests.")]) as (here, _):
        job = await drawn(here, "What does a load balancer do?")
        assert (job.status, await last_words(here, job)) == ("succeeded", "A load balancer spreads requests.")


async def test_an_edit_that_changes_nothing_though_it_was_to_change_ends_incomplete(tmp_path: Path) -> None:
    lie = Step.says("I've added a cache in front of the API.")
    async with product(tmp_path, [PAIR, DONE, lie, lie]) as (here, server):
        job = await edited(here, await drawn(here), "Add a cache in front of the API")
        reason = "Nothing was changed: the model answered in words and made no call."
        assert (job.status, job.error and (job.error.type, job.error.detail)) == (
            "incomplete", ("nothing-changed", reason),
        )  # fmt: skip
        assert await last_words(here, job) == reason
        assert "Nothing is changed yet" in told(server.requests[-1])


async def test_an_edit_that_cannot_be_done_says_why_and_is_not_asked_again(tmp_path: Path) -> None:
    why = Step.says("There is no flux capacitor in the diagram.")
    async with product(tmp_path, [PAIR, DONE, why]) as (here, _):
        job = await edited(here, await drawn(here), "Remove the flux capacitor")
        assert (job.status, job.error and job.error.type) == ("incomplete", "nothing-changed")
        assert (await last_words(here, job)).startswith("There is no flux capacitor in the diagram.")


@pytest.mark.parametrize(
    "replies",
    [
        [Step.calls(("update_node", {"id": "api", "label": "API"})), Step.says("It is called so.")],
        [Step.says("The API is called API already.")],
    ],
    ids=["by its calls", "by its words"],
)
async def test_an_edit_that_finds_it_so_already_succeeds(tmp_path: Path, replies: Sequence[Step]) -> None:
    async with product(tmp_path, [PAIR, DONE, *replies]) as (here, _):
        assert (await edited(here, await drawn(here), "Rename the API to API")).status == "succeeded"


async def test_a_mere_answer_to_a_question_is_left_as_it_is(tmp_path: Path) -> None:
    answer = "I added Redis so that reads are quick. It was introduced because the database was slow."
    async with product(tmp_path, [PAIR, DONE, Step.says(answer)]) as (here, _):
        job = await edited(here, await drawn(here), "Why is there a cache?")
        assert (job.kind, job.status, await last_words(here, job)) == ("question", "succeeded", answer)


async def test_an_answer_to_a_question_that_claims_a_change_is_not_believed(tmp_path: Path) -> None:
    lie = Step.says("No. I have removed the cache.")
    async with product(tmp_path, [PAIR, DONE, lie, lie]) as (here, _):
        job = await edited(here, await drawn(here), "Is the cache needed?")
        assert (job.kind, job.status) == ("question", "incomplete")
        assert "removed the cache" not in await last_words(here, job)


async def test_refusing_a_bulk_deletion_is_not_answered_with_removed(tmp_path: Path) -> None:
    six = Step.calls(*(node(f"n{i}") for i in range(7)))
    going = Step.calls(*(("delete_node", {"id": f"n{i}"}) for i in range(6)))
    lie = Step.says("Removed N0, N1, N2, N3, N4 and N5.")
    async with product(tmp_path, [six, DONE, DONE, going, lie, lie]) as (here, _):
        job = await resumed(here, await edited(here, await drawn(here), "Delete nearly all"), decision="reject")
        assert (job.status, await last_words(here, job)) == ("succeeded", "Nothing was changed.")


async def test_of_a_deletion_allowed_in_part_only_what_went_is_said_to_be_gone(tmp_path: Path) -> None:
    six = Step.calls(*(node(f"n{i}") for i in range(7)))
    going = Step.calls(*(("delete_node", {"id": f"n{i}"}) for i in range(6)))
    lie = Step.says("I removed 6 nodes: N0, N1, N2, N3, N4 and N5.")
    async with product(tmp_path, [six, DONE, DONE, going, lie, lie]) as (here, _):
        job = await edited(here, await drawn(here), "Delete nearly all")
        assert job.awaiting is not None and job.awaiting.ops is not None
        job = await resumed(here, job, decision="approve", ops=job.awaiting.ops[4:])
        assert (job.status, await last_words(here, job)) == ("succeeded", "Removed 2 components (N4 and N5).")


async def test_a_job_that_is_stopped_by_a_limit_tells_what_it_did_from_the_log(tmp_path: Path) -> None:
    def more(body: Body) -> Step:
        return Step.calls(node(f"n{len(body['messages'])}"))

    async with product(tmp_path, more, job_turns=2) as (here, _):
        job = await drawn(here)
        assert (job.status, await last_words(here, job)) == (
            "incomplete",
            "It stopped after 2 turns, the most that a job may take. Added 2 components (N1 and N3).",
        )


async def test_a_job_that_was_stopped_before_it_drew_says_so(tmp_path: Path) -> None:
    async with product(tmp_path, [Step.calls(question("Which cloud?"))]) as (here, _):
        job = await drawn(here)
        await here.jobs.cancel(job.id, "local")
        job = await ended(here, await here.store.job(job.id))
        assert job.status == "cancelled"
        words = [m.text for m in await here.store.recent_messages(job.session_id, "local", 9) if m.role == "assistant"]
        assert not [text for text in words if "drawn so far" in text]


def planning(steps: Sequence[dict[str, Any]], in_step: Step, closing: str) -> Any:
    def script(body: Body) -> Step:
        text = str(body["messages"])
        if "<step>" in text:
            return in_step
        return Step.says(closing) if "write_plan" in text else Step.calls(("write_plan", {"steps": list(steps)}))

    return script


ONE = {"id": "left", "title": "Left part", "task": "Draw left", "after": []}
TWO = {"id": "right", "title": "Right part", "task": "Draw right", "after": ["left"]}


async def test_a_plan_whose_steps_drew_nothing_is_no_success(tmp_path: Path) -> None:
    async with product(tmp_path, planning([ONE, TWO], Step.says("Drew it."), "All drawn.")) as (here, _):
        job = await drawn(here)
        _, turns = await here.jobs.trace(job.id, "local")
        assert [one["status"] for one in job.progress.steps or []] == ["failed", "skipped"]
        assert (turns[0].tool_calls[0].result or "").startswith("left: failed — Nothing was changed")
        assert (job.status, job.error and job.error.type) == ("incomplete", "nothing-drawn")


async def test_a_plan_of_which_a_step_is_left_names_it(tmp_path: Path) -> None:
    def script(body: Body) -> Step:
        text, turns = str(body["messages"]), len(body["messages"])
        if "<step>\\nDraw left" in text:
            return Step.calls(node("left")) if turns == 1 else Step.says("Drew left.")
        return planning([ONE, TWO], Step.says("I would draw it so."), "All drawn.")(body)

    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        assert (job.status, job.error and (job.error.type, job.error.detail)) == (
            "incomplete", ("plan-unfinished", "Of the plan this was not done: Right part."),
        )  # fmt: skip
        assert await last_words(here, job) == ("Of the plan this was not done: Right part. Added 1 component (Left).")


async def test_a_step_that_was_to_look_only_is_done_with_words(tmp_path: Path) -> None:
    look = {"id": "look", "title": "Check it", "task": "Check the diagram for gaps", "after": []}

    def script(body: Body) -> Step:
        text, turns = str(body["messages"]), len(body["messages"])
        if "<step>\\nDraw left" in text:
            return Step.calls(node("left")) if turns == 1 else Step.says("Drew left.")
        return planning([ONE, look], Step.says("It is whole."), "Drew the left part.")(body)

    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        assert [one["status"] for one in job.progress.steps or []] == ["done", "done"]
        assert job.status == "succeeded"


def sections(*slugs: str) -> Step:
    return Step.calls(*(("update_document_section", {"slug": s, "title": s, "body": f"On {s}."}) for s in slugs))


async def test_a_document_with_sections_left_out_is_asked_for_those_once_and_ends_incomplete(tmp_path: Path) -> None:
    script = [PAIR, DONE, sections("summary", "goals"), Step.says("I wrote the document."), sections("security"), DONE]
    async with product(tmp_path, script) as (here, server):
        job = await edited(here, await drawn(here), "Write the design document")
        asked = told(server.requests[4])
        assert "security | Security" in asked and "summary | " not in asked
        assert (job.status, job.error and job.error.type) == ("incomplete", "sections-left-out")
        assert job.error is not None and "Data flow" in job.error.detail and "Security" not in job.error.detail
        assert await last_words(here, job) == (
            f"{job.error.detail} Wrote 3 sections of the document (summary, goals and security)."
        )


async def test_a_document_is_whole_when_what_was_left_out_comes_after_all(tmp_path: Path) -> None:
    def script(body: Body) -> Step:
        text = str(body["messages"])
        if "<sections>" not in text:
            return PAIR if len(body["messages"]) == 1 else DONE
        wanted = [
            line.split(" | ")[0] for line in text.split("<sections>\\n")[1].split("\\n</sections>")[0].split("\\n")
        ]
        replies = sum(message["role"] == "assistant" for message in body["messages"])
        return [sections(*wanted[:2]), Step.says("I wrote it."), sections(*wanted[2:]), Step.says("Done.")][replies - 1]

    async with product(tmp_path, script) as (here, _):
        job = await edited(here, await drawn(here), "Write the design document")
        assert (job.error, job.status, await last_words(here, job)) == (None, "succeeded", "Done.")


async def test_an_assumption_that_still_fits_needs_no_change_but_a_claim_is_not_believed(tmp_path: Path) -> None:
    noted = Step.calls(
        node("web", type="web"), node("api"), edge("web", "api"),
        ("note_assumption", {"topic": "Peak load", "text": "Small.", "rests_on": ["api"]}),
    )  # fmt: skip
    fits, lie = Step.says("It still fits, so I left it."), Step.says("I scaled the API to three instances.")
    async with product(tmp_path, [noted, DONE, fits, lie, lie]) as (here, _):
        first = await drawn(here)
        statuses = []
        for text in ("Tiny.", "Huge."):
            _, sent = await here.jobs.replan(first.session_id, "local", "assumption-peak-load", text)
            assert sent is not None
            statuses.append((await ended(here, sent.job)).status)
        assert statuses == ["succeeded", "incomplete"]
