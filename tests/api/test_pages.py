"""What is longer than an answer is read in pages; together they are the whole."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.api.conftest import Opened

Client = httpx2.AsyncClient
BOUND = 10_000


@pytest.fixture
async def narrow(product: Opened) -> AsyncIterator[Client]:
    """The product with answers of at most ten kilobytes or so."""
    async with product(worker_concurrency=0, answer_bytes=BOUND) as client:
        yield client


async def a_long_session(api: Client) -> str:
    """A session of 30 nodes with long descriptions, 29 lines and 6 sections, made by 7 changes."""
    session = f"/sessions/{(await api.post('/sessions', json={'title': 'Long'})).json()['id']}"
    for part in range(6):
        nodes = [
            {"op": "add_node", "node": {"id": f"n{part}{i}", "type": "service", "label": "N", "description": "é" * 900}}
            for i in range(5)
        ]
        section = {"op": "set_section", "slug": f"s{part}", "title": f"S{part}", "body": "x" * 3_000}
        assert (await api.post(f"{session}/changes", json={"ops": [*nodes, section]})).status_code == 200
    ids = [f"n{part}{i}" for part in range(6) for i in range(5)]
    edges = [{"op": "add_edge", "edge": {"source": ids[i], "target": ids[i + 1]}} for i in range(29)]
    assert (await api.post(f"{session}/changes", json={"ops": edges})).status_code == 200
    return session


async def pages_of(api: Client, path: str, start: str = "") -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    cursor: str | None = start
    while cursor is not None:
        answer = await api.get(path, params={"cursor": cursor} if cursor else {})
        assert answer.status_code == 200, answer.text
        assert len(answer.content) < 2 * BOUND
        pages.append(answer.json())
        cursor = pages[-1].get("next_cursor")
    return pages


def together(pages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "nodes": [node for page in pages for node in page["nodes"]],
        "edges": [edge for page in pages for edge in page["edges"]],
        "sections": [section for page in pages for section in page["document"]["sections"]],
    }


async def test_a_session_of_any_size_is_read_in_pages_of_one_version(narrow: Client, product: Opened) -> None:
    session = await a_long_session(narrow)
    first = (await narrow.get(session)).json()
    await narrow.patch(session, json={"title": "Changed meanwhile"})
    await narrow.post(f"{session}/changes", json={"ops": [{"op": "delete_node", "id": "n59"}]})
    rest = await pages_of(narrow, session, first["next_cursor"])
    assert {(page["version"], page["title"]) for page in [first, *rest]} == {(7, "Long")}
    async with product(worker_concurrency=0) as wide:
        whole = (await wide.get(f"{session}/versions/7")).json()
    assert "next_cursor" not in whole
    assert together([first, *rest]) == together([whole])
    assert together(await pages_of(narrow, f"{session}/versions/7")) == together([whole])
    assert len(rest) > 3


async def test_a_small_session_is_one_page(narrow: Client) -> None:
    made = (await narrow.post("/sessions", json={"title": "Small"})).json()
    assert "next_cursor" not in made
    assert "next_cursor" not in (await narrow.get(f"/sessions/{made['id']}")).json()


async def test_a_cursor_of_another_make_is_refused(narrow: Client) -> None:
    session = await a_long_session(narrow)
    for cursor in ("x", "7", "-1-0", "7--1", "7-0-0", "99999999999999-0"):
        assert (await narrow.get(session, params={"cursor": cursor})).status_code == 422
    assert (await narrow.get(session, params={"cursor": "99-0"})).status_code in (404, 422)


async def test_the_document_is_read_in_pages_too(narrow: Client) -> None:
    session = await a_long_session(narrow)
    pages = await pages_of(narrow, f"{session}/document")
    assert len(pages) > 1
    assert [one["slug"] for page in pages for one in page["sections"]] == [f"s{part}" for part in range(6)]


async def test_a_change_with_more_ops_than_an_answer_holds_says_that_the_session_is_to_be_read_anew(
    narrow: Client,
) -> None:
    session = await a_long_session(narrow)
    emptied = (await narrow.post(f"{session}/revert", json={"to_version": 0})).json()
    assert (emptied["reset"], emptied["change"]["ops"]) == (True, [])
    assert emptied["version"] == (await narrow.get(session)).json()["version"] == 8
    await narrow.post(f"{session}/undo")
    small = {"op": "update_node", "id": "n00", "set": {"label": "New"}}
    changed = (await narrow.post(f"{session}/changes", json={"ops": [small]})).json()
    assert "reset" not in changed and len(changed["change"]["ops"]) >= 1
