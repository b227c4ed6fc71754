"""What stands in for a technology: its managed equivalent, and the palette's search."""

from collections.abc import Iterator, Mapping
from functools import cache

from archwright.diagram.catalogue.entry import CLOUDS, Entry, entries
from archwright.diagram.catalogue.mentions import bare

_DEFAULT_CLOUD = "aws"


@cache
def _by_id() -> Mapping[str, Entry]:
    return {entry.id: entry for entry in entries()}


def technology(entry_id: str) -> Entry:
    """Return the technology with this id. Raises KeyError."""
    return _by_id()[entry_id]


def managed(entry: Entry, cloud: str | None = None) -> Entry | None:
    """Return the service that runs this technology for you: on the cloud, or else as its maker's own service.

    The cloud defaults to AWS. A service of another cloud is answered with its counterpart; None when there is
    nothing to change: no equivalent is known, or it is a service of that cloud already.
    """
    if entry.cloud is not None and (cloud is None or entry.cloud == cloud):
        return None
    run = technology(entry.self_managed) if entry.self_managed else entry
    wanted = [cloud, "saas"] if cloud else [_DEFAULT_CLOUD, "saas", *CLOUDS.values()]
    equivalent = next((run.managed[name] for name in wanted if name in run.managed), None)
    return technology(equivalent) if equivalent and equivalent != entry.id else None


def search(query: str, limit: int = 20) -> tuple[Entry, ...]:
    """Return the technologies that a query may mean, the best first: by name, by alias, by kind, by vendor."""
    words = query.casefold().split()
    if not words:
        return entries()[:limit]
    ranked = ((rank, place, e) for place, e in enumerate(entries()) if (rank := _rank(e, query, words)) is not None)
    return tuple(entry for _, _, entry in sorted(ranked, key=lambda item: item[:2])[:limit])


def _rank(entry: Entry, query: str, words: list[str]) -> int | None:
    wanted = bare(query)
    spellings = [bare(entry.name), *map(bare, entry.aliases)]
    tests = (
        wanted in spellings,
        bool(wanted) and spellings[0].startswith(wanted),
        any(spelling.startswith(wanted) for spelling in spellings if wanted),
        all(any(part.startswith(word) for part in _parts(entry)) for word in words),
        bool(wanted) and any(wanted in spelling for spelling in spellings),
    )
    return next((rank for rank, holds in enumerate(tests) if holds), None)


def _parts(entry: Entry) -> Iterator[str]:
    for text in (entry.name, *entry.aliases, entry.category, entry.vendor, entry.type):
        yield from text.casefold().replace("-", " ").split()
