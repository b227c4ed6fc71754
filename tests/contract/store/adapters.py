"""The stores that the contract suite runs over.

To add an adapter: write a fixture `<name>_adapter` that returns an `Adapter`, import it in conftest.py next to
this file, and put its name into ADAPTERS.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archwright.store.ports import Store
from archwright.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ADAPTERS = ("sqlite",)


def _answers_arrive(_: Store) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Adapter:
    """How the suite gets a store.

    `open(place)` opens a client of the store that lives at `place`: a directory of the test's own, empty at
    first. Opened twice at one place it gives two clients of the same store, as two processes would have.
    Within `ambiguous(store)` the next write takes effect but its answer is lost on the way back, as over a
    network; an adapter whose answers cannot be lost leaves it.
    """

    name: str
    open: Callable[[Path], AbstractAsyncContextManager[Store]]
    ambiguous: Callable[[Store], AbstractContextManager[None]] = _answers_arrive


@asynccontextmanager
async def _open_sqlite(place: Path) -> "AsyncIterator[Store]":
    store = SqliteStore.open(place / "archwright.db")
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def sqlite_adapter() -> Adapter:
    return Adapter("sqlite", _open_sqlite)
