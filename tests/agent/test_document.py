"""The design document as a job: section by section, over the whole product."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archwright.diagram.assumptions import PREFIX
from tests.servers import Server, serving

PROMPT = "A shop with a web app, an order service, PostgreSQL and a Redis cache"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def shop(server: Server) -> tuple[Server, str]:
    made = server.ask("/sessions", {"prompt": PROMPT})
    server.job_ended(made["job"]["id"], 30)
    return server, made["session"]["id"]


def write(server: Server, session: str, **body: Any) -> Any:
    asked = server.ask(f"/sessions/{session}/document", body)
    return server.job_ended(asked["job"]["id"], 30)


def sections(server: Server, session: str) -> dict[str, Any]:
    """The sections that a document job writes: all but the assumptions that the drawing noted."""
    found = server.ask(f"/sessions/{session}/document")["sections"]
    return {one["slug"]: one for one in found if not one["slug"].startswith(PREFIX)}


def test_the_document_has_a_section_for_each_part_and_each_component(shop: tuple[Server, str]) -> None:
    server, session = shop
    before = server.ask(f"/sessions/{session}")
    job = write(server, session)
    assert (job["status"], job["kind"]) == ("succeeded", "document")
    after = server.ask(f"/sessions/{session}")
    assert (after["nodes"], after["edges"]) == (before["nodes"], before["edges"])
    found = sections(server, session)
    components = {one["node_id"] for one in found.values()} - {None}
    assert components == {node["id"] for node in after["nodes"] if node["type"] != "group"}
    assert [slug for slug, one in found.items() if one["node_id"] is None] == [
        "summary", "goals", "components", "data-flow", "failure-modes", "security", "trade-offs", "phases",
        "open-questions",
    ]  # fmt: skip
    assert all(one["body"] and not one["stale"] and one["by"] == "job" for one in found.values())
    changes = server.ask(f"/sessions/{session}/changes?since={before['version']}")["changes"]
    assert len(changes) == len(found) and len({change["turn"] for change in changes}) > 2


def test_after_an_edit_one_call_updates_the_stale_sections_alone(shop: tuple[Server, str]) -> None:
    server, session = shop
    write(server, session)
    server.ask(f"/sessions/{session}/changes", {"ops": [
        {"op": "update_node", "id": "postgresql", "set": {"technology": "Amazon Aurora"}},
        {"op": "set_section", "slug": "security", "title": "Security", "body": "Written by a person."},
    ]})  # fmt: skip
    before = sections(server, session)
    stale = {slug for slug, one in before.items() if one["stale"]}
    assert {"summary", "component-postgresql"} <= stale and "component-web-app" not in stale
    assert write(server, session, only_stale=True)["status"] == "succeeded"
    after = sections(server, session)
    assert [slug for slug, one in after.items() if one["stale"]] == []
    assert "Amazon Aurora" in after["component-postgresql"]["body"]
    assert (after["security"]["by"], after["security"]["body"]) == ("user", "Written by a person.")
    assert {slug for slug in before if before[slug]["body"] != after[slug]["body"]} <= stale


def test_what_the_agent_wrote_about_a_component_that_is_gone_goes_with_the_next_update(
    shop: tuple[Server, str],
) -> None:
    server, session = shop
    write(server, session)
    mine = {"op": "set_section", "slug": "component-web-app", "title": "Web app", "body": "Written by a person."}
    ops = [mine, {"op": "delete_node", "id": "postgresql"}, {"op": "delete_node", "id": "web-app"}]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    assert write(server, session, only_stale=True)["status"] == "succeeded"
    after = sections(server, session)
    assert "component-postgresql" not in after and after["component-web-app"]["body"] == "Written by a person."
    nodes = [node["id"] for node in server.ask(f"/sessions/{session}")["nodes"]]
    server.ask(f"/sessions/{session}/changes", {"ops": [{"op": "delete_node", "id": one} for one in nodes]})
    job = write(server, session, only_stale=True)
    assert (job["status"], job["turn"]) == ("succeeded", 0)
    left = sections(server, session)
    assert {slug for slug in left if slug.startswith("component-")} == {"component-web-app"}


def test_undo_takes_back_a_persons_text_and_leaves_the_agents(shop: tuple[Server, str]) -> None:
    server, session = shop
    write(server, session)
    before = sections(server, session)
    ops = [{"op": "set_section", "slug": "summary", "title": "Summary", "body": "Mine."}]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    server.ask(f"/sessions/{session}/undo", {})
    after = sections(server, session)
    assert {slug: one["body"] for slug, one in after.items()} == {slug: one["body"] for slug, one in before.items()}
    assert after["summary"]["by"] == "job"


def test_an_empty_diagram_or_a_document_without_stale_sections_is_refused_with_the_reason(tmp_path: Path) -> None:
    import urllib.error

    with serving(tmp_path) as server:
        empty = server.ask("/sessions", {"title": "Nothing"})["id"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            server.ask(f"/sessions/{empty}/document", {})
        assert refused.value.code == 422 and b"empty" in refused.value.read()


def test_a_document_job_goes_on_after_its_server_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path, pace=0.3) as first:
        made = first.ask("/sessions", {"prompt": PROMPT})
        first.job_ended(made["job"]["id"], 60)
        session = made["session"]["id"]
        job = first.ask(f"/sessions/{session}/document", {})["job"]["id"]
        deadline = time.monotonic() + 30
        while not sections(first, session):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        killer = threading.Timer(0.1, first.process.kill)
        killer.start()
        first.process.wait()
    with serving(tmp_path) as second:
        assert second.job_ended(job, 60)["status"] == "succeeded"
        log = second.ask(f"/sessions/{session}/changes?since=0")["changes"]
        assert [change["version"] for change in log] == list(range(1, len(log) + 1))
        ops = [op for change in log for op in change["ops"] if op["op"] == "set_section"]
        written = [op["slug"] for op in ops if not op["slug"].startswith(PREFIX)]
        assert len(written) == len(set(written)) == len(sections(second, session))
