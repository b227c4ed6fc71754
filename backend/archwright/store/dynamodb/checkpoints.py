"""Saved states of a job's graph. A write with a fence asks that it is current; one without asks nothing.

A checkpoint and its pending writes stand next to each other, by id, so that one query reads the newest.
"""

from collections.abc import Iterator, Sequence

from archwright.jobs.model import Fence
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed, pack, parts_prefix
from archwright.store.dynamodb.heads import number
from archwright.store.dynamodb.records import check_lease, lease_over
from archwright.store.dynamodb.table import Refused, Table
from archwright.store.dynamodb.writes import batches, item, put
from archwright.store.ports import Checkpoint, PendingWrite

_ITEMS_A_CHECKPOINT = 8
"""About how many items are read to find one, so that the newest does not cost a page of old ones."""


def put_checkpoint(table: Table, job_id: str, checkpoint: Checkpoint, fence: Fence | None) -> None:
    home = keys.checkpoint(job_id, checkpoint.namespace, checkpoint.id)
    body = pack(checkpoint.body, home)
    state = item(home, id=checkpoint.id, namespace=checkpoint.namespace, parent=checkpoint.parent_id, body=body.value)
    pending = _pending(job_id, checkpoint.namespace, checkpoint.id, checkpoint.writes)
    _put(table, job_id, [*pending, (state, body)], fence)


def put_writes(
    table: Table,
    job_id: str,
    namespace: str,
    checkpoint_id: str,
    writes: Sequence[PendingWrite],
    fence: Fence | None,
) -> None:
    _put(table, job_id, _pending(job_id, namespace, checkpoint_id, writes), fence)


def _pending(
    job_id: str, namespace: str, checkpoint_id: str, writes: Sequence[PendingWrite]
) -> list[tuple[Item, Packed]]:
    items: list[tuple[Item, Packed]] = []
    for write in writes:
        home = keys.pending_write(job_id, namespace, checkpoint_id, write.task_id, write.index)
        body = pack(write.body, home)
        fields = {"id": checkpoint_id, "namespace": namespace, "task": write.task_id, "path": write.task_path}
        items.append((item(home, **fields, number=write.index, body=body.value), body))
    return items


def _put(table: Table, job_id: str, items: Sequence[tuple[Item, Packed]], fence: Fence | None) -> None:
    """Write the items, the last one last, each batch on the condition that the fence is the job's current one."""
    if fence is not None and fence.job_id != job_id:
        raise lease_over(fence)
    condition = [check_lease(fence)] if fence else []
    table.put_parts(*(body for _, body in items))
    try:
        for batch in batches([put(one) for one, _ in items]):
            table.transact([*condition, *batch])
    except Refused:
        if fence is None:
            raise
        raise lease_over(fence) from None


def checkpoints(
    table: Table, job_id: str, namespace: str | None, before: str | None, limit: int | None
) -> tuple[Checkpoint, ...]:
    high = f"CP#{keys.part(before)}" if before is not None else keys.after("CP#")
    where, values = ("#namespace = :namespace", {"namespace": namespace}) if namespace is not None else ("", {})
    page = None if limit is None else limit * _ITEMS_A_CHECKPOINT
    found = table.query(keys.job(job_id), "CP#", high, backwards=True, limit=page, where=where, values=values)
    newest: list[Checkpoint] = []
    for checkpoint in _grouped(table, found):
        if limit is not None and len(newest) >= limit and newest[-1].id != checkpoint.id:
            break
        newest.append(checkpoint)
    newest.sort(key=lambda checkpoint: checkpoint.namespace)
    newest.sort(key=lambda checkpoint: checkpoint.id, reverse=True)
    return tuple(newest[:limit])


def _grouped(table: Table, found: Iterator[Item]) -> Iterator[Checkpoint]:
    """Yield checkpoints from items in which each follows its pending writes; writes without one are passed over."""
    writes: list[PendingWrite] = []
    place = ("", "")
    for one in found:
        if place != (place := (one["id"]["S"], one["namespace"]["S"])):
            writes = []
        body = table.body(one)
        if "task" in one:
            writes.append(PendingWrite(one["task"]["S"], number(one, "number"), body, one["path"]["S"]))
        else:
            parent = one["parent"]["S"] if "parent" in one else None
            writes.sort(key=lambda write: (write.task_path, write.task_id, write.index))
            yield Checkpoint(place[1], place[0], parent, body, tuple(writes))


def drop_checkpoints(table: Table, job_id: str) -> None:
    for prefix in ("CP#", parts_prefix("CP#")):
        table.delete_range(keys.job(job_id), prefix, keys.after(prefix))
