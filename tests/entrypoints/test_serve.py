"""The server process: it starts, is killed, starts again, and stops when it is told to."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers import serving

PROMPT = "A ride sharing app with a rider app, a driver app, matching, pricing and payments"


@pytest.mark.fault
def test_a_job_of_a_killed_server_goes_on_within_seconds_of_the_next_start(tmp_path: Path) -> None:
    with serving(tmp_path, pace=0.5) as first:
        made = first.ask("/sessions", {"prompt": PROMPT})
        session, job = made["session"]["id"], made["job"]["id"]
        while first.ask(f"/jobs/{job}")["turn"] < 1:
            time.sleep(0.05)
        os.kill(first.process.pid, signal.SIGKILL)
    with serving(tmp_path) as second:
        started = time.monotonic()
        ended = second.job_ended(job, seconds=20)
        assert (ended["status"], ended["error"]) == ("succeeded", None)
        assert time.monotonic() - started < 15
        log = second.ask(f"/sessions/{session}/changes?since=0")["changes"]
        assert [change["version"] for change in log] == list(range(1, len(log) + 1))
        turns = second.ask(f"/jobs/{job}/trace")["turns"]
        assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))


@pytest.mark.fault
def test_a_server_that_is_told_to_stop_hands_its_jobs_to_the_next(tmp_path: Path) -> None:
    with serving(tmp_path, pace=1) as first:
        job = first.ask("/sessions", {"prompt": PROMPT})["job"]["id"]
        while first.ask(f"/jobs/{job}")["status"] == "queued":
            time.sleep(0.05)
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(timeout=20) == -signal.SIGTERM
    with serving(tmp_path) as second:
        assert second.job_ended(job, seconds=20)["status"] == "succeeded"


def test_two_servers_share_a_directory(tmp_path: Path) -> None:
    with serving(tmp_path) as first, serving(tmp_path) as second:
        made = first.ask("/sessions", {"prompt": PROMPT})
        ended = second.job_ended(made["job"]["id"], seconds=30)
        assert ended["status"] == "succeeded"
        path = f"/sessions/{made['session']['id']}"
        assert first.ask(path) == second.ask(path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_without_sign_in_stays_on_this_machine_unless_it_is_told(tmp_path: Path, host: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ARCHWRIGHT_")}
    command = [
        str(Path(sys.executable).with_name("archwright")),
        "serve",
        "--host",
        host,
        "--port",
        "0",
        "--no-browser",
    ]
    command += ["--data-dir", str(tmp_path)]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1 and "--allow-anonymous" in refused.stderr
    told = subprocess.Popen([*command, "--allow-anonymous"], env=environment, stderr=subprocess.PIPE, text=True)
    assert told.stderr is not None
    try:
        assert "Archwright is ready" in told.stderr.readline()
    finally:
        told.kill()
        told.wait()
        told.stderr.close()
