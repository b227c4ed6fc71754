"""What the planner is asked, read from the body of a request of the Messages API, and what it answers."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archwright.diagram.model import Diagram
from archwright.diagram.outline import parse_outline
from archwright.model.ports import Block

_TAGGED = re.compile(
    r"<(diagram|focus|findings|request|sections|document|descriptions)>\n?(.*?)\n?</\1>\s*$", re.DOTALL
)
_HIDDEN = re.compile(r"^… \d+ more nodes", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OfflineReply:
    """A reply in the shapes of the Messages API: text and tool_use blocks, and why it stopped."""

    content: tuple[Block, ...]
    stop_reason: str


@dataclass(frozen=True, slots=True)
class PastCall:
    """A tool call of an earlier turn of this job, with what came back."""

    name: str
    input: Mapping[str, Any]
    result: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier reply of this job: what was said, and the calls that were made."""

    text: str
    calls: tuple[PastCall, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`diagram` is how things stood when the job began, without geometry; `partial` says that the outline left
    nodes out. `sections` are those of the design document that are to be written, as slug and title. `turns` are the earlier replies of this job; `findings` came back after the last of them. `said` is
    the conversation before this job, as pairs of role and text. `seed` is the same for the same messages."""

    request: str
    diagram: Diagram
    partial: bool
    focus: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]
    findings: str
    turns: tuple[PastTurn, ...]
    said: tuple[tuple[str, str], ...]
    tools: frozenset[str]
    seed: str


def read_conversation(body: Mapping[str, Any]) -> Conversation:
    """Return what a request asks. A body of another shape than the agent's is read as a plain request."""
    messages = [(str(m.get("role")), _blocks(m.get("content"))) for m in body.get("messages", ())]
    start = _start(messages)
    parts = _parts(messages[start][1]) if messages else {}
    later = messages[start + 1 :]
    outline = parts.get("diagram", "")
    return Conversation(
        request=parts.get("request", ""),
        diagram=_described(parse_outline(outline), parts.get("descriptions", "")),
        partial=bool(_HIDDEN.search(outline)),
        focus=tuple(name.strip() for name in parts.get("focus", "").split(",") if name.strip()),
        sections=tuple(_sections(parts.get("sections", ""))),
        findings=_parts(later[-1][1]).get("findings", "") if later and later[-1][0] == "user" else "",
        turns=tuple(_turns(later)),
        said=tuple((role, _text(blocks)) for role, blocks in messages[:start]),
        tools=frozenset(str(tool.get("name")) for tool in body.get("tools", ())),
        seed=hashlib.sha256(json.dumps(body.get("messages", ()), sort_keys=True).encode()).hexdigest(),
    )


def _described(diagram: Diagram, text: str) -> Diagram:
    """The diagram with the descriptions that the outline leaves out."""
    known = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    nodes = {
        node_id: node.model_copy(update={"description": known[node_id]}) if node_id in known else node
        for node_id, node in diagram.nodes.items()
    }  # fmt: skip
    return diagram.replace(nodes=nodes)


def _sections(text: str) -> Iterable[tuple[str, str]]:
    for line in text.splitlines():
        slug, found, title = line.partition(" | ")
        if found:
            yield slug.strip(), title.strip()


def spoken(text: str) -> OfflineReply:
    """Return a reply that ends the job with a text."""
    return OfflineReply(({"type": "text", "text": text},), "end_turn")


def calling(conversation: Conversation, text: str, calls: Iterable[tuple[str, Mapping[str, Any]]]) -> OfflineReply:
    """Return a reply that makes these calls, each a name and its input, after a text when there is one.

    The ids of the calls follow from the conversation, so the same request gets the same reply.
    """
    blocks: list[Block] = [{"type": "text", "text": text}] if text else []
    for number, (name, given) in enumerate(calls):
        identity = hashlib.sha256(f"{conversation.seed}/{number}/{name}".encode()).hexdigest()[:22]
        blocks.append({"type": "tool_use", "id": f"toolu_off_{identity}", "name": name, "input": dict(given)})
    return OfflineReply(tuple(blocks), "tool_use")


def _blocks(content: Any) -> list[Mapping[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def _text(blocks: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(str(block["text"]) for block in blocks if block.get("type") == "text")


def _start(messages: Sequence[tuple[str, list[Mapping[str, Any]]]]) -> int:
    """Where this job's request stands: the last one marked as such, or the last plain user message."""
    asked = [i for i, (role, blocks) in enumerate(messages) if role == "user" and "<request>" in _text(blocks)]
    plain = [
        i for i, (role, blocks) in enumerate(messages)
        if role == "user" and not any(block.get("type") == "tool_result" for block in blocks)
    ]  # fmt: skip
    return (asked or plain or [0])[-1]


def _parts(blocks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The tagged texts of a message; what carries no tag is the request."""
    parts: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "text":
            continue
        tagged = _TAGGED.match(str(block["text"]))
        name, text = (tagged[1], tagged[2]) if tagged else ("request", str(block["text"]))
        parts[name] = f"{parts[name]}\n{text}" if name in parts else text
    return parts


def _turns(later: Sequence[tuple[str, list[Mapping[str, Any]]]]) -> list[PastTurn]:
    results = {
        block["tool_use_id"]: block for _, blocks in later for block in blocks if block.get("type") == "tool_result"
    }
    return [
        PastTurn(_text(blocks), tuple(_call(block, results) for block in blocks if block.get("type") == "tool_use"))
        for role, blocks in later
        if role == "assistant"
    ]


def _call(block: Mapping[str, Any], results: Mapping[str, Mapping[str, Any]]) -> PastCall:
    result = results.get(str(block.get("id")), {})
    given = block.get("input")
    return PastCall(
        name=str(block.get("name")),
        input=given if isinstance(given, Mapping) else {},
        result=_text(_blocks(result.get("content"))),
        is_error=bool(result.get("is_error")),
    )
