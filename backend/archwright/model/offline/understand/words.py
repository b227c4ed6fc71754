"""A text as sentences of words, and which words can be part of a component's name."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

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

_LISTS = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))

STOP = frozenset(_LISTS["stop"].split())
"""Words that end a noun phrase."""

MILD = frozenset(_LISTS["mild"].split())
"""Adjectives that a component's name does well without."""

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "dual": 2, "twin": 2,
}  # fmt: skip

_NOUNS_TOO = frozenset(_LISTS["nouns_too"].split())


def _forms() -> tuple[frozenset[str], frozenset[str]]:
    """Forms that are always verbs, and forms that are nouns too."""
    bases = {*VERBS, *_LISTS["more_verbs"].split()}
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


_THINGS = frozenset(_LISTS["things"].split())


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
    if after.low in ("it", "them"):
        return True
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
