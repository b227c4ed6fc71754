"""The editor where a team meets it: without TLS on a network, and behind nginx under a path with TLS."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.editor import drag, node, saved
from tests.entrypoints.test_settings import started
from tests.nginx import HEADERS, NGINX, free_port, nginx


def own_address() -> str:
    """An address of this machine that is not loopback."""
    found = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    return next(one for one in found if "." in one)


async def draw(page: Page, address: str) -> None:
    await page.goto(address)
    await page.get_by_role("textbox", name="Describe a system").fill("Web client, order service, PostgreSQL")
    await page.get_by_role("button", name="Draw it").click()
    await expect(page.get_by_role("region", name="The job that ended").first).to_be_visible(timeout=30_000)


async def test_the_page_works_without_tls_at_an_address_of_the_network(page: Page, tmp_path: Path) -> None:
    given = {"ARCHWRIGHT_DATA_DIR": str(tmp_path), "ARCHWRIGHT_OFFLINE_PACE": "0"}
    with started("--host", "0.0.0.0", "--port", "0", "--allow-anonymous", **given) as listening:
        address = f"http://{own_address()}:{listening.rsplit(':', 1)[1]}"
        await draw(page, address)
        assert await page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
        await drag(page, node(page, "Order service").first, 20, 120)
        await saved(page)
        await page.keyboard.press("Control+z")
        await saved(page)


async def test_a_browser_that_forbids_storage_still_shows_and_edits(page: Page, tmp_path: Path) -> None:
    await page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name,"
        " {get() { throw new DOMException('denied', 'SecurityError') }})"
    )
    given = {"ARCHWRIGHT_DATA_DIR": str(tmp_path), "ARCHWRIGHT_OFFLINE_PACE": "0"}
    with started("--port", "0", **given) as address:
        await draw(page, address)
        await drag(page, node(page, "Order service").first, 20, 120)
        await saved(page)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.parametrize("strips", [False, True], ids=["the path is left", "the path is taken off"])
async def test_a_team_behind_nginx_draws_drags_undoes_exports_and_shares(
    browser: Browser, tmp_path: Path, strips: bool
) -> None:
    port = free_port()
    public, uds = f"https://localhost:{port}/tools/diagrams", tmp_path / "a.sock"
    given = {
        "ARCHWRIGHT_DATA_DIR": str(tmp_path / "data"), "ARCHWRIGHT_OFFLINE_PACE": "0.5",
        "ARCHWRIGHT_PUBLIC_URL": public,
        "ARCHWRIGHT_TRUSTED_PROXIES": "unix",
    }  # fmt: skip
    end = "/" if strips else ""
    location = f"location /tools/diagrams/ {{ proxy_pass http://unix:{uds}:{end}; {HEADERS} }}"
    if not strips:
        location = location.replace(f"unix:{uds}:;", f"unix:{uds};")
    with started("--uds", str(uds), **given), nginx(tmp_path / "nginx", port, location):
        context = await browser.new_context(
            ignore_https_errors=True, viewport={"width": 1440, "height": 900}, reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )  # fmt: skip
        page = await context.new_page()
        await draw(page, f"{public}/")
        assert re.fullmatch(rf"{public}/s/ses_\w+", page.url)
        await drag(page, node(page, "Order service").first, 20, 120)
        await saved(page)
        await page.keyboard.press("Control+z")
        await saved(page)
        session = page.url.rsplit("/", 1)[1]
        times = await page.evaluate(
            """async ([base, session]) => {
              const api = `${base}/api/v1`, at = performance.now();
              const headers = {"content-type": "application/json"}, body = JSON.stringify({text: "Add a cache"});
              const asked = await fetch(`${api}/sessions/${session}/messages`, {method: "POST", headers, body});
              const sent = await asked.json();
              const reader = (await fetch(`${api}/jobs/${sent.job.id}/events`)).body.getReader();
              const seen = [];
              while (!(await reader.read()).done) seen.push(performance.now() - at);
              return {first: seen[0], last: seen.at(-1), parts: seen.length,
                      protocol: performance.getEntriesByType("resource").at(-1).nextHopProtocol};
            }""",
            [public, session],
        )
        assert times["protocol"] == "h2" and times["parts"] > 1 and times["first"] < times["last"], times
        svg = await context.request.get(f"{public}/api/v1/sessions/{session}/export?format=svg")
        assert svg.ok and "<svg" in await svg.text()
        made = await context.request.post(f"{public}/api/v1/sessions/{session}/shares", data={})
        share = (await made.json())["url"]
        assert share.startswith(f"{public}/s/{session}#share=")
        other = await (await browser.new_context(ignore_https_errors=True)).new_page()
        await other.goto(share)
        await expect(node(other, "Order service").first).to_be_visible(timeout=15_000)
