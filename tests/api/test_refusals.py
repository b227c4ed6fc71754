"""Whatever is refused leaves nothing behind: each call that changes is refused late, and the store compared."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from archwright.access.grants import GRANTS_MAX
from archwright.jobs.model import Awaiting, Fence
from archwright.store.sqlite import SqliteStore
from tests.api.conftest import Opened
from tests.api.test_contract import change, edge, node
from tests.api.test_strictness import document

REMEMBERS = {"value": "kind = 'bucket'"}
"""What a refusal may leave behind: how often somebody asked, where that is counted in the store."""
LOAD = {
    "op": "set_section", "slug": "assumption-load", "title": "Load", "body": "Little.\n\n**Rests on it:** `api`",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """A call as it stands in the OpenAPI document, and with which status it is refused."""

    status: int
    body: Any = None
    path: dict[str, str] = field(default_factory=dict)
    key: str | None = None


NOTHING = {"session_id": "ses_ghost", "job_id": "job_ghost", "assumption_id": "assumption-ghost", "key_id": "key_ghost",
           "share_id": "share_ghost"}  # fmt: skip
BUSY = {"session_id": "busy"}
ENDED = {"job_id": "ended"}
TEXT = {"text": "Add a cache"}
NO_MODEL = {"model": "gpt-none"}
TAKEN = "taken"
"""An idempotency key, and the id of a change in the free session, that were used for something else."""

LATE: dict[str, tuple[Refused, ...]] = {
    "createSession": (
        Refused(422, {"prompt": "A shop", **NO_MODEL}),
        Refused(422, {"prompt": "A shop", "template": "chat", **NO_MODEL}),
        Refused(422, {"template": "chat", **NO_MODEL}),
        Refused(422, {"prompt": "A shop", "template": "ghost"}),
        Refused(422, {"prompt": "A shop"}, key=TAKEN),
        Refused(422, {"prompt": "A shop", "template": "chat"}, key=TAKEN),
        Refused(422, {"template": "chat"}, key=TAKEN),
        Refused(429, {"prompt": "A shop"}),
        Refused(429, {"prompt": "A shop", "template": "chat"}),
        Refused(429, {"prompt": "A shop", "template": "chat"}, key="new"),
    ),
    "importSession": (
        Refused(422, {"edges": [{"id": "e", "source": "a", "target": "b"}]}),
        Refused(422, {"nodes": [{"id": "a", "label": "A", "properties": {"x": "\ud800"}}]}),
        Refused(422, {"nodes": [{"id": "a", "label": "A", "properties": {"x": 10**30}}]}),
        Refused(422, {"nodes": [{"id": f"n{i}", "label": "N"} for i in range(10_001)]}),
        Refused(422, {"title": "Shop"}, key=TAKEN),
    ),
    "renameSession": (Refused(404, {"title": "X"}, NOTHING), Refused(422, {"title": "a\nb"})),
    "deleteSession": (Refused(404, path=NOTHING),),
    "commitChange": (
        Refused(422, {"ops": [node("new"), {"op": "delete_node", "id": "ghost"}]}),
        Refused(422, {"ops": [node("new", properties={"x": "\ud800"})]}),
        Refused(422, {"ops": [node("new", properties={"x": 10**30})]}),
        Refused(422, {"ops": [node("new")], "base_version": 99}),
        Refused(422, {"ops": [node("new")]}, key=TAKEN),
    ),
    "undo": (Refused(409, path={"session_id": "drawn"}), Refused(422, key=TAKEN)),
    "redo": (Refused(409), Refused(422, key=TAKEN)),
    "revert": (
        Refused(404, {"change_id": "chg_ghost"}), Refused(404, {"job_id": "job_ghost"}),
        Refused(404, {"to_version": 99}), Refused(422, {"to_version": 0}, key=TAKEN),
    ),
    "layOutSession": (Refused(422, key=TAKEN), Refused(404, path=NOTHING)),
    "sendMessage": (
        Refused(422, {**TEXT, **NO_MODEL}), Refused(422, {**TEXT, "focus": ["ghost"]}), Refused(422, TEXT, key=TAKEN),
        Refused(409, TEXT, BUSY), Refused(429, TEXT), Refused(429, {**TEXT, "on_busy": "enqueue"}, BUSY),
        Refused(429, {**TEXT, "on_busy": "interrupt"}, BUSY), Refused(429, {"text": "Write the design document"}),
    ),
    "writeDocument": (
        Refused(422, NO_MODEL), Refused(422, {"only_stale": True}), Refused(422, {}, key=TAKEN),
        Refused(409, {}, BUSY), Refused(429, {}), Refused(429, {"on_busy": "enqueue"}, BUSY),
    ),
    "changeAssumption": (
        Refused(422, {**TEXT, **NO_MODEL}), Refused(404, TEXT, NOTHING | {"session_id": "free"}),
        Refused(422, TEXT, key=TAKEN), Refused(409, TEXT, BUSY), Refused(429, TEXT), Refused(429, TEXT, key="new"),
        Refused(429, {**TEXT, "on_busy": "enqueue"}, BUSY),
    ),
    "cancelJob": (Refused(409, path=ENDED), Refused(404, path=NOTHING)),
    "resumeJob": (
        Refused(422, {"decision": "approve"}), Refused(422, {"answers": ["a", "b", "c"]}),
        Refused(409, {"answer": "a"}, ENDED), Refused(409, {"answer": "a"}, {"job_id": "queued"}),
        Refused(429, {"answer": "a"}),
    ),
    "rateJob": (Refused(404, {"rating": "up"}, NOTHING),),
    "createKey": (Refused(422, {"name": "one more"}), Refused(422, {"days": 0})),
    "revokeKey": (Refused(404, path=NOTHING),),
    "createShare": (Refused(422, {}), Refused(404, {}, NOTHING)),
    "revokeShare": (Refused(404, path=NOTHING | {"session_id": "free"}), Refused(404, path=NOTHING)),
}  # fmt: skip
SPENT: dict[str, tuple[Refused, ...]] = {
    "createSession": (Refused(402, {"prompt": "A shop"}), Refused(402, {"prompt": "A shop", "template": "chat"})),
    "sendMessage": (Refused(402, TEXT), Refused(402, TEXT, key="new")),
    "writeDocument": (Refused(402, {}),),
    "changeAssumption": (Refused(402, TEXT), Refused(402, TEXT, key="new")),
}
"""The same where the day's budget is used up."""


def dump(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that the store holds, but what it is meant to remember of refusals."""
    with sqlite3.connect(folder / "archwright.db") as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(db.execute(f"SELECT * FROM {table} WHERE NOT ({REMEMBERS.get(table, 'FALSE')})"), key=repr)
            for table in tables
        }


async def a_drawn_session(api: httpx2.AsyncClient) -> str:
    """A session with two nodes, of which one rests on an assumption."""
    session: str = (await api.post("/sessions", json={"title": "Shop"})).json()["id"]
    done = await change(api, session, node("web"), node("api"), edge("web", "api"), LOAD, **{"Idempotency-Key": TAKEN})
    assert done.status_code == 200
    return session


@asynccontextmanager
async def busy_world(product: Opened, folder: Path) -> AsyncIterator[tuple[httpx2.AsyncClient, dict[str, str]]]:
    """One job runs, the most at once; one waits for an answer, one has ended; no grant more may be issued."""
    async with product(worker_concurrency=0, limit_active_jobs=1) as api:
        names = {name: await a_drawn_session(api) for name in ("free", "busy")}
        names["drawn"] = (
            await api.post("/sessions", json={"title": "Empty"}, headers={"Idempotency-Key": TAKEN})
        ).json()["id"]
        for name in ("ended", "waiting"):
            made = (await api.post("/sessions", json={"prompt": "A shop"})).json()
            names[name] = made["job"]["id"]
            if name == "ended":
                await api.post(f"/jobs/{names[name]}/cancel")
        await wait_for_an_answer(folder, names["waiting"])
        names["queued"] = (await api.post(f"/sessions/{names['busy']}/messages", json=TEXT)).json()["job"]["id"]
        for _ in range(GRANTS_MAX):
            await api.post("/keys", json={})
        yield api, names


async def wait_for_an_answer(folder: Path, job_id: str) -> None:
    """Let a queued job ask a question, as a worker would."""
    store = SqliteStore.open(folder / "archwright.db")
    job = await store.claim(job_id, "tester", 0.0, 1.0)
    await store.wait_for_input(Fence(job_id=job_id, number=job.fence), Awaiting(kind="question", question="How many?"))
    await store.close()


async def changing(api: httpx2.AsyncClient) -> dict[str, tuple[str, str]]:
    """The method and path of each operation that may change something."""
    paths = (await document(api))["paths"]
    return {
        route[method]["operationId"]: (method, path)
        for path, route in paths.items() for method in ("post", "put", "patch", "delete") if method in route
    }  # fmt: skip


async def traces(
    api: httpx2.AsyncClient, folder: Path, names: dict[str, str], cases: dict[str, tuple[Refused, ...]]
) -> list[tuple[str, Refused, int, list[str]]]:
    """The refusals that left something behind, in which tables, or that were none."""
    found, operations = [], await changing(api)
    usual = {
        "session_id": "free",
        "job_id": "waiting",
        "assumption_id": "assumption-load",
        "key_id": "-",
        "share_id": "-",
    }
    for operation, refusals in cases.items():
        method, path = operations[operation]
        for case in refusals:
            filled = {name: names.get(value, value) for name, value in {**usual, **case.path}.items()}
            before = dump(folder)
            answer = await send(api, method, path.format(**filled), case)
            after = dump(folder)
            touched = [table for table in after if before.get(table) != after[table]]
            if touched or answer.status_code != case.status:
                found.append((operation, case, answer.status_code, touched))
    return found


async def send(api: httpx2.AsyncClient, method: str, path: str, case: Refused) -> httpx2.Response:
    body = {} if case.body is None else {"content": __import__("json").dumps(case.body).encode()}
    headers = {"content-type": "application/json"} | ({"Idempotency-Key": case.key} if case.key else {})
    return await api.request(method, f"http://127.0.0.1:8000{path}", headers=headers, **body)


async def test_every_call_that_changes_something_has_a_late_refusal_here(api: httpx2.AsyncClient) -> None:
    assert set(LATE) == set(await changing(api))


async def test_a_late_refusal_leaves_the_store_as_it_was(product: Opened, tmp_path: Path) -> None:
    async with busy_world(product, tmp_path) as (api, names):
        assert await traces(api, tmp_path, names, LATE) == []


async def test_a_refusal_for_a_spent_budget_leaves_the_store_as_it_was(product: Opened, tmp_path: Path) -> None:
    async with product(worker_concurrency=0, limit_day_tokens=0) as api:
        names = {"free": await a_drawn_session(api)}
        assert await traces(api, tmp_path, names, SPENT) == []


async def test_a_session_that_is_used_up_refuses_without_a_trace(product: Opened, tmp_path: Path) -> None:
    async with product(worker_concurrency=0, limit_session_tokens=0) as api:
        names = {"free": await a_drawn_session(api)}
        assert await traces(api, tmp_path, names, SPENT) == []


@pytest.mark.parametrize("field", ["text", "model"])
async def test_what_was_refused_can_be_asked_again_with_the_same_key(api: httpx2.AsyncClient, field: str) -> None:
    session, key = await a_drawn_session(api), {"Idempotency-Key": "k1"}
    path = f"/sessions/{session}/assumptions/assumption-load"
    wrong = {"text": " "} if field == "text" else {**TEXT, **NO_MODEL}
    assert (await api.post(path, json=wrong, headers=key)).status_code == 422
    assert (await api.post(path, json=TEXT, headers=key)).status_code == 202
