"""Edits by hand: drawn at once, safe on the server, undone by keyboard, the same in every tab."""

import signal
from pathlib import Path

from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.editor import CHAT, drag, job_is_over, node, nodes_of, open_session, saved
from tests.servers import Server, serving


async def test_a_dragged_node_is_where_it_was_put_after_a_reload(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"template": "three-tier-web"})
    some = next(one for one in nodes_of(server, session).values() if one["type"] != "group")
    moved = node(page, some["label"]).first
    await drag(page, moved, 30, 160)
    put = await moved.bounding_box()
    await saved(page)
    stored = nodes_of(server, session)[some["id"]]
    assert (stored["pinned"], stored["position"] != some["position"]) == (True, True)
    now = await moved.bounding_box()
    assert put is not None and now is not None
    assert abs(put["x"] - now["x"]) < 2 and abs(put["y"] - now["y"]) < 2
    await page.reload()
    await expect(moved).to_be_visible()
    assert nodes_of(server, session)[some["id"]] == stored


async def test_undo_and_redo_by_keyboard(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Keys"})
    await page.get_by_role("button", name="Add components").click()
    await page.get_by_role("searchbox", name="Search components").fill("postgres")
    await page.get_by_role("button", name="PostgreSQL", exact=True).click()
    await saved(page)
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+z")
    await expect(node(page, "PostgreSQL")).to_have_count(0)
    await page.keyboard.press("Control+Shift+z")
    await expect(node(page, "PostgreSQL")).to_have_count(1)
    assert list(nodes_of(server, session)) == ["postgresql"]


async def test_a_node_is_renamed_in_place_and_in_its_properties(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Names"})
    server.ask(f"/sessions/{session}/changes", {"ops": [{"op": "add_node", "node": {"id": "a", "label": "Old"}}]})
    await node(page, "Old").dblclick(timeout=15_000)
    await page.keyboard.type("Order service")
    await page.keyboard.press("Enter")
    await expect(node(page, "Order service")).to_be_visible()
    await page.get_by_role("button", name="Properties", exact=True).click()
    await page.get_by_label("Technology").fill("FastAPI")
    await page.get_by_label("Technology").press("Enter")
    await saved(page)
    stored = nodes_of(server, session)["a"]
    assert (stored["label"], stored["technology"]) == ("Order service", "FastAPI")


async def test_two_tabs_converge(context: BrowserContext, page: Page, server: Server) -> None:
    session = await open_session(page, server, {"template": "url-shortener"})
    other = await context.new_page()
    await other.goto(page.url)
    await saved(other)
    labels = [one["label"] for one in nodes_of(server, session).values() if one["type"] != "group"]
    await drag(page, node(page, labels[0]).first, 0, 140)
    await drag(other, node(other, labels[1]).first, 0, 180)
    await saved(page)
    await saved(other)
    await other.bring_to_front()
    await expect(other.get_by_role("status", name="Connection")).to_have_text("Saved")
    stored = nodes_of(server, session)
    assert sum(one["pinned"] for one in stored.values()) == 2
    for tab in (page, other):
        await tab.get_by_role("button", name="History").click()
        await expect(
            tab.get_by_role("list", name="Changes, the newest first").get_by_text("moved 1 node")
        ).to_have_count(2, timeout=15_000)


async def test_nothing_is_lost_when_the_server_dies_in_the_middle_of_a_job_and_of_an_edit(
    page: Page, tmp_path: Path
) -> None:
    with serving(tmp_path, pace=0.7) as first:
        session = await open_session(page, first, {"prompt": CHAT})
        await expect(node(page, "Chat service").locator(":not(.ghost)").first).to_be_visible(timeout=15_000)
        await expect(page.locator(".react-flow__edge").first).to_be_visible(timeout=15_000)
        first_nodes = first.ask(f"/sessions/{session}")["nodes"]
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        moved = node(page, "Mobile client").first
        await expect(page.get_by_role("status", name="Connection")).to_contain_text("Offline", timeout=15_000)
        before = next(one for one in first_nodes if one["label"] == "Mobile client")
        await drag(page, moved, 20, 150)
        await page.get_by_role("textbox", name="Title").fill("Renamed while the server was dead")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status", name="Connection")).to_contain_text("not yet saved")
        port = first.port
    with serving(tmp_path, port=port) as second:
        await saved(page)
        await job_is_over(page)
        await expect(moved).to_be_visible()
        snapshot = second.ask(f"/sessions/{session}")
        assert snapshot["title"] == "Renamed while the server was dead"
        after = next(one for one in snapshot["nodes"] if one["id"] == before["id"])
        assert (after["pinned"], after["position"] != before["position"]) == (True, True)
        assert await page.locator(".react-flow__node").count() == len(snapshot["nodes"])
        log = second.ask(f"/sessions/{session}/changes?since=0")["changes"]
        assert [change["version"] for change in log] == list(range(1, len(log) + 1))


PAIR = [
    {"op": "add_node", "node": {"id": "a", "label": "Alpha", "technology": "FastAPI"}},
    {"op": "add_node", "node": {"id": "b", "label": "Beta"}},
    {"op": "add_edge", "edge": {"id": "a-b", "source": "a", "target": "b", "label": "calls"}},
]


async def test_what_was_copied_is_pasted_into_another_session(page: Page, server: Server) -> None:
    first = await open_session(page, server, {"title": "From"})
    server.ask(f"/sessions/{first}/changes", {"ops": PAIR})
    await expect(node(page, "Beta")).to_be_visible(timeout=15_000)
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+c")
    second = await open_session(page, server, {"title": "To"})
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+v")
    await expect(node(page, "Beta")).to_be_visible()
    await saved(page)
    pasted = server.ask(f"/sessions/{second}")
    assert {one["label"]: one["technology"] for one in pasted["nodes"]} == {"Alpha": "FastAPI", "Beta": ""}
    assert [edge["label"] for edge in pasted["edges"]] == ["calls"]


async def test_nodes_are_connected_by_their_handles_and_grouped_by_keyboard(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Hands"})
    server.ask(f"/sessions/{session}/changes", {"ops": PAIR[:2]})
    await expect(node(page, "Beta")).to_be_visible(timeout=15_000)
    await node(page, "Alpha").hover()
    await node(page, "Alpha").locator(".react-flow__handle.source").first.drag_to(node(page, "Beta"))
    await expect(page.locator(".react-flow__edge")).to_have_count(1)
    await saved(page)
    (edge,) = server.ask(f"/sessions/{session}")["edges"]
    assert (edge["source"], edge["target"]) == ("a", "b")
    await page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+g")
    await page.keyboard.type("Both")
    await page.keyboard.press("Enter")
    await expect(node(page, "Both")).to_be_visible()
    await saved(page)
    nodes = nodes_of(server, session)
    (group,) = [one for one in nodes.values() if one["type"] == "group"]
    assert (group["label"], nodes["a"]["parent"], nodes["b"]["parent"]) == ("Both", group["id"], group["id"])


async def test_the_diagram_is_copied_as_mermaid_and_as_an_image(
    context: BrowserContext, page: Page, server: Server
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = await open_session(page, server, {"title": "Copies"})
    server.ask(f"/sessions/{session}/changes", {"ops": PAIR})
    for command, kind in (("Mermaid", "text/plain"), ("an image", "image/png")):
        await page.keyboard.press("Control+k")
        await page.get_by_role("option", name=f"Copy as {command.removeprefix('an ')}").click()
        await expect(page.get_by_text(f"The diagram was copied as {command}.")).to_be_visible()
        assert kind in await page.evaluate("async () => (await navigator.clipboard.read())[0].types")
        if kind == "text/plain":
            assert "Alpha" in await page.evaluate("navigator.clipboard.readText()")


async def test_an_edit_that_the_server_refuses_is_explained_and_taken_back(page: Page, server: Server) -> None:
    await open_session(page, server, {"title": "Refused"})
    broken = '{"ops": [{"op": "delete_node", "id": "x"}]}'
    await page.route(
        "**/changes", lambda route: route.continue_(post_data=broken if route.request.method == "POST" else None)
    )
    await page.get_by_role("textbox", name="Title").fill("Never")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The edit was taken back")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("Refused")
