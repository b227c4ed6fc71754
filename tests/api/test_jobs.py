"""Jobs over HTTP, run by the offline planner: from a prompt to a diagram, edits, questions, traces, events."""

import asyncio
import json
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from archwright.api import jobs
from archwright.api.bounds import fitting
from archwright.errors import Unavailable
from archwright.jobs.model import Job
from archwright.jobs.service import Jobs
from tests.api.test_contract import refused

Client = httpx2.AsyncClient
PROMPT = "Web client, API gateway, order service, PostgreSQL"


async def ended(api: Client, job: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            body: dict[str, Any] = (await api.get(f"/jobs/{job}")).json()
            if body["status"] not in ("queued", "running"):
                return body
            await asyncio.sleep(0.02)


async def drawn(api: Client, prompt: str = PROMPT) -> tuple[str, dict[str, Any]]:
    made = (await api.post("/sessions", json={"prompt": prompt})).json()
    return f"/sessions/{made['session']['id']}", await ended(api, made["job"]["id"])


async def test_a_prompt_becomes_a_diagram_whose_log_folds_to_it(working: Client) -> None:
    session, job = await drawn(working)
    assert (job["status"], job["kind"], job["model"], job["error"]) == (
        "succeeded",
        "generate",
        "archwright-offline",
        None,
    )
    snapshot = (await working.get(session)).json()
    assert {"web-client", "api-gateway", "order-service"} <= {n["id"] for n in snapshot["nodes"]}
    log = (await working.get(f"{session}/changes", params={"since": 0})).json()
    assert [c["version"] for c in log["changes"]] == list(range(1, snapshot["version"] + 1))
    nodes: dict[str, Any] = {}
    for op in (op for c in log["changes"] for op in c["ops"]):
        if op["op"] == "add_node":
            nodes[op["node"]["id"]] = op["node"]
        elif op["op"] == "update_node":
            nodes[op["id"]] = {**nodes[op["id"]], **op["set"]}
    assert nodes == {n["id"]: n for n in snapshot["nodes"]}


async def test_a_job_is_told_with_usage_cost_and_an_etag(working: Client) -> None:
    _, job = await drawn(working)
    answer = await working.get(f"/jobs/{job['id']}")
    assert set(job) == {
        "id", "session_id", "kind", "status", "turn", "progress", "model", "usage", "cost_usd", "error", "awaiting",
        "created_at", "started_at", "finished_at",
    }  # fmt: skip
    assert job["usage"]["model_calls"] == job["turn"] >= 3
    again = await working.get(f"/jobs/{job['id']}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_trace_tells_every_turn(working: Client) -> None:
    _, job = await drawn(working)
    trace = (await working.get(f"/jobs/{job['id']}/trace")).json()
    assert trace["job_id"] == job["id"]
    assert [turn["turn"] for turn in trace["turns"]] == list(range(1, job["turn"] + 1))
    calls = [call for turn in trace["turns"] for call in turn["tool_calls"]]
    assert all(call["result"] and not call["is_error"] and call["version"] for call in calls)
    assert sum(turn["cost_usd"] for turn in trace["turns"]) == job["cost_usd"]


async def test_a_message_edits_the_diagram_and_the_conversation_is_kept(working: Client) -> None:
    session, _ = await drawn(working)
    sent = await working.post(
        f"{session}/messages", json={"text": "rename this to Checkout", "focus": ["order-service"]}
    )
    assert sent.status_code == 202
    assert sent.headers["location"].endswith(sent.json()["job"]["id"])
    assert (await ended(working, sent.json()["job"]["id"]))["status"] == "succeeded"
    labels = {n["id"]: n["label"] for n in (await working.get(session)).json()["nodes"]}
    assert labels["order-service"] == "Checkout"
    said = (await working.get(f"{session}/messages")).json()["items"]
    assert sorted(m["role"] for m in said) == ["assistant", "assistant", "user", "user"]


async def test_what_a_job_did_is_rejected_in_one_change(working: Client) -> None:
    session, job = await drawn(working)
    answer = (await working.post(f"{session}/revert", json={"job_id": job["id"]})).json()
    assert answer["skipped"] == []
    assert (await working.get(session)).json()["nodes"] == []


async def test_a_busy_session_refuses_a_second_message_and_says_where_the_first_is(api: Client) -> None:
    made = (await api.post("/sessions", json={"prompt": PROMPT})).json()
    path = f"/sessions/{made['session']['id']}/messages"
    answer = await api.post(path, json={"text": "Add a cache"})
    refused(answer, 409)
    assert made["job"]["id"] in answer.text
    assert (await api.post(path, json={"text": "Add a cache", "on_busy": "enqueue"})).status_code == 202


async def test_a_waiting_job_can_be_cancelled_and_is_not_resumed(api: Client) -> None:
    job = (await api.post("/sessions", json={"prompt": PROMPT})).json()["job"]["id"]
    refused(await api.post(f"/jobs/{job}/resume", json={"answer": "yes"}), 409)
    assert (await api.post(f"/jobs/{job}/cancel")).status_code == 202
    assert (await api.get(f"/jobs/{job}")).json()["status"] == "cancelled"


async def test_a_focus_on_nothing_is_refused(api: Client) -> None:
    session = (await api.post("/sessions", json={})).json()["id"]
    refused(await api.post(f"/sessions/{session}/messages", json={"text": "Hi", "focus": ["ghost"]}), 422)


async def test_the_events_of_a_job_carry_its_changes_and_end(working: Client) -> None:
    made = (await working.post("/sessions", json={"prompt": PROMPT})).json()
    async with asyncio.timeout(30):
        answer = await working.get(f"/jobs/{made['job']['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    data = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    version = (await working.get(f"/sessions/{made['session']['id']}")).json()["version"]
    assert f"id: {version}" in answer.text
    assert data


async def test_events_survive_a_store_that_does_not_answer_for_a_moment(
    working: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    look, refusals = Jobs.get, [Unavailable("The database is locked.")] * 2
    made = (await working.post("/sessions", json={"prompt": PROMPT})).json()

    looks = iter(range(10_000))

    async def fails_now_and_then(here: Jobs, job_id: str, owner: str) -> Job:
        if next(looks) in (1, 3):
            raise refusals.pop()
        return await look(here, job_id, owner)

    monkeypatch.setattr(Jobs, "get", fails_now_and_then)
    monkeypatch.setattr("archwright.api.jobs.AFTER_AN_ERROR_S", 0.05)
    async with asyncio.timeout(30):
        answer = await working.get(f"/jobs/{made['job']['id']}/events")
    versions = [int(line[4:]) for line in answer.text.splitlines() if line.startswith("id: ")]
    newest = (await working.get(f"/sessions/{made['session']['id']}")).json()["version"]
    assert versions == list(range(1, newest + 1))
    assert '"status":"succeeded"' in answer.text
    assert refusals == []
    assert "The database is locked." in caplog.text


async def test_events_of_a_job_whose_session_is_deleted_end(api: Client) -> None:
    made = (await api.post("/sessions", json={"prompt": PROMPT})).json()
    following = asyncio.create_task(api.get(f"/jobs/{made['job']['id']}/events"))
    await asyncio.sleep(0.2)
    await api.delete(f"/sessions/{made['session']['id']}")
    async with asyncio.timeout(10):
        assert '"status":"queued"' in (await following).text


async def test_what_a_person_thought_of_a_job_is_kept_with_its_trace(api: httpx2.AsyncClient) -> None:
    made = (await api.post("/sessions", json={"prompt": "A shop"})).json()
    job = f"/jobs/{made['job']['id']}"
    assert (await api.get(f"{job}/trace")).json()["feedback"] is None
    assert (await api.post(f"{job}/feedback", json={"rating": "sideways"})).status_code == 422
    await api.post(f"{job}/feedback", json={"rating": "up"})
    answer = await api.post(f"{job}/feedback", json={"rating": "down", "comment": "The cache is missing."})
    kept = (await api.get(f"{job}/trace")).json()
    assert kept["feedback"] == answer.json()
    assert (kept["feedback"]["rating"], kept["feedback"]["comment"]) == ("down", "The cache is missing.")
    assert kept["route"] == {
        "model": "archwright-offline",
        "reason": "The default model for work of the kind 'generate'.",
    }


async def test_an_assumption_is_read_and_changed_over_rest(api: Client) -> None:
    session = (await api.post("/sessions", json={})).json()["id"]
    path = f"/sessions/{session}"
    body = "About 100 requests a second.\n\n**Rests on it:** `api`, `gone`"
    ops = [
        {"op": "add_node", "node": {"id": "api", "label": "API"}},
        {"op": "set_section", "slug": "assumption-load", "title": "Load", "body": body},
    ]
    assert (await api.post(f"{path}/changes", json={"ops": ops})).status_code == 200
    assert (await api.get(f"{path}/assumptions")).json() == {
        "version": 1,
        "items": [
            {"id": "assumption-load", "topic": "Load", "text": "About 100 requests a second.", "rests_on": ["api"]}
        ],
    }
    refused(await api.post(f"{path}/assumptions/assumption-cost", json={"text": "Little."}), 404)
    refused(await api.post(f"{path}/assumptions/assumption-load", json={"text": " "}), 422)
    answer = await api.post(f"{path}/assumptions/assumption-load", json={"text": "About 10,000 a second."})
    assert (answer.status_code, answer.json()["version"]) == (202, 2)
    assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['job']['id']}"
    assert answer.json()["message"]["focus"] == ["api"]
    refused(await api.post(f"{path}/assumptions/assumption-load", json={"text": "Many."}), 409)
    assert (await api.get(f"{path}/assumptions")).json()["items"][0]["text"] == "About 10,000 a second."


@pytest.mark.parametrize(
    "body", [{}, {"answer": "a", "skip": True}, {"decision": "approve", "answers": ["a"]}, {"answers": []}]
)
async def test_a_resume_says_one_thing(api: Client, body: Any) -> None:
    job = (await api.post("/sessions", json={"prompt": PROMPT})).json()["job"]["id"]
    refused(await api.post(f"/jobs/{job}/resume", json=body), 422)


async def test_the_schema_of_the_events_is_theirs(working: Client) -> None:
    made = (await working.post("/sessions", json={"prompt": PROMPT})).json()
    async with asyncio.timeout(30):
        answer = await working.get(f"/jobs/{made['job']['id']}/events")
    described = (await working.get("http://127.0.0.1:8000/openapi.json")).json()
    content = described["paths"]["/api/v1/jobs/{job_id}/events"]["get"]["responses"]["200"]["content"]
    (content_type,) = content
    forms = {form["properties"]["event"]["const"]: form for form in content[content_type]["itemSchema"]["oneOf"]}
    told = [dict(line.split(": ", 1) for line in part.splitlines()) for part in answer.text.strip().split("\n\n")]
    for event in told:
        form = forms[event["event"]]
        jsonschema_rs.validate({**form, "components": described["components"]}, event)
        of_data = form["properties"]["data"]["contentSchema"]
        jsonschema_rs.validate({**of_data, "components": described["components"]}, json.loads(event["data"]))
    assert ({event["event"] for event in told}, content_type) == ({"change", "job"}, "text/event-stream")


async def test_a_long_trace_is_read_in_parts(working: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = await drawn(working)
    path = f"/jobs/{job['id']}/trace"
    whole = (await working.get(path)).json()
    monkeypatch.setattr(jobs, "fitting", lambda items, _: fitting(items, 10))
    told, cursor = list[Any](), ""
    while cursor is not None and len(told) < 100:
        part = (await working.get(path, params={"cursor": cursor} if cursor else {})).json()
        assert len(part["turns"]) == 1
        told, cursor = [*told, *part["turns"]], part.get("next_cursor")
    assert told == whole["turns"] and "next_cursor" not in whole
    assert len(told) > 1
    assert (await working.get(path, params={"cursor": "x"})).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/sessions", {"prompt": "A shop", "model": "m" * 500_000}),
        ("POST", "/sessions", {"x" * 500_000: 1}),
        ("POST", "/sessions", {"template": "t" * 500_000}),
        ("POST", "/sessions/ses_1/changes", {"ops": [{"op": "o" * 500_000}]}),
        ("POST", "/sessions/import", {"x" * 500_000: 1}),
        ("POST", "/jobs/job_1/resume", {"answer": "a" * 500_000}),
    ],
)
async def test_a_refusal_is_small_however_large_the_request(api: Client, method: str, path: str, body: Any) -> None:
    answer = await api.request(method, path, json=body)
    assert answer.status_code == 422
    assert len(answer.content) < 50_000
