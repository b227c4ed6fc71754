"""Links that a sentence states between the components that it names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archwright.diagram.model import EdgeKind
from archwright.model.offline.edits.words import in_third_person
from archwright.model.offline.understand.lists import between
from archwright.model.offline.understand.mentions import Mention
from archwright.model.offline.understand.words import DOUBTFUL_VERBS, SURE_VERBS, Sentence

_AND = frozenset({",", "and", ", and", "or", ", or", "/", ", as well as", "as well as", "plus", ", plus", "+"})
_ARROW = re.compile(r"^\W*(?:->|→|=>|>)\W*$")
_BY = re.compile(r"\b(?:is|are|gets?|be)?\s*(\w+ed|read|fed|sent|written|driven|hit)\s+by\b")
_RELATIVE = re.compile(r"^[\s,]*(?:which|that|who)\b")
_ELIDED = re.compile(r"^[\s,;]*(?:and|then|and then|but|or)\b")
_BEHIND = re.compile(r"^(?:\(?\s*)?(?:sits?|runs?|is|are|all|placed|hidden|located)?\s*behind$")
_FRONT = re.compile(r"(?:sits?|is|are|placed)?\s*(?:in front of|fronting|fronts)$|^(?:ahead of)$")
_BACKED = re.compile(
    r"^(?:that (?:is|are) )?(?:,? ?backed by|with|on top of|on|using|uses|,? ?each with|,? ?(?:each|all) (?:has|have|with|using)|has|have|having|own|owns)$"
)
_FROM = re.compile(
    r"\b(?:reads?|reading|consumes?|consuming|pulls?|pulling|polls?|polling|subscrib\w+ to|listen\w* (?:to|on|for)|loads?|fetch\w*|receiv\w+|ingest\w*|picks?|dequeues?|process\w*)\b.*?\b(from|to|on|off)$"
)
_CONSUME = re.compile(
    r"^(?:\W|and|then|that|which)*\s*(?:consumes?|consuming|subscribes? to|listens? to|polls?|drains?|tails?|processes|process)\s*\w*$"
)

_KINDS: tuple[tuple[str, EdgeKind], ...] = (
    (r"\b(?:publish|emit|enqueue|produce|broadcast|push|fan|notif|trigger|stream|schedul|dispatch|post|put|queue|fire|ship|forward logs|send(?:s|ing)? (?:\w+ )?(?:events?|messages?|jobs?|tasks?|logs?|metrics?))", "async"),
    (r"\b(?:replicat|mirror|sync|failover|fail over|standby)", "replication"),
    (r"\b(?:stor|writ|read|sav|persist|load|cach|quer|index|record|archiv|append|upload|put|fetch|retriev|log|back(?:s|ed)? up|export|dump|insert|updat|lookup|look)", "data"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge between two mentions."""

    source: Mention
    target: Mention
    label: str
    kind: EdgeKind


def relations(sentence: Sentence, mentions: Sequence[Mention]) -> Iterator[Relation]:
    """Yield the links of a sentence, in its order."""
    groups, gaps = _coordinated(sentence, [m for m in mentions])
    subject: list[Mention] = groups[0] if groups else []
    for at, gap in enumerate(gaps):
        left, right = groups[at], groups[at + 1]
        found = _read(gap)
        if found and gap.endswith(" and") and len(right) == 1 and at + 1 < len(gaps) and _starts_anew(gaps[at + 1]):
            found = None
        if found is None:
            if not _carries(gap):
                subject = right
            continue
        how, label, kind = found
        if how == "from-left" and (_ELIDED.match(gap) or _resumes(gap)):
            left = subject
        elif how == "from-left" and not _RELATIVE.match(gap) and at and len(left) > 1 and _was_object(gaps[at - 1]):
            left = left[-1:]
        if _RELATIVE.match(gap):
            left, right = left[-1:], right[:1]
        elif how == "backed":
            left = left[-1:] if at and _was_object(gaps[at - 1]) else left
        if len(right) > 1 and at + 1 < len(gaps) and _starts_anew(gaps[at + 1]):
            right = right[:-1]
        if how == "behind":
            left = left[-1:] if not re.search(r"\b(?:all|both)\b", gap) else left
        for one in left:
            for other in right:
                if how in ("reverse", "behind"):
                    yield Relation(other, one, label, kind)
                else:
                    yield Relation(one, other, label, kind)
        subject = left if how != "behind" else subject


def _was_object(gap: str) -> bool:
    return _read(gap) is not None


def _starts_anew(gap: str) -> bool:
    """Whether the gap after a list makes the list's last item the subject of a new clause."""
    found = _read(gap)
    return (
        found is not None
        and found[0] in ("from-left", "backed", "reverse")
        and not _RELATIVE.match(gap)
        and not _ELIDED.match(gap)
        and not _resumes(gap)
    )


def _carries(gap: str) -> bool:
    return gap.strip(" ,") in ("", "for", "of", "with", "in", "and")


def _coordinated(sentence: Sentence, mentions: list[Mention]) -> tuple[list[list[Mention]], list[str]]:
    """Mentions that are listed together, and what stands between these lists."""
    groups: list[list[Mention]] = []
    gaps: list[str] = []
    for mention in mentions:
        gap = between(sentence, groups[-1][-1], mention) if groups else ""
        if groups and gap in _AND:
            groups[-1].append(mention)
            continue
        if groups:
            gaps.append(gap)
        groups.append([mention])
    return groups, gaps


def _read(gap: str) -> tuple[str, str, EdgeKind] | None:
    """How a gap links what stands beside it: direction, label, kind; None when it does not."""
    gap = gap.strip()
    if not gap:
        return None
    if _ARROW.match(gap):
        return "arrow", "", "request"
    if re.search(r"[.;]|\b(?:because|so that|when|if|unless|without|instead|rather|not|never)\b", gap):
        return None
    bare = gap.strip(" ,()")
    if not _links(bare) or (gap.endswith(",") and " " in bare):
        return None
    if _BEHIND.match(bare):
        return "behind", "routes requests", "request"
    if _FRONT.search(bare):
        return "front", "routes requests", "request"
    if _BACKED.match(bare):
        return "backed", "", "data"
    if match := _BY.search(bare):
        return "reverse", _passive(match[1]), _kind(match[1])
    if _FROM.search(bare) or _CONSUME.match(bare):
        consumed = not re.search(r"\b(?:read|load|fetch)", bare)
        return ("reverse", "delivers events", "async") if consumed else ("from-left", "reads", "data")
    verb = _verb(bare)
    if verb is None:
        return None
    return "from-left", _label(bare, verb), _kind(bare)


def _resumes(gap: str) -> bool:
    """Whether a verb right after a comma goes on with the subject of the sentence: "writes to A, publishes to B"."""
    match = re.match(r"\s*,\s*([\w-]+)", gap)
    return match is not None and match[1] in SURE_VERBS


def _links(bare: str) -> bool:
    """Whether a gap with commas comes to a verb at its end; else it lists things that nobody knows."""
    *before, last = (part.strip() for part in bare.split(","))
    words = [w for w in last.split() if not _ELIDED.match(w) and not _RELATIVE.match(w)]
    return not before or not words or _verb(words[0]) is not None or _BY.search(last) is not None or len(words) == 1


def _passive(participle: str) -> str:
    low = participle.casefold()
    known = {"read": "reads", "fed": "feeds", "sent": "sends", "written": "writes", "driven": "drives", "hit": "calls"}
    if low in known:
        return known[low]
    stem = low[:-2] if low[:-2] + "e" not in SURE_VERBS else low[:-1]
    return in_third_person(stem)


def _verb(text: str) -> str | None:
    words = text.split()
    return next((w for w in words if w in SURE_VERBS or w in DOUBTFUL_VERBS or _ing(w)), None)


def _ing(word: str) -> bool:
    return word.endswith("ing") and any(b in SURE_VERBS for b in (word[:-3], word[:-3] + "e"))


def _label(text: str, verb: str) -> str:
    base = verb[:-3] if verb.endswith("ing") else verb
    base = base if base in SURE_VERBS or base in DOUBTFUL_VERBS else base + "e"
    after = text.split()[text.split().index(verb) + 1 :]
    what = [w for w in after if w not in ("to", "into", "in", "on", "onto", "through", "via", "with", "from", "over", "the", "a", "at",
                                           "its", "their", "and", "then", "all", "of", "for", "it", "them")]  # fmt: skip
    said = " ".join([in_third_person(base), *what[:3]]).strip(" ,")
    return {
        "uses": "",
        "routes": "routes requests",
        "talks": "calls",
        "connects": "calls",
        "sends": "sends requests",
        "goes": "",
        "communicates": "calls",
    }.get(said, said)[:40]


def _kind(text: str) -> EdgeKind:
    return next((kind for pattern, kind in _KINDS if re.search(pattern, text)), "request")
