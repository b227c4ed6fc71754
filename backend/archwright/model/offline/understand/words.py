"""A text as sentences of words, and which words can be part of a component's name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archwright.diagram.catalogue import lookup
from archwright.model.offline.edits.verbs import VERBS
from archwright.model.offline.edits.words import in_third_person, stems
from archwright.model.offline.understand.nouns import noun_of

_WORD = re.compile(r"\.NET\b|C\+\+|C#|F#|->|→|=>|[^\W_](?:[\w+#'&]|[./-](?=\w))*")
_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_CAMEL = re.compile(
    r"\b((?:[A-Z][a-z]+)+)(Service|Gateway|Worker|Server|Store|Cache|Database|DB|Db|Client|Api|API|Queue|Topic|App)\b"
)
_SNAKE = re.compile(
    r"\b([a-zA-Z]+(?:[-_][a-zA-Z]+)*)[-_](service|svc|gateway|worker|server|store|cache|db|client|api|queue|app|ui)\b"
)

STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "their",
        "our",
        "my",
        "your",
        "his",
        "her",
        "them",
        "they",
        "we",
        "i",
        "you",
        "he",
        "she",
        "there",
        "here",
        "each",
        "every",
        "all",
        "both",
        "any",
        "some",
        "no",
        "not",
        "only",
        "also",
        "just",
        "too",
        "very",
        "more",
        "most",
        "less",
        "least",
        "other",
        "another",
        "such",
        "same",
        "own",
        "per",
        "via",
        "and",
        "or",
        "but",
        "nor",
        "so",
        "if",
        "then",
        "than",
        "when",
        "where",
        "while",
        "which",
        "who",
        "whom",
        "whose",
        "what",
        "how",
        "why",
        "because",
        "since",
        "until",
        "unless",
        "though",
        "although",
        "of",
        "in",
        "on",
        "at",
        "to",
        "from",
        "into",
        "onto",
        "by",
        "with",
        "without",
        "within",
        "inside",
        "outside",
        "between",
        "among",
        "behind",
        "before",
        "after",
        "above",
        "below",
        "under",
        "over",
        "through",
        "across",
        "along",
        "around",
        "about",
        "against",
        "for",
        "as",
        "like",
        "up",
        "down",
        "out",
        "off",
        "near",
        "toward",
        "towards",
        "during",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "having",
        "can",
        "could",
        "should",
        "would",
        "will",
        "shall",
        "may",
        "might",
        "must",
        "need",
        "needs",
        "needed",
        "let",
        "lets",
        "please",
        "etc",
        "e.g",
        "i.e",
        "eg",
        "ie",
        "plus",
        "including",
        "includes",
        "include",
        "included",
        "containing",
        "contains",
        "contain",
        "consisting",
        "consists",
        "consist",
        "comprising",
        "has",
        "using",
        "used",
        "based",
        "backed",
        "powered",
        "fronted",
        "built",
        "written",
        "implemented",
        "deployed",
        "hosted",
        "running",
        "runs",
        "run",
        "located",
        "made",
        "called",
        "named",
        "instead",
        "rather",
        "except",
        "namely",
        "design",
        "draw",
        "create",
        "build",
        "make",
        "sketch",
        "diagram",
        "architecture",
        "architect",
        "show",
        "give",
        "generate",
        "describe",
        "want",
        "wants",
        "would-like",
        "support",
        "supports",
        "supporting",
        "allow",
        "allows",
        "allowing",
        "enable",
        "enables",
        "enabling",
        "provide",
        "provides",
        "providing",
        "handle",
        "handles",
        "handling",
        "manage",
        "manages",
        "ensure",
        "ensures",
        "keep",
        "keeps",
        "kept",
        "keeping",
        "hold",
        "holds",
        "holding",
        "new",
        "able",
        "where-as",
        "when-ever",
        "first",
        "second",
        "third",
        "finally",
        "next",
        "lastly",
        "later",
        "afterwards",
        "eventually",
        "once",
        "twice",
        "again",
        "directly",
        "periodically",
        "asynchronously",
        "synchronously",
        "usually",
        "always",
        "never",
        "often",
        "sometimes",
        "together",
        "separately",
        "respectively",
        "currently",
        "existing",
        "following",
        "nearest",
        "closest",
        "right",
        "left",
    ]
)
"""Words that end a noun phrase."""

MILD = frozenset(
    [
        "simple",
        "scalable",
        "robust",
        "modern",
        "fast",
        "reliable",
        "typical",
        "basic",
        "standard",
        "small",
        "large",
        "big",
        "huge",
        "tiny",
        "complete",
        "full",
        "whole",
        "highly",
        "available",
        "resilient",
        "secure",
        "efficient",
        "lightweight",
        "dedicated",
        "separate",
        "separated",
        "several",
        "multiple",
        "many",
        "various",
        "different",
        "few",
        "couple",
        "pair",
        "single",
        "single-page-ish",
        "individual",
        "independent",
        "additional",
        "extra",
        "central",
        "centralized",
        "centralised",
        "main",
        "proper",
        "good",
        "nice",
        "popular",
        "low",
        "high",
        "latency",
        "high-performance",
        "low-latency",
        "fault-tolerant",
        "horizontally-scaled",
        "well",
        "global",
        "worldwide",
        "managed",
        "self-hosted",
        "hosted",
        "distributed-ish",
        "stateless",
        "serverless-ish",
        "internal",
        "external",
        "third-party",
        "3rd-party",
        "real-time",
        "realtime",
        "near-real-time",
        "production-grade",
        "production-ready",
        "high-level",
        "classic",
        "custom",
        "in-house",
        "optional",
        "persistent",
        "durable",
        "shared-ish",
        "redundant",
        "autoscaled",
        "autoscaling",
        "auto-scaling",
        "containerized",
        "dockerized",
        "cloud-based",
        "cloud-native",
        "web-based",
    ]
)
"""Adjectives that a component's name does well without."""

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "dual": 2, "twin": 2,
}  # fmt: skip

_MORE_VERBS = [
    "show",
    "alert",
    "upload",
    "download",
    "view",
    "watch",
    "browse",
    "search",
    "log",
    "sign",
    "register",
    "pay",
    "order",
    "book",
    "post",
    "browse",
    "click",
    "open",
    "visit",
    "type",
    "accept",
    "accepts",
    "take",
    "get",
    "put",
    "return",
    "render",
    "display",
    "calculate",
    "compute",
    "convert",
    "compress",
    "resize",
    "encode",
    "transcode",
    "validate",
    "verify",
    "authenticate",
    "authorize",
    "check",
    "track",
    "record",
    "collect",
    "gather",
    "aggregate",
    "transform",
    "enrich",
    "clean",
    "load",
    "extract",
    "ingest",
    "serve",
    "deliver",
    "dispatch",
    "match",
    "assign",
    "schedule",
    "execute",
    "retry",
    "expire",
    "delete",
    "update",
    "edit",
    "add",
    "remove",
    "split",
    "merge",
    "replicate",
    "scale",
    "shard",
    "partition",
    "balance",
    "terminate",
    "protect",
    "secure",
    "encrypt",
    "emit",
    "raise",
    "listen",
    "respond",
    "reply",
    "answer",
    "ask",
    "tell",
    "help",
    "work",
    "go",
    "come",
    "start",
    "stop",
    "begin",
    "end",
    "happen",
    "become",
    "remain",
    "exist",
    "live",
    "sit",
    "stand",
    "expect",
    "see",
    "look",
    "find",
    "choose",
    "pick",
    "select",
    "set",
    "define",
    "generate",
    "produce",
    "score",
    "rank",
    "rate",
    "review",
    "approve",
    "reject",
    "flag",
    "block",
    "detect",
    "predict",
    "train",
    "evaluate",
    "monitor",
    "alert",
    "notify",
    "page",
    "email",
    "text",
    "push",
    "pull",
    "fetch",
    "poll",
    "sync",
    "synchronize",
    "migrate",
    "archive",
    "backup",
    "restore",
    "persist",
    "save",
    "store",
    "cache",
    "queue",
    "buffer",
    "stream",
    "index",
    "query",
    "read",
    "write",
    "forward",
    "route",
    "proxy",
    "redirect",
    "expose",
    "publish",
    "subscribe",
    "consume",
    "process",
    "fan",
    "trigger",
    "invoke",
    "call",
    "hit",
    "reach",
    "access",
    "contact",
    "talk",
    "communicate",
    "connect",
    "integrate",
    "sits",
    "lives",
    "powers",
    "feeds",
    "drives",
    "turns",
    "moves",
    "passes",
    "ships",
    "sends",
    "receives",
    "goes",
    "comes",
    "flows",
    "flow",
    "pass",
    "send",
    "receive",
    "move",
    "turn",
    "feed",
    "drive",
    "ship",
    "lands",
    "land",
    "front",
    "fronts",
]
_NOUNS_TOO = frozenset({
    "search", "order", "book", "post", "email", "text", "push", "page", "stream", "queue", "cache", "store", "index", "log", "proxy",
    "match", "rate", "review", "score", "record", "buffer", "backup", "archive", "monitor", "alert", "sync", "load",
    "update", "route", "check", "process", "schedule", "query", "report", "request", "mirror", "share", "access",
    "front", "work", "model", "view", "track", "exchange", "watch", "pay", "set", "rank", "flow",
    "ship", "type", "click", "block", "flag", "help", "live", "start", "end", "upload", "download", "feed", "drive", "map",
})  # fmt: skip


def _forms() -> tuple[frozenset[str], frozenset[str]]:
    """Forms that are always verbs, and forms that are nouns too."""
    bases = {*VERBS, *_MORE_VERBS}
    finite = {form for base in bases for form in (base, in_third_person(base))}
    doubtful = {form for base in _NOUNS_TOO for form in (base, in_third_person(base), base + "s")}
    return frozenset(finite - doubtful), frozenset(finite & doubtful)


SURE_VERBS, DOUBTFUL_VERBS = _forms()
_ENDS = ("ing", "ed")


@dataclass(frozen=True, slots=True)
class Word:
    """`gap` is what stands between the word before and this one."""

    text: str
    low: str
    start: int
    end: int
    gap: str

    @property
    def joined(self) -> bool:
        """Whether only a space parts it from the word before."""
        return not self.gap.strip(" \t\"'`*_")

    @property
    def joined_to_name(self) -> bool:
        """Whether it can go on the name that the word before is part of."""
        return not self.gap.strip(" \t`*_")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or a line of a list; `item` says that it began as one."""

    text: str
    words: tuple[Word, ...]
    item: bool


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences and lines of a text."""
    for line in _END.split(plain(text)):
        bullet = re.match(r"\s*(?:[-*•–]|\d{1,2}[.)]|#+)\s+", line)
        body = line[bullet.end() :] if bullet else line
        words = tuple(_words(body))
        if words:
            yield Sentence(body, words, bool(bullet))


def plain(text: str) -> str:
    """Return the text with plain quotes, without markdown, with names in camel or snake case read as words."""
    text = text[:20_000].replace("’", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    text = re.sub(r"\*\*|__|`", "", text).replace("—", " - ").replace("–", " - ").replace("&", " and ")
    text = _CAMEL.sub(_apart, text)
    return _SNAKE.sub(lambda m: f"{re.sub('[-_]', ' ', m[1])} {m[2]}", text)


def _apart(match: re.Match[str]) -> str:
    """A name in camel case as words, unless it is a product's."""
    if lookup(match[0]):
        return match[0]
    return f"{re.sub('(?<=[a-z])(?=[A-Z])', ' ', match[1])} {match[2]}"


def _words(text: str) -> Iterator[Word]:
    end = 0
    for match in _WORD.finditer(text):
        yield Word(match.group(), match.group().casefold(), match.start(), match.end(), text[end : match.start()])
        end = match.end()


def can_name(words: tuple[Word, ...], at: int) -> bool:
    """Whether the word can be part of a component's name where it stands."""
    low = words[at].low
    if low in STOP or low in NUMBERS or low in ("->", "→", "=>") or re.fullmatch(r"[\d.,]+[a-z%]{0,2}", low):
        return False
    if low in SURE_VERBS:
        return _names_thing(words, at)
    if low in DOUBTFUL_VERBS:
        return not _acts(words, at)
    if low.endswith(_ENDS) and len(low) > 5:
        return not _participle(words, at)
    return True


_THINGS = frozenset(
    [
        "service",
        "services",
        "worker",
        "workers",
        "server",
        "servers",
        "api",
        "apis",
        "job",
        "jobs",
        "function",
        "functions",
        "gateway",
        "replica",
        "replicas",
        "model",
        "models",
        "side",
        "path",
        "queue",
        "queues",
        "engine",
        "system",
        "app",
        "apps",
        "client",
        "clients",
        "database",
        "db",
        "layer",
        "module",
        "tier",
        "pipeline",
        "stage",
        "lambda",
        "handler",
        "endpoint",
        "topic",
        "microservice",
        "agent",
        "node",
        "nodes",
        "proxy",
        "processor",
    ]
)


def _names_thing(words: tuple[Word, ...], at: int) -> bool:
    """Whether a verb names a thing with the word after it: "dispatch service", "read replica"."""
    after = words[at + 1] if at + 1 < len(words) else None
    if after is None or not after.joined or after.low not in _THINGS or words[at].low.endswith("s"):
        return False
    if after.low.startswith(("replica", "model", "side", "path")) and words[at].low in ("read", "write"):
        return True
    before = words[at - 1].low if at and words[at].joined else ""
    return (
        before in NUMBERS
        or before in ("", "a", "an", "the", "and", "or", "our", "its", "dedicated", "separate")
        or words[at].gap.strip() != ""
    )


def _acts(words: tuple[Word, ...], at: int) -> bool:
    """Whether a word that is a noun too is the verb here: it has an object, or follows "to" or "that"."""
    before = words[at - 1].low if at and not re.search(r"[,;:.(]", words[at].gap) else ""
    if before in ("a", "an", "the", "its", "our", "their"):
        return False
    if before in ("to", "that", "which", "who", "can", "will", "must", "should", "we", "they", "users", "and-then"):
        return True
    after = words[at + 1] if at + 1 < len(words) else None
    if after is None or not after.joined:
        return False
    if noun_of(stems(after.text)) and (not at or re.search(r"[,;:(]", words[at].gap) or before in ("and", "or")):
        return False
    third = words[at].low.endswith("s") and not words[at].low.endswith("ss")
    if third:
        return (after.low not in STOP or after.low in ("the", "a", "an", "its", "their", "all", "each", "every", "both"
                                                       )) or after.low in ("to", "into", "from")  # fmt: skip
    plural_subject = before.endswith("s") and before not in STOP
    return plural_subject and (after.low not in STOP or after.low in ("the", "a", "an", "their", "to", "into", "from"))


def _participle(words: tuple[Word, ...], at: int) -> bool:
    """Whether "-ing" or "-ed" ends a phrase here: an object follows, or a preposition before a place."""
    after = words[at + 1] if at + 1 < len(words) else None
    low = words[at].low
    if after is not None and after.low in STOP and noun_of(stems(low)) and low != "messaging":
        return False
    if low.endswith("ed"):
        return low not in ("federated", "distributed", "embedded", "shared", "sharded", "replicated", "feed", "embed")
    if after is None or not after.joined:
        return False
    base_known = any(form in SURE_VERBS for form in (low[:-3], low[:-3] + "e", low[:-4]))
    return after.low in STOP or (base_known and not stems(after.text)) or low in ("using", "containing", "including")
