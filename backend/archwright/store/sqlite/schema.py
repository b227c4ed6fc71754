"""The tables, and how a file comes from any older version to this one."""

import sqlite3

from archwright.errors import Unavailable

_FIRST = (
    """CREATE TABLE session (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        title TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 0,
        node_count INTEGER NOT NULL DEFAULT 0,
        edge_count INTEGER NOT NULL DEFAULT 0,
        active_job TEXT,
        last_job TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX session_by_owner ON session (owner, created_at, id)",
    "CREATE INDEX session_by_active_job ON session (active_job) WHERE active_job IS NOT NULL",
    """CREATE TABLE change (
        session_id TEXT NOT NULL REFERENCES session ON DELETE CASCADE,
        version INTEGER NOT NULL,
        job_id TEXT,
        body TEXT NOT NULL,
        PRIMARY KEY (session_id, version)
    ) WITHOUT ROWID""",
    "CREATE INDEX change_by_job ON change (session_id, job_id, version) WHERE job_id IS NOT NULL",
    """CREATE TABLE marker (
        session_id TEXT NOT NULL REFERENCES session ON DELETE CASCADE,
        change_id TEXT NOT NULL,
        version INTEGER,
        request_hash TEXT,
        result TEXT NOT NULL,
        PRIMARY KEY (session_id, change_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE element (
        session_id TEXT NOT NULL REFERENCES session ON DELETE CASCADE,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        created INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (session_id, kind, id)
    ) WITHOUT ROWID""",
    """CREATE TABLE message (
        session_id TEXT NOT NULL REFERENCES session ON DELETE CASCADE,
        id TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (session_id, id)
    ) WITHOUT ROWID""",
    """CREATE TABLE job (
        id TEXT PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES session ON DELETE CASCADE,
        owner TEXT NOT NULL,
        place INTEGER NOT NULL,
        status TEXT NOT NULL,
        fence INTEGER NOT NULL,
        holder TEXT,
        until REAL,
        cancel_requested INTEGER NOT NULL,
        body TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX job_by_session ON job (session_id, status, place)",
    """CREATE TABLE turn (
        job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
        turn INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (job_id, turn)
    ) WITHOUT ROWID""",
    """CREATE TABLE checkpoint (
        job_id TEXT NOT NULL,
        namespace TEXT NOT NULL,
        id TEXT NOT NULL,
        parent_id TEXT,
        body BLOB NOT NULL,
        PRIMARY KEY (job_id, namespace, id)
    )""",
    """CREATE TABLE pending_write (
        job_id TEXT NOT NULL,
        namespace TEXT NOT NULL,
        checkpoint_id TEXT NOT NULL,
        task_path TEXT NOT NULL,
        task_id TEXT NOT NULL,
        number INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (job_id, namespace, checkpoint_id, task_id, number)
    )""",
    """CREATE TABLE idempotency_key (
        owner TEXT NOT NULL,
        key TEXT NOT NULL,
        body_hash TEXT NOT NULL,
        answer TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (owner, key)
    ) WITHOUT ROWID""",
    "CREATE INDEX idempotency_key_by_age ON idempotency_key (at)",
)

_VALUES = (
    """CREATE TABLE value (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        body TEXT NOT NULL,
        expires_at REAL,
        PRIMARY KEY (kind, id)
    ) WITHOUT ROWID""",
    "CREATE INDEX value_by_end ON value (expires_at) WHERE expires_at IS NOT NULL",
)

_ASIDE = (
    "ALTER TABLE job ADD COLUMN aside INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX job_aside ON job (status) WHERE aside = 1",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _VALUES, _ASIDE)
"""The statements that lead from each version of the schema to the next; an entry that was released never changes."""


def check_read(tx: sqlite3.Connection) -> None:
    """Read something."""
    tx.execute("SELECT id FROM session LIMIT 1").fetchone()


def touch(tx: sqlite3.Connection) -> None:
    """Write something that changes nothing: the schema's number again, which makes a page dirty."""
    tx.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def migrate(tx: sqlite3.Connection, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
    """Bring the file to the newest schema, all or nothing; safe when several processes do so at once.

    Raises Unavailable for a file that a newer Archwright has written.
    """
    tx.execute("BEGIN IMMEDIATE")
    try:
        (version,) = tx.execute("PRAGMA user_version").fetchone()
        if version > len(migrations):
            raise Unavailable(
                f"it was written by a newer Archwright (schema {version}, this one knows {len(migrations)})"
            )
        for statements in migrations[version:]:
            for statement in statements:
                tx.execute(statement)
        tx.execute(f"PRAGMA user_version = {len(migrations)}")
        tx.execute("COMMIT")
    finally:
        if tx.in_transaction:
            tx.execute("ROLLBACK")
