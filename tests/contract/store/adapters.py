"""The stores that the contract suite runs over.

To add an adapter: write a fixture `<name>_adapter` that returns an `Adapter`, import it in conftest.py next to
this file, and put its name into ADAPTERS.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archwright.store.dynamodb import DynamoStore, create_table
from archwright.store.ports import Store
from archwright.store.sqlite import SqliteStore
from tests.aws import LostAnswer, faults, table_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ADAPTERS = ("sqlite", "dynamodb")


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


@pytest.fixture
def dynamodb_adapter(store_clients: Sequence[Any]) -> Adapter:
    unused = list(store_clients)
    used: dict[Store, Any] = {}

    @asynccontextmanager
    async def open_dynamodb(place: Path) -> "AsyncIterator[Store]":
        client, name = unused.pop(), table_name(place)
        if not used:
            create_table(client, name)
        store = DynamoStore(name, client)
        used[store] = client
        try:
            yield store
        finally:
            await store.close()

    def lose_one_answer(store: Store) -> AbstractContextManager[None]:
        return faults(used[store], LostAnswer(), "TransactWriteItems")

    return Adapter("dynamodb", open_dynamodb, lose_one_answer)
