"""Removing a session in many requests: hidden at the first, finished by the last, whoever sends it."""

from collections.abc import Sequence
from typing import Any

import pytest

from archwright.errors import LeaseLost
from archwright.jobs.model import Fence
from archwright.store.dynamodb import DynamoStore
from archwright.store.dynamodb.table import Table
from archwright.store.ports import Checkpoint
from tests.aws import faults
from tests.builders import (
    OWNER,
    a_change,
    a_job,
    a_marker,
    a_node,
    adds,
    at,
    epoch,
    message_of,
)
from tests.store.dynamodb.conftest import everything


async def test_items_that_a_batch_left_over_are_deleted_too(
    store: DynamoStore, session: str, client: Any, table: Table
) -> None:
    change = a_change(1, adds(*(a_node(f"n{n}") for n in range(60))))
    await store.append(session, OWNER, change, a_marker(change))
    left_over: list[int] = []

    def leave_some(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        requests: Sequence[Any] = params["RequestItems"][table.name]
        if len(left_over) % 2 or len(requests) < 2:
            left_over.append(0)
            return params
        left_over.append(len(requests) // 2)
        return {**params, "RequestItems": {table.name: requests[len(requests) // 2 :]}}

    def say_so(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if left_over[-1]:
            parsed["UnprocessedItems"] = {table.name: context["asked"][: left_over[-1]]}

    def remember_asked(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params["RequestItems"][table.name]

    events = client.meta.events
    events.register_first("provide-client-params.dynamodb.BatchWriteItem", remember_asked)
    events.register("provide-client-params.dynamodb.BatchWriteItem", leave_some)
    events.register("after-call.dynamodb.BatchWriteItem", say_so)
    try:
        await store.delete_session(session, OWNER)
    finally:
        events.unregister("provide-client-params.dynamodb.BatchWriteItem", remember_asked)
        events.unregister("provide-client-params.dynamodb.BatchWriteItem", leave_some)
        events.unregister("after-call.dynamodb.BatchWriteItem", say_so)
    assert everything(table) == []
    assert sum(left_over) > 10


async def test_a_deletion_that_was_interrupted_is_hidden_and_finished_by_a_repeat(
    store: DynamoStore, rival: DynamoStore, session: str, client: Any, table: Table
) -> None:
    job = a_job("job_1")
    await store.submit_job(job, message_of(job), "reject")
    claimed = await store.claim("job_1", "w1", epoch(), epoch(60))
    fence = Fence(job_id="job_1", number=claimed.fence)
    await store.put_checkpoint("job_1", Checkpoint("", "c1", None, b"state"), fence)
    change = a_change(1, adds(*(a_node(f"n{n}") for n in range(60))))
    await store.append(session, OWNER, change, a_marker(change))
    for step in range(1, 40):
        requests = iter(range(1, 1_000))

        def dies(request: Any, step: int = step, requests: Any = requests) -> None:
            if next(requests) > step:
                raise RuntimeError("the process dies")

        try:
            with faults(client, dies):
                await store.delete_session(session, OWNER)
        except RuntimeError:
            assert (await rival.list_sessions(OWNER, None, 10)).items == ()
            with pytest.raises(LeaseLost):
                await rival.finish(fence, "succeeded", at(1))
        else:
            break
    assert step > 5
    assert everything(table) == []
