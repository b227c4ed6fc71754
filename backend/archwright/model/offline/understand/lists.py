"""Lists in a sentence: heads that several names share, and names that a list explains."""

import re
from collections.abc import Sequence
from dataclasses import replace

from archwright.model.offline.edits.words import singular, stems
from archwright.model.offline.understand.mentions import Mention, entry_label, written
from archwright.model.offline.understand.nouns import noun_of
from archwright.model.offline.understand.words import SURE_VERBS, Sentence

SHARED = frozenset({"service", "server", "worker", "database", "client", "application", "gateway", "queue", "topic", "cache",
                    "api", "store", "provider", "team", "namespace", "subnet", "region", "frontend", "consumer", "producer",
                    "processor", "function", "device", "model", "index", "bucket", "cluster", "zone", "domain",
                    "module", "pipeline", "portal", "dashboard", "layer", "tier", "context", "backend", "microservice", "system",
                    "node", "replica", "job", "partner", "engine", "component", "web", "mobile"})  # fmt: skip
_AND = frozenset({"and", "or", "plus"})
_LISTING = ("such as", "like", "including", "include", "includes", "for", "namely", "e.g", "eg", "are", "i.e", "of")
_PLATFORMS = frozenset({"web", "mobile", "ios", "android", "desktop", "browser"})


def spread(sentence: Sentence, known: list[Mention], unknown: list[Mention]) -> tuple[list[Mention], list[Mention]]:
    """Return both lists with shared heads given to each name: "user and order services" is two services."""
    ordered = sorted([*known, *unknown], key=lambda m: m.start)
    for at in range(len(ordered) - 1, 0, -1):
        owner = ordered[at]
        if owner.unknown or (owner.entry is not None and owner.type not in ("web", "mobile")):
            continue
        head = owner.head
        own = owner.end - owner.start > 1 and owner.count == 1
        if head not in SHARED or not ((owner.plural and own) or _platform(ordered[at - 1])):
            continue
        _share(sentence, ordered, at, head)
    ordered = _listed(sentence, ordered)
    ordered = _catch_all(sentence, ordered)
    return [m for m in ordered if not m.unknown], [m for m in ordered if m.unknown]


def _platform(mention: Mention) -> bool:
    return mention.end - mention.start == 1 and mention.label.casefold() in _PLATFORMS


def _share(sentence: Sentence, ordered: list[Mention], at: int, head: str) -> None:
    word = sentence.words[ordered[at].end - 1].text
    look = at - 1
    while look >= 0 and between(sentence, ordered[look], ordered[look + 1]) in (",", "and", ", and", "/", "or", ", or"):
        mention = ordered[look]
        words = sentence.words[mention.start : mention.end]
        own_head = noun_of(stems(" ".join(w.text for w in words)))
        if (len(words) > 1 and own_head and not mention.unknown) or len(words) > 3 or mention.entry:
            return
        if mention.determined and look + 1 < at and words[-1].low != "web" and not mention.unknown:
            return
        if mention.plural and not mention.unknown and not _platform(mention):
            return
        ordered[look] = _named(mention, f"{written(words)} {singular(word).removeprefix('micro')}", head, ordered[at])
        look -= 1


def _named(mention: Mention, label: str, head: str, like: Mention) -> Mention:
    noun = noun_of(stems(label))
    type_ = noun[0].type if noun else like.type
    return replace(mention, label=label, type=type_, bare=False, head=head, unknown=False, entry=None,
                   technology="", plural=False, count=1)  # fmt: skip


def between(sentence: Sentence, left: Mention, right: Mention) -> str:
    """Return what stands between two mentions, in small letters: words and the signs that separate."""
    if right.start < left.end:
        return ""
    start = sentence.words[left.end - 1].end
    text = sentence.text[start : sentence.words[right.start].start].casefold()
    text = re.sub(r"\b(?:an?|the|its|their|our|own|some|\d+|one|two|three|four|five|several|multiple|separate|dedicated"
                  r"|both|then|also|finally|as well)\b", " ", text)  # fmt: skip
    return re.sub(r"\s+", " ", text).strip(" \"'")


def _listed(sentence: Sentence, ordered: list[Mention]) -> list[Mention]:
    """Read "microservices: users, orders" and "services for users and orders" as a service each."""
    for at, owner in enumerate(ordered):
        if (
            owner.unknown
            or not owner.plural
            or owner.head not in SHARED
            or owner.end - owner.start > 2
            or not owner.bare
        ):
            continue
        items, last = list[int](), owner
        for i in range(at + 1, len(ordered)):
            gap = between(sentence, last, ordered[i])
            opens = (
                gap.strip("(").strip() in ("", ":", *_LISTING)
                or gap.startswith((":", "("))
                or gap.rstrip(": ") in _LISTING
            )
            if not (opens if not items else gap in (",", "and", ", and", "or", ", or", "/")):
                break
            items.append(i)
            last = ordered[i]
        named = [i for i in items if ordered[i].entry is None]
        if len(named) < 2 and not (named and gap_is_for(sentence, owner, ordered[items[0]])):
            continue
        word = singular(sentence.words[owner.end - 1].text)
        for i in named:
            item = ordered[i]
            if item.unknown or (item.end - item.start == 1 and item.head not in ("gateway", "service")):
                base = written(sentence.words[item.start : item.end])
                ordered[i] = _named(item, f"{base} {word.casefold().removeprefix('micro')}", owner.head, owner)
        return ordered[:at] + _listed(sentence, ordered[at + 1 :])
    return ordered


def gap_is_for(sentence: Sentence, owner: Mention, item: Mention) -> bool:
    return between(sentence, owner, item) == "for"


def _catch_all(sentence: Sentence, ordered: list[Mention]) -> list[Mention]:
    """In a list whose items we mostly know, take the others for components too."""
    runs, run = list[list[int]](), list[int]()
    for i, _ in enumerate(ordered):
        if run and between(sentence, ordered[run[-1]], ordered[i]) in (",", "and", ", and", ";"):
            run.append(i)
        else:
            run = [i]
            runs.append(run)
    for run in runs:
        sure = [i for i in run if not ordered[i].unknown and not ordered[i].weak]
        if len(run) >= 3 and len(sure) * 2 >= len(run):
            for i in run:
                if (
                    ordered[i].unknown
                    and ordered[i].end - ordered[i].start <= 3
                    and not _after_verb(sentence, ordered[i])
                ):
                    ordered[i] = replace(ordered[i], unknown=False)
    return ordered


def _after_verb(sentence: Sentence, mention: Mention) -> bool:
    before = sentence.words[mention.start - 1].low if mention.start else ""
    return before in ("to", "of", "about", "by", "that") or before.endswith("ing") or before in SURE_VERBS


def purposes(sentence: Sentence, known: list[Mention], unknown: list[Mention]) -> list[Mention]:
    """Join a technology with what it is for: "Redis for presence", "Kafka as the event bus", "FCM (push)"."""
    every: Sequence[Mention] = sorted([*known, *unknown], key=lambda m: m.start)
    result, taken = list[Mention](), set[int]()
    for at, mention in enumerate(every):
        if mention.start in taken:
            continue
        after = every[at + 1] if at + 1 < len(every) else None
        if after is not None and not mention.head and _lies_in(sentence, mention, after):
            taken.add(after.start)
            result.append(_joined(sentence, after, mention))
            continue
        if mention.unknown:
            continue
        if after is not None and mention.bare and _serves(sentence, mention, after):
            taken.add(after.start)
            mention = _joined(sentence, mention, after)
        result.append(mention)
    return result


def _lies_in(sentence: Sentence, mention: Mention, after: Mention) -> bool:
    """Whether what is named first is no component but what a store keeps: "metadata in Cassandra"."""
    kept = mention.entry is None and mention.type == "service" and not _after_verb(sentence, mention)
    stores = (
        after.entry is not None and after.bare and after.type in ("database", "cache", "storage", "search", "warehouse")
    )
    return kept and stores and between(sentence, mention, after) == "in"


def _serves(sentence: Sentence, mention: Mention, after: Mention) -> bool:
    gap = between(sentence, mention, after)
    if gap == "as" and mention.entry is not None and after.entry is None:
        return True
    if gap != "for" or after.entry is not None or after.weak:
        return False
    if mention.entry is None and after.unknown:
        return mention.type in (
            "cache",
            "database",
            "queue",
            "stream",
            "storage",
            "worker",
            "service",
            "search",
            "vectordb",
        )
    explicit = after.end - after.start > 1 and not after.unknown and after.determined
    return not explicit and not (after.type in ("service", "gateway", "web", "mobile", "client") and len(after.stems) > 1
                                 and not after.unknown)  # fmt: skip


def _joined(sentence: Sentence, mention: Mention, after: Mention) -> Mention:
    purpose = written(sentence.words[after.start : after.end])
    lowered = purpose if purpose[:2].isupper() else purpose[:1].lower() + purpose[1:]
    if mention.entry is not None:
        name = entry_label(mention.label, mention.entry)
        plain = stems(purpose) and set(stems(purpose)) <= set(stems(name))
        role_type = after.type if not after.unknown else mention.type
        type_ = role_type if role_type in _ROLES.get(mention.type, ()) else mention.type
        label = name if plain else f"{name} {lowered}"
        return replace(
            mention, label=label[:60], type=type_, end=max(mention.end, after.end), bare=False, head=after.head
        )
    kind = sentence.words[mention.end - 1].text
    return replace(mention, label=f"{purpose} {singular(kind)}"[:60], end=after.end, bare=False)


_ROLES = {
    "cache": ("cache", "queue", "stream", "database"),
    "stream": ("stream", "queue"),
    "queue": ("queue", "stream", "worker"),
    "database": ("database", "cache", "search", "vectordb", "warehouse", "queue"),
    "search": ("search", "database", "monitoring"),
    "storage": ("storage", "database", "warehouse"),
    "worker": ("worker", "stream"),
}
