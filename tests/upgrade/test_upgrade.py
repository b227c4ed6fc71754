"""What an earlier version wrote opens in this one, on both stores, and the jobs that were under way go on."""

import json
import lzma
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from tests.claude_server import ClaudeServer
from tests.upgrade.make import FORMS
from tests.upgrade.places import cloud, from_json, local, status_of, unpack
from tests.upgrade.story import Ask, check_going_on, difference, going_on, seen

NAMES = sorted(form.name for form in FORMS.iterdir())


def read(form: str, file: str) -> str:
    return lzma.decompress((FORMS / form / file).read_bytes()).decode()


@pytest.mark.parametrize("form", NAMES)
def test_a_data_directory_of_an_earlier_version_opens_and_its_jobs_go_on(form: str, tmp_path: Path) -> None:
    unpack(FORMS / form / "sqlite.tar.xz", tmp_path)
    with ClaudeServer(going_on) as claude, local(tmp_path, claude.url) as ask:
        check(ask, json.loads(read(form, "sqlite.json.xz")))


@pytest.mark.parametrize("form", NAMES)
def test_a_table_of_an_earlier_version_opens_and_its_jobs_go_on(form: str) -> None:
    items = from_json(read(form, "dynamodb.items.json.xz"))
    with ClaudeServer(going_on) as claude, cloud(claude.url, items) as (ask, _):
        check(ask, json.loads(read(form, "dynamodb.json.xz")))


def check(ask: Ask, made: dict[str, Any]) -> None:
    told = made["told"]
    assert list(difference(made["seen"], seen(ask, told))) == []
    check_keys(ask, told)
    check_going_on(ask, told)


def check_keys(ask: Ask, told: dict[str, Any]) -> None:
    drawn = f"/sessions/{told['drawn']}"
    assert status_of(ask, drawn, told["key"]) == status_of(ask, drawn, told["share"]) == 200
    assert status_of(ask, drawn, told["key"] + "x") == 401
    assert status_of(ask, f"/sessions/{told['planned']}", told["share"]) in (401, 403, 404)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(f"/sessions/{told['gone']}")
