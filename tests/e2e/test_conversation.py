"""The agent asks, proposes, plans and assumes; a person answers, strikes out, edits and corrects."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from archwright.model.protocol import Body
from archwright.model.scripted import Step
from tests.claude_server import ClaudeServer
from tests.e2e.editor import job_is_over, node, nodes_of, open_session, say
from tests.e2e.test_safety import violations
from tests.servers import Server, serving

DONE = Step.says("That is done.\n\nNext steps:\n- Add a cache in front of the store\n- Add monitoring")
QUESTION, STOP = "Where does it run?", "Skip, decide yourself"


def draws(*names: str) -> Step:
    """Nodes one after the other, each connected to the first, so that nothing is left to object to."""
    nodes = [("add_node", {"id": name, "type": "service", "label": name.title(), "technology": "Go",
                           "description": "A part.", "parent": ""}) for name in names]  # fmt: skip
    edges = [("add_edge", {"source": names[0], "target": name, "label": "calls", "kind": "request"})
             for name in names[1:]]  # fmt: skip
    return Step.calls(*nodes, *edges)


class Scripted:
    """What the model answers next, at an event once that is set; when nothing is left it is done."""

    def __init__(self) -> None:
        self.steps: list[Step | Event] = []
        self.requests: list[Body] = []

    def __call__(self, body: Body) -> Step:
        self.requests.append(body)
        while self.steps and isinstance(event := self.steps[0], Event):
            event.wait(20)
            self.steps.pop(0)
        step = self.steps.pop(0) if self.steps else DONE
        assert isinstance(step, Step)
        return step


@pytest.fixture(scope="module")
def script() -> Scripted:
    return Scripted()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, script: Scripted) -> Iterator[Server]:
    with ClaudeServer(script) as claude:
        with serving(tmp_path_factory.mktemp("data"), claude=claude.url) as running:
            yield running
        assert claude.violations == []


def asked(page: Page, name: str = "The agent asks") -> Locator:
    return page.get_by_role("region", name=name, exact=True)


async def test_a_round_of_questions_is_answered_in_one_form(page: Page, server: Server, script: Scripted) -> None:
    questions = [("ask_user", {"question": QUESTION, "options": ["AWS", "Our own machines"]}),
                 ("ask_user", {"question": "How many people use it?", "options": []})]  # fmt: skip
    script.steps = [Step.calls(*questions), draws("web", "store")]
    await open_session(page, server, {"prompt": "Draw something for our customers"})
    form = asked(page)
    await expect(form.get_by_role("textbox", name=QUESTION)).to_be_focused(timeout=15_000)
    assert await violations(page) == []
    await expect(form.get_by_role("button", name="Send answers")).to_be_disabled()
    await form.get_by_role("button", name="AWS").click()
    await expect(form.get_by_role("textbox", name=QUESTION)).to_have_value("AWS")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type("About 500")
    await page.keyboard.press("Enter")
    await expect(form).to_have_count(0)
    await job_is_over(page)
    await expect(node(page, "Store")).to_be_visible()
    assert ["AWS", "About 500"] in [[str(block.get("content")) for block in body["messages"][-1]["content"][:2]]
                                    for body in script.requests]  # fmt: skip

    await page.get_by_role("button", name="Add monitoring", exact=True).click()
    await expect(page.get_by_role("log")).to_contain_text("Add monitoring", timeout=10_000)


PLAN: list[dict[str, Any]] = [
    {"id": "entry", "title": "Draw the entry", "task": "Draw what people reach first.", "after": []},
    {"id": "data", "title": "Draw the data", "task": "Draw the stores.", "after": ["entry"]},
    {"id": "extras", "title": "Draw the extras", "task": "Draw what is nice to have.", "after": ["data"]},
]


async def test_a_plan_is_edited_before_it_runs_and_ticks_itself(page: Page, server: Server, script: Scripted) -> None:
    await page.goto(server.address)
    await page.get_by_label("Ask me before plans above $").fill("0")
    seen = Event()
    script.steps = [Step.calls(("write_plan", {"steps": PLAN})), draws("entry", "gate"), DONE,
                    seen, draws("ledger", "archive"), DONE]  # fmt: skip
    await page.get_by_role("textbox", name="Describe a system").fill("A large ordering system")
    await page.get_by_role("button", name="Draw it").click()
    form = asked(page, "The agent asks for approval")
    await expect(form).to_contain_text("May cost about $", timeout=15_000)
    assert await violations(page) == []
    await form.get_by_role("button", name="Remove step 3").click()
    await form.get_by_role("textbox", name="Title of step 2").fill("Draw the ledger")
    await form.get_by_role("button", name="Approve 2 of 3").click()
    plan = page.get_by_role("list", name="The plan")
    await expect(plan.locator("li[data-status=running]")).to_have_text("Draw the ledger: running", timeout=10_000)
    await expect(plan.locator("li[data-status=done]")).to_have_text("Draw the entry: done")
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    seen.set()
    await job_is_over(page)
    await expect(page.get_by_text("2 of 2 steps done")).to_be_visible()
    assert set(nodes_of(server, page.url.rsplit("/", 1)[1])) == {"entry", "gate", "ledger", "archive"}
    assert "Draw the ledger" in str(script.requests)


async def test_some_of_the_proposed_deletions_are_struck_out(page: Page, server: Server, script: Scripted) -> None:
    names = [f"part-{n}" for n in range(7)]
    session = await open_session(page, server, {"title": "Parts"})
    ops = [{"op": "add_node", "node": {"id": name, "label": name.title(), "technology": "Go"}} for name in names]
    server.ask(f"/sessions/{session}/changes", {"ops": ops})
    script.steps = [Step.calls(*[("delete_node", {"id": name}) for name in names[1:]])]
    await say(page, "Remove all but the first")
    form = asked(page, "The agent asks for approval")
    await expect(form.get_by_role("button", name="Approve all 6")).to_be_visible(timeout=15_000)
    assert await violations(page) == []
    await expect(page.locator(".doomed")).to_have_count(6)
    await form.get_by_role("checkbox", name="Part-2").uncheck()
    await form.get_by_role("checkbox", name="Part-5").uncheck()
    await expect(page.locator(".react-flow__node:has(.pointed)")).to_contain_text("Part-5")
    await form.get_by_role("button", name="Approve 4 of 6").click()
    await job_is_over(page)
    assert set(nodes_of(server, session)) == {"part-0", "part-2", "part-5"}


async def test_an_assumption_is_changed_and_what_rests_on_it_planned_anew(
    page: Page, server: Server, script: Scripted
) -> None:
    noted = ("note_assumption", {"topic": "Peak load", "text": "100 requests a second.", "rests_on": ["store"]})
    script.steps = [Step.calls(("ask_user", {"question": QUESTION, "options": []})), draws("web", "store"),
                    Step.calls(noted)]  # fmt: skip
    session = await open_session(page, server, {"prompt": "Draw something for our customers"})
    await asked(page).get_by_role("button", name=STOP).click(timeout=15_000)
    await job_is_over(page)
    await node(page, "Store").click()
    await page.get_by_role("button", name="Properties", exact=True).click()
    await page.get_by_role("group", name="Rests on assumptions").get_by_role("button", name="Peak load").click()
    panel = page.get_by_role("complementary", name="Assumptions")
    await expect(panel.get_by_role("region", name="Peak load")).to_contain_text("100 requests a second.")
    await panel.get_by_role("button", name="Change Peak load").click()
    assert await violations(page) == []
    seen = Event()
    script.steps = [seen, Step.calls(("update_node", {"id": "store", "technology": "ScyllaDB"}))]
    await panel.get_by_role("textbox", name="What holds instead").fill("90,000 requests a second.")
    await panel.get_by_role("button", name="Change and re-plan").click()
    await expect(panel.get_by_role("button", name="Stop")).to_be_visible(timeout=10_000)
    seen.set()
    await expect(node(page, "Store")).to_contain_text("ScyllaDB", timeout=15_000)
    await expect(panel.get_by_role("region", name="Peak load")).to_contain_text("90,000 requests a second.")
    await expect(panel.get_by_role("button", name="Stop")).to_have_count(0, timeout=10_000)
    await panel.get_by_role("button", name="Delete Peak load").click()
    await expect(panel).to_contain_text("Nothing is assumed.")
    assert nodes_of(server, session)["store"]["technology"] == "ScyllaDB"
