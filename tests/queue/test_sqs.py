"""The queue on SQS carries a job's id, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest

from archwright.errors import Unavailable
from archwright.queue.ports import Queue
from archwright.queue.sqs import SqsQueue, connect
from tests.aws import CREDENTIALS, REGION, aws_endpoint

__all__ = ["aws_endpoint"]


@pytest.fixture(scope="module")
def client(aws_endpoint: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name.upper(), value)
        return connect(REGION, aws_endpoint)


@pytest.fixture
def url(client: Any) -> str:
    found: str = client.create_queue(QueueName=f"jobs-{uuid4().hex}")["QueueUrl"]
    return found


@pytest.fixture
async def queue(client: Any, url: str) -> AsyncIterator[SqsQueue]:
    queue = SqsQueue(url, client)
    yield queue
    await queue.close()


Receive = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def receive(client: Any, url: str) -> Receive:
    """Take the messages that can be had now."""

    def take() -> list[dict[str, Any]]:
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"])
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    return take


async def test_a_message_is_the_id_of_a_job_in_its_owners_group(queue: Queue, receive: Receive) -> None:
    await queue.send("job_1", "user_ada")
    (message,) = receive()
    assert message["Body"] == "job_1"
    assert message["Attributes"]["MessageGroupId"] == "user_ada"
    assert "MessageAttributes" not in message


async def test_ids_sent_at_once_all_arrive(queue: Queue, receive: Receive) -> None:
    sent = {f"job_{n}" for n in range(10)}
    await asyncio.gather(*(queue.send(job_id, "ada") for job_id in sent))
    assert {message["Body"] for _ in range(3) for message in receive()} == sent


async def test_an_owner_that_is_no_name_of_a_group_has_one_all_the_same(queue: Queue, receive: Receive) -> None:
    owners = ["Ada Lovelace", "ада", "", "a" * 129, "\ud83d"]
    for owner in owners:
        await queue.send("job_1", owner)
    groups = {message["Attributes"]["MessageGroupId"] for _ in range(3) for message in receive()}
    assert len(groups) == len(owners)


async def test_a_delayed_id_cannot_be_had_at_once(queue: Queue, receive: Receive) -> None:
    await queue.send("job_1", "ada", delay_s=0.2)
    assert receive() == []
    deadline = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < deadline:
        found = receive()
    assert [message["Body"] for message in found] == ["job_1"]


async def test_a_delay_is_at_most_what_the_queue_can_keep(queue: Queue, receive: Receive) -> None:
    await queue.send("job_1", "ada", delay_s=3_600)
    await queue.send("job_2", "ada", delay_s=-5)
    assert [message["Body"] for message in receive()] == ["job_2"]


async def test_a_queue_that_is_not_there_is_told_to_the_caller(client: Any, url: str) -> None:
    queue = SqsQueue(f"{url}-not", client)
    with pytest.raises(Unavailable, match="job_1"):
        await queue.send("job_1", "ada")
    await queue.close()


async def test_a_closed_queue_takes_nothing(queue: SqsQueue) -> None:
    await queue.close()
    await queue.close()
    with pytest.raises(Unavailable, match="closed"):
        await queue.send("job_1", "ada")
