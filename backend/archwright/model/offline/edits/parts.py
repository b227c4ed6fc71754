"""A noun phrase that asks for something new: "two Redis caches for sessions", "an order service in Go"."""

import re
from dataclasses import dataclass, replace

from archwright.diagram.catalogue import Entry, Match, find, lookup
from archwright.model.offline.edits.lexicon import GENERIC, Kind, heads, is_need, usual
from archwright.model.offline.edits.words import QUOTED, bare, capital, counted, singular, stems

_NAMED = re.compile(rf"^(.*?)[\s,]+(?:called|named|labell?ed|titled)\s+({QUOTED}|.+)$", re.IGNORECASE)
_BRACKETS = re.compile(r"^(.*?)\s*\(([^()]*)\)\s*(.*)$")
_MADE_WITH = re.compile(
    r"^(.+?)[\s,]+(?:using|with|based on|built (?:with|on|in)|written in|powered by|running(?: on)?"
    r"|implemented (?:in|with)|backed by|hosted on|deployed on|on top of|on|in|via|from)\s+(.+)$",
    re.IGNORECASE,
)
_AS = re.compile(r"^(.+?)\s+(?:as|for)\s+(?:the|an?|our)?\s*(.+)$", re.IGNORECASE)
_LANGUAGES = frozenset({"back-end language", "back-end framework", "front-end framework", "mobile", "hosting platform",
                        "compute", "container orchestration", "language-model framework"})  # fmt: skip
_FAMILIES = ({"queue", "stream"}, {"database", "vectordb", "warehouse"}, {"worker", "function", "service", "server"})

_NOTHING = frozenset({"node", "component", "box", "element", "thing", "something", "it", "this", "that", "them", "one"})
_SHOUTED = frozenset(
    {"api", "cdn", "dns", "waf", "vpc", "sms", "llm", "ml", "ui", "db", "etl", "vpn", "iot", "cli", "bff"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """A component to draw. `known` says how sure its kind is: a word of ours or a technology named it."""

    label: str
    type: str
    technology: str = ""
    count: int = 1
    description: str = ""
    bare_kind: bool = False
    known: bool = True


def part(phrase: str, cloud: str | None = None) -> Part | None:
    """Return what a noun phrase asks for; None when it is empty or too long to be a name.

    Without a technology in the phrase, the kind's usual one on the cloud is taken.
    """
    count, rest = counted(phrase)
    rest, name = _named(rest)
    rest, note = _bracketed(rest)
    rest = bare(rest)
    rest, made_with = _made_with(rest)
    if not rest or len(rest.split()) > 8 or rest.casefold() in _NOTHING:
        return None
    entry = made_with or (lookup(note) if note else None)
    found = _read(rest, entry, cloud)
    if count > 1 or found.count > 1:
        found = replace(found, count=max(count, found.count))
    if note and entry is None and len(note) < 40:
        mentions = find(note)
        found = replace(found, technology=mentions[0].entry.name if mentions else found.technology)
    return replace(found, label=capital(bare(name)), bare_kind=False) if name else found


def _named(phrase: str) -> tuple[str, str]:
    match = _NAMED.match(phrase)
    if match:
        return match[1], match[2]
    quoted = re.search(QUOTED, phrase)
    if quoted and stems(phrase.replace(quoted.group(), " ")):
        return phrase.replace(quoted.group(), " ").strip(), quoted.group()
    return phrase, ""


def _bracketed(phrase: str) -> tuple[str, str]:
    match = _BRACKETS.match(phrase)
    return (f"{match[1]} {match[3]}".strip(), match[2].strip()) if match and match[1] else (phrase, "")


def _made_with(phrase: str) -> tuple[str, Entry | None]:
    """Split "order service in Go" and "Redis as a cache" into the component and its technology."""
    match = _MADE_WITH.match(phrase)
    if match:
        entry = technology_named(match[2])
        if entry is not None:
            return bare(match[1]), entry
    match = _AS.match(phrase)
    entry = technology_named(match[1]) if match else None
    if match is None or entry is None:
        return phrase, None
    kind = _head(stems(match[2]))
    fits = kind is not None and _related(kind.type, entry.type)
    return (f"{match[1]} {match[2]}" if fits and not is_need(match[2]) else match[1]), entry


def technology_named(phrase: str) -> Entry | None:
    """Return the technology that a phrase is the name of, articles and a generic head aside."""
    phrase = bare(phrase)
    whole = None if phrase == "node" else lookup(phrase)
    if whole is not None:
        return whole
    mentions = find(phrase)
    if len(mentions) != 1:
        return None
    rest = stems(phrase[: mentions[0].start] + " " + phrase[mentions[0].end :])
    return mentions[0].entry if not rest or rest in heads() or set(rest) <= GENERIC else None


def _read(phrase: str, entry: Entry | None, cloud: str | None) -> Part:
    mentions = find(phrase)
    whole = technology_named(phrase)
    if whole is not None and not mentions:
        mentions = (Match(0, len(phrase), whole),)
    entry = entry or (mentions[0].entry if mentions else None)
    rest = _without(phrase, mentions)
    kind = _head(stems(rest)) or (_head(stems(phrase)) if not mentions or not rest else None)
    if kind is None or (not rest and mentions):
        return _technology_part(phrase, mentions, entry, rest)
    plural = rest.split()[-1:] != [singular(rest.split()[-1])] if rest else False
    label, bare_kind = _label(phrase, rest, mentions, kind)
    technology = entry or usual(kind, cloud)
    return Part(
        label=label,
        type=_type(kind, entry, rest),
        technology=technology.name if technology else "",
        count=2 if plural and not mentions and _countable(rest) else 1,
        bare_kind=bare_kind,
    )


def _countable(rest: str) -> bool:
    return bool(re.search(r"(?:replicas|workers|servers|instances|nodes)$", rest.casefold()))


def _technology_part(phrase: str, mentions: tuple[Match, ...], entry: Entry | None, rest: str) -> Part:
    if entry is None or not mentions:
        name = capital(phrase)
        return Part(name, entry.type if entry else "service", entry.name if entry else "", known=False)
    if not rest or set(stems(rest)) <= GENERIC:
        return Part(short_name(phrase, mentions[0]), entry.type, entry.name)
    return Part(capital(_pretty(phrase, mentions)), entry.type, entry.name)


def _without(phrase: str, mentions: tuple[Match, ...]) -> str:
    for mention in reversed(mentions):
        phrase = phrase[: mention.start] + " " + phrase[mention.end :]
    return re.sub(r"^\W+|\W+$", "", " ".join(phrase.split()))


def short_name(phrase: str, mention: Match) -> str:
    """Return what to call a technology: as the text did, in the maker's spelling ("kafka" is "Kafka")."""
    written = phrase[mention.start : mention.end]
    name = mention.entry.name
    place = name.casefold().find(written.casefold())
    if place >= 0 and not name[place + len(written) : place + len(written) + 1].isalnum():
        return name[place : place + len(written)]
    if stems(written)[-1:] in heads():
        return capital(written)
    return written if re.search(r"[A-Z]", written) else name


def _pretty(phrase: str, mentions: tuple[Match, ...]) -> str:
    for mention in reversed(mentions):
        phrase = phrase[: mention.start] + short_name(phrase, mention) + phrase[mention.end :]
    return phrase


def _label(phrase: str, rest: str, mentions: tuple[Match, ...], kind: Kind) -> tuple[str, bool]:
    """The label, and whether the phrase was no more than the name of a kind."""
    if not mentions and stems(rest) in heads():
        plain = len(stems(rest)) == 1 and stems(rest)[0] not in {"vpc", "cdn", "dns", "waf", "api", "etl"}
        label = kind.label if is_need(rest) or stems(rest) == stems(kind.label) else capital(_one(rest))
        return label, plain
    return capital(_one(_pretty(phrase, mentions))), False


def _one(phrase: str) -> str:
    """The phrase in the singular, abbreviations of kinds written out in capitals."""
    words = phrase.split()
    words[-1] = singular(words[-1])
    shouted = {
        "api",
        "cdn",
        "dns",
        "waf",
        "vpc",
        "sms",
        "llm",
        "ml",
        "ui",
        "db",
        "etl",
        "vpn",
        "sso",
        "iot",
        "cli",
        "bff",
    }
    return " ".join(word.upper() if word.casefold() in shouted else word for word in words)


def _head(words: tuple[str, ...]) -> Kind | None:
    """The kind that the last words of a phrase name, the longest name first."""
    known = heads()
    return next((known[words[i:]] for i in range(len(words)) if words[i:] in known), None)


def _type(kind: Kind, entry: Entry | None, rest: str) -> str:
    if entry is None or entry.category in _LANGUAGES:
        return kind.type
    generic = set(stems(rest)) <= GENERIC
    return entry.type if generic or _related(kind.type, entry.type) else kind.type


def _related(one: str, other: str) -> bool:
    return one == other or any(one in family and other in family for family in _FAMILIES)
