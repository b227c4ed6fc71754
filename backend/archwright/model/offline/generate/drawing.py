"""The turns in which a description is drawn: the nodes, the edges with what they assume, the findings, a summary."""

from collections.abc import Mapping, Sequence
from typing import Any

from archwright.model.offline.conversation import Conversation, OfflineReply, calling, spoken
from archwright.model.offline.edits.words import enumerated
from archwright.model.offline.generate.needs import NO_NEEDS, Needs
from archwright.model.offline.generate.plan import Call, Plan, plan

_CALLS_A_TURN = 24
_NOTE = "note_assumption"


def draw(conversation: Conversation, needs: Needs = NO_NEEDS) -> OfflineReply:
    """Return the next reply of a drawing; the last one has no calls. It ends whatever the tools answer.

    A step of a plan draws what its task names and no more, and ends with one sentence.
    """
    whole = plan(conversation.request, conversation.diagram, needs, narrow=bool(conversation.step))
    done = {_name(call.name, call.input): call.is_error for turn in conversation.turns for call in turn.calls}
    refused = {str(given["id"]) for name, given in whole.nodes if done.get(_name(name, given))}
    batch = _next(whole, done, refused)
    if batch and not _left(whole, done, refused, batch) and _notes(conversation):
        batch = [*batch, *_assumed(whole, refused)]
    if batch:
        begun = any(call.name.startswith("add_") for turn in conversation.turns for call in turn.calls)
        return calling(conversation, "" if begun or conversation.step else whole.opening, batch)
    return spoken(_in_a_sentence(whole, refused) if conversation.step else _last_words(whole, len(refused)))


def _open(calls: Sequence[Call], done: Mapping[str, bool], refused: set[str]) -> list[Call]:
    """The calls that were not made yet and lead nowhere that was refused."""
    return [
        (name, given) for name, given in calls
        if _name(name, given) not in done and not {given.get("source"), given.get("target")} & refused
    ]  # fmt: skip


def _next(whole: Plan, done: Mapping[str, bool], refused: set[str]) -> Sequence[Call]:
    """The calls of the next turn; edges wait until all nodes stand."""
    return (_open(whole.nodes, done, refused) or _open(whole.edges, done, refused))[:_CALLS_A_TURN]


def _left(whole: Plan, done: Mapping[str, bool], refused: set[str], batch: Sequence[Call]) -> bool:
    """Whether anything is left to draw after this turn."""
    after = {**done, **{_name(name, given): False for name, given in batch}}
    return bool(_next(whole, after, refused))


def _notes(conversation: Conversation) -> bool:
    return _NOTE in conversation.tools and not conversation.step and not conversation.diagram.nodes


def _assumed(whole: Plan, refused: set[str]) -> Sequence[Call]:
    """What is assumed of what stands."""
    standing = [
        (name, {**given, "rests_on": [i for i in given["rests_on"] if i not in refused]})
        for name, given in whole.assumed
    ]
    return [(name, given) for name, given in standing if given["rests_on"]]


def _name(name: str, given: Mapping[str, Any]) -> str:
    if name == "add_edge":
        return f"{given.get('source')} -> {given.get('target')}"
    return f"{name} {given.get('id')}"


def _in_a_sentence(whole: Plan, refused: set[str]) -> str:
    names = [str(given["label"]) for _, given in whole.nodes if given["id"] not in refused]
    more = [f"{len(names) - 6} more"] if len(names) > 6 else []
    return f"Drew {enumerated([*names[:6], *more])}." if names else "Nothing was drawn."


def _last_words(whole: Plan, refused: int) -> str:
    if refused:
        return f"{whole.summary}\n\n{refused} of the components could not be added, as their ids are taken."
    return whole.summary
