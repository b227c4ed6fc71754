"""Whom a server answers to, in each way of listening: its own names, its own pages, and what its proxies say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from archwright.settings import Settings
from archwright.wiring import embedded_app
from tests.api.test_identity import BODIES, operations

PUBLIC = "https://diagrams.example.test"
FOREIGN = ("http://evil.example.com", "https://evil.example.com", "null", f"{PUBLIC}.evil.example.com", "")
Peer = tuple[str, int] | None


@dataclass(frozen=True)
class Way:
    """A way of listening: the settings, where it is asked, from where, and what a proxy adds to each request."""

    settings: dict[str, Any]
    address: str
    peer: Peer = ("127.0.0.1", 40_000)
    added: dict[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()


PROXIED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "diagrams.example.test"}
WAYS = {
    "loopback": Way({}, "http://127.0.0.1:8000", own=("http://127.0.0.1:8000",)),
    "a network, without sign-in": Way(
        {"host": "0.0.0.0", "allow_anonymous": True}, "http://192.0.2.7:8000", own=("http://192.0.2.7:8000",)
    ),
    "loopback, behind a proxy": Way(
        {"public_url": f"{PUBLIC}, https://other.example.test/tools", "trusted_proxies": "127.0.0.1"},
        "http://127.0.0.1:8000", added=PROXIED, own=(PUBLIC, "https://other.example.test"),
    ),
    "a unix socket, behind a proxy": Way(
        {"uds": "/nowhere/archwright.sock", "public_url": PUBLIC, "trusted_proxies": "unix"},
        "http://localhost", peer=None, added=PROXIED, own=(PUBLIC,),
    ),
}  # fmt: skip


@asynccontextmanager
async def asked(folder: Path, way: Way, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """The product listening in this way, without workers, and a client of its API."""
    app = embedded_app(Settings(data_dir=folder, worker_concurrency=0, **{**way.settings, **settings}))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, client=way.peer)  # type: ignore[arg-type]
        base = f"{way.address}/api/v1"
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers=way.added) as client:
            yield client


LOOPBACK = WAYS["loopback"]
NETWORK = WAYS["a network, without sign-in"]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_only_its_own_pages_and_programs_change_anything(way: Way, tmp_path: Path) -> None:
    async with asked(tmp_path, way) as client:
        session = (await client.post("/sessions", json={"prompt": "A shop"})).json()
        what = {
            "session_id": session["session"]["id"], "job_id": session["job"]["id"], "key_id": "k", "share_id": "s",
            "assumption_id": "a",
        }  # fmt: skip
        before = (await client.get("/sessions")).json()
        changing = [one for one in await _operations(client) if one[1] in ("post", "patch", "delete")]
        assert len(changing) > 15
        passed = []
        for name, method, path in changing:
            body = {"json": BODIES[name]} if name in BODIES else {}
            for origin in FOREIGN:
                answer = await client.request(method, path.format(**what), headers={"Origin": origin}, **body)
                if (answer.status_code, answer.json().get("type")) != (403, "/problems/forbidden"):
                    passed.append((name, origin, answer.status_code))
        assert passed == []
        assert (await client.get("/sessions")).json() == before
        refused = []
        for name, method, path in [one for one in changing if one[0] != "deleteSession"]:
            for origin in ({}, *({"Origin": own} for own in way.own)):
                body = {"json": BODIES[name]} if name in BODIES else {}
                answer = await client.request(method, path.format(**what), headers=origin, **body)
                if answer.status_code == 403:
                    refused.append((name, origin))
        assert refused == []


async def _operations(client: httpx2.AsyncClient) -> list[tuple[str, str, str]]:
    if client.base_url.host == "127.0.0.1":
        return await operations(client)
    document = (await client.get(str(client.base_url).replace("/api/v1/", "/openapi.json"))).json()
    return [
        (route[method]["operationId"], method, path.removeprefix("/api/v1"))
        for path, route in document["paths"].items() for method in route
    ]  # fmt: skip


async def test_a_second_origin_beside_its_own_is_refused(tmp_path: Path) -> None:
    async with asked(tmp_path, LOOPBACK) as client:
        both = [("Origin", LOOPBACK.address), ("Origin", "http://evil.example.com")]
        assert (await client.post("/sessions", json={}, headers=both)).status_code == 403


async def test_a_program_with_a_key_is_answered_wherever_it_comes_from(tmp_path: Path) -> None:
    async with asked(tmp_path, NETWORK) as client:
        key = (await client.post("/keys", json={})).json()["secret"]
        made = await client.post("/sessions", json={}, headers={"Authorization": f"Bearer {key}"})
        assert made.status_code == 201


@pytest.mark.parametrize(
    ("way", "host", "answered"),
    [
        ("loopback", "localhost:8000", True),
        ("loopback", "[::1]:8000", True),
        ("loopback", "LOCALHOST.:8000", True),
        ("loopback", "192.0.2.7", False),
        ("loopback", "evil.example.com", False),
        ("loopback", "", False),
        ("loopback", "user@localhost", False),
        ("loopback", "localhost:port", False),
        ("loopback", "diagrams.example.test", False),
        ("a network, without sign-in", "192.0.2.7", True),
        ("a network, without sign-in", "[2001:db8::7]:8000", True),
        ("a network, without sign-in", "localhost:8000", True),
        ("a network, without sign-in", "evil.example.com", False),
        ("a network, without sign-in", "2130706433", False),
        ("a network, without sign-in", "127.1", False),
        ("a network, without sign-in", "[::1", False),
        ("loopback, behind a proxy", "diagrams.example.test", True),
        ("loopback, behind a proxy", "diagrams.example.test:443", True),
        ("loopback, behind a proxy", "other.example.test", True),
        ("loopback, behind a proxy", "evil.example.com", False),
        ("a unix socket, behind a proxy", "diagrams.example.test", True),
        ("a unix socket, behind a proxy", "evil.example.com", False),
    ],
)
async def test_a_host_is_answered_or_refused_in_a_sentence(way: str, host: str, answered: bool, tmp_path: Path) -> None:
    found = WAYS[way]
    async with asked(tmp_path, Way(found.settings, found.address, found.peer)) as client:
        answer = await client.get("/sessions", headers={"Host": host})
        assert answer.status_code == (200 if answered else 403)
        if not answered:
            assert answer.json()["detail"] == (
                f"This server is not {host!r}; if it is to be, name its address in ARCHWRIGHT_PUBLIC_URL."
            )


async def test_on_a_network_a_server_knows_the_names_of_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Atlas.lan")
    monkeypatch.setattr("socket.getfqdn", lambda: "atlas.office.example")
    async with asked(tmp_path, NETWORK) as client:
        for host in ("atlas", "atlas.lan:8000", "Atlas.local", "atlas.office.example", "ATLAS.LOCAL:80"):
            assert (await client.get("/sessions", headers={"Host": host})).status_code == 200, host
        assert (await client.get("/sessions", headers={"Host": "atlas.evil.example"})).status_code == 403
    async with asked(tmp_path, LOOPBACK) as client:
        assert (await client.get("/sessions", headers={"Host": "atlas"})).status_code == 403


FORGED = (
    {"X-Forwarded-For": "198.51.100.1"},
    {"X-Forwarded-For": "198.51.100.2, 198.51.100.3"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "::1"},
    {"X-Forwarded-For": "[2001:db8::5]:4711"},
    {"X-Forwarded-For": "198.51.100.4:80"},
    {"X-Forwarded-For": "unknown"},
    {"X-Forwarded-For": ""},
    {"X-Forwarded-For": ", ,"},
    {"X-Forwarded-For": "198.51.100.5\t"},
    {"X-Forwarded-For": "a" * 5_000},
    {"X-Forwarded-For": b"\xff\xfe198.51.100.6"},
    {"X-Real-IP": "198.51.100.7"},
    {"Forwarded": "for=198.51.100.8;host=evil.example.com;proto=https"},
    {"Forwarded": 'for="[2001:db8::9]:80"'},
    {"X-Client-IP": "198.51.100.10"},
    {"CF-Connecting-IP": "198.51.100.11"},
    {"True-Client-IP": "198.51.100.12"},
    {"X-Forwarded-Host": "evil.example.com"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-Prefix": "//evil.example.com"},
    {"X-Forwarded-Port": "444"},
    {"X-Archwright-Viewer": "198.51.100.13"},
)


@pytest.mark.parametrize("trusted", ["", "192.0.2.0/24, unix"])
async def test_what_a_stranger_says_of_itself_changes_nothing(trusted: str, tmp_path: Path) -> None:
    assert len(FORGED) >= 20
    way = Way({**NETWORK.settings, "trusted_proxies": trusted}, NETWORK.address, ("198.51.100.99", 1))
    async with asked(tmp_path, way) as client:
        for forged in FORGED:
            made = await client.post("/sessions", json={"prompt": "A shop"}, headers=forged)  # type: ignore[arg-type]
            assert (made.status_code, made.headers["Location"]) == (202, f"/api/v1/jobs/{made.json()['job']['id']}")
            share = await client.post(f"/sessions/{made.json()['session']['id']}/shares", headers=forged)  # type: ignore[arg-type]
            assert share.json()["url"] == NETWORK.address + share.json()["path"]
    async with asked(tmp_path, way, limit_address_requests=1) as client:
        answers = [await client.get("/sessions", headers=forged) for forged in FORGED]  # type: ignore[arg-type]
        assert [answer.status_code for answer in answers] == [200, *[429] * (len(FORGED) - 1)]


async def test_people_behind_a_trusted_proxy_are_told_apart_and_what_they_forge_counts_for_nothing(
    tmp_path: Path,
) -> None:
    way = WAYS["loopback, behind a proxy"]
    async with asked(tmp_path, way, limit_address_requests=2) as client:

        def through(chain: str) -> dict[str, str]:
            return {"X-Forwarded-For": chain}

        for address in ("203.0.113.1", "203.0.113.2", "2001:db8::3"):
            statuses = [
                (await client.get("/sessions", headers=through(f"{forged}, {address}"))).status_code
                for forged in ("198.51.100.1", "198.51.100.2", "127.0.0.1")
            ]
            assert statuses == [200, 200, 429], address


async def test_links_of_a_server_with_a_public_address_lead_there(tmp_path: Path) -> None:
    async with asked(tmp_path, WAYS["loopback, behind a proxy"]) as client:
        made = await client.post("/sessions", json={"prompt": "A shop"})
        job, session = made.json()["job"]["id"], made.json()["session"]["id"]
        assert made.headers["Location"] == f"{PUBLIC}/api/v1/jobs/{job}"
        busy = await client.post(f"/sessions/{session}/messages", json={"text": "Add a cache"})
        assert (busy.status_code, busy.headers["Location"]) == (409, f"{PUBLIC}/api/v1/jobs/{job}")
        share = (await client.post(f"/sessions/{session}/shares")).json()
        assert share["path"] == f"/s/{session}#share={share['secret']}"
        assert share["url"] == PUBLIC + share["path"]
        elsewhere = {"X-Forwarded-Host": "other.example.test"}
        share = (await client.post(f"/sessions/{session}/shares", headers=elsewhere)).json()
        assert share["url"] == f"https://other.example.test/tools/s/{session}#share={share['secret']}"


async def test_links_of_a_server_without_one_lead_where_it_was_asked(tmp_path: Path) -> None:
    async with asked(tmp_path, LOOPBACK, trusted_proxies="127.0.0.1") as client:
        told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost:8443", "X-Forwarded-Prefix": "/team/a"}
        made = await client.post("/sessions", json={}, headers=told)
        assert made.headers["Location"] == f"/team/a/api/v1/sessions/{made.json()['id']}"
        share = (await client.post(f"/sessions/{made.json()['id']}/shares", headers=told)).json()
        assert share["path"] == f"/team/a/s/{made.json()['id']}#share={share['secret']}"
        assert share["url"] == f"https://localhost:8443{share['path']}"


@pytest.mark.parametrize("path", ["/tools/diagrams", ""], ids=["the proxy leaves the path", "the proxy takes it off"])
async def test_page_and_api_lie_under_the_path_of_the_public_address(path: str, tmp_path: Path) -> None:
    way = Way({"public_url": f"{PUBLIC}/tools/diagrams/"}, f"http://127.0.0.1:8000{path}")
    async with asked(tmp_path, way) as client:
        made = await client.post("/sessions", json={"template": "chat"}, headers={"Origin": PUBLIC})
        assert made.status_code == 201
        assert made.headers["Location"] == f"{PUBLIC}/tools/diagrams/api/v1/sessions/{made.json()['id']}"
        for place in ("", "/", f"/s/{made.json()['id']}"):
            page = await client.get(way.address + place)
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert 'content="/tools/diagrams/"' in page.text and 'src="/tools/diagrams/assets/' in page.text
        asset = page.text.split('src="/tools/diagrams')[1].split('"')[0]
        assert (await client.get(way.address + asset)).status_code == 200
        assert (await client.get(f"{way.address}/readyz")).json() == {"status": "ok"}
        document = (await client.get(f"{way.address}/openapi.json")).json()
        assert document["servers"] == [{"url": "/tools/diagrams"}]
        wrong = await client.post(f"{way.address}/api/v1/sessions/", json={})
        assert wrong.headers.get("Location", PUBLIC).startswith(PUBLIC)


async def test_a_prefix_that_a_trusted_proxy_took_off_is_the_pages_base(tmp_path: Path) -> None:
    async with asked(tmp_path, LOOPBACK, trusted_proxies="127.0.0.1") as client:
        page = (await client.get(LOOPBACK.address, headers={"X-Forwarded-Prefix": "/team/a/"})).text
        assert 'content="/team/a/"' in page and 'src="/team/a/assets/' in page
        for wrong in ("//evil.example", "/a/../b", '/"><script>', "a", "/a b", "/a\xff", "/s", "/api/v1"):
            page = (await client.get(LOOPBACK.address, headers={"X-Forwarded-Prefix": wrong.encode()})).text  # type: ignore[dict-item]
            assert 'content="/"' in page and 'src="/assets/' in page, wrong


async def test_head_is_answered_as_get_without_a_body(tmp_path: Path) -> None:
    async with asked(tmp_path, LOOPBACK) as client:
        made = (await client.post("/sessions", json={"prompt": "A shop"})).json()
        session, job = f"/sessions/{made['session']['id']}", f"/jobs/{made['job']['id']}"
        for address in (
            "http://127.0.0.1:8000/readyz", "http://127.0.0.1:8000/healthz", "http://127.0.0.1:8000/",
            "http://127.0.0.1:8000/icon.svg", "http://127.0.0.1:8000/openapi.json", "/sessions", session, job,
            f"{session}/export?format=svg", "/models",
        ):  # fmt: skip
            whole, head = await client.get(address), await client.head(address)
            assert (head.status_code, head.content) == (whole.status_code, b"") == (200, b""), address
            for name in ("content-type", "content-length", "etag", "cache-control"):
                assert head.headers.get(name) == whole.headers.get(name), (address, name)
        events = await client.head(f"{job}/events")
        assert (events.status_code, events.content, events.headers["content-type"]) == (
            200, b"", "text/event-stream; charset=utf-8",
        )  # fmt: skip
        assert (await client.head("/jobs/none")).status_code == 404
        assert (await client.head("/nothing")).status_code == 404
