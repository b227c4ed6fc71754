"""What a session consists of: its head, log, elements, markers and messages. Each function runs in one transaction."""

import sqlite3
from collections.abc import Iterable

from pydantic import TypeAdapter

from archwright.diagram.change import Change
from archwright.diagram.model import Diagram, Edge, Node, Section
from archwright.errors import CancelRequested, Conflict, LeaseLost, UnknownSession, VersionMoved
from archwright.jobs.model import Fence, Message
from archwright.store.cursors import decode_cursor, encode_cursor
from archwright.store.ports import Head, Marker, Page
from archwright.store.sqlite.elements import write_ops
from archwright.store.sqlite.rows import (
    dump_json,
    dump_record,
    dump_value,
    load_change,
    load_head,
    load_marker,
    load_record,
)

_nodes: TypeAdapter[list[Node]] = TypeAdapter(list[Node])
_edges: TypeAdapter[list[Edge]] = TypeAdapter(list[Edge])
_sections: TypeAdapter[list[Section]] = TypeAdapter(list[Section])

ALL = -1
"""SQLite's word for no limit."""


def insert_session(tx: sqlite3.Connection, session_id: str, owner: str, title: str, at: str) -> None:
    """Raises Conflict when the id is taken."""
    inserted = tx.execute(
        "INSERT INTO session (id, owner, title, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (session_id, owner, title, at, at),
    )
    if not inserted.rowcount:
        raise Conflict(f"The session '{session_id}' exists already.")


def head(tx: sqlite3.Connection, session_id: str, owner: str) -> Head:
    row = tx.execute("SELECT * FROM session WHERE id = ? AND owner = ?", (session_id, owner)).fetchone()
    if row is None:
        raise UnknownSession(f"There is no session '{session_id}'.")
    return load_head(row)


def list_sessions(tx: sqlite3.Connection, owner: str, cursor: str | None, limit: int) -> Page[Head]:
    after = decode_cursor("sessions", cursor) if cursor is not None else ("~", "")
    rows = tx.execute(
        "SELECT * FROM session WHERE owner = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?",
        (owner, *after, limit + 1),
    ).fetchall()
    items = tuple(load_head(row) for row in rows[:limit])
    more = encode_cursor("sessions", items[-1].created_at, items[-1].id) if len(rows) > limit else None
    return Page(items, more)


def delete_session(tx: sqlite3.Connection, session_id: str, owner: str) -> None:
    head(tx, session_id, owner)
    for table in ("checkpoint", "pending_write"):
        tx.execute(f"DELETE FROM {table} WHERE job_id IN (SELECT id FROM job WHERE session_id = ?)", (session_id,))
    tx.execute("DELETE FROM session WHERE id = ?", (session_id,))


def load(tx: sqlite3.Connection, session_id: str, owner: str) -> tuple[Head, Diagram]:
    found = head(tx, session_id, owner)
    nodes = _nodes.validate_json(_bodies(tx, session_id, "node"))
    edges = _edges.validate_json(_bodies(tx, session_id, "edge"))
    sections = _sections.validate_json(_bodies(tx, session_id, "section"))
    diagram = Diagram(
        title=found.title,
        nodes={node.id: node for node in nodes},
        edges={edge.id: edge for edge in edges},
        sections={section.slug: section for section in sections},
    )
    return found, diagram


def _bodies(tx: sqlite3.Connection, session_id: str, kind: str) -> str:
    """The elements of a kind as one JSON list: parsing it at once is twice as fast as one by one."""
    rows = tx.execute("SELECT body FROM element WHERE session_id = ? AND kind = ? ORDER BY created", (session_id, kind))
    return f"[{','.join(row[0] for row in rows)}]"


def append(
    tx: sqlite3.Connection, session_id: str, owner: str, change: Change, new: Marker, fence: Fence | None
) -> Marker | None:
    before = head(tx, session_id, owner)
    known = _stored(tx, session_id, new.change_id)
    if known is not None:
        return known
    check_fence(tx, session_id, fence)
    if before.version != change.version - 1:
        raise VersionMoved(f"The session is at version {before.version}, not {change.version - 1}.")
    tx.execute(
        "INSERT INTO change (session_id, version, job_id, body) VALUES (?, ?, ?, ?)",
        (session_id, change.version, change.job_id, dump_value(change)),
    )
    _insert_marker(tx, session_id, new)
    written = write_ops(tx, session_id, change)
    tx.execute(
        "UPDATE session SET version = ?, title = coalesce(?, title), node_count = node_count + ?,"
        " edge_count = edge_count + ?, updated_at = ? WHERE id = ?",
        (change.version, written.title, written.nodes, written.edges, change.at, session_id),
    )
    return None


def check_fence(tx: sqlite3.Connection, session_id: str, fence: Fence | None, *, cancelled_too: bool = False) -> None:
    """Refuse the write of a holder that may no longer write. Raises LeaseLost, and CancelRequested unless a
    cancelled job may write too."""
    if fence is None:
        return
    row = tx.execute(
        "SELECT cancel_requested FROM job WHERE id = ? AND session_id = ? AND fence = ? AND status = 'running'",
        (fence.job_id, session_id, fence.number),
    ).fetchone()
    if row is None:
        raise LeaseLost(f"The lease {fence.number} of the job '{fence.job_id}' is over.")
    if row["cancel_requested"] and not cancelled_too:
        raise CancelRequested(f"The job '{fence.job_id}' was cancelled.")


def remember(tx: sqlite3.Connection, session_id: str, owner: str, new: Marker, fence: Fence | None) -> Marker | None:
    known = marker(tx, session_id, owner, new.change_id)
    if known is not None:
        return known
    check_fence(tx, session_id, fence)
    _insert_marker(tx, session_id, new)
    return None


def marker(tx: sqlite3.Connection, session_id: str, owner: str, change_id: str) -> Marker | None:
    head(tx, session_id, owner)
    return _stored(tx, session_id, change_id)


def _stored(tx: sqlite3.Connection, session_id: str, change_id: str) -> Marker | None:
    wanted = (session_id, change_id)
    return load_marker(tx.execute("SELECT * FROM marker WHERE session_id = ? AND change_id = ?", wanted).fetchone())


def _insert_marker(tx: sqlite3.Connection, session_id: str, new: Marker) -> None:
    tx.execute(
        "INSERT INTO marker (session_id, change_id, version, request_hash, result) VALUES (?, ?, ?, ?, ?)",
        (session_id, new.change_id, new.version, new.request_hash, dump_json(new.result)),
    )


def changes(tx: sqlite3.Connection, session_id: str, owner: str, since: int, limit: int | None) -> tuple[Change, ...]:
    head(tx, session_id, owner)
    return _changes(
        tx.execute(
            "SELECT body FROM change WHERE session_id = ? AND version > ? ORDER BY version LIMIT ?",
            (session_id, since, ALL if limit is None else limit),
        )
    )


def changes_before(tx: sqlite3.Connection, session_id: str, owner: str, version: int, limit: int) -> tuple[Change, ...]:
    head(tx, session_id, owner)
    return _changes(
        tx.execute(
            "SELECT body FROM change WHERE session_id = ? AND version < ? ORDER BY version DESC LIMIT ?",
            (session_id, version, limit),
        )
    )


def changes_of_job(tx: sqlite3.Connection, session_id: str, owner: str, job_id: str) -> tuple[Change, ...]:
    head(tx, session_id, owner)
    return _changes(
        tx.execute("SELECT body FROM change WHERE session_id = ? AND job_id = ? ORDER BY version", (session_id, job_id))
    )


def _changes(rows: Iterable[sqlite3.Row]) -> tuple[Change, ...]:
    return tuple(load_change(row) for row in rows)


def add_message(tx: sqlite3.Connection, session_id: str, owner: str, message: Message, fence: Fence | None) -> None:
    head(tx, session_id, owner)
    check_fence(tx, session_id, fence, cancelled_too=True)
    insert_message(tx, session_id, message)


def insert_message(tx: sqlite3.Connection, session_id: str, message: Message) -> None:
    """Store a message unless its id is stored already."""
    tx.execute(
        "INSERT INTO message (session_id, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (session_id, message.id, dump_record(message)),
    )


def messages(tx: sqlite3.Connection, session_id: str, owner: str, cursor: str | None, limit: int) -> Page[Message]:
    head(tx, session_id, owner)
    (after,) = decode_cursor("messages", cursor) if cursor is not None else ("",)
    rows = tx.execute(
        "SELECT body FROM message WHERE session_id = ? AND id > ? ORDER BY id LIMIT ?", (session_id, after, limit + 1)
    ).fetchall()
    items = tuple(load_record(Message, row["body"]) for row in rows[:limit])
    return Page(items, encode_cursor("messages", items[-1].id) if len(rows) > limit else None)


def recent_messages(tx: sqlite3.Connection, session_id: str, owner: str, limit: int) -> tuple[Message, ...]:
    head(tx, session_id, owner)
    rows = tx.execute(
        "SELECT body FROM message WHERE session_id = ? ORDER BY id DESC LIMIT ?", (session_id, limit)
    ).fetchall()
    return tuple(load_record(Message, row["body"]) for row in reversed(rows))
