"""The whole product behind its HTTP contract, in this process; jobs run unless a test says otherwise."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from archwright.settings import Settings
from archwright.wiring import embedded_app

ADDRESS = "http://127.0.0.1:8000"
Opened = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
def product(tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
        app = embedded_app(Settings(**{"data_dir": tmp_path, "offline_pace": 0, **settings}))
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url=f"{ADDRESS}/api/v1") as client:
                yield client

    return opened


@pytest.fixture
async def api(product: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    async with product(worker_concurrency=0) as client:
        yield client


@pytest.fixture
async def working(product: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    async with product() as client:
        yield client
