"""Which nodes a name fits: exactly, by its words, by technology, by kind, or with a typing error mended."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from archwright.diagram.model import Diagram, Node
from archwright.model.offline.edits.draft import technology_of
from archwright.model.offline.edits.lexicon import TYPE_NOUNS, heads
from archwright.model.offline.edits.parts import technology_named
from archwright.model.offline.edits.words import alike, stems


def members(diagram: Diagram, group_id: str) -> list[Node]:
    """Return everything in a group, at any depth."""
    return [n for n in diagram.nodes.values() if any(group.id == group_id for group in diagram.ancestors(n.id))]


def best(diagram: Diagram, phrase: str) -> list[Node]:
    """The nodes that fit a phrase best: by name first, then by technology, by kind, by a nearly right name."""
    found = _fitting(diagram, phrase)
    if found:
        return found
    words = stems(phrase)
    vocabulary = sorted({w for n in diagram.nodes.values() for w in words_of(n.label, n.technology, n.type, n.id)[3]})
    mended = [word if word in vocabulary else _nearest(word, vocabulary) for word in words]
    return _fitting(diagram, " ".join(mended)) if mended and tuple(mended) != words else []


def _nearest(word: str, vocabulary: Iterable[str]) -> str:
    return next((known for known in vocabulary if alike(word, known)), word)


def _fitting(diagram: Diagram, phrase: str) -> list[Node]:
    nodes = list(diagram.nodes.values())
    words = frozenset(stems(phrase))
    low = phrase.casefold()
    exact = [n for n in nodes if low in (n.label.casefold(), n.id.casefold())]
    if exact or not words:
        return exact
    content = words - TYPE_NOUNS.keys()
    entry = technology_named(phrase)
    kind = heads().get(stems(phrase))
    types = frozenset.intersection(*(TYPE_NOUNS[w] for w in words)) if not content else frozenset()
    last = TYPE_NOUNS[stems(phrase)[-1]] if not content else frozenset[str]()
    loose = bool(last) and not ("service" in last and len(words) > 1 and not types)  # an "auth service" is no service
    tests: tuple[Callable[[Node, tuple[frozenset[str], ...]], bool], ...] = (
        lambda n, w: words in (w[0], w[1]),
        lambda n, w: not content and n.type in types and words <= w[2],
        lambda n, w: bool(content) and words <= w[2],
        lambda n, w: entry is not None and technology_of(n) == entry,
        lambda n, w: n.type in types,
        lambda n, w: kind is not None and n.type == kind.type and bool(content & w[2]),
        lambda n, w: words <= w[2] | w[3],
        lambda n, w: kind is not None and n.type == kind.type,
        lambda n, w: loose and n.type in last,
        lambda n, w: bool(content) and content <= w[3],
        lambda n, w: bool(w[0] - TYPE_NOUNS.keys()) and w[0] <= words,
    )
    for test in tests:
        found = [n for n in nodes if test(n, words_of(n.label, n.technology, n.type, n.id))]
        if found:
            return found
    return []


@lru_cache(maxsize=4096)
def words_of(label: str, technology: str, type_: str, node_id: str) -> tuple[frozenset[str], ...]:
    """The words of a node's label; of its id; of both and its kind; and all of them with its technology."""
    own, named = frozenset(stems(label)), frozenset(stems(node_id))
    kinds = frozenset(noun for noun, types in TYPE_NOUNS.items() if type_ in types) | {type_}
    return own, named, own | named | kinds, own | named | kinds | frozenset(stems(technology))
