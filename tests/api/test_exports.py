"""A large export is a job whose file is kept for a day."""

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from archwright.formats import FORMATS
from tests.api.conftest import Opened

Client = httpx2.AsyncClient


@pytest.fixture(autouse=True)
def _drawings_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """One element is too many for an answer at once, so that a test need not lay out thousands."""
    monkeypatch.setitem(FORMATS, "svg", replace(FORMATS["svg"], inline_max=1))  # type: ignore[arg-type]


async def a_session(api: Client) -> str:
    made = await api.post("/sessions", json={"template": "three-tier-web", "title": "Shop"})
    return f"/sessions/{made.json()['id']}"


async def fetched(api: Client, path: str) -> httpx2.Response:
    """The file, once it is made."""
    async with asyncio.timeout(20):
        while (answer := await api.get(path)).status_code == 202:
            await asyncio.sleep(0.02)
    return answer


async def ordered(api: Client, session: str, **params: str) -> dict[str, Any]:
    answer = await api.get(f"{session}/export", params={"format": "svg", **params})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()["job"]
    assert answer.headers["location"] == f"/api/v1/jobs/{job['id']}" and answer.headers["retry-after"] == "1"
    return job


async def test_a_large_export_is_a_job_whose_result_is_the_file(working: Client) -> None:
    session = await a_session(working)
    job = await ordered(working, session)
    assert (job["kind"], job["status"], job["cost_usd"]) == ("export", "queued", 0)
    file = await fetched(working, f"{session}/exports/{job['id']}")
    assert file.status_code == 200 and file.content.startswith(b"<svg")
    assert file.headers["content-type"] == "image/svg+xml" and "Shop.svg" in file.headers["content-disposition"]
    ended = (await working.get(f"/jobs/{job['id']}")).json()
    assert (ended["status"], ended["result"]) == ("succeeded", f"/api/v1{session}/exports/{job['id']}")
    assert ended["progress"]["message"] == "The svg is ready."
    assert (await working.get(f"{session}/export", params={"format": "svg"})).content == file.content


async def test_it_neither_holds_the_session_nor_speaks_in_its_conversation(api: Client) -> None:
    session = await a_session(api)
    await ordered(api, session)
    assert (await api.get(session)).json()["active_job"] is None
    assert (await api.get(f"{session}/messages")).json()["items"] == []
    assert (await api.post(f"{session}/messages", json={"text": "Add a cache"})).status_code == 202


async def test_the_same_order_is_one_job_and_another_version_or_theme_is_another(api: Client) -> None:
    session = await a_session(api)
    first = await ordered(api, session)
    assert (await ordered(api, session))["id"] == first["id"]
    assert (await ordered(api, session, theme="dark"))["id"] != first["id"]
    await api.patch(session, json={"title": "Other"})
    assert (await ordered(api, session))["id"] != first["id"]


async def test_the_file_is_of_the_version_that_was_ordered(product: Opened) -> None:
    async with product(worker_concurrency=0) as api:
        session = await a_session(api)
        job = await ordered(api, session)
        add = {"op": "add_node", "node": {"id": "late", "type": "cache", "label": "Late"}}
        assert (await api.post(f"{session}/changes", json={"ops": [add]})).status_code == 200
    async with product() as working:
        file = await fetched(working, f"{session}/exports/{job['id']}")
        assert b'data-id="late"' not in file.content
        newest = await ordered(working, session)
        assert b'data-id="late"' in (await fetched(working, f"{session}/exports/{newest['id']}")).content


async def test_a_file_that_is_gone_is_made_again(working: Client, tmp_path: Path) -> None:
    session = await a_session(working)
    job = await ordered(working, session)
    await fetched(working, f"{session}/exports/{job['id']}")
    (file,) = (tmp_path / "exports").iterdir()
    os.utime(file, (time.time() - 90_000,) * 2)
    gone = await working.get(f"{session}/exports/{job['id']}")
    assert (gone.status_code, gone.json()["detail"]) == (
        404, "The file is gone: it is kept for a day. Export it again.",
    )  # fmt: skip
    again = await ordered(working, session)
    assert again["id"] != job["id"]
    assert (await fetched(working, f"{session}/exports/{again['id']}")).status_code == 200
    assert [one.name for one in (tmp_path / "exports").iterdir()] == [again["id"]]


async def test_a_viewer_exports_and_a_stranger_finds_nothing(working: Client) -> None:
    session, other = await a_session(working), await a_session(working)
    secret = (await working.post(f"{session}/shares", json={})).json()["secret"]
    viewer = {"authorization": f"Bearer {secret}"}
    answer = await working.get(f"{session}/export", params={"format": "svg"}, headers=viewer)
    job = answer.json()["job"]["id"]
    await fetched(working, f"{session}/exports/{job}")
    assert (await working.get(f"{session}/exports/{job}", headers=viewer)).status_code == 200
    assert (await working.get(f"{other}/exports/{job}")).status_code == 404
    assert (await working.get(f"{other}/exports/{job}", headers=viewer)).status_code == 404


async def test_a_cancelled_export_says_so_and_is_ordered_anew(api: Client) -> None:
    session = await a_session(api)
    job = await ordered(api, session)
    assert (await api.post(f"/jobs/{job['id']}/cancel")).status_code == 202
    answer = await api.get(f"{session}/exports/{job['id']}")
    assert (answer.status_code, answer.json()["detail"]) == (
        404, "There is no file. It was cancelled. Export it again.",
    )  # fmt: skip
    assert (await ordered(api, session))["id"] != job["id"]
