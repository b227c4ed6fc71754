"""Who may call what: every route of the OpenAPI document, and every sort of caller."""

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from archwright.api.auth import OPEN, VIEWS
from tests import tokens
from tests.api.conftest import Opened

METHODS = ("get", "post", "patch", "put", "delete")
BODIES: dict[str, Any] = {
    "createSession": {"title": "Mine"},
    "importSession": {"title": "Mine", "nodes": [], "edges": []},
    "renameSession": {"title": "Mine now"},
    "commitChange": {"ops": [{"op": "set_title", "title": "Mine now"}]},
    "revert": {"to_version": 0},
    "sendMessage": {"text": "Add a cache"},
    "resumeJob": {"answer": "yes"},
    "rateJob": {"rating": "up"},
    "createKey": {"name": "Mine"},
    "changeAssumption": {"text": "Mine"},
    "exportSession": {},
}
OWN = frozenset({"createSession", "importSession", "listSessions", "createKey", "listKeys", "revokeKey", "readUsage"})
"""Operations about the caller alone, which name nothing of anybody else's; a key's id is checked for itself."""


@pytest.fixture
async def signed(product: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    """The product with sign-in; while the first key is replaced, both are known."""
    keys = tokens.public_key("first") + tokens.public_key("second").replace("\n", "\\n")
    async with product(
        worker_concurrency=0, clerk_publishable_key="pk_test_x", clerk_issuer=tokens.ISSUER, clerk_jwt_keys=keys,
        clerk_authorized_parties=tokens.PAGE,
    ) as client:  # fmt: skip
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


ADA = "user_ada"


async def adas(client: httpx2.AsyncClient) -> dict[str, str]:
    """What Ada has: a session with a job, a key, a share link."""
    as_ada = bearer(tokens.token(ADA))
    made = (await client.post("/sessions", json={"prompt": "A shop with a cache"}, headers=as_ada)).json()
    session = made["session"]["id"]
    key = (await client.post("/keys", json={"name": "script"}, headers=as_ada)).json()
    share = (await client.post(f"/sessions/{session}/shares", headers=as_ada)).json()
    return {
        "session_id": session, "job_id": made["job"]["id"], "version": "0", "key_id": key["id"],
        "share_id": share["id"], "assumption_id": "assumption-none", "key": key["secret"], "share": share["secret"],
    }  # fmt: skip


async def operations(client: httpx2.AsyncClient) -> list[tuple[str, str, str]]:
    document = (await client.get("http://127.0.0.1:8000/openapi.json")).json()
    found = [
        (route[method]["operationId"], method, path.removeprefix("/api/v1"))
        for path, route in document["paths"].items() for method in METHODS if method in route
    ]  # fmt: skip
    assert len(found) > 25
    return found


async def call(
    client: httpx2.AsyncClient, operation: tuple[str, str, str], what: dict[str, str], headers: dict[str, str]
) -> httpx2.Response:
    name, method, path = operation
    body = {"json": BODIES.get(name, {})} if method in ("post", "patch") and name in BODIES else {}
    params = {"format": "json"} if name == "exportSession" else {"since": "0"} if name == "readChanges" else {}
    return await client.request(method, path.format(**what), headers=headers, params=params, **body)


async def test_whoever_is_not_signed_in_gets_401_from_every_route_but_the_open_ones(signed: httpx2.AsyncClient) -> None:
    what = await adas(signed)
    now = int(time.time())
    forged = {
        "nobody": {}, "no token": bearer(""), "garbage": bearer("abc"), "three parts": bearer("a.b.c"),
        "another scheme": {"Authorization": "Basic dXNlcjpwYXNz"},
        "a cookie": {"Cookie": f"__session={tokens.token()}"},
        "another issuer": bearer(tokens.token(iss="https://evil.example")),
        "no issuer": bearer(tokens.token(iss=None)),
        "another page": bearer(tokens.token(azp="https://evil.example")),
        "no page": bearer(tokens.token(azp=None)),
        "expired": bearer(tokens.token(exp=now - 60)), "no end": bearer(tokens.token(exp=None)),
        "not yet valid": bearer(tokens.token(nbf=now + 60)),
        "from the future": bearer(tokens.token(iat=now + 600)),
        "no person": bearer(tokens.token(person=None)), "pending": bearer(tokens.token(sts="pending")),
        "another key": bearer(tokens.token(signed_by="forger")), "unsigned": bearer(tokens.unsigned()),
        "signed with the public key": bearer(tokens.signed_with_the_public_key()),
        "an unknown API key": bearer("awk_" + "x" * 43), "an unknown share link": bearer("aws_" + "x" * 22),
        "Clerk's own API key": bearer("ak_abc"),
    }  # fmt: skip
    passed = []
    for operation in await operations(signed):
        for who, headers in forged.items():
            answer = await call(signed, operation, what, headers)
            if operation[0] in OPEN:
                assert answer.status_code == 200, (operation, who)
            elif answer.status_code != 401 or answer.json()["type"] != "/problems/unauthenticated":
                passed.append((operation[0], who, answer.status_code))
    assert passed == []


async def test_a_stranger_finds_nothing_of_anybody_else_and_changes_nothing(signed: httpx2.AsyncClient) -> None:
    what = await adas(signed)
    as_ada, as_eve = bearer(tokens.token(ADA)), bearer(tokens.token("user_eve"))
    before = (await signed.get(f"/sessions/{what['session_id']}", headers=as_ada)).json()
    job = (await signed.get(f"/jobs/{what['job_id']}", headers=as_ada)).json()
    found = []
    for operation in await operations(signed):
        if operation[0] in OPEN or operation[0] in OWN - {"revokeKey"}:
            continue
        answer = await call(signed, operation, what, as_eve)
        if answer.status_code != 404:
            found.append((operation[0], answer.status_code))
    assert found == []
    assert (await signed.get(f"/sessions/{what['session_id']}", headers=as_ada)).json() == before
    assert (await signed.get(f"/jobs/{what['job_id']}", headers=as_ada)).json() == job
    for path in ("/sessions", "/keys"):
        assert (await signed.get(path, headers=as_eve)).json()["items"] == []
        assert len((await signed.get(path, headers=as_ada)).json()["items"]) == 1


async def test_a_share_link_shows_its_session_and_opens_nothing_else(signed: httpx2.AsyncClient) -> None:
    what = await adas(signed)
    other = (await signed.post("/sessions", json={}, headers=bearer(tokens.token(ADA)))).json()["id"]
    viewer = bearer(what["share"])
    before = (await signed.get(f"/sessions/{what['session_id']}", headers=viewer)).json()
    for operation in await operations(signed):
        answer = await call(signed, operation, what, viewer)
        if operation[0] in VIEWS | OPEN:
            no_file = operation[0] == "readExport"  # its route is open, but Ada's job exports nothing
            assert answer.status_code == (404 if no_file else 200), operation
            continue
        expected = 403 if "{session_id}" in operation[2] else 404
        assert answer.status_code == expected, operation
        if "{session_id}" in operation[2]:
            assert (await call(signed, operation, {**what, "session_id": other}, viewer)).status_code == 404
    assert (await signed.get(f"/sessions/{what['session_id']}", headers=viewer)).json() == before


async def test_a_revoked_grant_opens_nothing_from_then_on(signed: httpx2.AsyncClient) -> None:
    what, as_ada = await adas(signed), bearer(tokens.token(ADA))
    session = f"/sessions/{what['session_id']}"
    assert (await signed.get(session, headers=bearer(what["key"]))).status_code == 200
    assert (await signed.delete(f"/keys/{what['key_id']}", headers=as_ada)).status_code == 204
    assert (await signed.get(session, headers=bearer(what["key"]))).status_code == 401
    assert (await signed.delete(f"{session}/shares/{what['share_id']}", headers=as_ada)).status_code == 204
    assert (await signed.get(session, headers=bearer(what["share"]))).status_code == 401


async def test_a_key_works_as_its_owner_but_makes_no_keys(signed: httpx2.AsyncClient) -> None:
    what = await adas(signed)
    as_key = bearer(what["key"])
    assert len((await signed.get("/sessions", headers=as_key)).json()["items"]) == 1
    assert (await signed.post("/keys", json={"name": "more"}, headers=as_key)).status_code == 403
    assert (await signed.delete(f"/keys/{what['key_id']}", headers=as_key)).status_code == 403


async def test_a_secret_is_shown_once_and_never_stored(signed: httpx2.AsyncClient, tmp_path: Any) -> None:
    as_ada = {**bearer(tokens.token(ADA)), "Idempotency-Key": "k1"}
    first = (await signed.post("/keys", json={"name": "script"}, headers=as_ada)).json()
    again = (await signed.post("/keys", json={"name": "script"}, headers=as_ada)).json()
    assert (again["id"], again["secret"]) == (first["id"], None)
    listed = (await signed.get("/keys", headers=as_ada)).json()["items"]
    assert [(one["id"], one["name"], one["hint"]) for one in listed] == [(first["id"], "script", first["secret"][-4:])]
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert first["secret"].encode() not in files and first["id"].encode() in files


async def test_during_a_rotation_both_keys_are_good_and_nothing_is_fetched(
    signed: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    for signed_by in ("first", "second"):
        assert (await signed.get("/sessions", headers=bearer(tokens.token(signed_by=signed_by)))).status_code == 200
    for number in range(50):
        unknown = bearer(tokens.token(kid=f"ins_{number}", signed_by="forger"))
        assert (await signed.get("/sessions", headers=unknown)).status_code == 401


async def test_a_page_learns_how_to_sign_in(signed: httpx2.AsyncClient, api: httpx2.AsyncClient) -> None:
    expected = {"sign_in": {"provider": "clerk", "publishable_key": "pk_test_x"}}
    assert (await signed.get("/config")).json() == expected
    assert (await api.get("/config")).json() == {"sign_in": None}


@asynccontextmanager
async def limited(product: Opened, **limits: int) -> AsyncIterator[httpx2.AsyncClient]:
    async with product(
        worker_concurrency=0, clerk_publishable_key="pk_test_x", clerk_issuer=tokens.ISSUER,
        clerk_jwt_keys=tokens.public_key("first"), clerk_authorized_parties=tokens.PAGE, **limits,
    ) as client:  # fmt: skip
        yield client


async def test_who_signed_in_does_not_share_a_limit_with_all_behind_an_address(product: Opened) -> None:
    async with limited(product, limit_address_requests=3, limit_user_requests=10) as client:
        forged = [(await client.get("/sessions", headers=bearer("abc"))).status_code for _ in range(4)]
        assert forged == [401, 401, 401, 429]
        for person in ("user_ada", "user_eve"):
            answers = [await client.get("/sessions", headers=bearer(tokens.token(person))) for _ in range(11)]
            assert [answer.status_code for answer in answers] == [200] * 10 + [429]
            assert answers[-1].json()["limit"] == "user_requests"


async def test_a_key_counts_as_its_owner_and_a_share_link_as_the_address_of_the_viewer(product: Opened) -> None:
    async with limited(product, limit_address_requests=3, limit_user_requests=20) as client:
        what = await adas(client)
        session = f"/sessions/{what['session_id']}"
        viewers = [(await client.get(session, headers=bearer(what["share"]))).status_code for _ in range(4)]
        assert viewers == [200, 200, 200, 429]
        keyed = [(await client.get(session, headers=bearer(what["key"]))).status_code for _ in range(18)]
        assert keyed == [200] * 17 + [429]


async def test_what_a_key_shared_ends_with_the_key(signed: httpx2.AsyncClient) -> None:
    what, as_ada = await adas(signed), bearer(tokens.token(ADA))
    session = f"/sessions/{what['session_id']}"
    by_key = (await signed.post(f"{session}/shares", json={"days": 9}, headers=bearer(what["key"]))).json()
    assert (await signed.get(session, headers=bearer(by_key["secret"]))).status_code == 200
    assert (await signed.delete(f"/keys/{what['key_id']}", headers=as_ada)).status_code == 204
    assert (await signed.get(session, headers=bearer(by_key["secret"]))).status_code == 401
    assert (await signed.get(session, headers=bearer(what["share"]))).status_code == 200
    left = (await signed.get(f"{session}/shares", headers=as_ada)).json()["items"]
    assert [one["id"] for one in left] == [what["share_id"]]


async def test_a_share_of_a_key_lasts_no_longer_than_the_key(signed: httpx2.AsyncClient) -> None:
    what, as_ada = await adas(signed), bearer(tokens.token(ADA))
    key = (await signed.post("/keys", json={"days": 1}, headers=as_ada)).json()
    path = f"/sessions/{what['session_id']}/shares"
    ends = [
        (await signed.post(path, json=asked, headers=bearer(key["secret"]))).json()["expires_at"]
        for asked in ({}, {"days": 9}, {"days": 1})
    ]
    assert all(end <= key["expires_at"] for end in ends)
    assert (await signed.post(path, json={"days": 9}, headers=as_ada)).json()["expires_at"] > key["expires_at"]


async def test_the_shares_of_a_deleted_session_go_with_it(signed: httpx2.AsyncClient) -> None:
    what, as_ada = await adas(signed), bearer(tokens.token(ADA))
    assert (await signed.delete(f"/sessions/{what['session_id']}", headers=as_ada)).status_code == 204
    answer = await signed.get(f"/sessions/{what['session_id']}", headers=bearer(what["share"]))
    assert answer.status_code == 401


async def test_a_key_of_a_request_makes_one_grant_and_no_other(signed: httpx2.AsyncClient) -> None:
    as_ada = {**bearer(tokens.token(ADA)), "Idempotency-Key": "k1"}
    made = [await signed.post("/sessions", json={}, headers=bearer(tokens.token(ADA))) for _ in range(2)]
    paths = [f"/sessions/{one.json()['id']}/shares" for one in made]
    first = await signed.post(paths[0], json={"name": "A"}, headers=as_ada)
    assert (await signed.post(paths[0], json={"name": "A"}, headers=as_ada)).json()["id"] == first.json()["id"]
    for path, body in ((paths[1], {"name": "A"}), (paths[0], {"name": "B"})):
        refused = await signed.post(path, json=body, headers=as_ada)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/idempotency-key-reused")
