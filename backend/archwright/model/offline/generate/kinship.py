"""Which components belong together by their names."""

from collections.abc import Iterable

from archwright.model.offline.generate.labels import PLAIN
from archwright.model.offline.understand.scene import Component, Scene


def kinship(one: Component, other: Component) -> int:
    """How many telling words two components share, counting their places in a group as half a word would."""
    ours, theirs = (frozenset(c.stems) - PLAIN for c in (one, other))
    near = sum(1 for a in ours for b in theirs if a == b or (min(len(a), len(b)) > 4 and (a.startswith(b[:5]))))
    return 2 * near


def nearest(component: Component, others: Iterable[Component], scene: Scene) -> Component | None:
    """Return the one of these that has most to do with a component; of equals the first."""

    def score(other: Component) -> int:
        together = any(component.key in a.members and other.key in a.members for a in scene.areas.values())
        return 2 * kinship(component, other) + together

    candidates = [other for other in others if other.key != component.key]
    return max(candidates, key=score, default=None)
