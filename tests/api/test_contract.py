"""Every row of the HTTP contract but the jobs': what it answers, and how it refuses."""

import asyncio
from typing import Any

import httpx2
import pytest

Client = httpx2.AsyncClient


def node(node_id: str, **fields: Any) -> dict[str, Any]:
    return {"op": "add_node", "node": {"id": node_id, "label": node_id.title(), "type": "service", **fields}}


def edge(source: str, target: str) -> dict[str, Any]:
    return {"op": "add_edge", "edge": {"source": source, "target": target, "label": "calls"}}


async def a_session(api: Client, *ops: dict[str, Any]) -> str:
    session: str = (await api.post("/sessions", json={"title": "Shop"})).json()["id"]
    if ops:
        assert (await change(api, session, *ops)).status_code == 200
    return f"/sessions/{session}"


async def change(api: Client, session: str, *ops: dict[str, Any], **headers: str) -> httpx2.Response:
    path = session if session.startswith("/") else f"/sessions/{session}"
    return await api.post(f"{path}/changes", json={"ops": list(ops)}, headers=headers)


def refused(answer: httpx2.Response, status: int) -> str:
    """Check that an answer is a problem of this status, and return its detail."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    return str(body["detail"])


async def test_a_session_without_a_prompt_is_created_and_read_back(api: Client) -> None:
    made = await api.post("/sessions", json={"title": "Shop"})
    assert made.status_code == 201
    session = made.json()
    assert (session["title"], session["version"], session["nodes"], session["edges"]) == ("Shop", 0, [], [])
    assert (session["document"], session["active_job"]) == ({"sections": []}, None)
    read = await api.get(f"/sessions/{session['id']}")
    assert read.json() == session
    again = await api.get(f"/sessions/{session['id']}", headers={"If-None-Match": read.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_session_with_a_prompt_is_accepted_with_its_job(api: Client) -> None:
    made = await api.post("/sessions", json={"prompt": "Design a chat app"})
    assert made.status_code == 202
    body = made.json()
    assert made.headers["location"].endswith(f"/jobs/{body['job']['id']}")
    assert int(made.headers["retry-after"]) >= 1
    assert (body["job"]["status"], body["session"]["active_job"]) == ("queued", body["job"]["id"])


async def test_the_same_key_and_body_answer_the_same_and_another_body_is_refused(api: Client) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await api.post("/sessions", json={"prompt": "Design a chat app"}, headers=key)
    again = await api.post("/sessions", json={"prompt": "Design a chat app"}, headers=key)
    assert again.json()["job"]["id"] == first.json()["job"]["id"]
    refused(await api.post("/sessions", json={"prompt": "Design a shop"}, headers=key), 422)


async def test_sessions_are_listed_newest_first_page_by_page(api: Client) -> None:
    made = [(await api.post("/sessions", json={"title": f"S{i}"})).json()["id"] for i in range(5)]
    first = (await api.get("/sessions", params={"limit": 3})).json()
    rest = (await api.get("/sessions", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    refused(await api.get("/sessions", params={"cursor": "nonsense"}), 422)
    refused(await api.get("/sessions", params={"limit": 0}), 422)


async def test_a_title_is_a_change_like_any_other(api: Client) -> None:
    session = await a_session(api)
    assert (await api.patch(session, json={"title": "Store"})).json()["title"] == "Store"
    assert (await api.get(session)).json()["version"] == 1


async def test_a_deleted_session_is_gone(api: Client) -> None:
    session = await a_session(api)
    assert (await api.delete(session)).status_code == 204
    refused(await api.get(session), 404)
    refused(await api.delete(session), 404)


async def test_a_change_is_applied_and_holds_all_that_a_fold_needs(api: Client) -> None:
    session = await a_session(api)
    answer = (await change(api, session, node("web"), node("api"), edge("web", "api"))).json()
    assert answer["version"] == 1
    ops = answer["change"]["ops"]
    assert [op["op"] for op in ops[:3]] == ["add_node", "add_node", "add_edge"]
    assert ops[0]["node"]["size"]["width"] > 0
    snapshot = (await api.get(session)).json()
    assert {n["id"]: n for n in snapshot["nodes"]}["web"] == ops[0]["node"]
    assert snapshot["edges"][0] == ops[2]["edge"]


async def test_a_change_with_a_known_key_is_not_applied_twice(api: Client) -> None:
    session = await a_session(api)
    first = await change(api, session, node("web"), **{"Idempotency-Key": "c-1"})
    again = await change(api, session, node("web"), **{"Idempotency-Key": "c-1"})
    assert again.json() == first.json()
    assert (await api.get(session)).json()["version"] == 1
    refused(await change(api, session, node("api"), **{"Idempotency-Key": "c-1"}), 422)


async def test_a_stale_base_is_applied_to_the_newest_state(api: Client) -> None:
    session = await a_session(api, node("web"))
    await change(api, session, node("api"))
    answer = await api.post(f"{session}/changes", json={"ops": [node("db")], "base_version": 1})
    assert answer.json()["version"] == 3


@pytest.mark.parametrize(
    ("ops", "said"),
    [
        ([{"op": "update_node", "id": "ghost", "set": {"label": "G"}}], "web"),
        ([{"op": "delete_node", "id": "ghost"}], "web"),
        ([edge("web", "ghost")], "ghost"),
        ([node("web")], "web"),
        ([node("x", parent="web")], "web"),
        ([node("x", parent="nowhere")], "nowhere"),
    ],
)
async def test_an_op_that_makes_no_sense_is_refused_and_stores_nothing(
    api: Client, ops: list[dict[str, Any]], said: str
) -> None:
    session = await a_session(api, node("web"))
    assert said in refused(await change(api, session, node("fine"), *ops), 422)
    assert [n["id"] for n in (await api.get(session)).json()["nodes"]] == ["web"]


async def test_a_cycle_of_groups_is_refused(api: Client) -> None:
    group = {"type": "group"}
    session = await a_session(api, node("a", **group), node("b", parent="a", **group))
    refused(await change(api, session, {"op": "update_node", "id": "a", "set": {"parent": "b"}}), 422)


@pytest.mark.parametrize(
    "ops",
    [
        [],
        [node(f"n{i}") for i in range(51)],
        [node("n", label="x" * 201)],
        [node("n", description="x" * 4_001)],
        [node("n", label="a\x00b")],
        [node("n", label="a\ud800b")],
        [node("n", colour="red")],
        [node("n", type="spaceship")],
        [{"op": "explode"}],
    ],
    ids=["none", "51", "label", "description", "nul", "surrogate", "unknown field", "unknown type", "unknown op"],
)
async def test_a_change_beyond_the_limits_is_refused(api: Client, ops: list[Any]) -> None:
    session = await a_session(api)
    body = __import__("json").dumps({"ops": ops}).encode()
    headers = {"content-type": "application/json"}
    refused(await api.post(f"{session}/changes", content=body, headers=headers), 422)
    assert (await api.get(session)).json()["version"] == 0


async def test_groups_nest_eight_deep_and_no_deeper(api: Client) -> None:
    chain = [node(f"g{i}", type="group", parent=f"g{i - 1}" if i else None) for i in range(8)]
    session = await a_session(api, *chain)
    refused(await change(api, session, node("g8", type="group", parent="g7")), 422)


async def test_a_body_above_one_megabyte_and_one_that_nests_deeply_are_refused(api: Client) -> None:
    session, headers = await a_session(api), {"content-type": "application/json"}
    large = b'{"ops": [' + b" " * 1_048_577 + b"]}"
    refused(await api.post(f"{session}/changes", content=large, headers=headers), 413)
    refused(await api.post(f"{session}/changes", content=b"[" * 10_000, headers=headers), 422)
    refused(await api.post(f"{session}/changes", content=b"{nope", headers=headers), 400)
    refused(await api.post(f"{session}/changes", content=b"{}", headers={"content-type": "text/plain"}), 415)


@pytest.mark.parametrize(
    "prompt", ["", "   ", "x" * 100_000, "a\x00b", "a\x1bb"], ids=["empty", "blank", "long", "nul", "esc"]
)
async def test_a_prompt_that_is_no_text_is_refused_and_stores_nothing(api: Client, prompt: str) -> None:
    refused(await api.post("/sessions", json={"prompt": prompt}), 422)
    assert (await api.get("/sessions")).json()["items"] == []


async def test_unknown_models_templates_fields_and_addresses_are_refused_by_name(api: Client) -> None:
    assert "archwright-offline" in refused(await api.post("/sessions", json={"prompt": "A shop", "model": "gpt"}), 422)
    refused(await api.post("/sessions", json={"template": "ghost"}), 422)
    refused(await api.post("/sessions", json={"colour": "red"}), 422)
    refused(await api.get("/sessions/ses_ghost"), 404)
    refused(await api.get("/jobs/job_ghost"), 404)
    refused(await api.get("/nowhere"), 404)
    refused(await api.put("/sessions", json={}), 405)


async def test_a_poll_tells_what_is_new_and_nothing_costs_no_body(api: Client) -> None:
    session = await a_session(api, node("web"))
    await change(api, session, node("api"))
    poll = await api.get(f"{session}/changes", params={"since": 1})
    body = poll.json()
    assert (body["version"], [c["version"] for c in body["changes"]]) == (2, [2])
    assert (body["job"], body["preview"]) == (None, None)
    assert int(poll.headers["retry-after"]) >= 1
    idle = await api.get(f"{session}/changes", params={"since": 2})
    assert (idle.status_code, idle.content) == (304, b"")
    assert "retry-after" in idle.headers
    ahead = (await api.get(f"{session}/changes", params={"since": 99})).json()
    assert ahead["reset"]
    refused(await api.get(f"{session}/changes", params={"since": -1}), 422)


async def test_undo_and_redo_take_back_and_do_again_the_callers_last_change(api: Client) -> None:
    session = await a_session(api, node("web"), node("api"))
    await change(api, session, {"op": "update_node", "id": "web", "set": {"label": "Site"}})
    undone = (await api.post(f"{session}/undo")).json()
    assert (undone["version"], undone["skipped"]) == (3, [])
    assert {n["id"]: n["label"] for n in (await api.get(session)).json()["nodes"]}["web"] == "Web"
    assert (await api.post(f"{session}/redo")).status_code == 200
    assert {n["id"]: n["label"] for n in (await api.get(session)).json()["nodes"]}["web"] == "Site"
    refused(await api.post(f"{session}/redo"), 409)


async def test_a_revert_takes_exactly_one_of_its_fields(api: Client) -> None:
    session = await a_session(api, node("web"))
    made = (await change(api, session, node("api"))).json()["change"]["change_id"]
    refused(await api.post(f"{session}/revert", json={}), 422)
    refused(await api.post(f"{session}/revert", json={"change_id": made, "to_version": 1}), 422)
    refused(await api.post(f"{session}/revert", json={"change_id": "ghost"}), 404)
    assert (await api.post(f"{session}/revert", json={"change_id": made})).json()["version"] == 3
    assert (await api.post(f"{session}/revert", json={"to_version": 0})).json()["version"] == 4
    assert (await api.get(session)).json()["nodes"] == []


async def test_a_past_version_is_the_fold_up_to_it(api: Client) -> None:
    session = await a_session(api, node("web"))
    before = (await api.get(session)).json()
    await change(api, session, node("api"))
    past = (await api.get(f"{session}/versions/1")).json()
    assert past["nodes"] == before["nodes"]
    refused(await api.get(f"{session}/versions/9"), 404)


async def test_tidying_is_one_change(api: Client) -> None:
    session = await a_session(api, node("web"), node("api"), edge("web", "api"))
    moved = {"op": "update_node", "id": "web", "set": {"position": {"x": 900, "y": 900}}}
    await change(api, session, moved)
    assert (await api.post(f"{session}/layout")).json()["version"] == 3
    assert not any(n["pinned"] for n in (await api.get(session)).json()["nodes"])


@pytest.mark.parametrize(
    ("form", "kind", "opening"),
    [("json", "application/json", b"{"), ("mermaid", "text/vnd.mermaid", b"---"), ("svg", "image/svg+xml", b"<svg"),
     ("png", "image/png", b"\x89PNG")],
)  # fmt: skip
async def test_a_diagram_is_exported_as_a_file(api: Client, form: str, kind: str, opening: bytes) -> None:
    session = await a_session(api, node("web"), node("api"), edge("web", "api"))
    file = await api.get(f"{session}/export", params={"format": form})
    assert file.status_code == 200
    assert file.headers["content-type"].startswith(kind)
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.content.startswith(opening)


async def test_an_unknown_format_is_refused_with_those_that_exist(api: Client) -> None:
    session = await a_session(api)
    assert "mermaid" in refused(await api.get(f"{session}/export", params={"format": "docx"}), 422)


async def test_what_was_exported_as_json_imports_equal(api: Client) -> None:
    session = await a_session(api, node("web"), node("api"), edge("web", "api"))
    file = (await api.get(f"{session}/export", params={"format": "json"})).json()
    made = await api.post("/sessions/import", json=file)
    assert made.status_code == 201
    assert made.json()["nodes"] == (await api.get(session)).json()["nodes"]


async def test_strangers_are_not_answered(api: Client) -> None:
    refused(await api.get("/sessions", headers={"host": "evil.example"}), 403)
    refused(await api.post("/sessions", json={}, headers={"origin": "http://evil.example"}), 403)


async def test_health_and_models_are_told(api: Client) -> None:
    assert (await api.get("/healthz")).status_code == 200
    assert (await api.get("/readyz")).status_code == 200
    (only,) = (await api.get("/models")).json()["items"]
    assert (only["id"], only["default"]) == ("archwright-offline", True)
    assert "no language model" in only["description"]


async def test_two_writers_lose_nothing(api: Client) -> None:
    session = await a_session(api)
    answers = await asyncio.gather(*(change(api, session, node(f"n{i}")) for i in range(40)))
    assert sorted(a.json()["version"] for a in answers) == list(range(1, 41))
    assert len((await api.get(session)).json()["nodes"]) == 40


async def test_the_catalogue_draws_every_type_and_knows_hundreds_of_technologies(api: Client) -> None:
    catalogue = (await api.get("/catalogue")).json()
    types = {kind["type"] for kind in catalogue["types"]}
    assert {"service", "database", "group"} <= types
    assert {technology["type"] for technology in catalogue["technologies"]} <= types
    assert len(catalogue["technologies"]) >= 250


async def test_every_template_that_is_listed_can_be_started_from(api: Client) -> None:
    for template in (await api.get("/templates")).json()["items"]:
        made = (await api.post("/sessions", json={"template": template["id"]})).json()
        assert (made["title"], len(made["nodes"])) == (template["title"], template["nodes"])
