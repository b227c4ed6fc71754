"""Answers are compressed for who reads that, and mean the same compressed or not."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mangum import Mangum

from archwright.settings import Settings
from archwright.wiring import embedded_app
from tests.api.test_contract import a_session, node
from tests.api.test_jobs import PROMPT

Client = httpx2.AsyncClient


async def large_session(api: Client) -> str:
    return await a_session(api, *(node(f"n{i}", description="Takes orders. " * 20) for i in range(20)))


async def test_a_large_answer_is_compressed_and_says_that_it_depends_on_what_is_read(api: Client) -> None:
    session = await large_session(api)
    plain = await api.get(session, headers={"Accept-Encoding": "identity"})
    packed = await api.get(session, headers={"Accept-Encoding": "gzip, br"})
    assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) * 5 < int(plain.headers["content-length"])
    assert (plain.headers["vary"], packed.headers["vary"]) == ("Accept-Encoding", "Accept-Encoding")


@pytest.mark.parametrize("reads", ["gzip;q=0", "identity", "", "br", "*;q=0", "deflate, gzip; q=0.0"])
async def test_who_does_not_read_it_gets_nothing_compressed(api: Client, reads: str) -> None:
    answer = await api.get(await large_session(api), headers={"Accept-Encoding": reads})
    assert "content-encoding" not in answer.headers


async def test_an_etag_is_known_again_whether_it_came_compressed_or_not(api: Client) -> None:
    session = await large_session(api)
    for path in (session, f"{session}/changes?since=0"):
        tags = [
            (await api.get(path, headers={"Accept-Encoding": reads})).headers["etag"] for reads in ("identity", "gzip")
        ]
        assert tags[1] == f"W/{tags[0]}"
        for tag in tags:
            for reads in ("identity", "gzip"):
                known = await api.get(path, headers={"If-None-Match": tag, "Accept-Encoding": reads})
                assert (known.status_code, known.content, known.headers["vary"]) == (304, b"", "Accept-Encoding")
                assert "content-encoding" not in known.headers


async def test_a_tiny_answer_and_a_picture_are_left_as_they_are(api: Client) -> None:
    session = await large_session(api)
    for path in ("/healthz", f"{session}/export?format=png"):
        answer = await api.get(path, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, "content-encoding" in answer.headers) == (200, False)
    drawing = await api.get(f"{session}/export?format=svg", headers={"Accept-Encoding": "gzip"})
    assert drawing.headers["content-encoding"] == "gzip" and drawing.text.startswith("<svg")


async def test_events_are_never_compressed(working: Client) -> None:
    made = (await working.post("/sessions", json={"prompt": PROMPT})).json()
    answer = await working.get(f"/jobs/{made['job']['id']}/events", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["content-encoding"] == "identity"  # so that no proxy packs them either


def test_behind_a_gateway_that_speaks_json_a_compressed_answer_arrives_whole(tmp_path: Path) -> None:
    app = embedded_app(Settings(data_dir=tmp_path, worker_concurrency=0))
    answer = Mangum(app)(_event("/api/v1/catalogue"), object())
    assert (answer["statusCode"], answer["isBase64Encoded"], answer["headers"]["content-encoding"]) == (
        200,
        True,
        "gzip",
    )
    catalogue = json.loads(gzip.decompress(base64.b64decode(answer["body"])))
    assert len(catalogue["technologies"]) > 100


def _event(path: str) -> dict[str, Any]:
    """A GET as the HTTP API hands it to a function (payload format 2.0)."""
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"host": "127.0.0.1:8000", "accept-encoding": "gzip"}, "isBase64Encoded": False,
        "requestContext": {"http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1"}},
    }  # fmt: skip
