"""A real browser against a real server, both on this machine."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.servers import Server, serving

DIST = Path(__file__).parents[2] / "frontend" / "dist"
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--disable-quic"]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    assert (DIST / "index.html").is_file(), "the editor is not built; scripts/test builds it"
    with serving(tmp_path_factory.mktemp("data"), pace=0.5) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    own = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=own, args=_QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> BrowserContext:
    return await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page whose errors fail the test."""
    page, errors = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" and _ours(said.text) else None)
    yield page
    assert errors == []


def _ours(text: str) -> bool:
    """Whether an error is the page's own; a refused or unreachable address is what some tests are about."""
    return "Failed to load resource" not in text
