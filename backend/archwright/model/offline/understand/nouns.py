"""What the last words of a noun phrase say of a component: its type, and its usual technology."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from archwright.diagram.catalogue import technology
from archwright.diagram.model import NodeType
from archwright.model.offline.edits.lexicon import heads as known_heads
from archwright.model.offline.edits.words import stems


@dataclass(frozen=True, slots=True)
class Noun:
    """A head: the type of what it names, and the technology to take when none is named."""

    type: NodeType
    technology: str = ""


@cache
def nouns() -> Mapping[tuple[str, ...], Noun]:
    """Return every head by its stems."""
    found: dict[tuple[str, ...], Noun] = {}
    for words, kind in known_heads().items():
        found[words] = Noun(kind.type, technology(kind.technology).name if kind.technology else "")
    tables = tomllib.loads(files(__package__).joinpath("nouns.toml").read_text(encoding="utf-8"))
    for type_, phrases in tables.items():
        for phrase in phrases:
            found.setdefault(stems(phrase), Noun(cast(NodeType, type_)))
    for phrase in _NOT_ALONE:
        found.pop(stems(phrase), None)
    return found


_NOT_ALONE = (
    "core",
    "ai",
    "tool",
    "section",
    "area",
    "frame",
    "container",
    "log",
    "trace",
    "agent",
    "people",
    "secret",
    "metric",
)
"""Words that are components for an edit but everyday words in a description."""

PLAIN = frozenset({"service", "server", "api", "system", "layer", "backend", "app", "application", "component", "platform",
                   "cluster", "instance", "node", "module", "interface", "engine", "tier"})  # fmt: skip
"""Heads that say little: what stands before them counts for more."""

BY_QUALIFIER: tuple[tuple[frozenset[str], frozenset[str], NodeType], ...] = (
    (
        frozenset({"push", "sms", "email", "mail", "payment", "card", "map", "tax", "weather", "shipping"}),
        frozenset({"provider", "gateway", "processor", "network", "vendor", "carrier", "partner"}),
        "external",
    ),
    (
        frozenset({"auth", "identity", "login", "sso", "token", "permission", "session"}),
        frozenset({"service", "server", "api", "provider", "system"}),
        "auth",
    ),
    (
        frozenset(
            {
                "object",
                "blob",
                "file",
                "media",
                "image",
                "photo",
                "video",
                "asset",
                "artifact",
                "attachment",
                "backup",
                "model",
            }
        ),
        frozenset({"store", "storage", "bucket"}),
        "storage",
    ),
    (frozenset({"vector", "embedding"}), frozenset({"store", "database", "index", "search"}), "vectordb"),
    (frozenset({"session", "token"}), frozenset({"store"}), "cache"),
    (frozenset({"websocket", "socket"}), frozenset({"server", "service"}), "gateway"),
    (
        frozenset({"mobile", "ios", "android", "iphone"}),
        frozenset({"client", "application", "frontend", "ui"}),
        "mobile",
    ),
    (frozenset({"web", "browser"}), frozenset({"client", "application", "frontend", "ui", "portal"}), "web"),
    (frozenset({"desktop"}), frozenset({"application", "client"}), "client"),
    (
        frozenset({"driver", "rider", "courier", "passenger", "consumer", "customer"}),
        frozenset({"application"}),
        "mobile",
    ),
    (
        frozenset({"admin", "merchant", "partner", "seller", "restaurant"}),
        frozenset({"application", "dashboard", "portal", "panel", "console"}),
        "web",
    ),
)
"""Where a word before the head changes what the head means."""


def noun_of(words: tuple[str, ...]) -> tuple[Noun, int] | None:
    """Return what the last of these stems name, and how many of them; the longest name counts."""
    for first in range(len(words)):
        noun = nouns().get(words[first:])
        if noun is not None:
            return _qualified(words, noun), len(words) - first
    return None


def _qualified(words: tuple[str, ...], noun: Noun) -> Noun:
    before, head = set(words[:-1]), words[-1]
    for qualifiers, heads, type_ in BY_QUALIFIER:
        if head in heads and before & qualifiers:
            return Noun(type_, noun.technology if noun.type == type_ else "")
    return noun
