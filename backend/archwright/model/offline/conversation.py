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

_TAGS = (
    "diagram", "focus", "findings", "request", "sections", "document", "descriptions", "memory", "summarise",
    "assumptions", "assumption", "plan", "step",
)  # fmt: skip
_TAGGED = re.compile(rf"\s*<({'|'.join(_TAGS)})>\n?(.*?)\n?</\1>\s*$", re.DOTALL)
_ASKS = re.compile(r"\s*<(?:request|step|summarise)>")
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
class Changed:
    """An assumption that the person changed: what it is about, what it said, what it says now, and the nodes that
    rest on it."""

    topic: str
    was: str
    now: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`diagram` is how things stood when the job began, without geometry; `partial` says that the outline left
    nodes out. `sections` are those of the design document that are to be written, as slug and title. `turns` are
    the earlier replies of this job; `findings` came back after the last of them. `said` is the conversation before
    this job, as pairs of role and text, and `memory` the summary of what lies before that. `assumptions` are those
    that stand, a line each. `seed` is the same for the same messages.

    `step` is the task of the one step of a plan that is to be carried out, `changed` the assumption that the person
    changed, `summarise` the messages that are to be made a summary of; empty or None when there is none.
    """

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
    memory: str = ""
    assumptions: tuple[str, ...] = ()
    step: str = ""
    changed: Changed | None = None
    summarise: str | None = None


def read_conversation(body: Mapping[str, Any]) -> Conversation:
    """Return what a request asks. A body of another shape than the agent's is read as a plain request."""
    messages = [(str(m.get("role")), _blocks(m.get("content"))) for m in body.get("messages", ())]
    start = _start(messages)
    parts = _parts(messages[start][1]) if messages else {}
    earlier, later = messages[:start], messages[start + 1 :]
    outline = parts.get("diagram", "")
    return Conversation(
        request=parts.get("request", ""),
        diagram=_described(parse_outline(outline), parts.get("descriptions", "")),
        partial=bool(_HIDDEN.search(outline)),
        focus=_ids(parts.get("focus", "")),
        sections=tuple(_sections(parts.get("sections", ""))),
        findings=_parts(later[-1][1]).get("findings", "") if later and later[-1][0] == "user" else "",
        turns=tuple(_turns(later)),
        said=tuple((role, _text(blocks)) for role, blocks in earlier if not _remembered(blocks)),
        tools=frozenset(str(tool.get("name")) for tool in body.get("tools", ())),
        seed=hashlib.sha256(json.dumps(body.get("messages", ()), sort_keys=True).encode()).hexdigest(),
        memory="\n".join([*filter(None, map(_remembered, (blocks for _, blocks in earlier))), *_of(parts, "memory")]),
        assumptions=tuple(line.strip() for line in parts.get("assumptions", "").splitlines() if line.strip()),
        step=parts.get("step", ""),
        changed=_changed(parts["assumption"]) if "assumption" in parts else None,
        summarise=parts.get("summarise"),
    )


def _ids(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _of(parts: Mapping[str, str], name: str) -> Iterable[str]:
    return [parts[name]] if parts.get(name) else []


def _remembered(blocks: Sequence[Mapping[str, Any]]) -> str:
    """The summary of earlier messages that a message holds."""
    return "\n".join(match[2] for block in blocks if (match := _tagged(block)) and match[1] == "memory")


def _changed(text: str) -> Changed:
    """Read `topic:`, `was:`, `is:` and `rests on:`; a line of another shape goes on the one before."""
    found, name = dict.fromkeys(("topic", "was", "is", "rests on"), ""), "topic"
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head.strip() in found:
            name, line = head.strip(), rest
        found[name] = f"{found[name]} {line.strip()}".strip()
    return Changed(found["topic"], found["was"], found["is"], _ids(found["rests on"]))


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
    """Where this job's request stands: the last one marked as such, or the last plain user message that is more
    than a summary of what was said before."""
    users = [(i, blocks) for i, (role, blocks) in enumerate(messages) if role == "user"]
    asked = [i for i, blocks in users if any(_ASKS.match(_text([block])) for block in blocks)]
    plain = [i for i, blocks in users if not any(block.get("type") == "tool_result" for block in blocks)]
    spoken_ = [
        i for i in plain if any(block.get("type") == "text" and not _is_memory(block) for block in messages[i][1])
    ]
    return (asked or spoken_ or plain or [0])[-1]


def _is_memory(block: Mapping[str, Any]) -> bool:
    match = _tagged(block)
    return match is not None and match[1] == "memory"


def _tagged(block: Mapping[str, Any]) -> re.Match[str] | None:
    return _TAGGED.match(str(block["text"])) if block.get("type") == "text" else None


def _parts(blocks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The tagged texts of a message; what carries no tag is the request."""
    parts: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "text":
            continue
        tagged = _tagged(block)
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
