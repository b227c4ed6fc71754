"""Sentences such as "the API publishes order events to Kafka", read as edges."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from archwright.diagram.model import EdgeKind
from archwright.model.offline.edits.words import in_third_person

_TO = frozenset({"to", "on", "onto", "into", "in"})
_FROM = frozenset({"from", "off"})
_WITH = frozenset({"with", "against", "through", "via", "to", "on", "in"})
_OBJECT_MAX = 5
"""Words that may stand between a verb and its preposition: "publishes all the order events to"."""


@dataclass(frozen=True, slots=True)
class Verb:
    """How a verb is read: with one of the prepositions, or, when `plain` is a kind, without."""

    kind: EdgeKind
    prepositions: frozenset[str] = frozenset()
    reverse: bool = False
    plain: EdgeKind | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """`subject` and `object` as written, and the edge between them; `reverse` when it starts at the object."""

    subject: str
    object: str
    label: str
    kind: EdgeKind
    reverse: bool = False


def _verbs(words: str, verb: Verb) -> dict[str, Verb]:
    return dict.fromkeys(words.split(), verb)


VERBS: Mapping[str, Verb] = {
    **_verbs(
        "call use invoke hit access request consult reach validate update monitor watch scrape prompt charge verify "
        "control orchestrate contact ask serve search share embed protect wrap expose front join power",
        Verb("request", _WITH - {"in"}, plain="request"),
    ),
    **_verbs("query check", Verb("request", _WITH | _FROM, plain="request")),
    **_verbs(
        "talk speak connect communicate interact integrate authenticate authorize authorise depend rely link "
        "attach login hook tie",
        Verb("request", _WITH),
    ),
    **_verbs("send forward route proxy redirect delegate pass hand submit dispatch distribute", Verb("request", _WITH)),
    **_verbs("publish emit push produce enqueue stream post broadcast raise fire ship report log fan", Verb("async", _TO)),
    **_verbs("trigger notify invalidate alert wake feed", Verb("async", _TO, plain="async")),
    **_verbs("consume subscribe listen receive poll pull take pick process drain", Verb("async", _FROM | {"to", "on"}, True)),
    **_verbs("read load fetch retrieve download get select", Verb("data", _FROM, plain="data")),
    **_verbs(
        "write store save persist upload archive append index cache insert put keep back backup export dump record",
        Verb("data", _TO | {"with"}),
    ),
    **_verbs("replicate mirror sync synchronize synchronise failover fail", Verb("replication", _TO | {"with", "over"})),
}  # fmt: skip
_ASYNC_OBJECT = re.compile(
    r"\b(?:events?|messages?|jobs?|tasks?|notifications?|updates?|logs?|metrics?|traces?|alerts?|commands?)\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"^(?P<a>.+?)\s+(?:is|are|gets?|be|being)\s+(?:used|called|read|queried|triggered|invoked|fed|consumed|monitored"
    r"|written(?: to)?|accessed)\s+by\s+(?P<b>.+)$",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\s+(?:should|must|can|could|will|shall|may|also|directly|now|then|to|needs?|has|have|is able|periodically|only"
    r"|asynchronously|synchronously|not)$",
    re.IGNORECASE,
)
_PLAIN_CALLS = frozenset({"talk", "speak", "connect", "link", "communicate", "interact", "hit", "reach", "contact", "tie",
                          "attach", "hook"})  # fmt: skip


def readings(sentence: str) -> Iterator[Sentence]:
    """Yield every way to read a sentence as an edge, the verb further left first."""
    passive = _PASSIVE.match(sentence)
    if passive:
        yield Sentence(passive["a"], passive["b"], "uses", "request", reverse=True)
    words = sentence.split()
    for at in range(1, len(words)):
        verb = _base(words[at])
        if verb:
            yield from _reading(words, at, verb)


@cache
def _forms() -> Mapping[str, str]:
    return {form: verb for verb in VERBS for form in (verb, in_third_person(verb))}


def _base(word: str) -> str | None:
    return _forms().get(word.casefold())


def is_verb(word: str) -> bool:
    """Whether a word can be the verb of such a sentence."""
    return _base(word) is not None


def _reading(words: list[str], at: int, verb: str) -> Iterator[Sentence]:
    meaning = VERBS[verb]
    subject = _subject(words[:at])
    hurry = bool(re.search(r"\basync(?:hronously)?\b", " ".join(words), re.IGNORECASE))
    rest = words[at + 1 :]
    both = _both_ways(rest) if verb in ("read", "write") else 0
    if both and len(rest) > both:
        yield Sentence(subject, " ".join(rest[both:]), "reads and writes", "data")
        return
    for j, word in enumerate(rest[: _OBJECT_MAX + 1]):
        if word.casefold() in meaning.prepositions and rest[j + 1 :]:
            what = [w for w in rest[:j] if w.casefold() not in ("up", "out", "over", "requests", "traffic", "in")]
            target = rest[j + 1 :]
            if target[0].casefold() in ("to", "of", "from") and len(target) > 1:
                target = target[1:]
            yield _with_object(subject, verb, what, " ".join(target), hurry)
            return
    if meaning.plain and rest:
        kind: EdgeKind = "async" if hurry else meaning.plain
        yield Sentence(subject, " ".join(_drop_adverb(rest)), in_third_person(verb), kind)


def _both_ways(rest: list[str]) -> int:
    """How many words "and writes to" takes after "reads (from)"."""
    match = re.match(r"(?:from |to )?and (?:writes?|reads?)(?: to| from| into)?(?= )", " ".join(rest), re.IGNORECASE)
    return len(match.group().split()) if match else 0


def _drop_adverb(rest: list[str]) -> list[str]:
    return [
        w for w in rest if not re.fullmatch(r"(?:a?synchronously|directly|async|also)[.,]?", w, re.IGNORECASE)
    ] or rest


def _subject(words: list[str]) -> str:
    subject = " ".join(words)
    while match := _MODAL.search(subject):
        subject = subject[: match.start()]
    return re.sub(r"\s+(?:that|which|who)$", "", subject, flags=re.IGNORECASE)


def _with_object(subject: str, verb: str, what: list[str], target: str, hurry: bool) -> Sentence:
    meaning, said = VERBS[verb], " ".join(what)
    target = " ".join(_drop_adverb(target.split()))
    if meaning.reverse:
        return Sentence(subject, target, f"delivers {said or 'messages'}", "async", reverse=True)
    kind = "async" if hurry or (_ASYNC_OBJECT.search(said) and meaning.kind == "request") else meaning.kind
    label = "calls" if verb in _PLAIN_CALLS and not what else f"{in_third_person(verb)} {said}".strip()
    return Sentence(subject, target, "sends requests" if label == "sends" else label, kind)
