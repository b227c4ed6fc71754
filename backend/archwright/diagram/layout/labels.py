"""Where the labels of edges go: on a stretch of their route, or beside one, that is free of boxes, of other labels and
of lines. Every picture shows them there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from archwright.diagram.layout.boxes import Box, Index, around, box_of
from archwright.diagram.layout.sizes import HEADER, TITLE_INDENT, edge_label_size, title_width
from archwright.diagram.model import Diagram, Edge, Node, Point, Size

_SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
_STEP = 9.0
_BESIDE = (1.0, -1.0)
_FURTHER = (1.0, -1.0, 2.2, -2.2, 3.4, -3.4)
"""How far beside a stretch a label lies, in halves of its size."""
_SIDE, _ENDS, _ROOM = 5.0, 12.0, 2.0
_ON_BOX, _ON_LABEL, _ON_LINE = 100_000.0, 30_000.0, 10_000.0
"""What it costs to lie on something at all: more than any other cost together."""
_AREA = 1.0
_MIDDLE, _UPRIGHT, _SHORT, _OFF = 30.0, 40.0, 2.0, 45.0

_WEIGHED_MAX = 2_000
"""Labels at once up to which each is weighed against what lies around it; of more, each goes to its line's middle."""

Choice = tuple[float, Box]
Shares = Callable[[float], Sequence[float]]


def label_box(edge: Edge) -> Box | None:
    """Return the room that the label of an edge takes in its place, nothing when it has no label or no place."""
    if edge.label_at is None or not edge.label.strip():
        return None
    return _at(edge.label_at.x, edge.label_at.y, edge_label_size(edge))


def stretches(route: Sequence[Point]) -> Iterator[Box]:
    """The straight pieces of a route, as boxes without width or without height."""
    for a, b in pairwise(route):
        yield Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x), abs(a.y - b.y))


def labelled(nodes: Mapping[str, Node], edges: Mapping[str, Edge], anew: Iterable[str]) -> dict[str, Edge]:
    """Return the edges, those named with a place for their label: free of all else wherever there is room."""
    wanted = sorted((edges[i] for i in anew), key=lambda e: (len(e.route), e.id))
    placing = [edge for edge in wanted if edge.label.strip() and len(edge.route) > 1]
    found = dict(edges)
    for edge in wanted:
        if edge.label_at is not None:
            found[edge.id] = edge.model_copy(update={"label_at": None})
    many = len(placing) > _WEIGHED_MAX
    surroundings = _Surroundings(nodes, found, _reach(placing)) if placing and not many else None
    for edge in placing:
        box = surroundings.best(edge) if surroundings else min(_choices(edge))[1]
        if surroundings:
            surroundings.labels.add(edge.id, box)
        x, y = box.centre
        found[edge.id] = edge.model_copy(update={"label_at": Point(x=round(x, 1), y=round(y, 1))})
    return found


def relabelled(before: Diagram, brought: Diagram, done: Diagram) -> dict[str, Edge]:
    """Return the edges of an edited diagram, those whose label's place no longer holds with a new one: the route or
    the label is another, or a box, a line or another label came to lie on it. `brought` is the edit before its edges
    were routed anew: a place that came back with its route, as after an undo, is kept where it is free."""
    changed = [e for i, e in done.edges.items() if _differs(before.edges.get(i), e)]
    moved = [box_of(n) for i, n in done.nodes.items() if _has_moved(before.nodes.get(i), n)]
    pieces = [(e.id, piece) for e in changed for piece in stretches(e.route)]
    restored = [e for e in changed if brought.edges[e.id].route == e.route and _is_restored(before, e)]
    boxes = Index(_solid(done.nodes)) if restored else Index(())
    kept = {e.id for e in restored if (box := label_box(e)) and next(boxes.near(box), None) is None}
    anew = {edge.id for edge in changed} - kept
    came = Index([("", box) for box in moved] + pieces)
    whole = around(box.grown(1) for box in (*moved, *(piece for _, piece in pieces))) if moved or pieces else None
    for edge in done.edges.values():
        box = label_box(edge)
        if box and whole and box.meets(whole) and any(name != edge.id for name, _ in came.near(box)):
            anew.add(edge.id)
    return labelled(done.nodes, done.edges, anew) if anew else dict(done.edges)


def _differs(old: Edge | None, edge: Edge) -> bool:
    return old is None or (
        old is not edge and (old.route, old.label, old.label_at) != (edge.route, edge.label, edge.label_at)
    )


def _is_restored(before: Diagram, edge: Edge) -> bool:
    """Whether an edge brings a place for its label that was made for its route, as after an undo or an import."""
    old = before.edges.get(edge.id)
    if edge.label_at is None:
        return False
    return old is None or old.label_at != edge.label_at or (old.route, old.label) == (edge.route, edge.label)


def _has_moved(old: Node | None, node: Node) -> bool:
    if node.type == "group" or old is node:
        return False
    return old is None or (old.position, old.size) != (node.position, node.size)


def _reach(edges: Sequence[Edge]) -> Box:
    """All places that labels of these edges may take."""
    spots = [Box(point.x, point.y, 0, 0) for edge in edges for point in edge.route]
    widest = max(edge_label_size(edge).width + edge_label_size(edge).height for edge in edges)
    return around(spots).grown(3 * widest)


def _at(x: float, y: float, size: Size) -> Box:
    return Box(x - size.width / 2, y - size.height / 2, size.width, size.height)


class _Surroundings:
    """What the labels should not lie on, as far as they reach."""

    def __init__(self, nodes: Mapping[str, Node], edges: Mapping[str, Edge], reach: Box) -> None:
        self._boxes = Index((i, box) for i, box in _solid(nodes) if box.meets(reach))
        self._lines = Index((e.id, line.grown(1)) for e in edges.values() for line in stretches(e.route)
                            if line.grown(1).meets(reach))  # fmt: skip
        taken = ((edge.id, label_box(edge)) for edge in edges.values())
        self.labels = Index((i, box) for i, box in taken if box is not None and box.meets(reach))

    def best(self, edge: Edge) -> Box:
        """The place with the least against it; where all the usual ones lie on something, of many more."""
        found = self._least(edge, _choices(edge))
        if found[0] >= _ON_LINE:
            found = min(found, self._least(edge, _more_choices(edge)))
        return found[1]

    def _least(self, edge: Edge, choices: Iterable[Choice]) -> Choice:
        """The best of these choices. The first that lies on nothing is it, for they are tried from the best on."""
        judged: list[Choice] = []
        for choice in sorted(choices):
            judged.append(self._judged(edge, choice))
            if judged[-1][0] == choice[0]:
                break
        return min(judged)

    def _judged(self, edge: Edge, choice: Choice) -> Choice:
        cost, box = choice
        wide = box.grown(_ROOM)
        cost += sum(_ON_BOX + _AREA * _shared(wide, other) for _, other in set(self._boxes.near(wide)))
        cost += sum(_ON_LABEL + _AREA * _shared(wide, other) for _, other in set(self.labels.near(wide)))
        lines = sorted({name for name, _ in self._lines.near(wide)} - {edge.id})
        return cost + _ON_LINE * len(lines), box


def _solid(nodes: Mapping[str, Node]) -> Iterator[tuple[str, Box]]:
    """The boxes, and the titles of groups."""
    for node in nodes.values():
        box = box_of(node)
        yield node.id, Box(box.x, box.y, TITLE_INDENT + title_width(node), HEADER) if node.type == "group" else box


def _choices(edge: Edge) -> Iterator[Choice]:
    """Places along the route, each with what speaks against it: the middle of a long level stretch is best."""
    for cost, at, size, level in _along(edge, lambda length: _SHARES):
        yield cost, _at(*at, size)
        yield from ((cost + _OFF, box) for box in _beside(at, size, level, _BESIDE))


def _more_choices(edge: Edge) -> Iterator[Choice]:
    """Places all along the route and beside it."""
    for cost, at, size, level in _along(edge, _closely):
        yield cost, _at(*at, size)
        yield from ((cost + 2 * _OFF, box) for box in _beside(at, size, level, _FURTHER))


def _closely(length: float) -> Sequence[float]:
    steps = int(min(80, length / _STEP)) + 1
    return [step / steps for step in range(steps + 1)]


def _along(edge: Edge, shares: Shares) -> Iterator[tuple[float, tuple[float, float], Size, bool]]:
    size = edge_label_size(edge)
    last = len(edge.route) - 2
    for index, (a, b) in enumerate(pairwise(edge.route)):
        length, level = abs(a.x - b.x) + abs(a.y - b.y), abs(a.y - b.y) <= abs(a.x - b.x)
        ends = _ENDS * ((index == 0) + (index == last))
        missing = max(0.0, (size.width if level else size.height) + 2 * _SIDE + ends - length)
        for share in shares(length):
            cost = abs(share - 0.5) * _MIDDLE + (0 if level else _UPRIGHT) + missing * _SHORT
            yield cost, (a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share), size, level


def _beside(at: tuple[float, float], size: Size, level: bool, how: Iterable[float]) -> Iterator[Box]:
    for far in how:
        dx, dy = (0.0, far * (size.height / 2 + _SIDE)) if level else (far * (size.width / 2 + _SIDE), 0.0)
        yield _at(at[0] + dx, at[1] + dy, size)


def _shared(a: Box, b: Box) -> float:
    """The area that two boxes have in common."""
    wide, high = min(a.right, b.right) - max(a.x, b.x), min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(0.0, wide) * max(0.0, high)
