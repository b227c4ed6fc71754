"""A technology of the catalogue, and how the catalogue is read from its file."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from archwright.diagram.model import NodeType

Cloud = Literal["aws", "gcp", "azure", "cloudflare"]
Spelling = Literal["any case", "this case", "in context"]

CLOUDS: Mapping[str, Cloud] = {"AWS": "aws", "Google Cloud": "gcp", "Azure": "azure", "Cloudflare": "cloudflare"}
_MARKS: Mapping[str, Spelling] = {"=": "this case", "~": "in context"}


@dataclass(frozen=True, slots=True)
class Alias:
    """A spelling of a technology's name; `spelling` says how strictly free text must match it."""

    text: str
    spelling: Spelling = "any case"


@dataclass(frozen=True, slots=True)
class Entry:
    """A technology. `managed` maps a cloud, or "saas" for its maker's own, to the id of the equivalent that is
    run for you; `self_managed` is the id of what this one runs for you, if it does."""

    id: str
    name: str
    type: NodeType
    category: str
    vendor: str
    spellings: tuple[Alias, ...]
    managed: Mapping[str, str] = field(default_factory=dict)
    self_managed: str | None = None

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every spelling of its name, as plain text."""
        return tuple(alias.text for alias in self.spellings)

    @property
    def cloud(self) -> Cloud | None:
        """The cloud whose service this is."""
        return CLOUDS.get(self.vendor)


@cache
def entries() -> tuple[Entry, ...]:
    """Return every technology, in the order of the file. Reads the file once."""
    text = files(__package__).joinpath("technologies.toml").read_text(encoding="utf-8")
    rows = tuple(_rows(tomllib.loads(text)))
    runs = _runs(rows)
    return tuple(_entry(category, key, row, runs.get(key)) for category, key, row in rows)


def _rows(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for category, table in tables.items():
        shared = {"type": table["type"], "vendor": table["vendor"]}
        for key, row in table.items():
            if key not in shared:
                yield category, key, {**shared, **row}


def _runs(rows: tuple[tuple[str, str, dict[str, Any]], ...]) -> dict[str, str]:
    """Which technology a managed one runs: the first in the file that names it."""
    runs: dict[str, str] = {}
    for _, key, row in rows:
        for equivalent in row.get("managed", {}).values():
            runs.setdefault(equivalent, key)
    return runs


def _entry(category: str, key: str, row: Mapping[str, Any], self_managed: str | None) -> Entry:
    return Entry(
        id=key,
        name=row["name"],
        type=row["type"],
        category=category,
        vendor=row["vendor"],
        spellings=_spellings(row["name"], row["aliases"]),
        managed=row.get("managed", {}),
        self_managed=self_managed,
    )


def _spellings(name: str, aliases: list[str]) -> tuple[Alias, ...]:
    """The name first; an alias that spells the name decides how strictly the name is matched."""
    marked = [Alias(a[1:], _MARKS[a[0]]) if a[0] in _MARKS else Alias(a) for a in aliases]
    own = [] if any(alias.text.casefold() == name.casefold() for alias in marked) else [Alias(name)]
    return (*own, *marked)
