"""What a person does on the page, and what they see there."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.servers import Server

CHAT = (
    "A real-time chat application: mobile and web clients, an API gateway, a websocket gateway, a chat service, "
    "a message store, Redis for presence, Kafka for fan-out and a notification worker"
)


def node(page: Page, label: str) -> Locator:
    return page.locator(".react-flow__node").filter(has_text=re.compile(rf"^{re.escape(label)}"))


async def open_session(page: Page, server: Server, body: dict[str, Any]) -> str:
    """Make a session over the API and open it; returns its id."""
    made = server.ask("/sessions", body)
    session = str(made["session"]["id"] if "session" in made else made["id"])
    await page.goto(f"{server.address}/s/{session}")
    await expect(page.get_by_role("status", name="Connection")).to_have_text("Saved")
    return session


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("button", name="Send").click()


async def job_is_over(page: Page) -> None:
    await expect(page.get_by_role("region", name="The job that ended").first).to_be_visible(timeout=30_000)


async def drag(page: Page, what: Locator, dx: float, dy: float) -> None:
    box = await what.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    await page.mouse.move(x + dx, y + dy, steps=4)
    await page.mouse.up()


async def saved(page: Page) -> None:
    await expect(page.get_by_role("status", name="Connection")).to_have_text("Saved", timeout=20_000)


def nodes_of(server: Server, session: str) -> dict[str, Any]:
    return {one["id"]: one for one in server.ask(f"/sessions/{session}")["nodes"]}
