"""What a request holds: memory, the prompt cache, large diagrams, the sections that it is about."""

import json
from pathlib import Path

from archwright.diagram.change import Actor
from archwright.diagram.model import Diagram, Edge, Node, Point, Size
from archwright.model.protocol import Body
from archwright.model.scripted import Step
from archwright.sessions import memory
from archwright.sessions.commit import Edited, Origin
from tests.agent.product import (
    DONE,
    PAIR,
    diagram_of,
    drawn,
    edge,
    edited,
    ended,
    node,
    product,
    told,
)
from tests.prompt_cache import PromptCache


async def test_a_long_conversation_is_summed_up_once_and_its_end_stays_word_for_word(tmp_path: Path) -> None:
    summed = 0

    def script(body: Body) -> Step:
        nonlocal summed
        if "<summarise>" in told(body):
            summed += 1
            return Step.says(f"Summary {summed}.")
        return PAIR if len(body["messages"]) == 1 else Step.says("word " * 300)

    async with product(tmp_path, script, model=None) as (here, server):
        job = await drawn(here)
        for number in range(32):
            job = await edited(here, job, f"Explain part {number} " + "in depth " * 80)
            assert job.status == "succeeded"
        assert summed == 3
        last = server.requests[-1]["messages"]
        assert last[0]["content"].startswith("<memory>\nSummary 3.\n</memory>\n\nExplain part 24 ")
        assert "Explain part 31" in str(last[-1]) and "Explain part 30" in str(last[-3])
        _, turns = await here.jobs.trace(job.id, "local")
        assert {turn.context for turn in turns} == {""}
        stored = await here.store.value(memory.KIND, job.session_id)
        assert stored is not None and stored.body["summary"] == "Summary 3."


async def test_on_the_tenth_edit_of_a_conversation_most_of_the_input_is_read_from_the_cache(tmp_path: Path) -> None:
    cache = PromptCache()

    def script(body: Body) -> Step:
        usage = cache.usage(body)
        if "<request>\nDraw" in told(body):
            return Step.calls(
                *(node(f"n{i}") for i in range(12)), *(edge(f"n{i}", f"n{i + 1}") for i in range(11)), usage=usage
            )
        if "<request>" in told(body):
            return Step.calls(("update_node", {"id": "n3", "technology": told(body)[-12:-11]}), usage=usage)
        return Step.says("Changed the technology of N3, as you asked. Next: name the others.", usage=usage)

    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        for number in range(10):
            job = await edited(here, job, f"Change the technology of N3 to version {number}")
        await diagram_of(here, job)
        used = job.usage
        assert used.cache_read_tokens / (used.input_tokens + used.cache_read_tokens + used.cache_write_tokens) >= 0.8


async def test_an_edit_of_a_diagram_of_two_thousand_nodes_sends_under_12_000_tokens(tmp_path: Path) -> None:
    """Counted at 3.5 characters a token, with everything that a request holds."""

    def script(body: Body) -> Step:
        if "find_nodes" not in str(body["messages"]):
            return Step.calls(("find_nodes", {"query": "service 1234"}), ("describe_nodes", {"ids": ["node-1234"]}))
        return Step.calls(("update_node", {"id": "node-1234", "technology": "Rust"})) if "Rust" not in str(
            body["messages"][2:]
        ) else DONE  # fmt: skip

    nodes = {
        f"node-{n}": Node(
            id=f"node-{n}", label=f"Order service {n}", technology="Go", size=Size(width=160, height=60),
            position=Point(x=250 * (n % 50), y=120 * (n // 50)),
        )
        for n in range(2_000)
    }  # fmt: skip
    ends = [(f"node-{n}", f"node-{n + 1}") for n in range(1_999)]
    edges = {f"edge-{source}": Edge(id=f"edge-{source}", source=source, target=target) for source, target in ends}
    large = Diagram(title="Large", nodes=nodes, edges=edges)
    async with product(tmp_path, script) as (here, server):
        await here.store.create_session("ses_1", "local", "Large", "2026-11-01T00:00:00.000Z")
        origin = Origin(Actor(kind="user", id="local"), "import")
        await here.sessions.edit("ses_1", "local", lambda _: Edited(large, arranged=True), origin)
        before = (await here.sessions.snapshot("ses_1", "local"))[1]
        sent = await here.jobs.submit("ses_1", "local", text="Rewrite order service 1234 in Rust")
        assert (await ended(here, sent.job)).status == "succeeded"
        after = (await here.sessions.snapshot("ses_1", "local"))[1]
        assert {n.id for n in after.nodes.values() if n != before.nodes[n.id]} == {"node-1234"}
        assert after.nodes["node-1234"].position == before.nodes["node-1234"].position
        sizes = [len(json.dumps([b["system"], b["tools"], b["messages"]])) / 3.5 for b in server.requests]
        assert len(sizes) == 3 and max(sizes) < 12_000


async def test_a_request_about_a_section_shows_its_text_and_the_titles_of_the_others(tmp_path: Path) -> None:
    write = Step.calls(
        ("update_document_section", {"slug": "security", "title": "Security", "body": "All over TLS."}),
        ("update_document_section", {"slug": "summary", "title": "Summary", "body": "Two parts."}),
    )
    shorter = Step.calls(("update_document_section", {"slug": "security", "title": "Security", "body": "TLS."}))
    async with product(tmp_path, [PAIR, DONE, write, DONE, DONE, shorter, DONE]) as (here, server):
        job = await edited(here, await drawn(here), "Write the design document")
        job = await edited(here, job, "Shorten the security section")
        opening = told(server.requests[5])
        assert "## Summary (summary)\n\n## Security (security)\nAll over TLS.\n</document>" in opening
        assert (await diagram_of(here, job)).sections["security"].body == "TLS."
