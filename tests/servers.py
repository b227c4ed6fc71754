"""A running `archwright serve`, for tests that use the product as a person or a program does."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLAUDE = "claude-sonnet-5-5"
ENDED = ("succeeded", "incomplete", "failed", "cancelled")


def job_ended(ask: Callable[[str], Any], job: str, seconds: float, every_s: float = 0.05) -> Any:
    """Poll a job until it has ended, and return it."""
    deadline = time.monotonic() + seconds
    while (found := ask(f"/jobs/{job}"))["status"] not in ENDED:
        assert time.monotonic() < deadline, found
        time.sleep(every_s)
    return found


class Server:
    """A running `archwright serve` and its address."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self.process = process
        self.address = address
        self.port = int(address.rsplit(":", 1)[1])

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}", data=data, headers={"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def job_ended(self, job: str, seconds: float) -> Any:
        return job_ended(self.ask, job, seconds)


@contextmanager
def serving(
    folder: Path, *, pace: float = 0, port: int = 0, claude: str = "", settings: dict[str, str] | None = None
) -> Iterator[Server]:
    """Serve a data directory until the end of the block; port 0 takes a free one. `claude` is the address of a server
    that speaks the Messages API; without one the planner answers."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC_", "ARCHWRIGHT_"))}
    if claude:
        environment |= {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": claude, "ARCHWRIGHT_MODEL": CLAUDE}
    command = [str(Path(sys.executable).with_name("archwright")), "serve", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(folder)],
        env={**environment, "ARCHWRIGHT_OFFLINE_PACE": str(pace), **(settings or {})},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        address = None
        while address is None:
            line = process.stderr.readline()
            assert line, "the server ended"
            address = re.search(r"ready: (http://\S+)", line)
        yield Server(process, address[1])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
