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


async def on_line(page: Page, edge: str) -> tuple[float, float]:
    """A place on the screen in the middle of a line."""
    path = page.locator(f'.react-flow__edge[data-id="{edge}"] .react-flow__edge-path')
    await path.wait_for(state="attached", timeout=15_000)
    x, y = await path.evaluate(
        "path => { const at = path.getPointAtLength(path.getTotalLength() * 0.4).matrixTransform(path.getScreenCTM());"
        " return [at.x, at.y] }"
    )
    return x, y


async def click_line(page: Page, edge: str, **how: Any) -> None:
    await page.mouse.click(*(await on_line(page, edge)), **how)


async def selected(page: Page) -> set[str]:
    """The ids of the nodes and lines that are shown as selected."""
    found = await page.locator(".react-flow__node.selected, .react-flow__edge.selected").evaluate_all(
        "all => all.map(one => one.dataset.id)"
    )
    return set(found)


async def draw(page: Page, server: Server, session: str, ops: list[dict[str, Any]]) -> None:
    """Change the session over the API, and wait until the page shows the nodes that this adds."""
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    for op in ops:
        if op["op"] == "add_node":
            await expect(node(page, op["node"]["label"])).to_be_visible(timeout=15_000)
