"""The turns in which a description is drawn: the nodes, the edges, the findings, a summary."""

from collections.abc import Mapping, Sequence
from typing import Any

from archwright.model.offline.conversation import Conversation, OfflineReply, calling, spoken
from archwright.model.offline.generate.plan import Call, Plan, plan

_CALLS_A_TURN = 24


def draw(conversation: Conversation) -> OfflineReply:
    """Return the next reply of a drawing; the last one has no calls. It ends whatever the tools answer."""
    whole = plan(conversation.request, conversation.diagram)
    done = {_name(call.name, call.input): call.is_error for turn in conversation.turns for call in turn.calls}
    refused = {str(given["id"]) for name, given in whole.nodes if done.get(_name(name, given))}
    batch = _next(whole, done, refused)
    if not batch:
        return spoken(_last_words(whole, len(refused)))
    return calling(conversation, "" if conversation.turns else whole.opening, batch)


def _next(whole: Plan, done: Mapping[str, bool], refused: set[str]) -> Sequence[Call]:
    """The calls of the next turn; edges wait until all nodes stand, and lead nowhere that was refused."""
    for calls in (whole.nodes, whole.edges):
        open_ = [
            (name, given) for name, given in calls
            if _name(name, given) not in done and not {given.get("source"), given.get("target")} & refused
        ]  # fmt: skip
        if open_:
            return open_[:_CALLS_A_TURN]
    return ()


def _name(name: str, given: Mapping[str, Any]) -> str:
    if name == "add_edge":
        return f"{given.get('source')} -> {given.get('target')}"
    return f"{name} {given.get('id')}"


def _last_words(whole: Plan, refused: int) -> str:
    if refused:
        return f"{whole.summary}\n\n{refused} of the components could not be added, as their ids are taken."
    return whole.summary
