"""Opaque ids and the one clock format."""

import time
from datetime import UTC, datetime

from ulid import ULID


def new_id(prefix: str) -> str:
    """Return a new id that sorts by time of creation, as `ses_01J…`."""
    return f"{prefix}_{ULID()}"


def utc_now() -> str:
    """Return the time as UTC, ISO 8601 with milliseconds, as `2026-11-23T10:00:00.000Z`."""
    return iso(time.time())


def iso(now: float) -> str:
    """Return seconds since the epoch in that format."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
