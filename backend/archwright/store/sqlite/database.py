"""One SQLite file behind asyncio: readers that never wait for a writer, and writers that commit together."""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import LifoQueue
from typing import Any, TypeVar

from archwright.errors import ArchwrightError, Unavailable
from archwright.store.sqlite.schema import migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

READERS = 4
_LOG_KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A write that waits for the next commit."""

    work: Work[Any]
    future: "Future[Any]"


class Database:
    """Connections to one file in write-ahead mode.

    Reads run on connections of their own, each on a snapshot, and are not held up by writes. Writes of one
    process run one after the other on one thread; those that wait at the same moment share one transaction
    and one flush to the disk, each in a savepoint of its own, so that a refused one takes back only itself.
    Other processes may use the same file: the write lock is waited for.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection, readers: Sequence[sqlite3.Connection]) -> None:
        self._path = path
        self._writer = writer
        self._readers: LifoQueue[sqlite3.Connection] = LifoQueue()
        for reader in readers:
            self._readers.put(reader)
        self._waiting: deque[_Waiting] = deque()
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._read_threads = ThreadPoolExecutor(len(readers), thread_name_prefix="sqlite-read")
        self._closed = False

    @classmethod
    def open(cls, path: Path, busy_timeout_s: float) -> "Database":
        """Open or create the file, with its directory, and bring its schema up to date.

        Raises Unavailable, whose detail names the file and says what is wrong with it.
        """
        opened: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            for _ in range(1 + READERS):
                opened.append(_connect(path, busy_timeout_s))
            _patiently(lambda: _prepare(opened[0]), busy_timeout_s)
            for reader in opened[1:]:
                reader.execute("PRAGMA query_only = ON")
            return cls(path, opened[0], opened[1:])
        except (OSError, sqlite3.Error, ArchwrightError) as error:
            for connection in opened:
                connection.close()
            raise Unavailable(f"The database {path} cannot be opened: {_reason(error)}.") from error

    async def read(self, work: Work[T]) -> T:
        """Return what the work makes of one snapshot. Raises Unavailable, and what the work raises."""
        try:
            return await asyncio.wrap_future(self._submit(self._read_threads, partial(self._read, work)))
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    async def write(self, work: Work[T]) -> T:
        """Return what the work gives, after its writes are on the disk.

        What the work raises takes back its own writes only. Raises Unavailable when nothing was written for
        want of the lock, of space or of the file.
        """
        waiting = _Waiting(work, Future())
        self._waiting.append(waiting)
        self._submit(self._write_thread, self._commit_waiting)
        result: T = await asyncio.wrap_future(waiting.future)
        return result

    async def close(self) -> None:
        """Finish what was begun and close the file. Safe to repeat."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._read_threads.shutdown()
        self._write_thread.shutdown()
        while not self._readers.empty():
            self._readers.get().close()
        with suppress(sqlite3.Error):
            self._writer.close()

    def _submit(self, threads: ThreadPoolExecutor, call: Callable[[], T]) -> "Future[T]":
        try:
            return threads.submit(call)
        except RuntimeError as error:
            raise Unavailable("The database is closed.") from error

    def _read(self, work: Work[T]) -> T:
        reader = self._readers.get()
        try:
            reader.execute("BEGIN")
            return work(reader)
        finally:
            if reader.in_transaction:
                reader.execute("COMMIT")
            self._readers.put(reader)

    def _commit_waiting(self) -> None:
        """Commit all the writes that wait now; a later call for one of them finds nothing left to do."""
        batch: list[_Waiting] = []
        while self._waiting:
            waiting = self._waiting.popleft()
            if waiting.future.set_running_or_notify_cancel():
                batch.append(waiting)
        if not batch:
            return
        try:
            answers = self._transact(batch)
        except sqlite3.Error as error:
            answers = [partial(w.future.set_exception, self._unavailable(error)) for w in batch]
        for answer in answers:
            answer()

    def _transact(self, batch: Sequence[_Waiting]) -> list[Callable[[], None]]:
        """Run the works in one transaction and return how to answer each caller once it is durable."""
        tx = self._writer
        try:
            tx.execute("BEGIN IMMEDIATE")
            answers = [self._attempt(tx, waiting) for waiting in batch]
            tx.execute("COMMIT")
        finally:
            if tx.in_transaction:
                tx.execute("ROLLBACK")
        return answers

    def _attempt(self, tx: sqlite3.Connection, waiting: _Waiting) -> Callable[[], None]:
        tx.execute("SAVEPOINT work")
        try:
            answer = partial(waiting.future.set_result, waiting.work(tx))
        except sqlite3.Error:
            raise
        except BaseException as error:  # noqa: BLE001 - it belongs to the caller, who gets it
            tx.execute("ROLLBACK TO work")
            answer = partial(waiting.future.set_exception, error)
        tx.execute("RELEASE work")
        return answer

    def _unavailable(self, error: BaseException) -> Unavailable:
        return Unavailable(f"The database {self._path} does not answer: {_reason(error)}.")


def _connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_KEPT_BYTES}")
    # A killed process loses nothing with NORMAL either; FULL also keeps what was acknowledged through a loss of
    # power, so that no browser ever knows a version that the file does not. Commits that share a flush pay for it.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _prepare(writer: sqlite3.Connection) -> None:
    (mode,) = writer.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise Unavailable("its file system allows no write-ahead log; choose a local directory")
    migrate(writer)


def _patiently(step: Callable[[], None], patience_s: float) -> None:
    """Repeat a step while another process holds the file: SQLite itself does not wait where it changes the mode."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return step()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).rstrip(".")
