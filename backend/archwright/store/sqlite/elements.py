"""The effect of recorded ops on the stored elements: the same as a fold's, one row for each element touched."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from archwright.diagram.change import Change
from archwright.diagram.model import Section, Value
from archwright.diagram.ops import (
    AddEdge,
    AddNode,
    DeleteEdge,
    DeleteNode,
    DeleteSection,
    Op,
    SetSection,
    SetTitle,
    UpdateEdge,
    UpdateNode,
)
from archwright.errors import OpRefused
from archwright.store.sqlite.rows import dump_json, dump_value

_OPS_A_CHANGE = 1_000_000


@dataclass(slots=True)
class Written:
    """What a change means for its session's row: the new title, if any, and by how much the counts move."""

    title: str | None = None
    nodes: int = 0
    edges: int = 0


def write_ops(tx: sqlite3.Connection, session_id: str, change: Change) -> Written:
    """Bring the elements from the version before the change to the change's.

    Raises OpRefused for an update of an element that is not there: such a change cannot be folded either.
    """
    written = Written()
    for index, op in enumerate(change.ops):
        _write(tx, session_id, op, change.version * _OPS_A_CHANGE + index, written)
    return written


def _write(tx: sqlite3.Connection, session_id: str, op: Op, created: int, written: Written) -> None:
    match op:
        case AddNode():
            written.nodes += _put(tx, session_id, "node", op.node.id, created, op.node)
        case UpdateNode():
            _update(tx, session_id, "node", op.id, op.set)
        case DeleteNode():
            written.nodes -= _delete(tx, session_id, "node", op.id)
        case AddEdge():
            written.edges += _put(tx, session_id, "edge", op.edge.id, created, op.edge)
        case UpdateEdge():
            _update(tx, session_id, "edge", op.id, op.set)
        case DeleteEdge():
            written.edges -= _delete(tx, session_id, "edge", op.id)
        case SetSection():
            section = Section.model_construct(slug=op.slug, title=op.title, body=op.body, position=op.position)
            _put(tx, session_id, "section", op.slug, created, section)
        case DeleteSection():
            _delete(tx, session_id, "section", op.slug)
        case SetTitle():
            written.title = op.title


def _put(tx: sqlite3.Connection, session_id: str, kind: str, element: str, created: int, value: Value) -> int:
    """Store an element and return 1 when it is new; one that exists keeps its place in the order."""
    body = dump_value(value)
    inserted = tx.execute(
        "INSERT INTO element (session_id, kind, id, created, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (session_id, kind, element, created, body),
    )
    if not inserted.rowcount:
        _set_body(tx, session_id, kind, element, body)
    return inserted.rowcount


def _update(tx: sqlite3.Connection, session_id: str, kind: str, element: str, values: dict[str, Any]) -> None:
    wanted = (session_id, kind, element)
    row = tx.execute("SELECT body FROM element WHERE session_id = ? AND kind = ? AND id = ?", wanted).fetchone()
    if row is None:
        raise OpRefused(f"There is no {kind} '{element}' to update.")
    _set_body(tx, session_id, kind, element, dump_json({**json.loads(row["body"]), **values}))


def _set_body(tx: sqlite3.Connection, session_id: str, kind: str, element: str, body: str) -> None:
    tx.execute(
        "UPDATE element SET body = ? WHERE session_id = ? AND kind = ? AND id = ?", (body, session_id, kind, element)
    )


def _delete(tx: sqlite3.Connection, session_id: str, kind: str, element: str) -> int:
    """Remove an element and return how many there were."""
    wanted = (session_id, kind, element)
    return tx.execute("DELETE FROM element WHERE session_id = ? AND kind = ? AND id = ?", wanted).rowcount
