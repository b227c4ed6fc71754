"""Long requests: a plan first, each step by itself, and at the end what came of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archwright.model.offline.conversation import Conversation, OfflineReply, PastCall, calling, spoken
from archwright.model.offline.edits import clauses, reply_to_edit
from archwright.model.offline.edits.commands import is_command
from archwright.model.offline.edits.words import uncapital
from archwright.model.offline.generate.drawing import draw
from archwright.model.offline.stepping import commands_of, steps

TOOL = "write_plan"
COMMANDS_MAX = 10
"""Commands that are carried out without a plan; a list of as many has one."""
_NEVER_IN_A_STEP = frozenset({TOOL, "ask_user", "note_assumption"})
_ITEM = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+\S", re.MULTILINE)
_OUTCOME = re.compile(
    r"^\W*(?P<id>[\w.-]+):\s*(?P<how>done|failed|skipped|cancelled)\b\W*(?P<words>.*)$", re.IGNORECASE
)
_REFUSED = re.compile(r"\s*refused\b", re.IGNORECASE)
_BY_PERSON = re.compile(r"\s*refused: the person\b", re.IGNORECASE)
_NO_REASON = re.compile(
    r"^\s*refused\W*(?:by the person\W*|the person \w[^:.]*\W*)?|\s*do not carry it out.*$", re.IGNORECASE | re.DOTALL
)
"""What stands around the reason for which a person refused a plan."""
_OPENING = "These are many changes at once, so I write a plan first and carry it out step by step."
_AGAIN = "I try once more what failed."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step: whether it was done, and in which words that was told."""

    title: str
    done: bool
    words: str


def plan_first(conversation: Conversation) -> OfflineReply | None:
    """Return a plan, or what came of it; None when the request is short, or nobody carries plans out."""
    if TOOL not in conversation.tools:
        return None
    plans = [call for turn in conversation.turns for call in turn.calls if call.name == TOOL]
    if not plans:
        return _first(conversation) if not conversation.turns and _is_long(conversation) else None
    if _is_refused(plans[-1]):
        return spoken(_refused(plans[-1].result, _outcomes(plans[:-1])))
    if plans[0].is_error:
        return None
    failed = [step for step in _steps(plans[-1]) if _failed(plans[-1], step)]
    if failed and len(plans) == 1 and not plans[-1].is_error:
        return calling(conversation, _AGAIN, [(TOOL, {"steps": _alone(failed)})])
    return spoken(_told(_outcomes(plans), plans[-1].result))


def without_plans(conversation: Conversation) -> Conversation:
    """Return the conversation as if no plan had been tried, for a request that is then carried out without one."""
    turns = tuple(turn for turn in conversation.turns if not any(call.name == TOOL for call in turn.calls))
    return replace(conversation, turns=turns)


def _is_long(conversation: Conversation) -> bool:
    """Whether a request holds so many commands that they want a plan. A description is drawn in one go, however long."""
    text = conversation.request
    found = commands_of(text, listed=bool(conversation.diagram.nodes))
    commands = [clause for clause in found if is_command(clause)]
    return len(commands) > COMMANDS_MAX or (len(_ITEM.findall(text)) >= COMMANDS_MAX <= len(commands))


def carry_out(conversation: Conversation) -> OfflineReply:
    """Return the next reply of one step of a plan: its task is the request, nobody is asked, one sentence ends it."""
    alone = replace(conversation, request=conversation.step, tools=conversation.tools - _NEVER_IN_A_STEP)
    commands = any(is_command(clause) for clause in clauses(alone.request))
    edited = reply_to_edit(alone) if commands or alone.diagram.nodes else None
    if edited is None:
        return draw(alone)
    return spoken(_one_sentence(edited)) if edited.stop_reason == "end_turn" else edited


def _first(conversation: Conversation) -> OfflineReply:
    written = steps(conversation)
    return calling(conversation, _OPENING, [(TOOL, {"steps": written})])


def _steps(plan: PastCall) -> list[Mapping[str, Any]]:
    found = plan.input.get("steps")
    return [step for step in found if isinstance(step, Mapping)] if isinstance(found, list) else []


def _lines(plan: PastCall) -> dict[str, re.Match[str]]:
    found = [match for line in plan.result.splitlines() if (match := _OUTCOME.match(line))]
    return {match["id"]: match for match in found}


def _failed(plan: PastCall, step: Mapping[str, Any]) -> bool:
    line = _lines(plan).get(str(step.get("id")))
    return line is not None and line["how"].casefold() != "done"


def _alone(failed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps, waiting only for one another."""
    ids = {str(step.get("id")) for step in failed}
    return [{**step, "after": [i for i in step.get("after") or () if str(i) in ids]} for step in failed]


def _outcomes(plans: Sequence[PastCall]) -> list[Outcome]:
    """What came of each step in the end, in the order of the first plan."""
    found = dict[str, Outcome]()
    for plan in plans:
        lines = _lines(plan)
        for step in _steps(plan):
            name, title = str(step.get("id")), str(step.get("title"))
            line = lines.get(name)
            if line is not None:
                found[name] = Outcome(title, line["how"].casefold() == "done", line["words"].strip())
    return list(found.values())


def _told(outcomes: Sequence[Outcome], result: str) -> str:
    if not outcomes:
        return result.strip()[:1_000] or "The plan was carried out."
    done, failed = [o for o in outcomes if o.done], [o for o in outcomes if not o.done]
    counted = "step" if len(outcomes) == 1 else "steps"
    parts = [f"{len(done)} of {len(outcomes)} {counted} {'was' if len(done) == 1 else 'were'} carried out."]
    parts += ["\n".join(f"- {_point(outcome)}" for outcome in done)] if done else []
    parts += ["Not done:\n" + "\n".join(f"- {_point(outcome)}" for outcome in failed)] if failed else []
    return "\n\n".join(parts)


def _point(outcome: Outcome) -> str:
    return f"{outcome.title}: {outcome.words[:300]}" if outcome.words else outcome.title


def _is_refused(plan: PastCall) -> bool:
    """Whether a person refused a plan, and not the tool."""
    return bool((_BY_PERSON if plan.is_error else _REFUSED).match(plan.result))


def _refused(result: str, outcomes: Sequence[Outcome]) -> str:
    reason = _NO_REASON.sub("", result).strip(" .\n")
    because = f": {reason}" if reason else ""
    if outcomes:
        return f"{_told(outcomes, '')}\n\nThe second plan was refused{because}."
    return f"You refused the plan{because}. Nothing was done."


def _one_sentence(edited: OfflineReply) -> str:
    """The sentences of a summary as one."""
    text = " ".join(str(block.get("text", "")) for block in edited.content).replace("\n", " ")
    sentences = [part.strip().rstrip(".") for part in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text) if part.strip(" .")]
    first, *rest = sentences or ["Nothing had to be changed"]
    return "; ".join([first, *map(uncapital, rest)]) + "."
