"""The offline planner: a rule-based stand-in for a model, over a catalogue of components and kinds of system."""

import re
from collections.abc import Mapping
from typing import Any

from archwright.model.offline.conversation import Conversation, OfflineReply, read_conversation, spoken
from archwright.model.offline.document import write_document
from archwright.model.offline.generate.drawing import draw

__all__ = ["OfflineReply", "reply"]

_NEW = re.compile(r"^\W*(?:please\s+)?(?:design|draw|architect|sketch|diagram)\b", re.IGNORECASE)
_NOTHING = (
    "I am a rule-based planner without a language model, and I found no component in this text. Name the parts of the "
    "system, such as clients, services and databases, or the kind of system, such as a chat application."
)


def reply(body: Mapping[str, Any]) -> OfflineReply:
    """Return the reply to a request of the Messages API. Pure: the same request gets the same reply, ids and all."""
    conversation = read_conversation(body)
    if conversation.sections:
        return write_document(conversation)
    if _draws(conversation):
        return draw(conversation)
    from archwright.model.offline.edits import reply_to_edit

    edited = reply_to_edit(conversation)
    if edited is not None:
        return edited
    return draw(conversation) if _says_something(conversation.request) else spoken(_NOTHING)


def _draws(conversation: Conversation) -> bool:
    return not conversation.diagram.nodes and _says_something(conversation.request)


def _says_something(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", text))
