"""The store in one SQLite file."""

from archwright.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
