"""Labels and messages are text, and everybody can use the page."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.editor import open_session, saved
from tests.servers import Server

AXE = (Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text
HOSTILE = [
    "<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "<svg onload=window.pwned=1>",
    "[a](javascript:window.pwned=1)", "![x](http://127.0.0.1:9/x.png)", "<iframe srcdoc='<script>top.pwned=1</script>'>",
    "<a href=javascript:window.pwned=1>x</a>", "\"><script>window.pwned=1</script>", "'-window.pwned=1-'",
    "<style>*{background:url(http://127.0.0.1:9/y)}</style>", "javascript:window.pwned=1", "{{constructor.constructor('window.pwned=1')()}}",
    "${window.pwned=1}", "<math><mi xlink:href='javascript:window.pwned=1'>", "<details open ontoggle=window.pwned=1>",
    "<video src=x onerror=window.pwned=1>", "[x](data:text/html,<script>window.pwned=1</script>)", "<base href=http://127.0.0.1:9/>",
    "<object data=javascript:window.pwned=1>", "<form action=javascript:window.pwned=1><input type=submit>",
    "<link rel=stylesheet href=http://127.0.0.1:9/z>", "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "\u202egnp.exe", "a\u0000b".replace("\u0000", "\u200b"), "<embed src=javascript:window.pwned=1>", "]]><script>window.pwned=1</script>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;", "<x onmouseover=window.pwned=1>hover", "[x](vbscript:window.pwned=1)",
    "<button onfocus=window.pwned=1 autofocus>",
]  # fmt: skip


async def test_thirty_hostile_labels_and_messages_run_nothing(page: Page, server: Server) -> None:
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    session = await open_session(page, server, {"title": HOSTILE[0]})
    ops = [{"op": "add_node", "node": {"id": f"n{n}", "label": text, "technology": text, "description": text}}
           for n, text in enumerate(HOSTILE)]  # fmt: skip
    edges = [
        {"op": "add_edge", "edge": {"source": f"n{n}", "target": f"n{n + 1}", "label": HOSTILE[n]}} for n in range(20)
    ]
    server.ask(f"/sessions/{session}/changes", {"ops": [*ops, *edges]})
    sections = [{"op": "set_section", "slug": f"s{n}", "title": text, "body": text} for n, text in enumerate(HOSTILE)]
    server.ask(f"/sessions/{session}/changes", {"ops": sections})
    server.ask(f"/sessions/{session}/messages", {"text": "\n\n".join(HOSTILE)})
    await page.reload()
    await expect(page.locator(".react-flow__node").first).to_be_visible()
    await page.wait_for_timeout(1500)
    for panel in ("Outline", "Properties", "History", "Design document", "Conversation"):
        await page.get_by_role("button", name=panel, exact=True).click()
    await page.get_by_role("button", name="Design document").click()
    for number, _ in enumerate(HOSTILE, start=1):
        await page.get_by_role("button", name=re.compile("^Edit ")).first.click()
        await expect(page.get_by_role("textbox", name="Section text", exact=True)).to_have_count(number)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("script")
    await page.goto(server.address)
    await expect(page.get_by_role("region", name="Your diagrams")).to_be_visible()
    assert await page.evaluate("window.pwned") is None
    assert [url for url in asked if not url.startswith((server.address, "data:", "blob:"))] == []


async def test_the_page_may_run_no_inline_script(page: Page, server: Server) -> None:
    answer = await page.goto(server.address)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy


async def violations(page: Page) -> list[Any]:
    await page.evaluate(AXE(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, {rules: {region: {enabled: false}}})")
    return [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_view(page: Page, server: Server, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    await page.goto(server.address)
    await expect(page.get_by_role("list", name="Examples")).to_be_visible()
    await page.get_by_role("button", name="A blank canvas").wait_for()
    assert await violations(page) == []
    session = await open_session(page, server, {"template": "e-commerce"})
    await expect(page.locator(".react-flow__node").first).to_be_visible()
    text = "A [link](https://example.com).\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    ops = [{"op": "set_section", "slug": slug, "title": slug, "body": text} for slug in ("summary", "component-gone")]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    for panel in ("Conversation", "Outline", "History", "Properties"):
        await page.get_by_role("button", name=panel, exact=True).click()
        await page.wait_for_timeout(150)
        assert await violations(page) == [], panel
    await page.get_by_role("button", name="Design document").click()
    await page.get_by_role("button", name="Edit summary").click(timeout=15_000)
    await page.get_by_role("textbox", name="Section text", exact=True).wait_for()
    assert await violations(page) == []
    await page.get_by_role("button", name="Markdown").click()
    await page.wait_for_timeout(150)
    assert await violations(page) == []
    await page.locator(".react-flow__node-box").first.click()
    await page.get_by_role("button", name="Add components").click()
    await page.wait_for_timeout(150)
    assert await violations(page) == []
    await page.keyboard.press("Control+k")
    await page.wait_for_timeout(150)
    assert await violations(page) == []


async def test_the_whole_path_works_by_keyboard(page: Page, server: Server) -> None:
    await page.goto(server.address)
    await expect(page.get_by_role("textbox", name="Describe a system")).to_be_focused()
    await page.keyboard.type("Web client, API gateway, order service, PostgreSQL")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("region", name="The job that ended").first).to_be_visible(timeout=30_000)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("order")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Talking about")).to_contain_text("Order service")
    await page.keyboard.press("Delete")
    await expect(page.locator(".react-flow__node").filter(has_text="Order service")).to_have_count(0)
    await saved(page)


async def test_a_phone_can_read_and_talk(page: Page, server: Server) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await open_session(page, server, {"template": "url-shortener"})
    await expect(page.locator(".react-flow__node").first).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
