"""One round of questions before a drawing, when a request says nothing of what is to be drawn."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from archwright.model.offline.conversation import Conversation, OfflineReply, calling
from archwright.model.offline.generate.needs import Needs, load_in, survives_in
from archwright.model.offline.patterns import best, patterns
from archwright.model.offline.understand.words import MILD, STOP

TOOL = "ask_user"
KIND = "What kind of system is it?"
LOAD = "How many people use it at once at the peak?"
SURVIVES = "Must it go on when a machine or a zone fails?"
REACH = "How do people reach it?"
_QUESTIONS_MAX = 3
_KINDS = ("ecommerce", "chat", "saas", "cms", "booking", "analytics", "web")
_LOADS = ("Up to a hundred", "Some thousands", "A hundred thousand or more")
_SURVIVALS = ("No, an outage of some minutes is fine", "Yes, when a machine fails", "Yes, when a whole zone fails")
_WAYS = ("In the browser", "On the phone", "Both", "By programs alone")
_OPENING = "This does not say yet what the system is for, so I ask before I draw. You may skip any question."

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LISTS = tomllib.loads(files(__package__).joinpath("vague.toml").read_text(encoding="utf-8"))
_SYSTEM = frozenset(_LISTS["system"].split())
"""Words for a system of any kind; without one of them a text is not taken for a vague request."""
_AROUND = frozenset(_LISTS["around"].split())
"""Words that say nothing of what a system does."""


def ask(conversation: Conversation) -> OfflineReply | None:
    """Return a round of questions; None when the request says enough, they were asked, or nobody can be asked."""
    if TOOL not in conversation.tools or conversation.turns or not is_vague(conversation.request):
        return None
    questions = list(_questions(conversation.request))[:_QUESTIONS_MAX]
    calls = [(TOOL, {"question": question, "options": list(options)}) for question, options in questions]
    return calling(conversation, _OPENING, calls)


def is_vague(text: str) -> bool:
    """Whether a text asks for a system and says nothing of it: one word about what it does, or a part that it
    names, and it is not vague."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    if not _SYSTEM & set(words) or any(word not in _SYSTEM | _AROUND | STOP | MILD for word in words):
        return False
    return not best(text)


def _questions(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is worth asking: what the text says already is not."""
    names = {pattern.id: pattern.name for pattern in patterns()}
    yield KIND, tuple(names[kind] for kind in _KINDS if kind in names)
    if not load_in(text):
        yield LOAD, _LOADS
    if not survives_in(text):
        yield SURVIVES, _SURVIVALS
    yield REACH, _WAYS


def asked(conversation: Conversation) -> bool:
    """Whether the questions of this job were asked already."""
    return any(call.name == TOOL for turn in conversation.turns for call in turn.calls)


def settled(conversation: Conversation) -> tuple[str, Needs]:
    """Return the description to draw and what it must bear, from the request and what the person answered."""
    if not asked(conversation):
        return conversation.request, Needs()
    answers = _answers(conversation)
    request, kind = conversation.request, answers.get(KIND, "")
    needs = Needs(
        load=load_in(answers.get(LOAD, "")) or load_in(f"{request}\n{kind}"),
        survives=survives_in(answers.get(SURVIVES, "")) or survives_in(f"{request}\n{kind}"),
        reach=_way(answers.get(REACH, "")),
        asked=True,
        kind_told=bool(kind),
    )
    return _described(request, kind), needs


def _described(request: str, kind: str) -> str:
    """A kind that was chosen or told is the description: the request by itself says nothing."""
    if any(pattern.name == kind for pattern in patterns()):
        return f"Design a {kind.lower()}"
    return kind if re.search(r"[^\W\d_]{2}", kind) else request


def _answers(conversation: Conversation) -> dict[str, str]:
    """What was answered, by question; what was skipped or could not be asked is left out."""
    return {
        str(call.input.get("question")): call.result.strip()
        for turn in conversation.turns for call in turn.calls
        if call.name == TOOL and not call.is_error and not re.match(r"\s*(?:skipped\b|not asked\b|only one\b|$)", call.result, re.IGNORECASE)
    }  # fmt: skip


def _way(answer: str) -> str:
    low = answer.casefold()
    browser, phone = (
        bool(re.search(words, low)) for words in (r"browser|web|desktop", r"phone|mobile|ios|android|tablet")
    )
    if "both" in low or (browser and phone):
        return "both"
    if re.search(r"program|api|machine|no one|nobody", low):
        return "programs"
    return "browser" if browser else "phone" if phone else ""
