"""Small JSON values, each replaced only by one who has read it."""

import json
import sqlite3
import time

from archwright.errors import VersionMoved
from archwright.store.ports import Json, Versioned
from archwright.store.sqlite.rows import dump_json


def value(tx: sqlite3.Connection, kind: str, id: str) -> Versioned | None:
    row = tx.execute("SELECT revision, body FROM value WHERE kind = ? AND id = ?", (kind, id)).fetchone()
    return Versioned(json.loads(row["body"]), row["revision"]) if row else None


def put_value(tx: sqlite3.Connection, kind: str, id: str, body: Json, revision: int, expires_at: float | None) -> None:
    tx.execute("DELETE FROM value WHERE expires_at <= ?", (time.time(),))
    row = tx.execute("SELECT revision FROM value WHERE kind = ? AND id = ?", (kind, id)).fetchone()
    if (row["revision"] if row else 0) != revision:
        raise VersionMoved(f"The {kind} '{id}' was stored by somebody else.")
    tx.execute(
        "INSERT OR REPLACE INTO value (kind, id, revision, body, expires_at) VALUES (?, ?, ?, ?, ?)",
        (kind, id, revision + 1, dump_json(body), expires_at),
    )


def drop_value(tx: sqlite3.Connection, kind: str, id: str) -> None:
    tx.execute("DELETE FROM value WHERE kind = ? AND id = ?", (kind, id))
