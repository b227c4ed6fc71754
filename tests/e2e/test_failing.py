"""What fails is told, and nothing else is done instead."""

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.e2e.editor import CHAT, draw, node, nodes_of, open_session, saved
from tests.servers import Server

PAIR = [
    {"op": "add_node", "node": {"id": "a", "label": "Alpha"}},
    {"op": "add_node", "node": {"id": "b", "label": "Beta"}},
]


async def refuse(route: Route) -> None:
    await route.fulfill(status=503, json={"type": "/problems/unavailable", "detail": "The store is busy."})


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("SVG", "The file could not be saved: The store is busy."),
        ("Copy as image", "The image could not be copied: The store is busy."),
        ("Copy as Mermaid", "The diagram could not be copied: The store is busy."),
        ("Copy a link to look at it", "The link could not be made: The store is busy."),
    ],
)
async def test_an_export_a_copy_or_a_link_that_fails_is_told(
    context: BrowserContext, page: Page, server: Server, choice: str, said: str
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_session(page, server, {"title": "Failing"})
    await page.route("**/export?*", refuse)
    await page.route("**/shares", refuse)
    await page.get_by_role("button", name="Export").click()
    await page.get_by_role("menuitem", name=choice, exact=True).click()
    await expect(page.get_by_text(said)).to_be_visible()


async def test_a_server_that_cannot_be_reached_is_told_in_words(page: Page, server: Server) -> None:
    await open_session(page, server, {"title": "Unreachable"})
    await page.route("**/export?*", lambda route: route.abort())
    await page.get_by_role("button", name="Export").click()
    await page.get_by_role("menuitem", name="PNG").click()
    await expect(page.get_by_text("The file could not be saved: The server cannot be reached.")).to_be_visible()


async def test_a_diagram_that_cannot_be_deleted_is_told_on_the_start_page(page: Page, server: Server) -> None:
    server.ask("/sessions", {"title": "Sticky"})
    await page.route(
        "**/sessions/*", lambda route: refuse(route) if route.request.method == "DELETE" else route.continue_()
    )
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(server.address)
    await page.get_by_role("button", name="More for Sticky").first.click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(page.get_by_text("The diagram could not be deleted: The store is busy.")).to_be_visible()


async def test_undo_waits_for_an_edit_that_failed_in_passing(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "First"})
    await draw(page, server, session, PAIR)
    failures = [1]

    async def once(route: Route) -> None:
        if route.request.method == "POST" and failures and failures.pop():
            await refuse(route)
        else:
            await route.continue_()

    await page.route("**/changes", once)
    await page.get_by_role("textbox", name="Title").fill("Second")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("First", timeout=15_000)
    await saved(page)
    assert (server.ask(f"/sessions/{session}")["title"], set(nodes_of(server, session))) == ("First", {"a", "b"})


async def test_undo_never_takes_back_something_else_than_the_last_edit(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "First"})
    await draw(page, server, session, PAIR)

    async def block(route: Route) -> None:
        await (refuse(route) if route.request.method == "POST" else route.continue_())

    await page.route("**/changes", block)
    await page.get_by_role("textbox", name="Title").fill("Second")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Nothing was undone: The edits before it are not saved yet.")).to_be_visible(
        timeout=15_000
    )
    assert set(nodes_of(server, session)) == {"a", "b"}
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("Second")
    await page.unroute("**/changes", block)
    await saved(page)
    assert server.ask(f"/sessions/{session}")["title"] == "Second"
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("First")
    await expect(node(page, "Alpha")).to_be_visible()


async def test_a_tab_that_was_far_behind_learns_that_the_job_is_over(
    context: BrowserContext, page: Page, server: Server
) -> None:
    session = await open_session(page, server, {"prompt": CHAT})
    await expect(page.get_by_role("region", name="The job that runs")).to_be_visible()
    job = server.ask(f"/sessions/{session}")["active_job"]
    await context.set_offline(True)
    server.job_ended(job["id"] if isinstance(job, dict) else job, 30)
    for number in range(501):
        server.ask(f"/sessions/{session}/changes", {"ops": [{"op": "set_title", "title": f"Title {number}"}]})
    await context.set_offline(False)
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("Title 500", timeout=20_000)
    await expect(page.get_by_role("region", name="The job that ended").first).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("region", name="The job that runs")).to_have_count(0)
