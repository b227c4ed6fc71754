"""Finding technologies in free text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from archwright.diagram.catalogue.entry import Alias, Entry, entries

_WORD = re.compile(r"(?<![\w.])\.net\b|[^\W_]+(?:\+\+|#)?", re.IGNORECASE)
_JOIN = re.compile(r"[ \t]?[-./&@][ \t]?|[ \t]{1,2}|[ \t]?\(|")
_PLURAL_FROM = 4
"""Letters a word needs before a trailing s counts as a plural."""

_BEFORE = frozenset({
    "using", "use", "uses", "with", "via", "in", "run", "runs", "running", "written", "built", "implemented",
    "powered", "coded", "called", "choose", "chose", "like", "prefer", "than", "add", "adopt", "introduce", "deploy",
    "install",
})  # fmt: skip
"""Words before a technology that is also an everyday word; "in go" is a language, "to go" is not."""

_AFTER = frozenset({
    "service", "services", "server", "servers", "backend", "backends", "framework", "app", "apps", "application",
    "applications", "api", "apis", "microservice", "microservices", "cluster", "database", "instance", "instances",
    "worker", "workers", "workflow", "workflows", "binary", "proxy", "sdk", "client", "frontend", "spa", "code",
    "module", "monolith", "gateway", "container", "containers", "broker", "function", "functions", "account",
    "webhook", "webhooks", "integration", "program", "programs", "daemon", "process", "cli",
})  # fmt: skip
"""Words after it that make it a technology."""

_NOT_AFTER = frozenset({
    "delivery", "checkout", "lane", "shipping", "mail", "order", "step", "steps", "day", "days", "week", "month",
    "year", "generation", "version", "time", "through", "out", "back", "live", "down", "up", "there", "here", "feet",
    "meters", "the", "a", "an", "to", "on", "from",
})  # fmt: skip
"""Words after it that make it an everyday word whatever stands before."""

_EVERYDAY = (
    "lambda architecture", "lambda calculus", "vector database", "vector databases", "vector db", "vector store",
    "vector search", "vector index", "market segment", "customer segment", "data lake", "presto chango",
    "synapse of", "neptune the planet", "anthropic principle", "next generation", "edge case",
    "vertex of", "beats per", "electric consul", "sanity check", "sanity checks",
)  # fmt: skip
"""Phrases that contain a technology's name and mean something else."""


class Match(NamedTuple):
    """A mention: `text[start:end]` names the technology of `entry`."""

    start: int
    end: int
    entry: Entry


@dataclass(slots=True)
class _Branch:
    """A node of the tree of spellings, one word deep."""

    words: dict[str, "_Branch"] = field(default_factory=dict)
    ends: list[tuple[Alias, Entry | None]] = field(default_factory=list)


def find(text: str) -> tuple[Match, ...]:
    """Return the technologies that a text names, in order, the longest name first at each place, none overlapping.

    A name that is an everyday word too ("go", "express", "play") counts only where its case or the words beside
    it say so.
    """
    words = list(_WORD.finditer(text))
    found: list[Match] = []
    at = 0
    while at < len(words):
        length, entry = _longest(text, words, at)
        if entry is not None:
            found.append(Match(words[at].start(), words[at + length - 1].end(), entry))
        at += max(length, 1)
    return tuple(found)


def _longest(text: str, words: list[re.Match[str]], at: int) -> tuple[int, Entry | None]:
    """How many words the longest fitting name takes here, and whose it is; (0, None) for none."""
    best: tuple[int, Entry | None] = (0, None)
    for length, (alias, entry) in _spelled(text, words, at):
        if length >= best[0] and (entry is None or _fits(text, words, at, length, alias)):
            best = (length, entry)
    return best


def _spelled(text: str, words: list[re.Match[str]], at: int) -> Iterator[tuple[int, tuple[Alias, Entry | None]]]:
    branch = tree()
    for length, word in enumerate(words[at:], start=1):
        if length > 1 and not _JOIN.fullmatch(text, words[at + length - 2].end(), word.start()):
            return
        key = word.group().casefold()
        singular = branch.words.get(key[:-1]) if len(key) > _PLURAL_FROM and key.endswith("s") else None
        following = branch.words.get(key)
        for end in (following or singular or _Branch()).ends:
            yield length, end
        if following is None:
            return
        branch = following


def _fits(text: str, words: list[re.Match[str]], at: int, length: int, alias: Alias) -> bool:
    if alias.spelling == "any case":
        return True
    written = text[words[at].start() : words[at + length - 1].end()]
    after = words[at + length].group().casefold() if at + length < len(words) else ""
    if alias.spelling == "this case":
        same = written.removesuffix("s") == alias.text.removesuffix("s")
        return same and (not _opens_sentence(text, words[at].start()) or _beside(text, words, at, after))
    return after not in _NOT_AFTER and _beside(text, words, at, after)


def _opens_sentence(text: str, start: int) -> bool:
    """Whether a capital letter here says nothing: the text, a sentence or a list item begins."""
    before = text[:start].rstrip(" \t\"'(")
    return not before or before[-1] in ".!?\n" or bool(re.search(r"(?:^|\n)\s*(?:[-*•]|\d+[.)])$", before))


def _beside(text: str, words: list[re.Match[str]], at: int, after: str) -> bool:
    start = words[at].start()
    before = words[at - 1].group().casefold() if at else ""
    gap = text[words[at - 1].end() : start] if at else ""
    alone = not after and not text[:start].strip()
    return after in _AFTER or "(" in gap or alone or (before in _BEFORE and gap == " ")


@cache
def tree() -> _Branch:
    """Return the tree of every spelling, word by word; a phrase that names no technology ends in None."""
    root = _Branch()
    for phrase in _EVERYDAY:
        _plant(root, Alias(phrase), None)
    for entry in entries():
        for alias in entry.spellings:
            _plant(root, alias, entry)
    return root


def _plant(root: _Branch, alias: Alias, entry: Entry | None) -> None:
    parts = [word.casefold() for word in _WORD.findall(alias.text)]
    joined = "".join(parts)
    for spelling in [parts, [joined]] if len(parts) > 1 and len(joined) > _PLURAL_FROM else [parts]:
        branch = root
        for part in spelling:
            branch = branch.words.setdefault(part, _Branch())
        branch.ends.append((alias, entry))


@cache
def _by_name() -> Mapping[str, Entry]:
    names: dict[str, Entry] = {}
    for entry in entries():
        names.setdefault(entry.id, entry)
        for alias in entry.spellings:
            names.setdefault(bare(alias.text), entry)
    return names


def bare(name: str) -> str:
    """Return a name as lookups compare it: small letters, no spaces or punctuation but + and #."""
    return "".join(re.findall(r"[^\W_]+|[+#]", name.casefold()))


def lookup(name: str) -> Entry | None:
    """Return the technology with this id, name or alias, in any case; None when there is none."""
    names = _by_name()
    return names.get(name.strip().casefold()) or names.get(bare(name))
