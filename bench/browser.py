"""What the editor takes: its JavaScript, a session of 1,000 nodes, panning, and an idle page."""

import asyncio
import gzip
import re
import shutil
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Page, async_playwright

from archwright.diagram import layout
from archwright.formats import write
from bench.figures import Figure
from bench.samples import sample
from bench.serving import server

_DIST = Path(__file__).parents[1] / "frontend" / "dist"
_SCRIPT = re.compile(r'assets/([\w-]+\.js)"')
_IMPORT = re.compile(r'(?:from|import)"\./([\w-]+\.js)"')
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_PAN = """async () => {
  const pane = document.querySelector('.react-flow__pane'), box = pane.getBoundingClientRect();
  const at = (n) => ({clientX: box.x + 400 + 200 * Math.sin(n / 9), clientY: box.y + 300, bubbles: true, deltaX: 0,
                      deltaY: 0});
  let frames = 0, on = true, start = performance.now();
  const count = () => { frames += 1; if (on) requestAnimationFrame(count); };
  requestAnimationFrame(count);
  for (let n = 0; performance.now() - start < 2000; n += 1) {
    pane.dispatchEvent(new WheelEvent('wheel', {...at(n), deltaX: 12 * Math.sin(n / 5), deltaY: 8 * Math.cos(n / 7)}));
    await new Promise((done) => setTimeout(done, 8));
  }
  on = false;
  return frames / ((performance.now() - start) / 1000);
}"""


async def editor() -> list[Figure]:
    with server(ARCHWRIGHT_OFFLINE_PACE="0") as address:
        content = write(layout.arrange(sample(1_000)), "json")
        made = httpx2.post(f"{address}/api/v1/sessions/import", content=content, timeout=60,
                           headers={"content-type": "application/json"})  # fmt: skip
        url = f"{address}/s/{made.raise_for_status().json()['id']}"
        async with async_playwright() as playwright:
            own = shutil.which("chromium") or shutil.which("google-chrome")
            browser = await playwright.chromium.launch(executable_path=own, args=_FLAGS)
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            opened = tuple([await _opened(page, url) for _ in range(5)])
            await page.get_by_role("button", name="Zoom in").click(click_count=4, delay=200)
            panned = tuple([float(await page.evaluate(_PAN)) for _ in range(3)])
            idle = await _idle(page)
            await browser.close()
    return [
        Figure("first load of the editor, compressed JavaScript", "KB", (_javascript(),), 300),
        Figure("1,000 nodes, from the address to the first boxes on the canvas", "s", opened, 2),
        Figure("1,000 nodes, panning", "1/s", panned, 50, more=True),
        Figure("an idle page of 1,000 nodes, share of a core", "%", (idle,), 1),
    ]


def _javascript() -> float:
    """What a first visit to a diagram loads: the page's script, the editor, and what these import at once; not what is
    loaded when it is needed, such as signing in and rich writing."""
    assets = _DIST / "assets"
    seen, waiting = set[str](), [*_SCRIPT.findall((_DIST / "index.html").read_text()), *_named(assets, "Editor")]
    while waiting:
        if (name := waiting.pop()) not in seen:
            seen.add(name)
            waiting += _IMPORT.findall((assets / name).read_text())
    return sum(len(gzip.compress((assets / name).read_bytes())) for name in seen) / 1024


def _named(assets: Path, name: str) -> list[str]:
    return [file.name for file in assets.glob(f"{name}-*.js")]


async def _opened(page: Page, url: str) -> float:
    await page.goto("about:blank")
    await page.goto(url, wait_until="commit")
    await page.wait_for_selector(".react-flow__node-box")
    return float(await page.evaluate("performance.now()")) / 1000


async def _idle(page: Page) -> float:
    """The share of a core, in per cent, that the page's main thread takes over ten seconds of doing nothing."""
    client = await page.context.new_cdp_session(page)
    await client.send("Performance.enable")

    async def busy() -> float:
        found: list[dict[str, Any]] = (await client.send("Performance.getMetrics"))["metrics"]
        return next(float(one["value"]) for one in found if one["name"] == "TaskDuration")

    await asyncio.sleep(2)
    before = await busy()
    await asyncio.sleep(10)
    return (await busy() - before) * 10
