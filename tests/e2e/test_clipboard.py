"""Copy and paste: what was copied last is pasted, and nothing else."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.editor import draw, node, open_session, saved
from tests.servers import Server

PAIR = [
    {"op": "add_node", "node": {"id": "a", "label": "Alpha", "technology": "FastAPI"}},
    {"op": "add_node", "node": {"id": "b", "label": "Beta"}},
    {"op": "add_edge", "edge": {"id": "a-b", "source": "a", "target": "b", "label": "calls"}},
]


@pytest.fixture
async def page(context: BrowserContext, page: Page) -> Page:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


async def labels(page: Page) -> list[str]:
    return sorted(await page.locator(".react-flow__node").evaluate_all("all => all.map(one => one.innerText)"))


async def copy_all(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "From"})
    await draw(page, server, session, PAIR)
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+c")


async def test_text_that_was_copied_elsewhere_pastes_no_nodes(page: Page, server: Server) -> None:
    await copy_all(page, server)
    await page.evaluate("navigator.clipboard.writeText('a shopping list')")
    await open_session(page, server, {"title": "To"})
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+v")
    await expect(page.get_by_text("There are no nodes to paste: something else was copied last.")).to_be_visible()
    assert await labels(page) == []


async def test_nodes_that_were_copied_are_their_names_in_a_text(page: Page, server: Server) -> None:
    await copy_all(page, server)
    await page.get_by_role("textbox", name="Message").click()
    await page.keyboard.press("Control+v")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("Alpha\nBeta")


async def test_a_text_that_is_selected_on_the_page_is_copied_as_text(page: Page, server: Server) -> None:
    await copy_all(page, server)
    await page.get_by_role("textbox", name="Message").fill("only words")
    await page.get_by_role("textbox", name="Message").select_text()
    await page.keyboard.press("Control+c")
    assert await page.evaluate("navigator.clipboard.readText()") == "only words"
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+v")
    await expect(page.get_by_text("There are no nodes to paste")).to_be_visible()
    assert len(await labels(page)) == 2


async def test_what_was_cut_is_pasted_by_the_menu(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Menu"})
    await draw(page, server, session, PAIR)
    await node(page, "Alpha").click()
    await page.keyboard.press("Control+x")
    await expect(node(page, "Alpha")).to_have_count(0)
    await page.locator(".react-flow__pane").click(button="right", position={"x": 300, "y": 500})
    await page.get_by_role("menuitem", name="Paste").click()
    await expect(node(page, "Alpha")).to_be_visible()
    await node(page, "Beta").click(button="right")
    await page.get_by_role("menuitem", name="Copy").click()
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+v")
    await expect(node(page, "Beta")).to_have_count(2)
    await saved(page)
    stored = server.ask(f"/sessions/{session}")
    assert sorted(one["label"] for one in stored["nodes"]) == ["Alpha", "Beta", "Beta"]
    assert [one["technology"] for one in stored["nodes"] if one["label"] == "Alpha"] == ["FastAPI"]


@pytest.mark.parametrize(
    "html",
    [
        '<ul data-archwright="not json"></ul>',
        '<ul data-archwright="{&quot;nodes&quot;: 3, &quot;edges&quot;: null}"></ul>',
        '<ul data-archwright="{&quot;nodes&quot;: [{&quot;id&quot;: 7}, null], &quot;edges&quot;: [{}]}"></ul>',
    ],
)
async def test_what_only_looks_like_nodes_is_not_pasted(page: Page, server: Server, html: str) -> None:
    await open_session(page, server, {"title": "Forged"})
    await page.evaluate(
        "html => navigator.clipboard.write([new ClipboardItem({'text/html': new Blob([html], {type: 'text/html'})})])",
        html,
    )
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+v")
    await expect(page.get_by_text("There are no nodes to paste")).to_be_visible()
    assert await labels(page) == []
