"""What a component is made with: the technology that is named right after it."""

import re
from dataclasses import replace

from archwright.model.offline.edits.words import stems
from archwright.model.offline.understand.lists import between
from archwright.model.offline.understand.mentions import LANGUAGES, Mention, fits
from archwright.model.offline.understand.nouns import noun_of
from archwright.model.offline.understand.words import Sentence

_MADE = re.compile(
    r"^(?:,? ?(?:written in|built (?:with|in|on)|implemented (?:in|with|as|on)|using|powered by|running on|runs on|based on|in|with|on|via|through|is|:|=|such as|like|e\.g|i\.e|with the|backed by|, e\.g|- ))?\s*\(?(?:such as|like|e\.g\.?|using|via|with|on|i\.e\.?|in|probably|maybe|for example)?[ ,]*$"
)


def made_with(sentence: Sentence, known: list[Mention]) -> list[Mention]:
    """Give a component the technology that is named right after it; languages never stand alone."""
    result = list[Mention]()
    for mention in known:
        before = result[-1] if result else None
        entry = mention.entry
        if before is not None and before.type != "group" and entry is not None and mention.bare and not mention.head:
            gap = between(sentence, before, mention)
            bracket = "(" in gap
            if (
                _MADE.match(gap)
                and (bracket or gap)
                and (
                    fits(before, entry)
                    or (bracket and entry.type not in ("database", "cache", "queue", "stream", "storage"))
                )
                and before.entry is None
            ):
                if entry.category == "back-end language" and gap in ("in", "written in", "built in"):
                    result = _language(result, entry.name)
                    continue
                related = (
                    before.type == entry.type
                    or entry.category in LANGUAGES
                    or bracket
                    or gap in ("using", "with", "on", "in", ":", "via", "through", "such as", "like", "is", "e.g")
                )
                if related:
                    result[-1] = replace(before, technology=entry.name, end=mention.end, bare=False)
                    continue
        if entry is not None and entry.category == "back-end language" and mention.bare and not mention.head:
            result = _language(result, entry.name)
            continue
        result.append(mention)
    return [_framework(m) for m in result]


def _language(result: list[Mention], name: str) -> list[Mention]:
    return [
        replace(m, technology=name) if not m.technology and m.type in ("service", "worker", "api") else m
        for m in result
    ]


def _framework(mention: Mention) -> Mention:
    """A framework that stands alone is the part of the system that is written with it."""
    entry = mention.entry
    if entry is None or mention.head or not mention.bare or noun_of(stems(mention.label)):
        return mention
    if entry.category == "front-end framework":
        return replace(mention, label=f"{mention.label} frontend", bare=False)
    if entry.category == "back-end framework":
        return replace(mention, label=f"{mention.label} backend" if "api" not in mention.label.casefold() else mention.label,
                       type="service" if entry.type != "api" else "api", bare=False)  # fmt: skip
    return mention
