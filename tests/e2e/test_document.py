"""The design document beside the canvas, and the link that shows both to others."""

from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.editor import CHAT, job_is_over, node, open_session, saved
from tests.servers import Server


async def test_the_document_is_written_marked_stale_and_brought_up_to_date(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"prompt": CHAT})
    await job_is_over(page)
    await page.get_by_role("button", name="Design document").click()
    panel = page.get_by_role("complementary", name="Design document")
    await panel.get_by_role("button", name="Write the document").click()
    await expect(panel.get_by_role("region", name="Open questions and assumptions")).to_be_visible(timeout=60_000)
    await expect(panel.get_by_role("button", name="Write all anew")).to_be_enabled(timeout=30_000)
    await expect(panel.get_by_role("note")).to_have_count(0)

    ops = [{"op": "update_node", "id": "message-store", "set": {"technology": "ScyllaDB"}}]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    component = panel.get_by_role("region", name="Message store")
    await expect(component.get_by_role("note")).to_contain_text("Message store has changed", timeout=15_000)
    await panel.get_by_role("button", name="stale section").click()
    await expect(panel.get_by_role("note")).to_have_count(0, timeout=60_000)
    await expect(component).to_contain_text("ScyllaDB")

    await panel.get_by_role("button", name="Edit Message store").click()
    text = "Keeps every message.\n\n**Technology:** Apache HBase"
    await panel.get_by_role("textbox", name="Section text, in markdown").fill(text)
    await panel.get_by_role("button", name="Save").click()
    await saved(page)
    await panel.get_by_role("button", name="Change the diagram").click()
    await expect(node(page, "Message store")).to_contain_text("Apache HBase")
    await saved(page)
    found = {one["slug"]: one for one in server.ask(f"/sessions/{session}/document")["sections"]}
    assert (found["component-message-store"]["by"], found["component-message-store"]["body"]) == ("user", text)
    assert {one["technology"] for one in server.ask(f"/sessions/{session}")["nodes"]} >= {"Apache HBase"}


async def test_a_share_link_shows_everything_and_lets_nobody_touch_it(
    page: Page, context: BrowserContext, server: Server
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = await open_session(page, server, {"prompt": CHAT})
    await job_is_over(page)
    before = server.ask(f"/sessions/{session}")
    await page.get_by_role("button", name="Export").click()
    await page.get_by_role("menuitem", name="Copy a link to look at it").click()
    await expect(page.get_by_text("A link was copied.")).to_be_visible()
    link = await page.evaluate("navigator.clipboard.readText()")
    viewer = await context.new_page()
    await viewer.goto(link)
    await expect(node(viewer, "Chat service")).to_be_visible()
    await expect(viewer.get_by_role("status", name="Connection")).to_have_text("View only")
    for name in ("Message", "Send"):
        await expect(viewer.get_by_label(name, exact=True)).to_have_count(0)
    await node(viewer, "Chat service").click()
    await viewer.keyboard.press("Delete")
    await expect(viewer.get_by_role("button", name="Undo (Ctrl+Z)")).to_have_count(0)
    await viewer.wait_for_timeout(500)
    assert server.ask(f"/sessions/{session}")["version"] == before["version"]
    server.ask(f"/sessions/{session}/changes", {"ops": [{"op": "set_title", "title": "Seen by others"}]})
    await expect(viewer.get_by_role("textbox", name="Title")).to_have_value("Seen by others", timeout=15_000)
