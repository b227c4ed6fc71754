"""The two deployments over data that can be taken away as files, and brought back."""

import base64
import json
import os
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deploy.emulator import CREDENTIALS, REGION, emulator

from tests.servers import CLAUDE, serving
from tests.upgrade.story import Ask

TABLE = "archwright"
FOREVER = {"ARCHWRIGHT_JOB_WALL_S": "1e9"}
"""A form is opened long after it was made, which is longer than a job may take."""


def asking(address: str) -> Ask:
    """How the server at this address is asked."""

    def ask(path: str, body: dict[str, Any] | None = None, *, method: str = "", key: str = "") -> Any:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{address}/api/v1{path}", data, headers, method=method or ("GET" if body is None else "POST")
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    return ask


def status_of(ask: Ask, path: str, key: str) -> int:
    """The status with which a bearer of this key is answered."""
    try:
        ask(path, key=key)
    except urllib.error.HTTPError as refused:
        return refused.code
    return 200


@contextmanager
def local(folder: Path, claude: str) -> Iterator[Ask]:
    """The product in one process over a data directory. It is killed at the end, as it stands."""
    with serving(folder, claude=claude, settings=FOREVER) as server:
        yield asking(server.address)


@contextmanager
def cloud(claude: str, items: list[dict[str, Any]]) -> Iterator[tuple[Ask, Any]]:
    """The API and a worker in one process over DynamoDB and SQS, emulated; also a client of the table, in which the
    given items stand already. The process is killed at the end, as it stands."""
    from archwright.queue import sqs
    from archwright.store import dynamodb

    with environment(CREDENTIALS), emulator() as endpoint:
        client = dynamodb.connect(REGION, endpoint)
        dynamodb.create_table(client, TABLE)
        for item in items:
            client.put_item(TableName=TABLE, Item=item)
        url = sqs.connect(REGION, endpoint).create_queue(QueueName="jobs")["QueueUrl"]
        surroundings = {
            **FOREVER, "AWS_ENDPOINT_URL": endpoint, "ARCHWRIGHT_TABLE": TABLE, "ARCHWRIGHT_QUEUE_URL": url,
            "ARCHWRIGHT_ALLOW_ANONYMOUS": "1", "ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": claude,
            "ARCHWRIGHT_MODEL": CLAUDE, "ARCHWRIGHT_OFFLINE_PACE": "0", "ARCHWRIGHT_LEASE_GRACE_S": "0",
        }  # fmt: skip
        with environment(surroundings):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.upgrade.cloud"], stdout=subprocess.PIPE, text=True
            )  # fmt: skip
        try:
            assert process.stdout is not None
            yield asking(process.stdout.readline().strip()), client
        finally:
            process.kill()
            process.wait()


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Have these values in the environment of what is started within the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            with suppress(KeyError):
                os.environ[name] = value if value is not None else os.environ.pop(name)
            if value is None:
                os.environ.pop(name, None)


def pack(folder: Path, file: Path) -> None:
    with tarfile.open(file, "w:xz") as archive:
        archive.add(folder, arcname=".", filter=_nobodys)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def unpack(file: Path, folder: Path) -> None:
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")


def scanned(client: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def to_json(items: list[dict[str, Any]]) -> str:
    """The items as DynamoDB's JSON, bytes in base 64."""
    return json.dumps(items, default=lambda value: base64.b64encode(value).decode(), indent=0, sort_keys=True)


def from_json(text: str) -> list[dict[str, Any]]:
    def read(value: dict[str, Any]) -> dict[str, Any]:
        return {"B": base64.b64decode(value["B"])} if list(value) == ["B"] and isinstance(value["B"], str) else value

    found: list[dict[str, Any]] = json.loads(text, object_hook=read)
    return found
