"""The design document beside the canvas, and the link that shows both to others."""

import re

from playwright.async_api import BrowserContext, Locator, Page, expect
from pypdf import PdfReader

from tests.e2e.editor import CHAT, job_is_over, node, open_session, saved
from tests.e2e.test_safety import violations
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
    await panel.get_by_role("button", name="Markdown").click()
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


SECTIONS = [
    {"op": "set_section", "slug": "summary", "title": "Summary", "body": "A shop.\n\n| A | B |\n|---|---|\n| 1 | 2 |"},
    {"op": "set_section", "slug": "notes-1", "title": "Notes", "body": "Words by Ada."},
]
SHOP = [
    {"op": "add_node", "node": {"id": "api", "type": "service", "label": "API", "technology": "Go"}},
    {"op": "add_node", "node": {"id": "db", "type": "database", "label": "DB", "technology": "PostgreSQL"}},
    {"op": "add_edge", "edge": {"id": "e1", "source": "api", "target": "db", "label": "reads"}},
]


def bodies(server: Server, session: str) -> dict[str, str]:
    return {one["slug"]: one["body"] for one in server.ask(f"/sessions/{session}/document")["sections"]}


async def document_of(page: Page, server: Server) -> tuple[str, Locator]:
    """Open a session with two sections that a person wrote, and its document."""
    session = await open_session(page, server, {"title": "Shop"})
    server.ask(f"/sessions/{session}/changes", {"ops": [*SHOP, *SECTIONS]})
    await page.get_by_role("button", name="Design document").click()
    panel = page.get_by_role("complementary", name="Design document")
    await expect(panel.get_by_role("region", name="Notes")).to_be_visible(timeout=15_000)
    return session, panel


async def test_what_is_written_in_the_rich_editor_is_saved_as_markdown(page: Page, server: Server) -> None:
    session, panel = await document_of(page, server)
    await panel.get_by_role("button", name="Edit Summary").click()
    text = panel.get_by_role("textbox", name="Section text", exact=True)
    await expect(text.get_by_role("cell", name="2")).to_be_visible()
    assert await violations(page) == []
    await text.press("Control+End")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.type("It sells ")
    await page.keyboard.press("Control+b")
    await page.keyboard.type("everything")
    await page.keyboard.press("Control+b")
    await page.keyboard.type(".")
    await page.keyboard.press("Enter")
    await panel.get_by_role("button", name="Bulleted list").click()
    await page.keyboard.type("books")
    await page.keyboard.press("Control+Enter")
    await expect(panel.get_by_role("region", name="Summary")).to_contain_text("It sells everything.")
    await saved(page)
    wanted = "A shop.\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\nIt sells **everything**.\n\n- books"
    assert bodies(server, session)["summary"] == wanted

    before = server.ask(f"/sessions/{session}")["version"]
    await panel.get_by_role("button", name="Edit Summary").click()
    await expect(text).to_be_visible()
    await panel.get_by_role("button", name="Save").click()
    await expect(text).to_have_count(0)
    assert server.ask(f"/sessions/{session}")["version"] == before


async def test_unsaved_words_survive_a_closed_panel_and_a_reload_and_overwrite_nobody(
    page: Page, server: Server
) -> None:
    session, panel = await document_of(page, server)
    await panel.get_by_role("button", name="Edit Notes").click()
    await panel.get_by_role("button", name="Markdown").click()
    text = panel.get_by_role("textbox", name="Section text, in markdown")
    await text.fill("Words of mine.")
    await page.get_by_role("button", name="Conversation").click()
    await page.get_by_role("button", name="Design document").click()
    await expect(text).to_have_value("Words of mine.")
    theirs = {"op": "set_section", "slug": "notes-1", "title": "Notes", "body": "Words of another."}
    server.ask(f"/sessions/{session}/changes", {"ops": [theirs]})
    await panel.get_by_role("button", name="Save").click()
    alert = panel.get_by_role("alert")
    await expect(alert).to_contain_text("Words of another.")
    assert bodies(server, session)["notes-1"] == "Words of another."
    await page.reload()
    await page.get_by_role("button", name="Design document").click()
    await expect(text).to_have_value("Words of mine.")
    await expect(panel.get_by_role("button", name="Save")).to_be_disabled()
    assert await violations(page) == []
    await alert.get_by_role("button", name="Go on with mine").click()
    await panel.get_by_role("button", name="Save").click()
    await expect(text).to_have_count(0)
    await saved(page)
    assert bodies(server, session)["notes-1"] == "Words of mine."


async def test_with_the_setting_a_stale_section_is_updated_by_itself(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Shop"})
    server.ask(f"/sessions/{session}/changes", {"ops": SHOP})
    asked = server.ask(f"/sessions/{session}/document", {})
    server.job_ended(asked["job"]["id"], 60)
    server.ask(f"/sessions/{session}/changes", {"ops": [SECTIONS[0]]})
    await page.get_by_role("button", name="Design document").click()
    panel = page.get_by_role("complementary", name="Design document")
    await panel.get_by_role("checkbox", name="Keep up to date").check()
    ops = [{"op": "update_node", "id": "db", "set": {"technology": "ScyllaDB"}}]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    component = panel.get_by_role("region", name="DB", exact=True)
    await expect(component.get_by_role("note")).to_contain_text("the text names PostgreSQL, the diagram ScyllaDB")
    await page.get_by_role("button", name="Conversation").click()
    await page.reload()
    await page.get_by_role("button", name="Design document").click()
    await expect(component).to_contain_text("ScyllaDB", timeout=60_000)
    await expect(component.get_by_role("note")).to_have_count(0, timeout=30_000)
    await expect(panel.get_by_role("checkbox", name="Keep up to date")).to_be_checked()
    assert bodies(server, session)["summary"] == SECTIONS[0]["body"]


async def test_from_a_node_to_its_section_and_back(page: Page, server: Server) -> None:
    session, panel = await document_of(page, server)
    many = [{**SECTIONS[1], "slug": f"notes-{n}", "title": f"Notes {n}", "body": "Words. " * 200} for n in range(2, 6)]
    about = {"op": "set_section", "slug": "component-db", "title": "About the DB", "body": "Keeps orders."}
    server.ask(f"/sessions/{session}/changes", {"ops": [*many, about]})
    await expect(panel.get_by_role("region", name="About the DB")).to_be_attached(timeout=15_000)
    await page.get_by_role("button", name="Conversation").click()
    await node(page, "DB").click(button="right")
    await page.get_by_role("menuitem", name="Its section in the document").click()
    section = panel.get_by_role("region", name="About the DB")
    await expect(section).to_be_in_viewport(timeout=15_000)
    await expect(section).to_be_focused()
    await panel.get_by_role("button", name="Show About the DB on the canvas").click()
    await expect(node(page, "DB")).to_have_class(re.compile("selected"))
    await node(page, "API").click(button="right")
    await page.get_by_role("menuitem", name="Its section in the document").click()
    await expect(page.get_by_text("The document has no section about API yet.")).to_be_visible()


async def test_the_document_is_saved_as_a_pdf(page: Page, server: Server) -> None:
    await document_of(page, server)
    await page.get_by_role("button", name="Export").click()
    async with page.expect_download() as saving:
        await page.get_by_role("menuitem", name="PDF, with the document").click()
    file = await saving.value
    assert file.suggested_filename == "Shop.pdf"
    pages = PdfReader(await file.path()).pages
    assert "Words by Ada." in pages[-1].extract_text() and "PostgreSQL" in pages[1].extract_text()


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
