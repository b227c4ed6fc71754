"""What a closing message claims, held against the job's changes. Pure.

A claim is a sentence in the past that says what was done: "Added a cache", "I've removed both", "6 nodes were
deleted", "Done: 12 components". Wishes, questions, negations and what was done at another time are none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archwright.agent.counted import false_count
from archwright.agent.named import connected, names_another, something_added, something_removed
from archwright.diagram.deeds import Deeds, deeds_of, told
from archwright.diagram.model import Diagram
from archwright.diagram.ops import Op

_VERBS = {
    "add": r"added|created|drew|drawn|built|inserted|introduced|designed|sketched|generated|laid out|set up",
    "remove": r"removed|deleted|dropped|eliminated|cleared|dissolved|got rid of|taken out|took out",
    "connect": r"connected|linked|wired|hooked up|attached",
    "rename": r"renamed|relabell?ed|retitled",
    "change": r"wrote|written|rewrote|rewritten|documented|changed|updated|replaced|swapped|switched|migrated"
    r"|converted|modified|reworked|adjusted|marked|scaled|merged|combined|duplicated|upgraded|turned(?!\s+out)|fixed"
    r"|corrected|revised|replicated|moved|grouped|ungrouped|placed|wrapped|split up|disconnected|detached|undid|undone"
    r"|reverted|restored|rolled back|carried out|made (?:the|these|those|all)(?: \w+)? changes",
}
_ANY = "|".join(_VERBS.values())
_THEN = r"(?:(?:also|then|now|just|successfully|finally|only|already|therefore|all)[,]?\s+)*"
_OPENING = r"(?:(?:and|so|ok|okay|sure|great|yes|certainly|alright|all right|done|all done|first)\b[,.:!;\s–—-]*)*"
_DESCRIBED = r"(?!\s+(?:for|on|in|by|to|with|as|at|from|using)\b)"
_BARE = re.compile(rf"(?:^\W*{_OPENING}|:\s+){_THEN}(?P<verb>{_ANY})\b{_DESCRIBED}", re.IGNORECASE)
_ORDERLY = re.compile(
    rf"^\W*{_OPENING}{_THEN}(?P<verb>{_ANY})\s+(?=(?:the|an?|it|them|both|all|these|those|this|that|two|three|\d+)\b)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(rf"\b(?:I|we)(?:['’]ve|\s+have)?\s+{_THEN}(?P<verb>{_ANY})\b", re.IGNORECASE)
_FRESH = re.compile(rf"\b(?:I|we)(?:['’]ve|\s+have)\s+{_THEN}(?P<verb>{_ANY})\b", re.IGNORECASE)
_PASSIVE = re.compile(
    rf"(?<!\bthat )(?<!\bwhich )(?<!\bwhat )\b(?:was|were|has been|have been|are now|is now)\s+{_THEN}"
    rf"(?P<verb>(?:built|designed|written|generated|documented|drawn){_DESCRIBED}|{_ANY})\b",
    re.IGNORECASE,
)
_FURTHER = re.compile(rf"(?:,|;|\band)\s+{_THEN}(?P<verb>{_ANY})\b", re.IGNORECASE)
_GONE = re.compile(
    r"\b(?P<verb>(?:is|are)\s+(?:now\s+)?gone|no longer (?:there|in the diagram|contains?|has|have|includes?))\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"^\W*(?:(?:all|everything)(?:\s+is)?\s+)?(?:done|finished|completed|all set)(?=\s*(?:$|[.,:!;–—-]))", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:not|never|nothing|no|none|nobody|neither|nor|without|cannot|unless|would|could|should|might|may|can|will|"
    r"shall|must|to be|before|until|want(?:ed|s)?|refused|declined|rejected|if|when|once|had)\b|n['’]t\b",
    re.IGNORECASE,
)
_NO_OBJECT = re.compile(r"^\s+(?:nothing|none|no\b|neither|nobody)", re.IGNORECASE)
_EARLIER = re.compile(
    r"\b(?:earlier|previously|originally|initially|at first|last time|yesterday|before (?:that|this|now)|"
    r"(?:the|an?|my|your) (?:previous|last|earlier|first) (?:\w+ )?(?:change|job|turn|step|message|request|version))\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(r"^\W*(?:if|once|when|after|unless|as soon as|until|should)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_MARKS = re.compile(r"\*\*|__|^\s*(?:[-*•>#]+|\d+[.)])\s+", re.MULTILINE)
_QUOTED = re.compile(r"[\"“”][^\"“”\n]{1,200}[\"“”]|`[^`\n]{1,200}`")
_NEXT = re.compile(
    r"^\W*(?:next(?: steps?)?\s*:|next steps?\W*$|suggest\w*\b|(?:possible|you (?:could|can|may|might))\b[^\n]*:\s*$)"
    r".*\Z",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence says was done: the kind of deed, and the words that say to what."""

    kind: str
    object: str


def truthful(text: str, ops: Sequence[Op], diagram: Diagram, *, answer: bool = False) -> str:
    """Return a closing message, or the log's own sentence in its place when it claims what the ops do not hold.

    `diagram` is how things stand now. `answer` says that the message answers a question, which may speak of what was
    done at another time: then only what is said to have been done just now is a claim."""
    deeds = deeds_of(ops)
    return told(deeds, diagram) if is_false(text, deeds, diagram, answer=answer) else text


def is_false(text: str, deeds: Deeds, diagram: Diagram, *, answer: bool = False) -> bool:
    """Whether a message claims what was not done."""
    for sentence in _sentences(text):
        claims = list(_claims(sentence, answer))
        if not all(_holds(claim, deeds, diagram) for claim in claims):
            return True
        if (claims or not answer) and false_count(sentence, deeds, diagram):
            return True
    return False


def _sentences(text: str) -> Iterator[str]:
    """The sentences that may claim something, without marks of markdown; what is proposed at the end is left out."""
    for sentence in _SENTENCE.split(_MARKS.sub("", _NEXT.sub("", text))):
        if sentence.strip() and not sentence.rstrip().endswith("?"):
            yield sentence.strip()


def _claims(sentence: str, answer: bool) -> Iterator[Claim]:
    masked = _QUOTED.sub(lambda match: "x" * len(match[0]), sentence)
    if _SUPPOSED.match(masked) or _EARLIER.search(masked):
        return
    if _DONE.match(masked):
        yield Claim("change", "")
    for match in _matches(masked, answer):
        clause = re.split(r"[,:;–—]|\bbut\b", masked[: match.start("verb")])[-1]
        if not _DENIED.search(clause) and not _NO_OBJECT.match(masked[match.end() :]):
            said = sentence[: match.start()] if match.re in (_PASSIVE, _GONE) else sentence[match.end() :]
            yield Claim(_kind(match["verb"]), said)


def _matches(masked: str, answer: bool) -> list[re.Match[str]]:
    if answer:
        return [match for pattern in (_ORDERLY, _FRESH) for match in pattern.finditer(masked)]
    found = [match for pattern in (_BARE, _SPOKEN, _PASSIVE, _GONE) for match in pattern.finditer(masked)]
    further = [match for match in _FURTHER.finditer(masked) if found and match.start() > found[0].start()]
    return found + further


def _kind(verb: str) -> str:
    return next((kind for kind, words in _VERBS.items() if re.fullmatch(words, verb, re.IGNORECASE)), "remove")


def _holds(claim: Claim, deeds: Deeds, diagram: Diagram) -> bool:
    """Whether the log holds something of the kind, and nothing that is named shows otherwise."""
    match claim.kind:
        case "add":
            return something_added(claim.object, deeds) and not names_another(claim.object, deeds, diagram)
        case "remove":
            return something_removed(deeds) and not names_another(claim.object, deeds, diagram)
        case "connect":
            return connected(claim.object, deeds, diagram)
        case "rename":
            return bool(deeds.title or deeds.wrote or any("label" in values for values in deeds.written.values()))
    return bool(deeds)


def claims_something(text: str) -> bool:
    """Whether a message says that something was done just now."""
    return any(list(_claims(sentence, answer=False)) for sentence in _sentences(text))
