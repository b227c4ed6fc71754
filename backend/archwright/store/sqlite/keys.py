"""Idempotency keys: the first call with a key stores its answer, a repeat reads it. Kept for 24 hours."""

import json
import sqlite3
from datetime import datetime, timedelta

from archwright.errors import KeyReused
from archwright.ids import iso
from archwright.store.ports import IdempotencyKey, Json
from archwright.store.sqlite.rows import dump_json

KEPT = timedelta(hours=24)


def claim_key(tx: sqlite3.Connection, owner: str, key: IdempotencyKey | None, answer: Json, at: str) -> Json | None:
    """Return what an earlier call stored under the key; otherwise store `answer` under it and return None.

    `at` is the time of the call. Without a key there is nothing to return or to store. Raises KeyReused.
    """
    if key is None:
        return None
    tx.execute("DELETE FROM idempotency_key WHERE at <= ?", (_day_before(at),))
    stored = known_answer(tx, owner, key, at)
    if stored is None:
        tx.execute(
            "INSERT INTO idempotency_key (owner, key, body_hash, answer, at) VALUES (?, ?, ?, ?, ?)",
            (owner, key.key, key.body_hash, dump_json(answer), at),
        )
    return stored


def known_answer(tx: sqlite3.Connection, owner: str, key: IdempotencyKey, at: str) -> Json | None:
    """Return what is stored under the key and not a day old. Raises KeyReused."""
    row = tx.execute(
        "SELECT body_hash, answer FROM idempotency_key WHERE owner = ? AND key = ? AND at > ?",
        (owner, key.key, _day_before(at)),
    ).fetchone()
    if row is None:
        return None
    if row["body_hash"] != key.body_hash:
        raise KeyReused(f"The key '{key.key}' was used with another body within the last 24 hours.")
    stored: Json = json.loads(row["answer"])
    return stored


def _day_before(at: str) -> str:
    return iso((datetime.fromisoformat(at) - KEPT).timestamp())
