"""What a kind of system consists of, as data."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from archwright.diagram.model import EdgeKind, NodeType

_OWN_NAME = 4.0
"""The weight of a kind's own name."""
_LINK = re.compile(r"^([\w-]+) -> ([\w-]+): (.+) \((\w+)\)$")


@dataclass(frozen=True, slots=True)
class Role:
    """A part that such a system has. `aliases` are names by which a text may call it; a `core` one is drawn even
    where the text names much."""

    id: str
    type: NodeType
    label: str
    technology: str
    description: str
    aliases: tuple[str, ...]
    core: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two roles, by their ids."""

    source: str
    target: str
    label: str
    kind: EdgeKind


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of system. `cues` are phrases that speak for it, with their weights."""

    id: str
    name: str
    cues: tuple[tuple[str, float], ...]
    roles: tuple[Role, ...]
    links: tuple[Link, ...]


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return every kind of system, in the order of the files."""
    folder = files(__package__).joinpath("data")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    tables = [tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in names]
    return tuple(_pattern(key, table) for tables_ in tables for key, table in tables_.items())


def _pattern(key: str, table: Mapping[str, Any]) -> Pattern:
    return Pattern(
        id=key,
        name=table["name"],
        cues=tuple(table["cues"].items()),
        roles=tuple(_roles(table["roles"])),
        links=tuple(_link(text) for text in table["links"]),
    )


def _roles(rows: list[dict[str, Any]]) -> Iterator[Role]:
    for row in rows:
        yield Role(
            row["id"], row["type"], row["label"], row.get("technology", ""), row.get("description", ""),
            tuple(row.get("aliases", ())), row.get("core", False),
        )  # fmt: skip


def _link(text: str) -> Link:
    match = _LINK.match(text)
    if match is None:
        raise ValueError(f"not a link: {text}")
    return Link(match[1], match[2], match[3], cast(EdgeKind, match[4]))


def best(text: str) -> tuple[tuple[Pattern, float], ...]:
    """Return the kinds of system that a text speaks of, the likeliest first, each with its score."""
    low = _spaced(text)
    scored = [(pattern, _score(pattern, low)) for pattern in patterns()]
    return tuple(sorted(((p, s) for p, s in scored if s > 0), key=lambda pair: -pair[1]))


def _score(pattern: Pattern, text: str) -> float:
    return sum(weight for cue, weight in _cues(pattern) if cue in text and _stands_in(cue, text))


@cache
def _cues(pattern: Pattern) -> tuple[tuple[str, float], ...]:
    """The pattern's cues and its own name, spelled as the text is."""
    weights = {**dict(pattern.cues), pattern.name: _OWN_NAME}
    return tuple((_spaced(cue), weight) for cue, weight in weights.items())


def _stands_in(cue: str, text: str) -> bool:
    """Whether the cue stands in the text as whole words, in the singular or with an ending."""
    return re.search(rf"\b{re.escape(cue)}(?:s|es|ing)?\b", text) is not None


def _spaced(text: str) -> str:
    return re.sub(r"[^\w+/]+", " ", text.casefold()).strip()
