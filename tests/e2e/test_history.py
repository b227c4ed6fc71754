"""The history: a job's many changes are one entry that names what was done, and a look back ends with Escape."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.e2e.editor import draw, node, open_session
from tests.servers import Server

PAIR = [
    {"op": "add_node", "node": {"id": "a", "label": "Alpha"}},
    {"op": "add_node", "node": {"id": "b", "label": "Beta"}},
]


async def history(page: Page) -> Locator:
    await page.get_by_role("button", name="History", exact=True).click()
    return page.get_by_role("list", name="Changes, the newest first")


async def test_a_document_is_one_entry_that_names_its_sections_and_can_be_opened(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"template": "url-shortener"})
    job = server.ask(f"/sessions/{session}/document", {})["job"]["id"]
    server.job_ended(job, 30)
    log = server.ask(f"/sessions/{session}/changes?since=0")["changes"]
    written: list[dict[str, Any]] = [one for one in log if one.get("job_id") == job]
    titles = [op["title"] for one in written for op in one["ops"] if op["op"] == "set_section"]
    assert len(titles) > 4
    listed = await history(page)
    entry = listed.get_by_role("listitem").filter(has_text=f"wrote {len(titles)} sections")
    await expect(entry).to_have_count(1, timeout=15_000)
    await expect(entry).to_contain_text(f"{titles[0]}, {titles[1]}")
    await expect(listed.get_by_text("set 1 section")).to_have_count(0)
    await entry.get_by_role("button", name=f"Show {len(written)} changes").click()
    for title in titles:
        await expect(entry.get_by_text(title).last).to_be_visible()
    await expect(entry.get_by_role("listitem")).to_have_count(len(written))
    await entry.get_by_role("button", name="Hide the changes").click()
    await expect(entry.get_by_role("listitem")).to_have_count(0)


async def test_escape_leaves_a_look_at_an_old_version(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Old"})
    await draw(page, server, session, PAIR)
    await draw(page, server, session, [{"op": "delete_node", "id": "b"}])
    await expect(node(page, "Beta")).to_have_count(0, timeout=15_000)
    await (await history(page)).get_by_title("Look at version 1", exact=True).click()
    await expect(page.get_by_text("You are looking at version 1")).to_be_visible()
    await expect(node(page, "Beta")).to_be_visible()
    await page.get_by_role("button", name="More for version 1").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("You are looking at version 1")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("You are looking at version")).to_have_count(0)
    await expect(node(page, "Beta")).to_have_count(0)


async def test_a_version_that_cannot_be_read_is_told_and_editing_goes_on(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Unreadable"})
    await draw(page, server, session, PAIR)
    await draw(page, server, session, [{"op": "update_node", "id": "b", "set": {"technology": "Go"}}])
    await expect(node(page, "Beta")).to_contain_text("Go", timeout=15_000)
    await page.route("**/versions/1", lambda route: route.fulfill(status=404, json={"detail": "Version 1 is gone."}))
    await (await history(page)).get_by_title("Look at version 1", exact=True).click()
    await expect(page.get_by_text("The version could not be read: Version 1 is gone.")).to_be_visible(timeout=15_000)
    await node(page, "Beta").click()
    await page.keyboard.press("Delete")
    await expect(node(page, "Beta")).to_have_count(0)


async def test_a_history_that_cannot_be_read_does_not_say_that_nothing_has_changed(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "No history"})
    await draw(page, server, session, PAIR)
    await page.route("**/changes?since=0", lambda route: route.fulfill(status=404, json={"detail": "Not today."}))
    listed = await history(page)
    await expect(page.get_by_text("The history could not be read: Not today.").first).to_be_visible(timeout=15_000)
    await expect(listed.get_by_text("Nothing has changed yet.")).to_have_count(0)
