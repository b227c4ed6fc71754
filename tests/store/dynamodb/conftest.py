"""A table of the test's own, a store over it, and a client to look behind it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from archwright.store.dynamodb import DynamoStore, create_table
from archwright.store.dynamodb.table import Table
from tests.aws import aws_endpoint, store_clients, table_name
from tests.builders import OWNER, SESSION, at

__all__ = ["aws_endpoint", "store_clients"]


@pytest.fixture
def client(store_clients: Sequence[Any]) -> Any:
    """The store's client."""
    return store_clients[0]


@pytest.fixture
def table(client: Any, store_clients: Sequence[Any], tmp_path: Path) -> Table:
    """The store's table, through another client."""
    create_table(client, table_name(tmp_path))
    return Table(store_clients[1], table_name(tmp_path))


@pytest.fixture
async def store(client: Any, table: Table) -> AsyncIterator[DynamoStore]:
    store = DynamoStore(table.name, client)
    yield store
    await store.close()


@pytest.fixture
async def rival(store_clients: Sequence[Any], table: Table) -> AsyncIterator[DynamoStore]:
    """The store as another process has it."""
    store = DynamoStore(table.name, store_clients[2])
    yield store
    await store.close()


@pytest.fixture
async def session(store: DynamoStore) -> str:
    """An empty session of OWNER's."""
    await store.create_session(SESSION, OWNER, "Shop", at())
    return SESSION


def everything(table: Table) -> list[dict[str, Any]]:
    """Every item of the table."""
    pages = table.client.get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def sort_keys(table: Table, prefix: str = "") -> list[str]:
    return sorted(item["SK"]["S"] for item in everything(table) if item["SK"]["S"].startswith(prefix))
