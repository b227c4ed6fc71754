"""Where things land: a drop, a group, and the view after a search."""

from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.editor import node, nodes_of, open_session, saved
from tests.servers import Server


def placed(name: str, x: float, y: float) -> dict[str, Any]:
    return {"op": "add_node", "node": {"id": name.lower(), "label": name, "position": {"x": x, "y": y}}}


async def middle(page: Page, label: str) -> tuple[float, float]:
    box = await node(page, label).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_the_first_thing_dropped_on_a_blank_canvas_lies_under_the_pointer(page: Page, server: Server) -> None:
    await open_session(page, server, {"title": "Blank"})
    await page.get_by_role("button", name="Add components").click()
    canvas = page.get_by_role("main", name="Canvas")
    box = await canvas.bounding_box()
    assert box is not None
    item = page.get_by_role("button", name="Service", exact=True)
    await item.drag_to(canvas, target_position={"x": 150, "y": 420})
    await saved(page)
    await page.wait_for_timeout(600)
    x, y = await middle(page, "Service")
    assert (abs(x - box["x"] - 150) < 40, abs(y - box["y"] - 420) < 40) == (True, True), (x, y, box)


async def test_what_is_dropped_into_a_group_by_its_edge_lies_in_the_group(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Edge"})
    group = {"id": "g", "type": "group", "label": "Zone", "position": {"x": 300, "y": 200}}
    server.ask(f"/sessions/{session}/changes", {"ops": [{"op": "add_node", "node": group}]})
    zone = page.locator('.react-flow__node[data-id="g"]')
    await zone.wait_for(timeout=15_000)
    await page.get_by_role("button", name="Add components").click()
    await page.get_by_role("button", name="Service", exact=True).drag_to(zone, target_position={"x": 25, "y": 50})
    await expect(node(page, "Service")).to_be_visible()
    await saved(page)
    assert nodes_of(server, session)["service"]["parent"] == "g"


async def test_grouping_moves_nothing_that_is_not_in_the_group(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Corners"})
    corners = [placed("One", 0, 0), placed("Two", 400, 0), placed("Three", 0, 250), placed("Four", 400, 250)]
    server.ask(f"/sessions/{session}/changes", {"ops": corners})
    await page.reload()
    await node(page, "One").click()
    await page.keyboard.down("Control")
    await page.wait_for_timeout(100)
    await node(page, "Four").click()
    await page.keyboard.up("Control")
    before = nodes_of(server, session)
    await page.keyboard.press("Control+g")
    await page.keyboard.press("Enter")
    await saved(page)
    after = nodes_of(server, session)
    assert (after["one"]["parent"], after["four"]["parent"]) == ("group", "group")
    assert {i: after[i] for i in ("two", "three")} == {i: before[i] for i in ("two", "three")}


async def many(page: Page, server: Server) -> str:
    """A session of 320 nodes of which few can be seen at once."""
    session = str(server.ask("/sessions", {"title": "Many"})["id"])
    nodes = [placed(f"Part-{n:03}", (n % 20) * 400, (n // 20) * 300) for n in range(320)]
    for at in range(0, len(nodes), 50):
        server.ask(f"/sessions/{session}/changes", {"ops": nodes[at : at + 50]})
    await page.goto(f"{server.address}/s/{session}")
    await saved(page)
    return session


async def in_the_middle(page: Page, label: str) -> None:
    """Wait until a node stands in the middle of the canvas, large enough to be read."""
    canvas = await page.get_by_role("main", name="Canvas").bounding_box()
    assert canvas is not None
    await expect(node(page, label)).to_be_visible()
    await page.wait_for_timeout(600)
    box = await node(page, label).bounding_box()
    assert box is not None
    x, y = await middle(page, label)
    near = (abs(x - canvas["x"] - canvas["width"] / 2) < 5, abs(y - canvas["y"] - canvas["height"] / 2) < 5)
    assert (near, box["width"] > 100) == ((True, True), True)


async def test_a_search_hit_among_many_nodes_comes_into_view(page: Page, server: Server) -> None:
    await many(page, server)
    for label in ("Part-000", "Part-319"):
        await expect(page.locator(f'.react-flow__node[data-id="{label.lower()}"]')).to_be_in_viewport()
    for label in ("Part-319", "Part-007"):
        await page.keyboard.press("Control+k")
        await page.keyboard.type(label)
        await page.keyboard.press("Enter")
        await in_the_middle(page, label)
    await page.get_by_role("button", name="Fit the view").click()
    for label in ("Part-000", "Part-319"):
        await expect(page.locator(f'.react-flow__node[data-id="{label.lower()}"]')).to_be_in_viewport(timeout=3_000)


async def test_a_search_hit_in_a_collapsed_group_is_brought_to_light(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Hidden"})
    inside = {"id": "in", "label": "Inside", "parent": "g"}
    ops = [
        {"op": "add_node", "node": {"id": "g", "type": "group", "label": "Zone"}},
        {"op": "add_node", "node": inside},
    ]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    await page.get_by_role("button", name="Collapse Zone").click(timeout=15_000)
    await expect(node(page, "Inside")).to_have_count(0)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("Inside")
    await page.keyboard.press("Enter")
    await in_the_middle(page, "Inside")
