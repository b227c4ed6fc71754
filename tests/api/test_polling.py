"""Polls: what is new is told, whoever asks and however; nothing new costs no body."""

import asyncio
from typing import Any

import httpx2
import pytest

from archwright.api import changes
from tests.api.test_contract import a_session, change, node
from tests.api.test_jobs import PROMPT, drawn, ended

Client = httpx2.AsyncClient


async def poll(api: Client, session: str, since: int, etag: str | None = None) -> httpx2.Response:
    headers = {"If-None-Match": etag} if etag else {}
    return await api.get(f"{session}/changes", params={"since": since}, headers=headers)


async def test_who_polls_with_the_version_alone_sees_the_job_to_its_end(working: Client) -> None:
    made = (await working.post("/sessions", json={"prompt": PROMPT})).json()
    session, since, seen = f"/sessions/{made['session']['id']}", 0, list[str]()
    async with asyncio.timeout(30):
        while not seen or seen[-1] in ("queued", "running"):
            told = await poll(working, session, since)
            if told.status_code == 200:
                since, seen = told.json()["version"], [*seen, told.json()["job"]["status"]]
    assert seen[-1] == "succeeded"


async def test_a_job_that_ended_without_a_change_is_told_to_who_has_the_version(api: Client) -> None:
    made = (await api.post("/sessions", json={"prompt": PROMPT})).json()
    session = f"/sessions/{made['session']['id']}"
    assert (await poll(api, session, 0)).json()["job"]["status"] == "queued"
    await api.post(f"/jobs/{made['job']['id']}/cancel")
    told = await poll(api, session, 0)
    assert (told.status_code, told.json()["job"]["status"], told.json()["changes"]) == (200, "cancelled", [])
    known = await poll(api, session, 0, told.headers["etag"])
    assert (known.status_code, known.content) == (304, b"")
    again = await poll(api, session, 0)
    assert (again.status_code, again.content) == (304, b""), "told once"
    other = await api.get(f"{session}/changes", params={"since": 0}, headers={"User-Agent": "another"})
    assert (other.status_code, other.json()["job"]["status"]) == (200, "cancelled")


async def test_a_job_that_ended_before_the_last_change_is_no_news(api: Client) -> None:
    made = (await api.post("/sessions", json={"prompt": PROMPT})).json()
    session = f"/sessions/{made['session']['id']}"
    await api.post(f"/jobs/{made['job']['id']}/cancel")
    await asyncio.sleep(0.01)
    assert (await change(api, session, node("web"))).status_code == 200
    told = (await poll(api, session, 0)).json()
    assert (told["version"], told["job"]["status"]) == (1, "cancelled")
    idle = await poll(api, session, 1)
    assert (idle.status_code, idle.content) == (304, b"")


async def test_an_idle_poll_is_small_on_the_wire(working: Client) -> None:
    session, job = await drawn(working)
    version = (await working.get(session)).json()["version"]
    first = await poll(working, session, version)
    idle = await poll(working, session, version, first.headers["etag"])
    head = "".join(f"{name}: {value}\r\n" for name, value in idle.headers.items())
    assert (idle.status_code, idle.content, job["status"]) == (304, b"", "succeeded")
    assert len("HTTP/1.1 304 Not Modified\r\n" + head) < 200


def large(number: int) -> list[dict[str, Any]]:
    return [node(f"n{number}-{i}", description="x" * 4_000) for i in range(50)]


async def test_a_poll_from_far_behind_is_told_in_parts_of_a_bounded_size(api: Client) -> None:
    session = await a_session(api)
    for number in range(8):
        assert (await change(api, session, *large(number))).status_code == 200
    since, sizes, told = 0, list[int](), list[int]()
    while since < 8 and len(sizes) < 9:
        answer = await poll(api, session, since)
        body = answer.json()
        sizes.append(len(answer.content))
        told += [one["version"] for one in body["changes"]]
        assert body["version"] == told[-1]
        since = body["version"]
        if since < 8:
            assert answer.headers["retry-after"] == "1"
    assert told == list(range(1, 9))
    assert len(sizes) > 1 and max(sizes) <= changes.DELTA_BYTES + 20_000


async def test_a_single_change_beyond_the_bound_is_no_part_but_a_reason_to_load_anew(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await a_session(api, node("web", description="x" * 3_000))
    monkeypatch.setattr(changes, "DELTA_BYTES", 2_000)
    body = (await poll(api, session, 0)).json()
    assert (body["reset"], body["changes"], body["version"]) == (True, [], 1)


async def test_who_polls_while_nothing_runs_hears_of_the_job_once_it_is_there(api: Client) -> None:
    session = await a_session(api, node("web"))
    first = await poll(api, session, 1)
    assert first.status_code == 304
    job = (await api.post(f"{session}/messages", json={"text": "Add a cache"})).json()["job"]["id"]
    again = await poll(api, session, 1, first.headers["etag"])
    assert (again.status_code, again.json()["job"]["id"]) == (200, job)
    await api.post(f"/jobs/{job}/cancel")
    assert (await ended(api, job))["status"] == "cancelled"
