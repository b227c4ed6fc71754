"""Values as rows and back."""

import json
import sqlite3
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from archwright.diagram.change import Change
from archwright.diagram.model import Value
from archwright.errors import InvalidRequest
from archwright.jobs.model import Job, Record
from archwright.store.ports import Checkpoint, Head, Json, Marker, PendingWrite

R = TypeVar("R", bound=Record)

_JOB_COLUMNS = ("status", "fence", "cancel_requested")
"""The fields of a job that conditions read: columns of their own, as is its lease."""


def dump_json(value: Any) -> str:
    """Return JSON that gives back exactly this, also what a model wrote that is not valid Unicode."""
    return json.dumps(value, separators=(",", ":"))


def dump_record(record: BaseModel) -> str:
    return dump_json(record.model_dump())


def load_record(kind: type[R], body: str) -> R:
    return kind.model_validate(json.loads(body))


def dump_value(value: Value) -> str:
    """Return a part of a diagram as JSON. Raises InvalidRequest for text that is not valid Unicode."""
    try:
        return value.model_dump_json()
    except PydanticSerializationError as error:
        raise InvalidRequest(f"A property cannot be stored: {error}.") from None


def load_change(row: sqlite3.Row) -> Change:
    return Change.model_validate_json(row["body"])


def load_head(row: sqlite3.Row) -> Head:
    return Head(**{name: row[name] for name in Head.__slots__})


def load_marker(row: sqlite3.Row | None) -> Marker | None:
    if row is None:
        return None
    return Marker(row["change_id"], row["version"], row["request_hash"], json.loads(row["result"]))


def dump_job(job: Job) -> Json:
    """Return the columns of a job."""
    body = job.model_dump(exclude={*_JOB_COLUMNS, "lease"})
    return {
        "id": job.id,
        "session_id": job.session_id,
        "owner": job.owner,
        "aside": job.aside,
        "holder": job.lease.holder if job.lease else None,
        "until": job.lease.until if job.lease else None,
        **{name: getattr(job, name) for name in _JOB_COLUMNS},
        "body": dump_json(body),
    }


def load_job(row: sqlite3.Row) -> Job:
    lease = None if row["holder"] is None else {"holder": row["holder"], "until": row["until"]}
    columns = {name: row[name] for name in _JOB_COLUMNS}
    return Job.model_validate({**json.loads(row["body"]), **columns, "lease": lease})


def load_write(row: sqlite3.Row) -> PendingWrite:
    return PendingWrite(row["task_id"], row["number"], row["body"], row["task_path"])


def load_checkpoint(row: sqlite3.Row, writes: tuple[PendingWrite, ...]) -> Checkpoint:
    return Checkpoint(row["namespace"], row["id"], row["parent_id"], row["body"], writes)
