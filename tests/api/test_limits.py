"""What a user may use, and what they are told when it is used up."""

import asyncio

import httpx2

from tests.api.conftest import Opened


async def ended(client: httpx2.AsyncClient, job_id: str) -> dict[str, object]:
    while True:
        job: dict[str, object] = (await client.get(f"/jobs/{job_id}")).json()
        if job["status"] not in ("queued", "running"):
            return job
        await asyncio.sleep(0.02)


async def test_too_many_requests_are_told_when_to_come_again(product: Opened) -> None:
    async with product(worker_concurrency=0, limit_user_requests=5) as client:
        answers = [await client.get("/sessions") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    problem = answers[-1].json()
    assert (problem["type"], problem["limit"], problem["allowed"], problem["left"]) == (
        "/problems/too-many-requests", "user_requests", 5, 0
    )  # fmt: skip
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 12


async def test_an_address_is_limited_before_anybody_is_known(product: Opened) -> None:
    async with product(worker_concurrency=0, limit_address_requests=3) as client:
        answers = [await client.get("/sessions", headers={"Authorization": f"Bearer {n}"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_a_user_has_so_many_active_jobs(product: Opened) -> None:
    async with product(worker_concurrency=0, limit_active_jobs=2) as client:
        first = await client.post("/sessions", json={"prompt": "A shop"})
        second = await client.post("/sessions", json={"prompt": "A bank"}, headers={"Idempotency-Key": "b"})
        third = await client.post("/sessions", json={"prompt": "A game"})
        assert (third.status_code, third.json()["type"], third.json()["limit"]) == (
            429, "/problems/too-many-jobs", "active_jobs"
        )  # fmt: skip
        again = await client.post("/sessions", json={"prompt": "A bank"}, headers={"Idempotency-Key": "b"})
        assert (again.status_code, again.json()["job"]["id"]) == (202, second.json()["job"]["id"])
        await client.post(f"/jobs/{first.json()['job']['id']}/cancel")
        assert (await client.post("/sessions", json={"prompt": "A game"})).status_code == 202
        assert len((await client.get("/sessions")).json()["items"]) == 3


async def test_a_spent_day_is_a_402_that_says_what_is_left_and_when_it_renews(product: Opened) -> None:
    async with product(limit_day_tokens=0) as client:
        answer = await client.post("/sessions", json={"prompt": "A shop"})
        problem = answer.json()
        assert (answer.status_code, problem["type"], problem["limit"], problem["left"]) == (
            402, "/problems/budget-spent", "day_tokens", 0
        )  # fmt: skip
        usage = (await client.get("/usage")).json()
        assert problem["renews_at"] == usage["renews_at"]
        assert (await client.get("/sessions")).json()["items"] == []


async def test_what_a_job_used_is_settled_and_what_it_reserved_is_free_again(product: Opened) -> None:
    async with product(limit_day_tokens=1_000_000, limit_session_tokens=500_000, limit_active_jobs=1) as client:
        for prompt in ("A shop with a cache", "A bank with a ledger"):
            made = (await client.post("/sessions", json={"prompt": prompt})).json()
            job = await ended(client, made["job"]["id"])
            assert job["status"] == "succeeded"
            while (usage := (await client.get("/usage")).json())["active_jobs"]:
                await asyncio.sleep(0.02)
        assert (usage["jobs"], usage["active_jobs"]) == (2, 0)
        assert usage["output_tokens"] > 0
        assert usage["left"] == {"output_tokens": 1_000_000 - usage["output_tokens"], "cost_usd": None}


async def test_a_session_that_used_its_tokens_takes_no_more_jobs_but_others_do(product: Opened) -> None:
    async with product(limit_session_tokens=10) as client:
        made = (await client.post("/sessions", json={"prompt": "A shop"})).json()
        job = await ended(client, made["job"]["id"])
        assert job["status"] == "incomplete"
        await asyncio.sleep(0.1)
        refused = await client.post(f"/sessions/{made['session']['id']}/messages", json={"text": "Add a cache"})
        assert (refused.status_code, refused.json()["limit"], refused.json()["renews_at"]) == (
            402, "session_tokens", None
        )  # fmt: skip
        assert (await client.post("/sessions", json={"prompt": "A bank"})).status_code == 202


async def test_jobs_of_a_model_that_costs_nothing_do_not_lock_their_owner_out(product: Opened) -> None:
    async with product(worker_concurrency=0, limit_day_usd=5.0, limit_day_tokens=200_000, job_cost_usd=5.0) as client:
        for prompt in ("A shop", "A bank", "A game"):
            assert (await client.post("/sessions", json={"prompt": prompt})).status_code == 202
        usage = (await client.get("/usage")).json()
        assert (usage["active_jobs"], usage["left"]) == (3, {"output_tokens": 200_000, "cost_usd": 5.0})


async def test_a_model_that_costs_nothing_can_be_asked_when_the_dollars_are_spent(product: Opened) -> None:
    async with product(worker_concurrency=0, limit_day_usd=0.0) as client:
        assert (await client.post("/sessions", json={"prompt": "A shop"})).status_code == 202
