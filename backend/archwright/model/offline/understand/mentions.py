"""The components that a sentence names: noun phrases with a head that we know, and technologies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archwright.diagram.catalogue import Entry, find
from archwright.diagram.model import NodeType
from archwright.model.offline.edits.words import capital, singular, stems
from archwright.model.offline.understand.nouns import PLAIN, noun_of
from archwright.model.offline.understand.words import MILD, NUMBERS, Sentence, Word, can_name

LANGUAGES = frozenset({"back-end language", "back-end framework", "front-end framework", "mobile", "hosting platform",
                       "compute", "language-model framework"})  # fmt: skip
_WORDS_MAX = 6
_SHOUTED = frozenset(["api", "cdn", "dns", "waf", "vpc", "sms", "llm", "ml", "ui", "db", "etl", "vpn", "sso", "iot", "cli", "bff", "pos", "crm", "erp", "ocr", "kyc", "gps", "ehr", "hr", "pdf", "ai", "id", "eu", "us", "uk", "apac", "rag", "seo", "otp", "qr", "ci", "cd", "sql", "az", "gpu", "rss", "mqtt", "http", "grpc", "s3", "url", "cms", "dlq", "cdc", "tts", "sfu", "alb", "nlb", "iam", "jwt", "b2b", "atm"])  # fmt: skip
REGION = re.compile(
    r"(?:us|eu|ap|sa|ca|af|me|asia|europe|uk)-(?:gov-)?(?:north|south|east|west|central|northeast|southeast|northwest|southwest)+-?\d?[a-d]?",
    re.IGNORECASE,
)
_UNCOUNTED = frozenset(
    {"analytics", "kubernetes", "postgres", "redis", "dns", "aws", "sales", "news", "sms", "ios", "cms", "pos"}
)
_SPELLED = {
    "ios": "iOS",
    "websocket": "WebSocket",
    "graphql": "GraphQL",
    "rest": "REST",
    "oauth": "OAuth",
    "kyc": "KYC",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A component at the words [start, end) of its sentence.

    `plural` and `count` say how many; `bare` that the phrase was no more than a kind ("a database"); `weak` that
    it names people rather than a component; `entry` is the technology that it names.
    """

    start: int
    end: int
    label: str
    type: NodeType
    technology: str = ""
    entry: Entry | None = None
    count: int = 1
    plural: bool = False
    bare: bool = False
    head: str = ""
    determined: bool = False
    definite: bool = False
    unknown: bool = False

    @property
    def weak(self) -> bool:
        return self.type == "user"

    @property
    def stems(self) -> tuple[str, ...]:
        return stems(self.label)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words [start, end) that may name something; `count` from a number before, `determined` by an article."""

    start: int
    end: int
    count: int
    determined: bool
    definite: bool = False


def chunks(sentence: Sentence) -> Iterator[Chunk]:
    """Yield the runs of words that may be names, without what stands before a noun."""
    words, at = sentence.words, 0
    while at < len(words):
        if not can_name(words, at):
            at += 1
            continue
        end = at + 1
        while end < len(words) and words[end].joined_to_name and can_name(words, end):
            end += 1
        start = at
        while start < end and words[start].low in MILD:
            start += 1
        if start < end:
            count, determined, definite = _before(words, at)
            yield Chunk(start, end, count, determined, definite)
        at = end


def _before(words: tuple[Word, ...], at: int) -> tuple[int, bool, bool]:
    count, determined, definite, look = 1, False, False, at - 1
    while look >= 0 and words[look + 1].joined and (words[look].low in NUMBERS or words[look].low.isdigit()
                                                    or words[look].low in _DETERMINERS):  # fmt: skip
        low = words[look].low
        if low in NUMBERS or low.isdigit():
            count = NUMBERS[low] if low in NUMBERS else min(int(low[:4]), 1000)
        determined = determined or low in _DETERMINERS
        definite = definite or low in _DEFINITE
        look -= 1
    return max(count, 1), determined, definite


_DEFINITE = frozenset({"the", "its", "their", "our", "this", "that"})
_DETERMINERS = frozenset({"a", "an", "the", "its", "their", "our", "each", "every", "own", "this"})


def mentions(sentence: Sentence) -> list[Mention]:
    """Return the components of a sentence in their order; runs of words that name none are left out."""
    known, _ = read(sentence)
    return known


def read(sentence: Sentence) -> tuple[list[Mention], list[Mention]]:
    """Return the components of a sentence, and the phrases whose words we do not know."""
    entries = _entries(sentence)
    known, unknown = list[Mention](), list[Mention]()
    for chunk in chunks(sentence):
        for found in _split(sentence, chunk, entries):
            (unknown if found.unknown else known).append(found)
    return known, unknown


_LEAD = "The "
"""Put before a sentence, so that a product's name that opens it counts by its capital letter."""


def _entries(sentence: Sentence) -> dict[int, tuple[int, Entry]]:
    """Technologies by the word at which they begin: where they end, and what they are."""
    found: dict[int, tuple[int, Entry]] = {}
    for match in find(f"{_LEAD}{sentence.text}"):
        start, end = match.start - len(_LEAD), match.end - len(_LEAD)
        inside = [i for i, word in enumerate(sentence.words) if word.end > start and word.start < end]
        if inside:
            found[inside[0]] = (inside[-1] + 1, match.entry)
    return found


def _split(sentence: Sentence, chunk: Chunk, entries: dict[int, tuple[int, Entry]]) -> Iterator[Mention]:
    """Read a run as one name, or as several when a name ends and a technology follows it."""
    start, at = chunk.start, chunk.start
    last_head = -1
    while at < chunk.end:
        if at in entries and last_head >= start and at > start and last_head == at - 1 and noun_of(
            stems(sentence.words[at - 1].text)
        ):  # fmt: skip
            yield from _one(sentence, replace(chunk, start=start, end=at), entries)
            start = at
        if at in entries:
            at = max(entries[at][0], at + 1)
            continue
        last_head = at if noun_of(stems(sentence.words[at].text)) else last_head
        at += 1
    yield from _one(sentence, replace(chunk, start=start, end=max(chunk.end, at)), entries)


def _one(sentence: Sentence, chunk: Chunk, entries: dict[int, tuple[int, Entry]]) -> Iterator[Mention]:
    words = sentence.words
    spans = [(i, *entries[i]) for i in range(chunk.start, min(chunk.end, len(words))) if i in entries]
    covered = {i for first, last, _ in spans for i in range(first, last)}
    end = _head_end(words, chunk, covered)
    named = [(first, last, entry) for first, last, entry in spans if first < end or not end]
    if end > chunk.start and not (named and named[-1][1] >= end and end - named[-1][0] <= named[-1][1] - named[-1][0]):
        yield _headed(words, replace(chunk, end=end), named, covered)
        later = [span for span in spans if span[0] >= end]
    else:
        later = spans
    for first, last, entry in later:
        yield _technology(words, replace(chunk, start=max(chunk.start, first), end=last), entry)
    if not spans and end <= chunk.start and chunk.end - chunk.start <= _WORDS_MAX:
        label = written(words[chunk.start : chunk.end])
        if REGION.fullmatch(words[chunk.start].text) and chunk.end == chunk.start + 1:
            yield Mention(chunk.start, chunk.end, words[chunk.start].text, "group")
            return
        plural = singular(words[chunk.end - 1].text) != words[chunk.end - 1].text
        yield Mention(
            chunk.start, chunk.end, label, "service", plural=plural, determined=chunk.determined, unknown=True
        )


def _head_end(words: tuple[Word, ...], chunk: Chunk, covered: set[int]) -> int:
    """Where the last head in the run ends, outside of technologies' names unless they name it too; 0 for none."""
    for end in range(min(chunk.end, len(words)), chunk.start, -1):
        if end - 1 in covered:
            continue
        phrase = stems(" ".join(word.text for word in words[chunk.start : end]))
        if noun_of(phrase[-4:]):
            return end
    return 0


def _headed(words: tuple[Word, ...], chunk: Chunk, named: list[tuple[int, int, Entry]], covered: set[int]) -> Mention:
    start = max(chunk.start, chunk.end - _WORDS_MAX)
    own = words[start : chunk.end]
    phrase = stems(" ".join(word.text for word in own))
    found = noun_of(phrase)
    assert found is not None
    noun, length = found
    entry = named[-1][2] if named else None
    plain = stems(" ".join(w.text for i, w in enumerate(words[start : chunk.end], start) if i not in covered))
    generic = set(plain) <= PLAIN and bool(plain)
    type_ = _type(noun.type, entry, generic)
    last = own[-1].text
    plural = singular(last) != last
    head = phrase[-1] if phrase else ""
    return Mention(
        start=start, end=chunk.end, label=written(own), type=type_,
        technology=entry.name if entry and _fits(type_, entry) else "", entry=entry, count=chunk.count, plural=plural,
        bare=len(phrase) <= length and entry is None and len(own) <= 2 and noun.type not in ("web", "mobile"),
        head=head, determined=chunk.determined, definite=chunk.definite,
    )  # fmt: skip


def _type(head: NodeType, entry: Entry | None, generic: bool) -> NodeType:
    if entry is None or entry.category in LANGUAGES:
        return head
    if head == "group" and entry.type != "group":
        return entry.type
    return entry.type if generic or _related(head, entry.type) else head


_FAMILIES: tuple[frozenset[NodeType], ...] = (
    frozenset({"queue", "stream"}), frozenset({"database", "vectordb", "warehouse", "cache", "search"}),
    frozenset({"auth", "external"}), frozenset({"external", "llm"}),
)  # fmt: skip


def _related(one: NodeType, other: NodeType) -> bool:
    return one == other


def _fits(type_: NodeType, entry: Entry) -> bool:
    """Whether a technology can be what such a component is made with."""
    if entry.category in LANGUAGES:
        return type_ in ("service", "api", "worker", "web", "mobile", "server", "gateway", "client", "function", "auth",
                         "ml", "scheduler", "llm", "search", "external", "group")  # fmt: skip
    return type_ == entry.type or any({type_, entry.type} <= family for family in _FAMILIES) or type_ not in (
        "service", "api", "worker", "web", "mobile", "server", "client", "user",
    ) or entry.type in ("function", "server")  # fmt: skip


def fits(mention: Mention, entry: Entry) -> bool:
    """Whether a technology named after a component is what that is made with, not a component of its own."""
    return mention.entry is None and _fits(mention.type, entry)


def _technology(words: tuple[Word, ...], chunk: Chunk, entry: Entry) -> Mention:
    text = " ".join(word.text for word in words[chunk.start : chunk.end])
    return Mention(
        start=chunk.start, end=chunk.end, label=entry_label(text, entry), type=entry.type, technology=entry.name,
        entry=entry, count=chunk.count, plural=False, bare=True, head="", determined=chunk.determined, definite=chunk.definite,
    )  # fmt: skip


def entry_label(text: str, entry: Entry) -> str:
    """The technology as it was called, in the maker's spelling where it is the same name."""
    place = entry.name.casefold().find(text.casefold())
    if place >= 0 and not entry.name[place + len(text) : place + len(text) + 1].isalnum():
        return entry.name[place : place + len(text)]
    return text if re.search(r"[A-Z]", text) else entry.name


def written(words: tuple[Word, ...] | list[Word]) -> str:
    """Return words as a label: singular, abbreviations in capitals, the first letter large."""
    texts = [word.text for word in words if word.low not in MILD] or [word.text for word in words]
    texts = [re.sub(r"'s?$", "", text) for text in texts]
    whole = " ".join(texts)
    if not any(match.end == len(whole) for match in find(whole)) or noun_of(stems(texts[-1])):
        texts[-1] = texts[-1] if texts[-1].casefold() in _UNCOUNTED else singular(texts[-1])
    for entry in find(" ".join(texts)):
        texts = " ".join(texts).replace(" ".join(texts)[entry.start : entry.end], entry_label(
            " ".join(texts)[entry.start : entry.end], entry.entry)).split(" ")  # fmt: skip
    return capital(" ".join(_spelling(text) for text in texts if text))[:60]


def _spelling(text: str) -> str:
    low = text.casefold()
    if low in _SHOUTED:
        return text.upper()
    return _SPELLED.get(low, text)
