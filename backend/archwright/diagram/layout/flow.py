"""Which way a diagram flows: the edges of a circle that are drawn against the direction."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping

Pair = tuple[str, str]
Targets = Mapping[str, set[str]]


def against(pairs: Iterable[Pair], entries: Iterable[str]) -> set[Pair]:
    """Return the pairs to turn round so that no circle is left: those that lead back towards the entries.

    Within a circle the nodes are ordered by their distance from the entries, so that what a client reaches first
    stands first. Pairs of a node with itself do not count. The answer does not depend on the order of the pairs.
    """
    targets: dict[str, set[str]] = {}
    for source, target in pairs:
        if source != target:
            targets.setdefault(source, set()).add(target)
            targets.setdefault(target, set())
    called = Counter(target for others in targets.values() for target in others)
    depth = _depths(targets, sorted(set(entries) & set(targets)), sorted(set(targets) - set(called)))
    found = set[Pair]()
    for circle in _circles(targets):
        order = sorted(circle, key=lambda n: (depth[n], called[n] - len(targets[n]), n))
        rank = {node: place for place, node in enumerate(order)}
        found |= {(a, b) for a in circle for b in targets[a] if b in rank and rank[b] < rank[a]}
    return found


def _depths(targets: Targets, entries: list[str], uncalled: list[str]) -> dict[str, int]:
    """The distance of each node from the entries, or from what nothing calls, or from the first by name."""
    depth: dict[str, int] = {}
    for starts in (entries, uncalled, *([node] for node in sorted(targets))):
        waiting = deque(node for node in starts if node not in depth)
        depth.update(dict.fromkeys(waiting, 0))
        while waiting:
            node = waiting.popleft()
            for other in sorted(targets[node] - depth.keys()):
                depth[other] = depth[node] + 1
                waiting.append(other)
    return depth


def _circles(targets: Targets) -> Iterator[set[str]]:
    """The largest sets of two or more nodes that all reach each other."""
    forward = _finished(targets, sorted(targets))
    backward: dict[str, set[str]] = {node: set() for node in targets}
    for node, others in targets.items():
        for other in others:
            backward[other].add(node)
    seen = set[str]()
    for start in reversed(forward):
        if start not in seen:
            circle = set(_finished(backward, [start], seen))
            if len(circle) > 1:
                yield circle


def _finished(targets: Targets, starts: Iterable[str], seen: set[str] | None = None) -> list[str]:
    """Every node that the starts reach and that was not seen, each after those that it leads to."""
    seen = set() if seen is None else seen
    finished = list[str]()
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(sorted(targets[start])))]
        while path:
            node, others = path[-1]
            following = next((other for other in others if other not in seen), None)
            if following is None:
                finished.append(node)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(sorted(targets[following]))))
    return finished
