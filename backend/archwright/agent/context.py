"""The messages of a job, rebuilt from what is stored: within a job they only grow."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from archwright.agent.prompts import BROKEN_OFF, GO_ON, SO_ALREADY, SYSTEM, TOO_LONG, TRUNCATED
from archwright.agent.tools import PLAN, QUESTION, TOOLS
from archwright.diagram.assumptions import PREFIX, Assumption, assumptions
from archwright.diagram.document import wanted
from archwright.diagram.lint import Finding
from archwright.diagram.model import Diagram
from archwright.diagram.outline import outline
from archwright.jobs.model import Job, Message, PlanStep, ToolCall, Turn
from archwright.model.ports import CUT
from archwright.sessions.memory import MESSAGE_MAX

_SECTION_MAX = 600
_DESCRIBED_MAX = 30_000
_ABOUT_DOCUMENT = re.compile(r"\b(?:documents?|docs?|sections?|chapters?|paragraphs?|text|wording)\b", re.IGNORECASE)
_UNFINISHED = ("max_tokens", "pause_turn", "compaction", CUT)
_SHARED = ("text", "tool_use")
"""The kinds of blocks that every model takes, whichever wrote them."""

Wire = dict[str, Any]


def text_block(text: str) -> Wire:
    return {"type": "text", "text": text}


def first_messages(job: Job, diagram: Diagram, earlier: Sequence[Message], memory: str = "") -> list[Wire]:
    """Return the earlier conversation as plain text, after what is remembered of the time before it, then the request
    with the diagram as it is now. What the next job repeats word for word stands first."""
    blocks = [text_block(f"<diagram>\n{outline(diagram, job.focus)}\n</diagram>"), *_assumed(diagram)]
    if job.sections:
        blocks.append(text_block(f"<document>\n{_written(diagram)}\n</document>"))
        described = "\n".join(f"{n.id}: {n.description}" for n in diagram.nodes.values() if n.description)
        blocks.append(text_block(f"<descriptions>\n{described[:_DESCRIBED_MAX]}\n</descriptions>"))
        blocks.append(text_block(f"<sections>\n{_to_write(job, diagram)}\n</sections>"))
    elif meant := _meant(job.text, diagram):
        blocks.append(text_block(f"<document>\n{meant}\n</document>"))
    if job.focus:
        blocks.append(text_block(f"<focus>{', '.join(job.focus)}</focus>"))
    if job.assumption:
        blocks.append(text_block(f"<assumption>\n{job.assumption}\n</assumption>"))
    blocks.append(text_block(f"<request>\n{job.text}\n</request>"))
    return [*_conversation(earlier, job.message_id, memory), {"role": "user", "content": blocks}]


def step_messages(job: Job, diagram: Diagram, plan: Sequence[PlanStep], step: PlanStep) -> list[Wire]:
    """Return what one step of a plan begins with: the diagram as it is now, the plan, and the step."""
    focus = [word for word in re.findall(r"[\w-]+", step.task) if word in diagram.nodes]
    listed = "\n".join(f"{one.id}: {one.title}" for one in plan)
    blocks = [
        text_block(f"<diagram>\n{outline(diagram, focus)}\n</diagram>"),
        *_assumed(diagram),
        text_block(f"<plan>\n{listed}\n</plan>"),
        text_block(f"<request>\n{job.text}\n</request>"),
        text_block(f"<step>\n{step.task}\n</step>"),
    ]
    return [{"role": "user", "content": blocks}]


def _assumed(diagram: Diagram) -> list[Wire]:
    lines = [_noted(one) for one in assumptions(diagram)]
    return [text_block("<assumptions>\n" + "\n".join(lines) + "\n</assumptions>")] if lines else []


def _noted(one: Assumption) -> str:
    rests = f" (rests on {', '.join(one.rests_on)})" if one.rests_on else ""
    return f"{one.topic}: {one.text}{rests}"


def _written(diagram: Diagram) -> str:
    """The document as it stands, each section cut to a few lines."""
    ordered = diagram.document()
    return "\n\n".join(f"## {s.title} ({s.slug})\n{s.body[:_SECTION_MAX]}" for s in ordered) or "(nothing yet)"


def _meant(text: str, diagram: Diagram) -> str:
    """The sections of the document that a request is about: whole when it names them, else by slug and title."""
    if not _ABOUT_DOCUMENT.search(text):
        return ""
    ordered = [s for s in diagram.document() if not s.slug.startswith(PREFIX)]
    said = text.casefold()
    named = {s.slug for s in ordered if s.title.casefold() in said or s.slug.replace("-", " ") in said}
    return "\n\n".join(f"## {s.title} ({s.slug}){f'{chr(10)}{s.body}' if s.slug in named else ''}" for s in ordered)


def _to_write(job: Job, diagram: Diagram) -> str:
    known = {one.slug: one.title for one in wanted(diagram)}
    titles = {slug: known.get(slug) or diagram.sections[slug].title for slug in job.sections if slug in known}
    return "\n".join(f"{slug} | {title}" for slug, title in titles.items())


def _conversation(earlier: Sequence[Message], current: str, memory: str) -> list[Wire]:
    """Alternating roles, beginning with the user and ending with the assistant; each message is written as it will be
    the next time too, so that what is cached grows."""
    merged: list[Wire] = [{"role": "user", "content": f"<memory>\n{memory}\n</memory>"}] if memory else []
    for message in earlier:
        if message.id == current:
            break
        text = message.text[:MESSAGE_MAX]
        if merged and merged[-1]["role"] == message.role:
            merged[-1] = {"role": message.role, "content": f"{merged[-1]['content']}\n\n{text}"}
        elif merged or message.role == "user":
            merged.append({"role": message.role, "content": text})
    return merged[:-1] if merged and merged[-1]["role"] == "user" else merged


def text_of(turn: Turn) -> str:
    """Return what the model said in a turn, without its calls."""
    return "\n\n".join(block["text"].strip() for block in turn.reply if block["type"] == "text").strip()


def messages_so_far(turns: Iterable[Turn], model: str) -> list[Wire]:
    """Return what was sent and answered up to the last of these turns, word for word, as this model may read it.

    Of a turn that was asked of another model its words and calls alone are told: thinking is bound to that model. What
    was sent to a model is a prefix of what it is sent later, whichever models answered in between.
    """
    messages: list[Wire] = []
    for turn in turns:
        messages += turn.request["messages"]
        own = turn.request["model"] == model
        said = [block for block in turn.reply if (own or block["type"] in _SHARED) and not _is_blank(block)]
        if any(block["type"] in _SHARED for block in said):
            messages.append({"role": "assistant", "content": said})
    return messages


def _is_blank(block: Wire) -> bool:
    # Some models say a line break before a call; a request may not.
    return block["type"] == "text" and not block["text"].strip()


def previous_message(turns: Sequence[Turn], model: str) -> str | None:
    """Return the id of the last of these turns that was asked of this model: no other provider knows it."""
    return next((turn.message_id for turn in reversed(turns) if turn.request["model"] == model), None)


def next_messages(turn: Turn, findings: str) -> list[Wire]:
    """Return what follows a turn: the results of its calls first, then what else there is to say."""
    blocks = [_result(call) for call in turn.tool_calls]
    if turn.stop_reason == "max_tokens":
        blocks.append(text_block(TRUNCATED if took_effect(turn) else TOO_LONG))
    elif turn.stop_reason == CUT:
        blocks.append(text_block(BROKEN_OFF))
    elif is_unfinished(turn) and not blocks:
        blocks.append(text_block(GO_ON))
    if findings:
        blocks.append(text_block(findings))
    return [{"role": "user", "content": blocks}] if blocks else []


def is_unfinished(turn: Turn) -> bool:
    """Whether a turn is not the model's last word: its limit cut it, or the provider paused it."""
    return turn.stop_reason in _UNFINISHED


def took_effect(turn: Turn) -> bool:
    """Whether a call of the turn changed something, was answered by a person, or was a plan that was carried out."""
    return any(
        call.result != SO_ALREADY
        and (call.change_id is not None or (call.name in (QUESTION, PLAN) and not call.is_error))
        for call in turn.tool_calls
    )


def _result(call: ToolCall) -> Wire:
    block: Wire = {"type": "tool_result", "tool_use_id": call.id, "content": call.result or ""}
    return {**block, "is_error": True} if call.is_error else block


def findings_text(findings: Sequence[Finding]) -> str:
    lines = "\n".join(f"- {finding.rule}: {finding.message}" for finding in findings[:20])
    return f"<findings>\n{lines}\n</findings>"


def request_record(model: str, messages: list[Wire]) -> Wire:
    """What a turn stores of its request: what was new, and what stood before it."""
    return {
        "model": model,
        "system_sha256": hashlib.sha256(SYSTEM.encode()).hexdigest(),
        "tools": [tool.name for tool in TOOLS],
        "messages": messages,
    }
