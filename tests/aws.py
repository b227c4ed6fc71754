"""An emulator of AWS for the tests: `ministack`, in a virtual environment of its own, for it pins botocore.

The environment is made once, in `.venv-aws` next to the repository's own. Each worker of a test run has one
emulator, on a free port of the loopback, that ends with it.
"""

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ReadTimeoutError  # type: ignore[import-untyped]
from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]

from archwright.store.dynamodb import connect

EMULATOR = "ministack==1.5.33"
REGION = "eu-central-1"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
_ROOT = Path(__file__).parents[1]
_ENVIRONMENT = _ROOT / ".venv-aws"
_START_S = 60.0


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    """The address of an emulator that lives as long as this worker of the test run."""
    python = _python()
    with tempfile.TemporaryDirectory(prefix="ministack-") as place, _running(python, Path(place)) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def aws_client(aws_endpoint: str) -> Any:
    """A plain client of the emulator's DynamoDB, for looking at what is stored."""
    return boto3.client("dynamodb", endpoint_url=aws_endpoint, region_name=REGION, **CREDENTIALS)


def store_client(endpoint: str, threads: int = 16) -> Any:
    """A client of the emulator as the product makes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        return connect(REGION, endpoint, threads=threads)


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
    port = _free_port()
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "TMPDIR": str(place),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "ERROR",
    }
    log = place / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(python), "-m", "ministack"], env=surroundings, cwd=place, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, endpoint, log)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the emulator does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


Fault = Callable[[Any], None]
"""Sees a request before it is sent, and may raise what a network would."""


@contextmanager
def faults(client: Any, fault: Fault, operation: str = "*") -> Iterator[None]:
    """Let `fault` see every request of an operation on this client."""

    def before_send(request: Any, **_: Any) -> None:
        fault(request)

    event = f"before-send.dynamodb.{operation}" if operation != "*" else "before-send.dynamodb"
    client.meta.events.register(event, before_send)
    try:
        yield
    finally:
        client.meta.events.unregister(event, before_send)


class LostAnswer:
    """A fault: the request arrives and takes effect, but its answer does not come back; so many times."""

    def __init__(self, times: int = 1) -> None:
        self.left = times

    def __call__(self, request: Any) -> None:
        if self.left > 0:
            self.left -= 1
            URLLib3Session().send(request)
            raise ReadTimeoutError(endpoint_url=request.url)
