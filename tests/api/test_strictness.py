"""What a request may not hold: fields and parameters that nobody declared, and a truth value in place of a number."""

import re
from typing import Any

import httpx2
import pytest

from tests.api.test_contract import a_session, change, node, refused

METHODS = ("get", "post", "patch", "put", "delete")
Operation = tuple[str, str, str]


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "1", path)


async def document(api: httpx2.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("http://127.0.0.1:8000/openapi.json")).json()
    return found


async def operations(api: httpx2.AsyncClient) -> list[Operation]:
    """The id, method and path of each operation under the API, with all that a path names filled in."""
    return [
        (route[method]["operationId"], method, filled(path).removeprefix("/api/v1"))
        for path, route in (await document(api))["paths"].items() if path.startswith("/api/v1")
        for method in METHODS if method in route
    ]  # fmt: skip


async def test_no_operation_takes_a_query_parameter_that_it_does_not_know(api: httpx2.AsyncClient) -> None:
    taken = []
    for name, method, path in await operations(api):
        answer = await api.request(method, path, params={"since": 0, "format": "json", "colour": "red"})
        fields = [error["field"] for error in answer.json().get("errors", [])]
        if answer.status_code != 422 or "query.colour" not in fields:
            taken.append((name, answer.status_code, fields))
    assert taken == []


async def test_no_operation_takes_a_field_that_it_does_not_know(api: httpx2.AsyncClient) -> None:
    taken = []
    for name, method, path in await operations(api):
        if method != "get":
            answer = await api.request(method, path, json={"colour": "red"})
            if answer.status_code != 422 or "colour" not in answer.text:
                taken.append((name, answer.status_code, answer.text[:100]))
    assert taken == []


async def test_calls_that_take_no_body_take_an_empty_one_and_no_other(api: httpx2.AsyncClient) -> None:
    session = await a_session(api, node("web"))
    for body in (b"[]", b"[1]", b"1", b'"text"', b"{nope"):
        answer = await api.post(f"{session}/undo", content=body, headers={"content-type": "application/json"})
        refused(answer, 400 if body == b"{nope" else 422)
    assert (await api.post(f"{session}/undo", json={})).status_code == 200
    assert (await api.post(f"{session}/redo", content=b"")).status_code == 200


async def test_unknown_fields_are_refused_at_any_depth(api: httpx2.AsyncClient) -> None:
    job = (await api.post("/sessions", json={"prompt": "A shop"})).json()["job"]["id"]
    step = {"id": "a", "title": "A", "task": "Do it.", "colour": "red"}
    said = await api.post(f"/jobs/{job}/resume", json={"decision": "approve", "steps": [step]})
    assert "colour" in refused(said, 422)


def _numbers(schema: dict[str, Any]) -> list[str]:
    """The properties of a body that are numbers or truth values."""

    def kinds(one: dict[str, Any]) -> set[str]:
        return {one.get("type", ""), *(kind for part in one.get("anyOf", []) for kind in kinds(part))}

    return [name for name, one in schema.get("properties", {}).items() if kinds(one) & {"integer", "number"}]


async def test_a_truth_value_or_text_is_no_number_in_any_body(api: httpx2.AsyncClient) -> None:
    described = await document(api)
    bodies = {
        (path, method): re.findall(r"'#/components/schemas/(\w+)'", str(route[method]["requestBody"]))
        for path, route in described["paths"].items() for method in METHODS if "requestBody" in route.get(method, {})
    }  # fmt: skip
    tried, taken = 0, []
    for (path, method), names in bodies.items():
        for name in [name for form in names for name in _numbers(described["components"]["schemas"][form])]:
            for value in (True, "1"):
                answer = await api.request(method, "http://127.0.0.1:8000" + filled(path), json={name: value})
                tried += 1
                if f"body.{name}" not in [error["field"] for error in answer.json().get("errors", [])]:
                    taken.append((path, name, value))
    assert taken == []
    assert tried >= 8


@pytest.mark.parametrize(
    "op",
    [
        {"op": "set_section", "slug": "a", "title": "A", "position": True},
        {"op": "set_section", "slug": "a", "title": "A", "position": "1"},
        node("a", position={"x": True, "y": 0}),
        node("a", position={"x": "1", "y": 0}),
        node("a", type="group", size={"width": True, "height": 1}),
        node("a", pinned=1),
    ],
)
async def test_an_op_takes_no_value_of_another_kind(api: httpx2.AsyncClient, op: dict[str, Any]) -> None:
    session = await a_session(api)
    refused(await change(api, session, op), 422)
    assert (await api.get(session)).json()["version"] == 0


async def test_a_file_to_import_takes_no_value_of_another_kind(api: httpx2.AsyncClient) -> None:
    for position in (True, "1"):
        section = {"slug": "a", "title": "A", "position": position}
        refused(await api.post("/sessions/import", json={"sections": [section]}), 422)


async def test_a_method_that_is_not_there_is_told_all_that_are(api: httpx2.AsyncClient) -> None:
    untrue, paths = [], (await document(api))["paths"]
    for path in paths:
        wanted = {method.upper() for method in METHODS if method in paths[path]}
        address = "http://127.0.0.1:8000" + filled(path)
        answer = await api.request("PUT", address, json={})
        told = {one.strip() for one in answer.headers.get("allow", "").split(",")} - {"HEAD"}
        if (answer.status_code, told) != (405, wanted):
            untrue.append((path, answer.status_code, told, wanted))
    assert untrue == []


async def test_a_repeated_creation_whose_session_is_gone_is_a_declared_404(api: httpx2.AsyncClient) -> None:
    described = (await document(api))["paths"]
    for path, body in (("/sessions", {"title": "Shop"}), ("/sessions/import", {"title": "Shop"})):
        key = {"Idempotency-Key": path}
        made = await api.post(path, json=body, headers=key)
        await api.delete(f"/sessions/{made.json()['id']}")
        again = await api.post(path, json=body, headers=key)
        refused(again, 404)
        assert "404" in described[f"/api/v1{path}"]["post"]["responses"]


async def test_the_bounds_of_numbers_stand_in_the_schema(api: httpx2.AsyncClient) -> None:
    shapes = (await document(api))["components"]["schemas"]
    bounded = {
        "NewKey.days": ("minimum", 1), "NewChange.base_version": ("minimum", 0),
        "SetSectionInput.position": ("minimum", 0),
        "WhatToRevert.to_version": ("minimum", 0), "NewMessage.approve_above_usd": ("minimum", 0),
        "NewChange.ops": ("maxItems", 50),
    }  # fmt: skip
    for name, (word, bound) in bounded.items():
        shape, _, field = name.partition(".")
        told = shapes[shape]["properties"][field]
        assert bound in [part.get(word) for part in (told, *told.get("anyOf", []))], name
