"""Answers that are lost, late or refused for a moment: each write happens once, or the caller is told."""

import json
import random
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError  # type: ignore[import-untyped]
from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]

from archwright.diagram.ops import UpdateNode
from archwright.errors import OpRefused, Unavailable
from archwright.jobs.model import Awaiting, Fence, Progress, Resume, ToolCall, Usage
from archwright.store.dynamodb import DynamoStore, connect
from archwright.store.dynamodb.table import Table
from archwright.store.ports import Checkpoint, IdempotencyKey, Marker, PendingWrite, Store
from tests.aws import CREDENTIALS, REGION, LostAnswer, faults, refusal
from tests.builders import (
    OWNER,
    SESSION,
    a_change,
    a_job,
    a_marker,
    a_message,
    a_node,
    a_turn,
    adds,
    at,
    epoch,
    message_of,
)
from tests.store.dynamodb.conftest import everything

NOT_TOLD = {"expires"}


async def a_life(store: Store) -> list[Any]:
    """Use every write of the store; return all that it answered."""
    key = IdempotencyKey("k1", "hash")
    answers: list[Any] = [await store.create_session(SESSION, OWNER, "Shop", at(), IdempotencyKey("k0", "hash"))]
    jobs = [a_job("job_1"), a_job("job_2"), a_job("job_3")]
    answers.append(await store.submit_job(jobs[0], message_of(jobs[0]), "reject", key))
    answers.append(await store.submit_job(jobs[1], message_of(jobs[1]), "enqueue"))
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    fence = Fence(job_id="job_1", number=claimed.fence)
    answers += [claimed, await store.renew(fence, epoch(), epoch(75)), await store.save_turn(fence, a_turn(1))]
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b"state", (PendingWrite("t", 0, b"w"),)), fence)
    await store.put_writes("job_1", "", "c1", [PendingWrite("t", 1, b"w")], fence)
    await store.set_progress(fence, Progress(phase="drawing"), {"turn": 1})
    await store.settle_turn(fence, 1, (ToolCall(id="t1", name="add_node", input={}),))
    await store.add_usage(fence, Usage(model_calls=1), 0.5)
    change = a_change(1, adds(a_node("api"), *(a_node(f"n{n}") for n in range(120))))
    answers.append(await store.append(SESSION, OWNER, change, a_marker(change), fence))
    small = a_change(2, [UpdateNode(id="api", set={"label": "B"}, before={"label": "Api"})])
    answers.append(await store.append(SESSION, OWNER, small, a_marker(small)))
    answers.append(await store.remember(SESSION, OWNER, Marker("t9", None, None, {"refused": "x"}), fence))
    await store.add_message(SESSION, OWNER, a_message("msg_9"), fence)
    await store.wait_for_input(fence, Awaiting(kind="question", question="Which?"))
    answers.append(await store.resume("job_1", OWNER, Resume(answer="AWS"), epoch()))
    again = await store.claim("job_1", "w1", epoch(), epoch(60))
    await store.release(Fence(job_id="job_1", number=again.fence), epoch())
    last = await store.claim("job_1", "w1", epoch(), epoch(60))
    fence = Fence(job_id="job_1", number=last.fence)
    answers.append(await store.submit_job(jobs[2], message_of(jobs[2]), "interrupt"))
    answers.append(await store.finish(fence, "cancelled", at(5), message=a_message("msg_a")))
    answers.append(await store.cancel("job_3", OWNER, at(6)))
    answers += [await store.head(SESSION, OWNER), await store.unfinished(epoch(1)), await store.turns("job_1")]
    answers += [await store.job(f"job_{n}") for n in range(1, 4)]
    return [*answers, await store.load(SESSION, OWNER), await store.checkpoints("job_1")]


def told(table: Table) -> list[dict[str, Any]]:
    """All that is stored, but for what the clock says."""
    items = [{name: value for name, value in item.items() if name not in NOT_TOLD} for item in everything(table)]
    return sorted(items, key=lambda item: json.dumps([item["PK"], item["SK"]]))


class EveryOther:
    """A fault that lets every other request through, so that each is made twice."""

    def __init__(self) -> None:
        self._seen = 0

    def __call__(self, request: Any) -> None:
        self._seen += 1
        if self._seen % 2:
            LostAnswer()(request)


class Moods:
    """Faults by chance: of every ten requests two are refused for a moment, and one
    takes effect but says nothing or something else."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.met: dict[str, int] = {}

    def __call__(self, request: Any) -> Any:
        operation = request.headers["X-Amz-Target"].decode().split(".")[-1]
        mood = self._chance.random()
        if mood >= 0.3:
            return None
        name = "lost" if mood < 0.1 else "busy"
        self.met[name] = self.met.get(name, 0) + 1
        if mood < 0.05:
            return LostAnswer()(request)
        if mood < 0.1:
            URLLib3Session().send(request)
            return refusal(request, "InternalServerError", 500)
        if operation.startswith("Transact") and mood < 0.2:
            reasons = [{"Code": "None"}, {"Code": self._chance.choice(["TransactionConflict", "ThrottlingError"])}]
            return refusal(request, "TransactionCanceledException", CancellationReasons=reasons)
        codes = ["ThrottlingException", "ProvisionedThroughputExceededException", "TransactionInProgressException"]
        return refusal(request, self._chance.choice(codes))


async def test_every_write_whose_answer_is_lost_happens_once(
    store: DynamoStore, rival: DynamoStore, table: Table, client: Any
) -> None:
    expected = await a_life(rival)
    stored = told(table)
    clear(table)
    with faults(client, EveryOther()):
        assert await a_life(store) == expected
    assert told(table) == stored


@pytest.mark.parametrize("seed", range(6))
async def test_a_table_in_a_bad_mood_only_takes_longer(
    store: DynamoStore, rival: DynamoStore, table: Table, client: Any, seed: int
) -> None:
    expected = await a_life(rival)
    stored = told(table)
    clear(table)
    moods = Moods(seed)
    with faults(client, moods):
        assert await a_life(store) == expected
    assert told(table) == stored
    assert moods.met.keys() == {"lost", "busy"}


def clear(table: Table) -> None:
    table.delete_all([{"PK": item["PK"], "SK": item["SK"]} for item in everything(table)])


@pytest.fixture
def hasty(client: Any, table: Table) -> DynamoStore:
    """A store that gives up at once."""
    return DynamoStore(table.name, client, patience_s=0.02)


async def test_a_commit_that_never_gets_an_answer_is_found_by_its_marker(
    hasty: DynamoStore, session: str, client: Any
) -> None:
    change = a_change(1)
    with faults(client, LostAnswer(times=9e9), "TransactWriteItems"):
        assert await hasty.append(session, OWNER, change, a_marker(change)) == a_marker(change)
    assert await hasty.changes(session, OWNER, 0) == (change,)


async def test_a_commit_that_never_arrives_is_told_to_the_caller(hasty: DynamoStore, session: str, client: Any) -> None:
    def unreachable(request: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    change = a_change(1)
    with faults(client, unreachable, "TransactWriteItems"), pytest.raises(Unavailable):
        await hasty.append(session, OWNER, change, a_marker(change))
    with faults(client, unreachable), pytest.raises(Unavailable):
        await hasty.head(session, OWNER)
    assert await hasty.append(session, OWNER, change, a_marker(change)) is None


async def test_a_table_that_stays_busy_is_told_to_the_caller(hasty: DynamoStore, session: str, client: Any) -> None:
    for code in ("ThrottlingException", "InternalServerError"):
        with faults(client, lambda request, code=code: refusal(request, code)), pytest.raises(Unavailable):  # type: ignore[misc]
            await hasty.load(session, OWNER)


async def test_a_large_change_counts_though_its_elements_could_not_be_written(
    hasty: DynamoStore, store: DynamoStore, session: str, client: Any
) -> None:
    requests = iter(range(1, 1_000))

    def busy_after_the_commit(request: Any) -> Any:
        return refusal(request, "ThrottlingException") if next(requests) > 1 else None

    change = a_change(1, adds(*(a_node(f"n{n}") for n in range(150))))
    with faults(client, busy_after_the_commit):
        assert await hasty.append(session, OWNER, change, a_marker(change)) is None
    head, diagram = await store.load(session, OWNER)
    assert (head.version, len(diagram.nodes)) == (1, 150)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "ExpiredTokenException"])
async def test_a_table_that_cannot_be_used_is_not_ready(store: DynamoStore, client: Any, code: str) -> None:
    with faults(client, lambda request: refusal(request, code)), pytest.raises(Unavailable, match=code):
        await store.ready()


async def test_a_table_that_is_not_there_is_not_ready(client: Any, table: Table) -> None:
    missing = DynamoStore("another-table", client)
    with pytest.raises(Unavailable, match="ResourceNotFoundException"):
        await missing.ready()


async def test_a_closed_store_answers_nothing(store: DynamoStore, session: str) -> None:
    await store.close()
    await store.close()
    with pytest.raises(Unavailable):
        await store.head(session, OWNER)


async def test_a_change_against_elements_that_are_not_as_it_says_is_refused_whole(
    store: DynamoStore, session: str
) -> None:
    await store.append(session, OWNER, a_change(1, adds(a_node("api"))), a_marker(a_change(1)))
    before = await store.load(session, OWNER)
    wrong = [
        (adds(a_node("new"), a_node("api")), "N#api.*there already"),
        ([*adds(a_node("new")), UpdateNode(id="db", set={"label": "B"}, before={"label": "A"})], "N#db.*not there"),
    ]
    for ops, reason in wrong:
        change = a_change(2, ops)
        with pytest.raises(OpRefused, match=reason):
            await store.append(session, OWNER, change, a_marker(change))
    assert await store.load(session, OWNER) == before


def test_a_client_tries_once_and_in_seconds(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name.upper(), value)
    config = connect(REGION, aws_endpoint, threads=3).meta.config
    assert (config.retries, config.connect_timeout, config.read_timeout, config.max_pool_connections) == (
        {"mode": "standard", "total_max_attempts": 1},
        2.0,
        8.0,
        3,
    )
