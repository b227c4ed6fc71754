"""Saved states of a job's graph. A write with a fence asks that it is current; one without asks nothing."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from archwright.errors import LeaseLost
from archwright.jobs.model import Fence
from archwright.store.ports import Checkpoint, PendingWrite
from archwright.store.sqlite.rows import load_checkpoint, load_write

ALL = -1


def check_lease(tx: sqlite3.Connection, job_id: str, fence: Fence | None) -> None:
    """Raises LeaseLost unless the fence is the current one of this job."""
    if fence is None:
        return
    held = tx.execute(
        "SELECT id FROM job WHERE id = ? AND fence = ? AND status = 'running'", (fence.job_id, fence.number)
    ).fetchone()
    if held is None or held["id"] != job_id:
        raise LeaseLost(f"The lease {fence.number} of the job '{fence.job_id}' is over.")


def put_checkpoint(tx: sqlite3.Connection, job_id: str, checkpoint: Checkpoint, fence: Fence | None) -> None:
    check_lease(tx, job_id, fence)
    tx.execute(
        "INSERT OR REPLACE INTO checkpoint (job_id, namespace, id, parent_id, body) VALUES (?, ?, ?, ?, ?)",
        (job_id, checkpoint.namespace, checkpoint.id, checkpoint.parent_id, checkpoint.body),
    )
    put_writes(tx, job_id, checkpoint.namespace, checkpoint.id, checkpoint.writes, fence)


def put_writes(
    tx: sqlite3.Connection,
    job_id: str,
    namespace: str,
    checkpoint_id: str,
    writes: Sequence[PendingWrite],
    fence: Fence | None,
) -> None:
    check_lease(tx, job_id, fence)
    tx.executemany(
        "INSERT OR REPLACE INTO pending_write (job_id, namespace, checkpoint_id, task_path, task_id, number, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(job_id, namespace, checkpoint_id, w.task_path, w.task_id, w.index, w.body) for w in writes],
    )


def checkpoints(
    tx: sqlite3.Connection, job_id: str, namespace: str | None, before: str | None, limit: int | None
) -> tuple[Checkpoint, ...]:
    rows = tx.execute(
        "SELECT * FROM checkpoint WHERE job_id = :job_id AND (:namespace IS NULL OR namespace = :namespace)"
        " AND (:before IS NULL OR id < :before) ORDER BY id DESC, namespace LIMIT :limit",
        {"job_id": job_id, "namespace": namespace, "before": before, "limit": ALL if limit is None else limit},
    ).fetchall()
    writes = _writes(tx, job_id, rows)
    return tuple(load_checkpoint(row, tuple(writes[row["namespace"], row["id"]])) for row in rows)


def _writes(
    tx: sqlite3.Connection, job_id: str, rows: Sequence[sqlite3.Row]
) -> defaultdict[tuple[str, str], list[PendingWrite]]:
    """The pending writes of these checkpoints, by namespace and id, in order of task path, task and index."""
    found: defaultdict[tuple[str, str], list[PendingWrite]] = defaultdict(list)
    for row in rows:
        wanted = (job_id, row["namespace"], row["id"])
        for write in tx.execute(
            "SELECT * FROM pending_write WHERE job_id = ? AND namespace = ? AND checkpoint_id = ?"
            " ORDER BY task_path, task_id, number",
            wanted,
        ):
            found[row["namespace"], row["id"]].append(load_write(write))
    return found


def drop_checkpoints(tx: sqlite3.Connection, job_id: str) -> None:
    for table in ("checkpoint", "pending_write"):
        tx.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))
