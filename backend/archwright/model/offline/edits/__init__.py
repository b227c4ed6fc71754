"""Edits: a request in English on a diagram that exists, as the smallest set of calls that does it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from archwright.diagram.model import Diagram
from archwright.diagram.outline import parse_outline
from archwright.model.offline.conversation import Conversation, OfflineReply, calling, spoken
from archwright.model.offline.edits.commands import bare_clause, is_command, obey
from archwright.model.offline.edits.draft import LEFT_OPEN, Draft, NotUnderstood, Unclear
from archwright.model.offline.edits.questions import answer, is_question
from archwright.model.offline.edits.words import clean, enumerated, mask, unmask

_UNDO = re.compile(r"^\W*(?:please\s+)?(?:undo|revert|roll back|take that back|go back)\b", re.IGNORECASE)
_UNDO_HINT = (
    'I changed nothing: I cannot undo and do something else in one go. Say "undo that" by itself to take back what was '
    "done last; undo on the toolbar (or Ctrl+Z) takes back your own last change."
)
_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+|\s*;\s*")
_JOINTS = re.compile(r",?\s+(?:and then|then|and also|and|plus)\s+|,\s+")

__all__ = ["clauses", "reply_to_edit"]


def reply_to_edit(conversation: Conversation) -> OfflineReply | None:
    """Return the reply to an edit or a question, or that it was not understood; None for what describes a system."""
    request = clean(conversation.request)
    if _UNDO.match(request):
        return spoken(_UNDO_HINT)
    if conversation.partial and not conversation.turns:
        return calling(conversation, "The diagram is large, so I look for what this is about.", _searches(request))
    draft = Draft(_seen(conversation), focus=conversation.focus, answers=_answers(conversation))
    if is_question(request) and not is_command(request):
        return spoken(answer(draft, request))
    try:
        understood = _edit(draft, request)
    except Unclear as unclear:
        asked = {"question": str(unclear), "options": list(unclear.options)}
        if _asked(conversation) or "ask_user" not in conversation.tools:
            return spoken(f"{unclear} I found: {', '.join(unclear.options)}.")
        return calling(conversation, "", [("ask_user", asked)])
    if not understood:
        return None if not draft.diagram.nodes or _describes_a_system(draft, request) else spoken(_lost(draft))
    done = {(call.name, repr(dict(call.input))) for turn in conversation.turns for call in turn.calls}
    calls = [(call.name, call.input) for call in draft.calls if (call.name, repr(call.input)) not in done]
    changed = any(call.name not in ("ask_user", "find_nodes") for turn in conversation.turns for call in turn.calls)
    if calls and not changed:
        return calling(conversation, "", calls)
    return spoken(_summary(draft, conversation))


def _edit(draft: Draft, request: str) -> bool:
    """Do every clause of a request on the draft; False when none of them was understood."""
    understood = False
    for clause in _clauses(request):
        trial = draft.copy()
        try:
            if obey(trial, clause):
                understood = True
                draft.adopt(trial)
        except NotUnderstood as why:
            understood = True
            draft.excuses.append(str(why))
    return understood


def clauses(request: str) -> list[str]:
    """Return the single commands of a text, in their order and words, without the numbers of a list."""
    lines = (re.sub(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+", "", line) for line in clean(request).splitlines())
    return list(_clauses("\n".join(lines)))


def _describes_a_system(draft: Draft, request: str) -> bool:
    """Whether a text that is no edit wants something drawn: it says so, or it names several parts or a kind of system
    and nothing that is there."""
    from archwright.model.offline.patterns import best
    from archwright.model.offline.understand.reading import understand

    if _DRAW.match(bare_clause(request)):
        return True
    if any(node.label.casefold() in request.casefold() for node in draft.diagram.nodes.values()):
        return False
    named = [c for c in understand(request).components.values() if not c.weak]
    return len(named) > 2 or bool(_A_SYSTEM.match(request) and best(request))


def _lost(draft: Draft) -> str:
    names = enumerated([node.label for node in draft.leaves()][:6])
    return (
        "I am a rule-based planner, and I could not tell what this asks for, so I changed nothing. Say what to add, "
        f"change, connect, group or remove, and name the parts as the diagram does: {names}."
    )


def _clauses(request: str) -> Iterator[str]:
    """The single requests of a text: sentences, lines of a list, and what "and" or a comma joins."""
    for sentence in _ENDS.split(request):
        body = re.sub(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+", "", sentence).strip()
        if body:
            yield from (pair for part in _parts(body) for pair in _pairs(part))


def _parts(sentence: str) -> Iterator[str]:
    """Cut a sentence where a new command begins."""
    masked, quotes = mask(sentence)
    start = 0
    for joint in _JOINTS.finditer(masked):
        rest = masked[joint.end() :]
        if _begins_command(rest) and joint.start() > start:
            yield unmask(masked[start : joint.start()], quotes)
            start = joint.end()
    yield unmask(masked[start:], quotes)


def _pairs(clause: str) -> list[str]:
    """Read "rename A to B and C to D" as two requests with the same verb."""
    masked, quotes = mask(clause)
    match = _TWICE.match(masked)
    if match is None:
        return [clause]
    first, second = f"{match['verb']} {match['first']}", f"{match['verb']} {match['second']}"
    return [unmask(first, quotes), *_pairs(unmask(second, quotes))]


_STATES = re.compile(
    r"^(?:the |our |my )?\w[\w -]{0,40}? (?:should|must|shall|(?:needs?|has|have) to) (?:also |now |directly )?\w+ ",
    re.IGNORECASE,
)
_DRAW = re.compile(r"^(?:design|draw|architect|sketch|diagram|create|build|generate|model|plan)\b", re.IGNORECASE)
_A_SYSTEM = re.compile(r"^\W*an?\s", re.IGNORECASE)
_TWICE = re.compile(
    r"^(?P<verb>.*?\b(?:rename|relabel|replace|swap|exchange|connect|link|wire|migrate|switch))\s+"
    r"(?P<first>.+?\s+(?P<joint>to|with|by|for)\s+.+?),?\s+and\s+(?P<second>.+?\s+(?P=joint)\s+.+)$",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"^(?:add|remove|delete|drop|rename|replace|swap|connect|disconnect|link|insert|move|put|group|ungroup|make|change|set|split|"
    r"merge|scale|switch|migrate|use|introduce|place|create|turn|convert|describe|wire|redirect|let|have|take|label|rewrite|reimplement|port|load|feed|export|call)\b",
    re.IGNORECASE,
)


def _begins_command(text: str) -> bool:
    return bool(_STARTS.match(bare_clause(text)) or _STATES.match(text))


def _summary(draft: Draft, conversation: Conversation) -> str:
    refused = [call.result for turn in conversation.turns for call in turn.calls if call.is_error]
    parts = [" ".join(draft.said)] if draft.said else []
    parts += [f"I could not do this: {' '.join(draft.excuses)}"] if draft.excuses else []
    parts += [f"Refused: {' '.join(refused[:3])}"] if refused else []
    return "\n\n".join(parts) or ("Done." if draft.calls else "Nothing had to be changed.")


def _answers(conversation: Conversation) -> Mapping[str, str]:
    """What the person said when asked: the question names the phrase in quotes."""
    found: dict[str, str] = {}
    for turn in conversation.turns:
        for call in turn.calls:
            phrase = re.search(r'"(.+)"', str(call.input.get("question", ""))) if call.name == "ask_user" else None
            if phrase and call.result:
                skipped = re.match(r"\s*(?:skipped|not asked)\b", call.result, re.IGNORECASE)
                found[phrase[1].casefold()] = LEFT_OPEN if skipped else call.result
    return found


def _asked(conversation: Conversation) -> bool:
    return sum(call.name == "ask_user" for turn in conversation.turns for call in turn.calls) >= 2


def _searches(request: str) -> Sequence[tuple[str, Mapping[str, str]]]:
    return [("find_nodes", {"query": clause[:200]}) for clause in list(_clauses(request))[:5]] or [
        ("find_nodes", {"query": request[:200]})
    ]


def _seen(conversation: Conversation) -> Diagram:
    """The diagram of the outline, with the nodes that searches found."""
    diagram = conversation.diagram
    if not conversation.partial:
        return diagram
    results = [call.result for turn in conversation.turns for call in turn.calls if call.name == "find_nodes"]
    found = parse_outline("## Nodes\n" + "\n".join(results))
    return diagram.replace(nodes={**found.nodes, **diagram.nodes})
