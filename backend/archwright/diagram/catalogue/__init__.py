"""The technologies that Archwright knows: what each is, who makes it, and who would run it for you."""

from archwright.diagram.catalogue.entry import CLOUDS, Alias, Cloud, Entry, entries
from archwright.diagram.catalogue.equivalents import managed, search, technology
from archwright.diagram.catalogue.mentions import Match, find, lookup

__all__ = [
    "CLOUDS", "Alias", "Cloud", "Entry", "Match", "entries", "find", "lookup", "managed", "search", "technology",
]  # fmt: skip
