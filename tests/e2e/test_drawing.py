"""From a sentence to a diagram, and on from there, in the browser."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.e2e.editor import CHAT, job_is_over, node, nodes_of, open_session, say
from tests.servers import Server, serving


async def test_a_sentence_becomes_a_diagram_before_ones_eyes(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path, pace=2) as slow:
        await page.goto(slow.address)
        await expect(page.get_by_text("rule-based, no language model")).to_be_visible()
        await page.get_by_role("textbox", name="Describe a system").fill(CHAT)
        await page.evaluate(
            "new MutationObserver(() => { window.ghosts = Math.max(window.ghosts ?? 0,"
            " document.querySelectorAll('.ghost').length) })"
            ".observe(document.body, {subtree: true, childList: true, attributes: true})"
        )
        await page.get_by_role("button", name="Draw it").click()
        await job_is_over(page)
        for label in ("Mobile client", "API gateway", "Chat service", "Message store", "Notification worker"):
            await expect(node(page, label)).to_be_visible()
        assert await page.evaluate("window.ghosts") >= 1
        await expect(page.locator(".ghost")).to_have_count(0)
        session = page.url.rsplit("/", 1)[1]
        assert await page.locator(".react-flow__node").count() == len(nodes_of(slow, session))
        await expect(page.get_by_text("archwright-offline ·")).to_be_visible()


async def test_a_node_is_clicked_and_changed_in_words(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"template": "three-tier-web"})
    before = nodes_of(server, session)
    database = next(one for one in before.values() if one["type"] == "database")
    await node(page, database["label"]).first.click()
    await expect(page.get_by_label("Talking about")).to_contain_text(database["label"])
    await say(page, "change this to a managed service")
    await job_is_over(page)
    after = nodes_of(server, session)
    assert after[database["id"]]["technology"] != database["technology"]
    assert {i for i in before if before[i] != after[i]} == {database["id"]}
    bar = page.get_by_role("region", name="What the agent did")
    await expect(bar).to_contain_text("1 changed")
    await bar.get_by_role("button", name="Revert").click()
    await expect(node(page, database["label"]).first).to_contain_text(database["technology"])
    await expect(bar).to_have_count(0)


async def test_a_deletion_in_bulk_is_approved_or_refused(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"template": "e-commerce"})
    before = nodes_of(server, session)
    services = {i for i, one in before.items() if one["type"] == "service"}
    for decision, left in (("Refuse", set(before)), ("Approve", set(before) - services)):
        await say(page, "Remove all services")
        asked = page.get_by_role("region", name="The agent asks for approval")
        await expect(asked).to_be_visible(timeout=20_000)
        await asked.get_by_role("button", name=decision).click()
        await expect(asked).to_have_count(0, timeout=20_000)
        await job_is_over(page)
        assert set(nodes_of(server, session)) == left


async def test_a_question_is_answered_where_it_is_asked(page: Page, server: Server) -> None:
    session = await open_session(page, server, {"title": "Two"})
    ops = [
        {"op": "add_node", "node": {"id": name, "type": kind, "label": label}}
        for name, kind, label in (
            ("orders", "database", "Order database"),
            ("users", "database", "User database"),
            ("api", "api", "API"),
        )
    ]
    ops += [
        {"op": "add_edge", "edge": {"source": "api", "target": name, "label": "reads"}} for name in ("orders", "users")
    ]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    await say(page, "Add a cache in front of the database")
    question = page.get_by_role("region", name="The agent asks")
    await expect(question).to_contain_text("Which one do you mean", timeout=20_000)
    await question.get_by_role("button", name="User database").click()
    await job_is_over(page)
    snapshot = server.ask(f"/sessions/{session}")
    cache = next(one["id"] for one in snapshot["nodes"] if one["type"] == "cache")
    assert (cache, "users") in {(one["source"], one["target"]) for one in snapshot["edges"]}


async def test_a_reload_in_the_middle_of_a_job_goes_on_where_it_was(page: Page, server: Server) -> None:
    await open_session(page, server, {"prompt": CHAT})
    await page.reload()
    await job_is_over(page)
    await expect(node(page, "Chat service")).to_be_visible()
    await expect(page.get_by_role("log")).to_contain_text("A real-time chat application")


async def test_a_job_can_be_cancelled_and_keeps_its_work(page: Page, server: Server) -> None:
    await open_session(page, server, {"prompt": CHAT})
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_text("The job was cancelled; its work is kept")).to_be_visible(timeout=20_000)
