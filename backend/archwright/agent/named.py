"""Whether a job's changes hold what a sentence names: that something was added, removed or connected, and not another
thing than it says. Pure. In doubt a sentence is true."""

import re
from collections.abc import Iterator, Set

from archwright.diagram.deeds import Deeds
from archwright.diagram.model import Diagram, Node

_ITEM = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*")
_END = re.compile(
    r"\s+(?:from|out|in|into|to|with|for|on|so|because|since|as|which|that|by|at|then|of|between)\b|[.;:!()]"
)
_PAIR = re.compile(
    r"^\s+(?P<a>.+?)\s+(?:to|with|and)\s+(?P<b>.+?)(?:\s+(?:with|as|by|for|via|over|through)\b.*|[.;:!,].*)?$"
)
_PROPERTY = re.compile(r"\b(?:descriptions?|labels?|technolog\w+|names?|notes?|details?|texts?)\b", re.IGNORECASE)
_WAYS = frozenset({"parent", "source", "target"})


def something_added(words: str, deeds: Deeds) -> bool:
    """Whether an element was added, or else a value that the words name was written."""
    if deeds.added or deeds.connected or deeds.wrote:
        return True
    if _PROPERTY.search(words):
        return bool(deeds.written)
    return bool(_long(words) & {word for value in _values(deeds) for word in _long(value)})


def _values(deeds: Deeds) -> Iterator[str]:
    yield from (str(value) for values in deeds.written.values() for value in values.values())
    yield deeds.title


def _long(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text.casefold()))


def something_removed(deeds: Deeds) -> bool:
    """Whether an element is gone, or else a value, a membership, a line's way or a part of a text."""
    if deeds.removed or deeds.disconnected or deeds.dropped or set(deeds.wrote) - deeds.fresh:
        return True
    return any(
        name in _WAYS or not value or len(str(value)) < len(str(deeds.was[one].get(name) or ""))
        for one, values in deeds.written.items()
        for name, value in values.items()
    )


def connected(words: str, deeds: Deeds, diagram: Diagram) -> bool:
    """Whether a line was drawn or led elsewhere; of two nodes that are named, whether a line is between them."""
    if not deeds.connected and not any(_WAYS & values.keys() for values in deeds.written.values()):
        return False
    pair = _PAIR.match(words)
    one, other = (_ids(pair[end], diagram) for end in ("a", "b")) if pair else (set[str](), set[str]())
    ways = ((one, other), (other, one))
    return (
        not one
        or not other
        or any(
            edge.source in sources and edge.target in targets
            for edge in diagram.edges.values()
            for sources, targets in ways
        )
    )


def names_another(words: str, deeds: Deeds, diagram: Diagram) -> bool:
    """Whether words that begin with a list of names have the name of a node that is there and was not touched."""
    items = {_plain(item) for item in _ITEM.split(_END.split(words.strip(), maxsplit=1)[0])}
    untouched = items - {_plain(name) for name in _touched(deeds, diagram)}
    return bool(untouched) and any(_is_called(node, untouched) for node in diagram.nodes.values())


def _is_called(node: Node, names: Set[str]) -> bool:
    return node.label.casefold() in names or node.id in names


def _touched(deeds: Deeds, diagram: Diagram) -> Iterator[str]:
    """The names of all that was changed, as they were and as they are."""
    for node in (*deeds.added.values(), *deeds.removed.values()):
        yield from (node.label, node.id)
    for one in deeds.written:
        yield from (one, diagram.nodes[one].label) if one in diagram.nodes else (one,)
    for pair in deeds.renamed.values():
        yield from pair
    yield from (*deeds.wrote.values(), *deeds.dropped.values())


def _ids(name: str, diagram: Diagram) -> set[str]:
    names = {_plain(name)}
    return {node.id for node in diagram.nodes.values() if _is_called(node, names)}


def _plain(name: str) -> str:
    """A name as it is compared: without article, quotes, and what it is."""
    bare = re.sub(r"^(?:an?|the|both|all|new|old|node|component)\s+", "", name.strip(" \t\"'“”`*.,;:!()").casefold())
    return re.sub(r"\s+(?:node|component|box)$", "", bare)
