"""Fixtures of the contract suite: every test runs once for each adapter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright.store.ports import Store
from tests.aws import aws_endpoint, store_clients
from tests.builders import OWNER, SESSION, at
from tests.contract.store.adapters import ADAPTERS, Adapter, dynamodb_adapter, sqlite_adapter

__all__ = ["aws_endpoint", "dynamodb_adapter", "sqlite_adapter", "store_clients"]


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    found: Adapter = request.getfixturevalue(f"{request.param}_adapter")
    return found


@pytest.fixture
async def store(adapter: Adapter, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with adapter.open(tmp_path) as opened:
        yield opened


@pytest.fixture
async def rival(adapter: Adapter, store: Store, tmp_path: Path) -> AsyncIterator[Store]:
    """A second client of the same store."""
    async with adapter.open(tmp_path) as opened:
        yield opened


@pytest.fixture
async def session(store: Store) -> str:
    """An empty session of OWNER's in the store."""
    await store.create_session(SESSION, OWNER, "Shop", at())
    return SESSION
