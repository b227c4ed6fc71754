"""Lines are selected, edited and removed as nodes are, and each gesture that adds to a selection adds."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.editor import click_line, draw, node, on_line, open_session, saved, selected
from tests.servers import Server

TRIO = [
    {"op": "add_node", "node": {"id": "a", "label": "Alpha"}},
    {"op": "add_node", "node": {"id": "b", "label": "Beta"}},
    {"op": "add_node", "node": {"id": "c", "label": "Gamma"}},
    {"op": "add_edge", "edge": {"id": "a-b", "source": "a", "target": "b", "label": "calls"}},
    {"op": "add_edge", "edge": {"id": "b-c", "source": "b", "target": "c"}},
]


def edges_of(server: Server, session: str) -> dict[str, str]:
    return {one["id"]: one["label"] for one in server.ask(f"/sessions/{session}")["edges"]}


async def test_a_line_that_is_clicked_is_selected_shown_in_the_properties_and_deleted(
    page: Page, server: Server
) -> None:
    session = await open_session(page, server, {"title": "Lines"})
    await draw(page, server, session, TRIO)
    await page.get_by_role("button", name="Properties", exact=True).click()
    await click_line(page, "a-b")
    assert await selected(page) == {"a-b"}
    await page.get_by_label("Label").fill("asks")
    await page.get_by_label("Label").press("Enter")
    await saved(page)
    assert edges_of(server, session) == {"a-b": "asks", "b-c": ""}
    await click_line(page, "b-c")
    assert await selected(page) == {"b-c"}
    await page.keyboard.press("Delete")
    await expect(page.locator(".react-flow__edge")).to_have_count(1)
    await saved(page)
    assert edges_of(server, session) == {"a-b": "asks"}
    await page.keyboard.press("Control+z")
    await expect(page.locator(".react-flow__edge")).to_have_count(2)


async def test_a_line_is_selected_and_named_by_the_keyboard_alone(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Keys on lines"})
    await draw(page, server, session, TRIO)
    line = page.locator('.react-flow__edge[data-id="b-c"]')
    await line.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator('.react-flow__edge.selected[data-id="b-c"]')).to_be_attached()
    await page.keyboard.press("F2")
    await expect(page.get_by_role("textbox", name="Label")).to_be_focused()
    await page.keyboard.type("publishes")
    await page.keyboard.press("Enter")
    await expect(line).to_contain_text("publishes")
    await saved(page)
    assert edges_of(server, session) == {"a-b": "calls", "b-c": "publishes"}
    await page.keyboard.press("Escape")
    assert await selected(page) == set()


async def test_a_line_is_named_where_it_is_double_clicked_and_from_its_menu(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Names of lines"})
    await draw(page, server, session, TRIO)
    await page.mouse.dblclick(*(await on_line(page, "a-b")))
    await page.keyboard.type("reads")
    await page.keyboard.press("Enter")
    await click_line(page, "b-c", button="right")
    assert await selected(page) == {"b-c"}
    await page.get_by_role("menuitem", name="Rename").click()
    await page.keyboard.type("writes")
    await page.keyboard.press("Enter")
    await saved(page)
    assert edges_of(server, session) == {"a-b": "reads", "b-c": "writes"}


@pytest.mark.parametrize("key", ["Shift", "Control", "Meta"])
async def test_a_click_with_a_key_adds_to_the_selection_and_takes_away_from_it(
    page: Page, server: Server, key: str
) -> None:
    session = await open_session(page, server, {"title": "More"})
    await draw(page, server, session, TRIO)
    await node(page, "Alpha").click()
    await page.keyboard.down(key)
    await page.wait_for_timeout(100)
    await node(page, "Gamma").click()
    assert await selected(page) == {"a", "c"}
    await click_line(page, "b-c")
    assert await selected(page) == {"a", "c", "b-c"}
    await node(page, "Alpha").click()
    assert await selected(page) == {"c", "b-c"}
    await page.keyboard.up(key)
    await page.get_by_role("button", name="Properties", exact=True).click()
    await expect(page.get_by_text("1 node and 1 line selected")).to_be_visible()
    await page.keyboard.press("Delete")
    await saved(page)
    assert edges_of(server, session) == {"a-b": "calls"}


async def test_a_hand_that_trembles_while_it_clicks_still_clicks(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Trembling"})
    await draw(page, server, session, TRIO)
    await node(page, "Alpha").click()
    box = await node(page, "Beta").bounding_box()
    assert box is not None
    await page.keyboard.down("Shift")
    await page.wait_for_timeout(100)
    await page.mouse.move(box["x"] + 60, box["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 61, box["y"] + 20)
    await page.mouse.up()
    await page.keyboard.up("Shift")
    assert await selected(page) == {"a", "b"}


async def test_everything_is_nodes_and_lines_and_what_others_delete_is_selected_no_more(
    page: Page, server: Server
) -> None:
    session = await open_session(page, server, {"title": "All"})
    await draw(page, server, session, TRIO)
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+a")
    await expect(page.locator(".react-flow__edge.selected")).to_have_count(2)
    assert await selected(page) == {"a", "b", "c", "a-b", "b-c"}
    server.ask(f"/sessions/{session}/changes", {"ops": [{"op": "delete_node", "id": "c"}]})
    await page.get_by_role("button", name="Properties", exact=True).click()
    await expect(page.get_by_text("2 nodes and 1 line selected")).to_be_visible(timeout=15_000)
