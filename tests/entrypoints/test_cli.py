"""The command line as a shell sees it: what it prints, where, and with which exit code."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archwright.store.sqlite import SqliteStore
from archwright.wiring import DATABASE

PROMPT = "Web client, API gateway, order service, PostgreSQL"


def archwright(folder: Path, *arguments: str, **surroundings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command over a data directory, with no terminal and no key."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC_", "ARCHWRIGHT_"))}
    return subprocess.run(
        [str(Path(sys.executable).with_name("archwright")), *arguments],
        env={**environment, "ARCHWRIGHT_DATA_DIR": str(folder), "ARCHWRIGHT_OFFLINE_PACE": "0", **surroundings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(done: "subprocess.CompletedProcess[str]") -> str:
    """What a command that did well printed; it says nothing on standard error when nobody watches."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


async def stored_sessions(folder: Path) -> tuple[object, ...]:
    if not (folder / DATABASE).exists():
        return ()
    store = SqliteStore.open(folder / DATABASE)
    page = await store.list_sessions("local", None, 10)
    await store.close()
    return tuple(page.items)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data directory with one diagram, and its session's id."""
    folder = tmp_path_factory.mktemp("data")
    return folder, told(archwright(folder, "draw", PROMPT, "--title", "Shop"))


def test_draw_prints_the_file_that_it_wrote_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "shop.svg"
    assert told(archwright(tmp_path / "data", "draw", PROMPT, "-o", str(file))) == str(file)
    words = "".join(ElementTree.fromstring(file.read_text()).itertext())
    assert all(label in words for label in ("Web client", "API gateway", "Order service", "PostgreSQL"))


def test_what_was_drawn_can_be_listed_shown_exported_and_traced(drawn: tuple[Path, str], tmp_path: Path) -> None:
    folder, session = drawn
    assert told(archwright(folder, "list")).startswith(session)
    assert "Order service" in told(archwright(folder, "show", session))
    shown = json.loads(told(archwright(folder, "show", session, "--json")))
    assert "order-service" in {node["id"] for node in shown["nodes"]}
    image = tmp_path / "shop.png"
    assert told(archwright(folder, "export", session, "-o", str(image))) == str(image)
    assert image.read_bytes().startswith(b"\x89PNG")
    trace = told(archwright(folder, "trace", session)).splitlines()
    assert "succeeded" in trace[0]
    assert any("add_node" in line for line in trace)
    assert any(line.startswith("turn 1: archwright-offline, tool_use, ") for line in trace)
    turns = json.loads(told(archwright(folder, "trace", session, "--json")))["turns"]
    assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))


def test_edit_changes_what_was_drawn(drawn: tuple[Path, str]) -> None:
    folder, session = drawn
    before = json.loads(told(archwright(folder, "show", session, "--json")))["nodes"]
    assert told(archwright(folder, "edit", session, "Rename the order service to checkout service")) == session
    after = json.loads(told(archwright(folder, "show", session, "--json")))["nodes"]
    renamed = [(a["label"], b["label"]) for a, b in zip(before, after, strict=True) if a != b]
    assert renamed == [("Order service", "Checkout service")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("draw", "  "), "empty"),
        (("draw", "x" * 100_000), "characters"),
        (("draw", "a\udcffb"), "text"),
        (("draw", PROMPT, "--model", "gpt"), "archwright-offline"),
        (("draw", PROMPT, "-o", "shop.docx"), "svg"),
        (("draw", PROMPT, "-o", "/nowhere/at/all/shop.svg"), "/nowhere/at/all"),
        (("edit", "ses_nobody", "Add a cache"), "ses_nobody"),
        (("show", "ses_nobody"), "ses_nobody"),
        (("export", "ses_nobody", "-o", "a.svg"), "ses_nobody"),
        (("trace", "job_nobody"), "job_nobody"),
    ],
)
async def test_a_refusal_is_one_line_and_stores_nothing(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = archwright(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith("archwright: ")
    assert words in done.stderr
    assert await stored_sessions(tmp_path) == ()


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = archwright(tmp_path / "file" / "data", "draw", PROMPT)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert str(tmp_path / "file" / "data") in done.stderr


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = archwright(tmp_path, "serve", "--port", str(port), "--no-browser")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert f"Port {port}" in done.stderr


def test_a_model_that_cannot_be_reached_is_told_with_its_reason(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    done = archwright(
        tmp_path, "draw", PROMPT, "--model", "claude-sonnet-5-5",
        ANTHROPIC_API_KEY="key", ANTHROPIC_BASE_URL=f"http://127.0.0.1:{port}", ARCHWRIGHT_JOB_WALL_S="5",
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "the job failed" in done.stderr
