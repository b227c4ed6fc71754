"""Make the form of the data that the code of this checkout writes: `python -m tests.upgrade.make 2026-11-27`.

Before a change of what is stored, its author runs this on the commit before and commits the folder; from then on
test_upgrade.py opens it with every later version.
"""

import json
import lzma
import sys
import tempfile
from pathlib import Path

from tests.claude_server import ClaudeServer
from tests.upgrade.places import cloud, local, pack, scanned, to_json
from tests.upgrade.story import replies, seen, tell

FORMS = Path(__file__).with_name("forms")


def make(name: str) -> None:
    place = FORMS / name
    place.mkdir(parents=True)
    with ClaudeServer(replies) as claude, tempfile.TemporaryDirectory() as folder:
        with local(Path(folder), claude.url) as ask:
            told = tell(ask)
            _write(place / "sqlite.json.xz", json.dumps({"told": told, "seen": seen(ask, told)}))
        pack(Path(folder), place / "sqlite.tar.xz")
    with ClaudeServer(replies) as claude, cloud(claude.url, []) as (ask, client):
        told = tell(ask)
        _write(place / "dynamodb.json.xz", json.dumps({"told": told, "seen": seen(ask, told)}))
        _write(place / "dynamodb.items.json.xz", to_json(scanned(client)))


def _write(file: Path, text: str) -> None:
    file.write_bytes(lzma.compress(text.encode()))


if __name__ == "__main__":
    make(sys.argv[1])
