"""A server process for tests that kill it: it runs the jobs of a data directory until one of them has ended."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from archwright.jobs.model import ENDED
from archwright.settings import Settings
from archwright.wiring import embedded

MODEL = "claude-sonnet-5-5"


def settings_for(folder: Path, url: str, **others: object) -> Settings:
    given: dict[str, Any] = {"model": MODEL, "max_attempts": 10_000, **others}
    return Settings(data_dir=folder, anthropic_api_key="key", anthropic_base_url=url, **given)


def work(folder: str, url: str, job_id: str, lease_s: float = 60) -> None:
    """Run jobs until this one has ended."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_work(settings_for(Path(folder), url, lease_s=lease_s, lease_renew_s=lease_s / 4), job_id))


async def _work(settings: Settings, job_id: str) -> None:
    async with embedded(settings) as here:
        while (await here.store.job(job_id)).status not in ENDED:
            await asyncio.sleep(0.01)


def serve(folder: str, url: str, settings: dict[str, Any]) -> None:
    """Run jobs until somebody ends the process."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_serve(settings_for(Path(folder), url, **settings)))


async def _serve(settings: Settings) -> None:
    async with embedded(settings):
        await asyncio.Event().wait()
