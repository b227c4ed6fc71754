"""Settings as people leave them: cleaned where they can mean one thing only, else refused at start in one sentence."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archwright.settings import Settings, read_settings
from archwright.wiring import DATABASE
from tests.entrypoints.test_cli import PROMPT, archwright

COMMAND = str(Path(sys.executable).with_name("archwright"))


def surroundings(**variables: str) -> dict[str, str]:
    ours = ("ANTHROPIC_", "ARCHWRIGHT_", "LISTEN_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours) and not k.lower().endswith("_proxy")}
    return {**kept, **variables}


@contextmanager
def started(*arguments: str, **variables: str) -> Iterator[str]:
    """A server with these variables; its address."""
    command = [COMMAND, "serve", "--no-browser", *arguments]
    process = subprocess.Popen(command, env=surroundings(**variables), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        ready = re.search(r"ready: (\S+)", line)
        assert ready, line + process.stderr.read()
        yield ready[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def refused(*arguments: str, **variables: str) -> str:
    """The one sentence with which a server does not start."""
    command = [COMMAND, "serve", "--no-browser", *arguments]
    done = subprocess.run(
        command, env=surroundings(**variables), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (1, 2), done.stderr
    assert (done.stdout, done.stderr.count("\n")) == ("", 1), done.stderr
    assert done.stderr.startswith("archwright: ") and "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ARCHWRIGHT_PORT", "abc", ("ARCHWRIGHT_PORT", "'abc'", "integer")),
        ("ARCHWRIGHT_PORT", "70000", ("ARCHWRIGHT_PORT", "65535")),
        ("ARCHWRIGHT_LEASE_S", "-1", ("ARCHWRIGHT_LEASE_S", "greater than 0")),
        ("ARCHWRIGHT_LOG_LEVEL", "loud", ("ARCHWRIGHT_LOG_LEVEL", "'debug'")),
        ("ARCHWRIGHT_PUBLIC_URL", "diagrams.example.test", ("ARCHWRIGHT_PUBLIC_URL", "https://")),
        ("ARCHWRIGHT_TRUSTED_PROXIES", "nginx", ("ARCHWRIGHT_TRUSTED_PROXIES", "'nginx'")),
        ("ANTHROPIC_API_KEY", "sk-ant one", ("ANTHROPIC_API_KEY", "blanks")),
        ("ANTHROPIC_BASE_URL", "localhost:11434", ("ANTHROPIC_BASE_URL", "'localhost:11434'")),
        ("ARCHWRIGHT_MODEL", "gpt", ("'gpt'",)),
        ("ARCHWRIGHT_FALLBACK_MODELS", "gpt", ("ARCHWRIGHT_FALLBACK_MODELS", "'gpt'")),
        ("ARCHWRIGHT_LOCAL_MODELS", "qwen", ("ARCHWRIGHT_LOCAL_MODELS", "ANTHROPIC_BASE_URL")),
        ("ARCHWRIGHT_CLERK_ISSUER", "https://clerk.example", ("ARCHWRIGHT_CLERK_PUBLISHABLE_KEY",)),
        ("ARCHWRIGHT_DATA_DIR", "~nobody-of-that-name/x", ("ARCHWRIGHT_DATA_DIR", "home")),
        ("ARCHWRIGHT_HOST", "nowhere.invalid", ("nowhere.invalid",)),
        ("ARCHWRIGHT_UDS", "/nowhere/at/all/a.sock", ("/nowhere/at/all/a.sock",)),
    ],
)
def test_a_setting_that_cannot_be_meant_is_one_sentence_that_names_it(
    tmp_path: Path, variable: str, value: str, words: tuple[str, ...]
) -> None:
    given = {"ARCHWRIGHT_DATA_DIR": str(tmp_path / "data"), "ARCHWRIGHT_PORT": "0", variable: value}
    said = refused(**given)
    assert [word for word in words if word not in said] == [], said
    if variable == "ANTHROPIC_API_KEY":
        assert "sk-ant" not in said


def test_what_stands_around_a_value_is_taken_off(tmp_path: Path) -> None:
    given = {
        "ARCHWRIGHT_DATA_DIR": "~/diagrams", "HOME": str(tmp_path), "ARCHWRIGHT_PORT": ' "0"\r',
        "ARCHWRIGHT_HOST": "[::1]",
        "ARCHWRIGHT_MODEL": "", "ARCHWRIGHT_LEASE_S": " ", "ANTHROPIC_API_KEY": "'sk-ant-1'\r\n",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/v1/", "ARCHWRIGHT_ALLOW_ANONYMOUS": "true\r",
    }  # fmt: skip
    with started(**given) as address:
        assert address.startswith("http://[::1]:")
        assert (tmp_path / "diagrams" / DATABASE).is_file()


@pytest.mark.parametrize(
    "url", ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/messages"]
)
def test_a_base_url_may_end_in_what_the_sdk_adds(url: str) -> None:
    assert Settings(anthropic_base_url=url).anthropic_base_url == "http://h:1"
    assert Settings(anthropic_base_url=f"{url.replace('h:1', 'h:1/proxy')}").anthropic_base_url == "http://h:1/proxy"


def test_a_job_reaches_a_model_whose_address_ends_in_v1_with_a_key_of_a_file_of_windows(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as model:
        port = model.getsockname()[1]
        process = subprocess.Popen(
            [COMMAND, "draw", PROMPT, "--model", "claude-sonnet-5-5"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=surroundings(
                ARCHWRIGHT_DATA_DIR=str(tmp_path), ANTHROPIC_API_KEY=" sk-ant-1\r",
                ANTHROPIC_BASE_URL=f"http://127.0.0.1:{port}/v1", ALL_PROXY="socks5://127.0.0.1:1",
                NO_PROXY="localhost,127.0.0.1,::1,fd00::/8,[::1]",
            ),
        )  # fmt: skip
        try:
            model.settimeout(30)
            asking, _ = model.accept()
            with asking:
                asking.settimeout(10)
                head = asking.recv(65_536).decode("latin-1").split("\r\n")
            assert head[0] == "POST /v1/messages HTTP/1.1"
            assert [line.rpartition(" ")[2] for line in head if "sk-ant" in line] == ["sk-ant-1"], head
        finally:
            process.kill()
            process.communicate()


def test_a_proxy_that_nothing_is_asked_through_does_not_matter(tmp_path: Path) -> None:
    folder = {"ARCHWRIGHT_DATA_DIR": str(tmp_path), "ARCHWRIGHT_PORT": "0"}
    for given in (
        {"ALL_PROXY": "socks5://127.0.0.1:1080"},
        {"ALL_PROXY": "socks5://127.0.0.1:1080", "NO_PROXY": "::1,[::1],fd00::/8", "HTTPS_PROXY": "http://127.0.0.1:1",
         "ANTHROPIC_API_KEY": "key"},
        {"all_proxy": "socks5h://127.0.0.1:1080", "no_proxy": "*", "ANTHROPIC_API_KEY": "key"},
        {"HTTPS_PROXY": " http://127.0.0.1:1\r", "ANTHROPIC_API_KEY": "key"},
        {"HTTPS_PROXY": "127.0.0.1:1", "NO_PROXY": "[::1]:80, ::1/128,http://[::1,:::", "ANTHROPIC_API_KEY": "key"},
        {"HTTPS_PROXY": "http://[::1]:1", "NO_PROXY": "::1", "ANTHROPIC_API_KEY": "key"},
    ):  # fmt: skip
        with started(**folder, **given) as address, urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
            assert answer.status == 200, given


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "ftp://proxy.example", "http://[::1", "http://a b"])
def test_a_proxy_that_cannot_be_used_is_named(tmp_path: Path, proxy: str) -> None:
    said = refused("--port", "0", "--data-dir", str(tmp_path), ALL_PROXY=proxy, ANTHROPIC_API_KEY="key")
    assert "ALL_PROXY" in said and repr(proxy) in said and "HTTPS_PROXY" in said


def newer(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 999")


def no_database(file: Path) -> None:
    file.write_bytes(b"This is no database, but a letter.\n" * 100)


def a_folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize(
    ("make", "words"), [(newer, "newer"), (no_database, "not a database"), (a_folder, "unable to open")]
)
def test_a_database_that_cannot_be_read_is_one_sentence(tmp_path: Path, make: object, words: str) -> None:
    assert callable(make)
    make(tmp_path / DATABASE)
    said = refused("--port", "0", "--data-dir", str(tmp_path))
    assert str(tmp_path / DATABASE) in said and words in said.lower()
    assert archwright(tmp_path, "list").stderr == said


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    said = refused("--port", "0", "--data-dir", "/proc/archwright")
    assert "/proc/archwright" in said
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in refused("--port", "0", "--data-dir", str(tmp_path / "file" / "x"))


def test_a_port_in_use_and_a_socket_in_use_are_one_sentence_each(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is used by another program" in refused("--port", str(port))
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as here:
        here.bind(str(path))
        here.listen()
        assert f"{path} cannot be listened on: another program listens there" in refused("--uds", str(path))
    (tmp_path / "file").write_text("mine")
    assert "another file stands there" in refused("--uds", str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "mine"


def test_every_command_says_in_one_sentence_which_setting_is_wrong(tmp_path: Path) -> None:
    for arguments in (("list",), ("models",), ("show", "ses_1"), ("draw", PROMPT)):
        done = archwright(tmp_path, *arguments, ARCHWRIGHT_JOB_TURNS="many")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert done.stderr.startswith("archwright: ARCHWRIGHT_JOB_TURNS is 'many', but ")


def printed(folder: Path, encoding: str, *arguments: str) -> str:
    """What a command prints on a terminal of this encoding, as the terminal shows it."""
    given = surroundings(ARCHWRIGHT_DATA_DIR=str(folder), ARCHWRIGHT_OFFLINE_PACE="0", PYTHONIOENCODING=encoding)
    done = subprocess.run([COMMAND, *arguments], env=given, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode(encoding).strip()


def test_a_terminal_that_lacks_a_letter_gets_its_code(tmp_path: Path) -> None:
    title, encoding = "聊天 😀", "cp1252"
    session = printed(tmp_path, encoding, "draw", f"{PROMPT} 聊天", "--title", title)
    shown = title.encode(encoding, "backslashreplace").decode()
    assert printed(tmp_path, encoding, "list").endswith(shown)
    assert shown in printed(tmp_path, encoding, "show", session)
    assert printed(tmp_path, encoding, "trace", session).startswith("job_")
    assert printed(tmp_path, "ascii", "models")
    for command in ("show", "trace"):
        narrow, wide = (printed(tmp_path, one, command, session, "--json") for one in (encoding, "utf-8"))
        assert json.loads(narrow) == json.loads(wide) and "聊天" in wide
    missing = archwright(tmp_path, "show", "ses_聊", PYTHONIOENCODING="ascii")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1) and "ses_\\u804a" in missing.stderr


def test_settings_that_are_given_stand_above_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_PORT", "8001")
    assert (read_settings(port=8002).port, read_settings().port) == (8002, 8001)
