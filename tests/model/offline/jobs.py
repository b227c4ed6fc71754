"""Whole jobs with the offline planner: bodies as the agent sends them, and the results that its calls get."""

from collections.abc import Callable, Sequence
from typing import Any

from archwright.agent.tools import ASSUMPTION, DEFINITIONS, PLAN, QUESTION, READS, ops_of
from archwright.diagram.apply import apply_op
from archwright.diagram.model import Diagram
from archwright.diagram.outline import outline
from archwright.model.offline import OfflineReply, reply
from archwright.model.protocol import Rules

Call = tuple[str, dict[str, Any]]
Answer = Callable[[str, dict[str, Any]], str]


def a_request(
    text: str = "", diagram: Diagram | None = None, without: Sequence[str] = (), **blocks: str
) -> dict[str, Any]:
    """A request with every tool but these; `blocks` are further tagged texts, in front of the request."""
    tagged = {"diagram": outline(diagram or Diagram()), **blocks, "request": text}
    content = [{"type": "text", "text": f"<{name}>\n{words}\n</{name}>"} for name, words in tagged.items() if words]
    return a_body({"role": "user", "content": content}, without=without)


def a_body(*messages: dict[str, Any], without: Sequence[str] = ()) -> dict[str, Any]:
    tools = [tool for tool in DEFINITIONS if tool["name"] not in without]
    return {
        "model": "archwright-offline", "max_tokens": 9_000, "stream": True, "tools": tools, "messages": list(messages)
    }  # fmt: skip


def calls_of(one: OfflineReply) -> list[Call]:
    return [(block["name"], block["input"]) for block in one.content if block["type"] == "tool_use"]


def words_of(one: OfflineReply) -> str:
    return "\n".join(block["text"] for block in one.content if block["type"] == "text")


def after(body: dict[str, Any], one: OfflineReply, answer: Answer = lambda name, given: "Done.") -> dict[str, Any]:
    """The request that follows a reply, each of its calls answered."""
    results = [
        {"type": "tool_result", "tool_use_id": block["id"], "content": answer(block["name"], block["input"])}
        for block in one.content
        if block["type"] == "tool_use"
    ]
    said = [{"role": "assistant", "content": list(one.content)}, {"role": "user", "content": results}]
    return {**body, "messages": [*body["messages"], *said]}


def played(body: dict[str, Any], answer: Answer = lambda name, given: "Done.", turns: int = 12) -> list[OfflineReply]:
    """Play a job to its end; every request and reply keeps the rules of the Messages API, and no call's id comes twice."""
    rules, replies = Rules(), list[OfflineReply]()
    while len(replies) < turns:
        rules.check(body)
        replies.append(reply(body))
        assert reply(body) == replies[-1]
        assert replies[-1].content
        assert all(block["text"].strip() for block in replies[-1].content if block["type"] == "text")
        assert (replies[-1].stop_reason == "tool_use") == bool(calls_of(replies[-1]))
        if replies[-1].stop_reason == "end_turn":
            return replies
        body = after(body, replies[-1], answer)
    raise AssertionError(f"no end after {turns} turns")


def effect(diagram: Diagram, *replies: OfflineReply) -> Diagram:
    """The diagram once every call took effect; a call that would be refused raises OpRefused."""
    for name, given in (call for one in replies for call in calls_of(one)):
        if name not in READS | {QUESTION, PLAN}:
            for op in ops_of(name, given, diagram):
                diagram = apply_op(diagram, op)
        if name == ASSUMPTION:
            assert set(given["rests_on"]) <= diagram.nodes.keys(), given
    return diagram
