"""An emulator of AWS on this machine: `ministack`, in a virtual environment of its own, for it pins botocore.

The environment is made once, in `.venv-aws` next to the repository's own.
"""

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ("ministack==1.5.33", "aws-sam-translator==1.115.0")
REGION = "eu-central-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
_ROOT = Path(__file__).parents[1]
_ENVIRONMENT = _ROOT / ".venv-aws"
_START_S = 60.0
_SERVE = """
import os, sys, threading

def end_with_the_parent():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=end_with_the_parent, daemon=True).start()
from ministack.app import main
main()
"""


@contextmanager
def emulator(**settings: str) -> Iterator[str]:
    """Run an emulator on a free port of the loopback until the end of the block, or of this process.

    Gives its address; `settings` are more of its environment. What it holds is gone with it.
    """
    python = _python()
    with tempfile.TemporaryDirectory(prefix="ministack-") as place:
        process, endpoint = _start(python, Path(place), settings)
        try:
            yield endpoint
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _python() -> Path:
    """Return the Python of the emulator's environment, which is made when it is not there or not the right one."""
    python, ready, wanted = _ENVIRONMENT / "bin" / "python", _ENVIRONMENT / "ready", " ".join(PACKAGES)
    with Path(tempfile.gettempdir(), "archwright-venv-aws.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_file() or ready.read_text() != wanted:
            _install(python)
            ready.write_text(wanted)
    return python


def _install(python: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    for command in (
        [str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(_ENVIRONMENT)],
        [str(uv), "pip", "install", "--quiet", "--python", str(python), *PACKAGES],
    ):
        subprocess.run(command, check=True, timeout=300)


def _start(python: Path, place: Path, settings: Mapping[str, str]) -> tuple["subprocess.Popen[bytes]", str]:
    """Start an emulator; once more when another process was faster to take its port."""
    log = place / "log"
    for _ in range(3):
        port = _free_port()
        process = _spawn(python, place, port, log, settings)
        if _is_ready(process, f"http://127.0.0.1:{port}"):
            return process, f"http://127.0.0.1:{port}"
        process.kill()
        process.wait()
    raise RuntimeError(f"the emulator does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _spawn(python: Path, place: Path, port: int, log: Path, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "TMPDIR": str(place),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "ERROR",
        **settings,
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
