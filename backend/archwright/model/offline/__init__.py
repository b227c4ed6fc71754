"""The offline planner: a rule-based stand-in for a model, over a catalogue of components and kinds of system."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archwright.model.offline.asking import ask, settled
from archwright.model.offline.conversation import Conversation, OfflineReply, read_conversation, spoken
from archwright.model.offline.document import write_document
from archwright.model.offline.edits import reply_to_edit
from archwright.model.offline.elsewhere import is_elsewhere
from archwright.model.offline.generate.drawing import draw
from archwright.model.offline.planning import carry_out, plan_first, without_plans
from archwright.model.offline.remembering import summary
from archwright.model.offline.revising import revise

__all__ = ["OfflineReply", "reply"]

_NOTHING = (
    "I am a rule-based planner without a language model, and I found no component in this text. Name the parts of the "
    "system, such as clients, services and databases, or the kind of system, such as a chat application."
)
_ELSEWHERE = (
    "This does not seem to be about a system. I draw and edit software architecture diagrams: describe what you want "
    "to build, or say what to change in the diagram."
)


def reply(body: Mapping[str, Any]) -> OfflineReply:
    """Return the reply to a request of the Messages API. Pure: the same request gets the same reply, ids and all."""
    conversation = read_conversation(body)
    if conversation.summarise is not None:
        return spoken(summary(conversation.summarise, conversation.memory))
    if conversation.sections:
        return write_document(conversation)
    if conversation.step:
        return carry_out(conversation)
    if conversation.changed is not None:
        return revise(conversation, conversation.changed)
    if is_elsewhere(conversation):
        return spoken(_ELSEWHERE)
    return plan_first(conversation) or _draw_or_edit(without_plans(conversation))


def _draw_or_edit(conversation: Conversation) -> OfflineReply:
    if not conversation.diagram.nodes and _says_something(conversation.request):
        return ask(conversation) or _drawn(conversation)
    edited = reply_to_edit(conversation)
    if edited is not None:
        return edited
    return draw(conversation) if _says_something(conversation.request) else spoken(_NOTHING)


def _drawn(conversation: Conversation) -> OfflineReply:
    request, needs = settled(conversation)
    return draw(replace(conversation, request=request), needs)


def _says_something(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", text))
