"""The change log and what a change id left behind: reads, and values as items and back."""

import json
import time
from collections.abc import Iterator
from itertools import islice

from archwright.diagram.change import Change, public
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed, dump_json, dump_value, pack
from archwright.store.dynamodb.heads import number, read_head, text
from archwright.store.dynamodb.table import Table
from archwright.store.dynamodb.writes import item
from archwright.store.ports import Marker

MARKER_KEPT_S = 30 * 24 * 3600
_LAST_VERSION = 10**12 - 1


def change_item(session_id: str, change: Change) -> tuple[Item, Packed]:
    """Return a change as an item, and its body, whose parts go first."""
    home = keys.change(session_id, change.version)
    body = pack(dump_value(change), home)
    return item(home, job=change.job_id, body=body.value), body


def marker_item(session_id: str, new: Marker, change: Change | None = None) -> tuple[Item, Packed]:
    """Return a marker as an item, and its body, whose parts go first. A result that repeats the marker's change in
    its public shape, as the answer of every call that makes one does, is stored without it."""
    home, result = keys.marker(session_id, new.change_id), new.result
    repeats = change is not None and result.get("change") == public(change)
    if repeats:
        result = {**result, "change": None}
    body = pack(dump_json(result), home)
    marker = item(
        home,
        id=new.change_id,
        version=new.version,
        hash=new.request_hash,
        repeats=repeats or None,
        expires=int(time.time()) + MARKER_KEPT_S,
        body=body.value,
    )
    return marker, body


def load_marker(table: Table, found: Item) -> Marker:
    result = json.loads(table.body(found))
    version = number(found, "version") if "version" in found else None
    if "repeats" in found and version is not None:
        for change in read_changes(table, found["PK"]["S"], version, version):
            result["change"] = public(change)
    return Marker(found["id"]["S"], version, text(found, "hash"), result)


def marker(table: Table, session_id: str, owner: str, change_id: str) -> Marker | None:
    read_head(table, session_id, owner)
    found = table.get(keys.marker(session_id, change_id))
    return load_marker(table, found) if found else None


def changes(table: Table, session_id: str, owner: str, since: int, limit: int | None) -> tuple[Change, ...]:
    read_head(table, session_id, owner)
    return tuple(islice(read_changes(table, keys.session(session_id), since + 1, limit=limit), limit))


def changes_before(table: Table, session_id: str, owner: str, version: int, limit: int) -> tuple[Change, ...]:
    read_head(table, session_id, owner)
    found = read_changes(table, keys.session(session_id), 1, version - 1, backwards=True, limit=limit)
    return tuple(islice(found, limit))


def changes_of_job(table: Table, session_id: str, owner: str, job_id: str) -> tuple[Change, ...]:
    read_head(table, session_id, owner)
    return tuple(read_changes(table, keys.session(session_id), 1, job_id=job_id))


def read_changes(
    table: Table,
    pk: str,
    first: int,
    last: int = _LAST_VERSION,
    *,
    backwards: bool = False,
    limit: int | None = None,
    job_id: str | None = None,
) -> Iterator[Change]:
    """Yield the changes of a session's partition from one version to another, as they are asked for; with a job id
    only that job's. `limit` is how many will be asked for."""
    if last < first or (limit is not None and limit < 1):
        return
    low, high = keys.change_sk(first), keys.change_sk(last)
    where, values = ("#job = :job", {"job": job_id}) if job_id is not None else ("", {})
    for found in table.query(pk, low, high, backwards=backwards, limit=limit, where=where, values=values):
        yield Change.model_validate_json(table.body(found))
