"""Other ways to listen than a port: a unix socket for a proxy, and sockets that systemd hands over."""

import http.client
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.entrypoints.test_settings import COMMAND, started, surroundings


class Unix(http.client.HTTPConnection):
    """A connection by a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def status(path: Path, method: str, address: str, headers: dict[str, str]) -> int:
    asking = Unix(path)
    asking.request(method, address, headers=headers)
    found = asking.getresponse().status
    asking.close()
    return found


def test_a_unix_socket_serves_and_goes_and_one_left_by_a_dead_server_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    folder = {"ARCHWRIGHT_DATA_DIR": str(tmp_path / "data"), "ARCHWRIGHT_PUBLIC_URL": "https://d.example.test"}
    with started("--uds", str(path), **folder) as address:
        assert address == f"unix:{path}"
        sessions = "/api/v1/sessions"
        assert status(path, "GET", "/readyz", {}) == 200
        assert status(path, "GET", sessions, {"Host": "evil.example"}) == 403
        for origin, expected in (("https://d.example.test", 201), ("null", 403), ("https://evil.example", 403)):
            assert status(path, "POST", sessions, {"Host": "d.example.test", "Origin": origin}) in (expected, 422)
    assert not path.exists()


def test_a_socket_of_systemd_is_served(tmp_path: Path) -> None:
    path = tmp_path / "b.sock"
    with socket.socket(socket.AF_UNIX) as given:
        given.bind(str(path))
        given.listen()
        script = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True);"
            "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(given.fileno()), COMMAND, "serve", "--no-browser"],
            env=surroundings(ARCHWRIGHT_DATA_DIR=str(tmp_path / "data")), stderr=subprocess.PIPE, text=True,
            pass_fds=(given.fileno(),),
        )  # fmt: skip
    assert process.stderr is not None and os.path.exists(path)
    try:
        assert process.stderr.readline() == f"Archwright is ready: unix:{path}\n"
        assert status(path, "GET", "/readyz", {}) == 200
    finally:
        process.kill()
        process.communicate()
    assert path.exists()
