"""Geometry after an edit: only what is new is placed, what must follow follows, all else stays."""

from collections.abc import Iterable, Iterator

from archwright.diagram.layout.boxes import Box, around, box_of, placed
from archwright.diagram.layout.enclosing import enclosing, within
from archwright.diagram.layout.labels import relabelled
from archwright.diagram.layout.moves import GAP, lined_up, nearest_free, spiral, stretched, way_out
from archwright.diagram.layout.plan import Plan
from archwright.diagram.layout.rerouting import rerouted
from archwright.diagram.layout.sizes import HEADER, PADDING, least_group, size_of
from archwright.diagram.model import Diagram, Node

_STEP = 110.0
_FIRST = (60.0, 60.0)


def settle(before: Diagram, after: Diagram, plan: Plan | None = None) -> Diagram:
    """Return `after` with the geometry that an edit of `before` calls for.

    New nodes that nobody placed get the plan's place while it is free, else a free place near their neighbours,
    in their group. A node whose group changed moves into it. A new group is drawn around its members where they
    stand; where that would cover others, they are lined up where there is room. When a person placed one of them, the
    others give way instead; but what a person placed gives way to nobody: then the group goes where there is room.
    A group that a person moved takes its members along. Groups grow around their members. Boxes fit their labels.
    A box that was moved, or grew, onto another gives way to the nearest free place. Edges are routed anew where their
    route does not hold any more. Whatever else there is does not move, unless a group that had to grow would cover
    it: then it is pushed aside, with what it holds.
    """
    if before.nodes is after.nodes and before.edges is after.edges:
        return after
    return _Settling(before, after, plan).settled()


class _Settling:
    """One settling. `nodes` holds the newest geometry; `moved` the ids whose box is not what it was."""

    def __init__(self, before: Diagram, after: Diagram, plan: Plan | None) -> None:
        self._before = before
        self._after = after
        self._plan = plan or Plan()
        self.nodes: dict[str, Node] = dict(after.nodes)
        self._children: dict[str | None, list[str]] = {}
        for node in after.nodes.values():
            self._children.setdefault(node.parent, []).append(node.id)
        self._neighbours: dict[str, list[tuple[str, bool]]] = {}

    def settled(self) -> Diagram:
        changed = [n for i, n in self._after.nodes.items() if self._before.nodes.get(i) is not n]
        if changed:
            self._follow_moved_groups(changed)
            self._fit_labels(changed)
            self._place(changed)
            self._give_way(changed)
            self._grow(changed)
        done = self._after.replace(nodes=self.nodes) if changed else self._after
        shrunk = len(self._after.nodes) < len(self._before.nodes)
        redrawn = self._before.edges is not self._after.edges
        if not (changed or shrunk or redrawn):
            return done
        routed = done.replace(edges=rerouted(self._before, done, self._plan))
        return routed.replace(edges=relabelled(self._before, done, routed))

    def _put(self, node_id: str, box: Box) -> None:
        self.nodes[node_id] = placed(self.nodes[node_id], box)

    def _move(self, node_id: str, box: Box | None) -> None:
        """Move a box, with what it holds, to where the top left corner of another is."""
        if box is not None:
            old = box_of(self.nodes[node_id])
            self._shift(node_id, box.x - old.x, box.y - old.y)

    def _shift(self, node_id: str, dx: float, dy: float) -> None:
        self._put(node_id, box_of(self.nodes[node_id]).moved(dx, dy))
        for child in self._children.get(node_id, ()):
            self._shift(child, dx, dy)

    def _follow_moved_groups(self, changed: Iterable[Node]) -> None:
        for group in changed:
            old = self._before.nodes.get(group.id)
            if group.type != "group" or old is None or old.position == group.position:
                continue
            dx, dy = group.position.x - old.position.x, group.position.y - old.position.y
            for child in self._children.get(group.id, ()):
                was = self._before.nodes.get(child)
                if was is not None and was.position == self.nodes[child].position and was.parent == group.id:
                    self._shift(child, dx, dy)

    def _fit_labels(self, changed: Iterable[Node]) -> None:
        for node in changed:
            old = self._before.nodes.get(node.id)
            if old is not None and _written(old) == _written(node) and node.size.width:
                continue
            box = box_of(self.nodes[node.id])
            if node.type == "group":
                least = least_group(node)
                self._put(node.id, Box(box.x, box.y, max(box.width, least.width), max(box.height, least.height)))
            else:
                size = size_of(node)
                self._put(node.id, Box(box.x, box.y, size.width, size.height))

    def _place(self, changed: Iterable[Node]) -> None:
        homeless = [node.id for node in changed if self._is_homeless(node)]
        waiting = set(homeless)
        for node_id in sorted(homeless, key=lambda i: (self._depth(i), i)):
            if node_id not in waiting:
                continue
            planned = self._plan.box(node_id)
            if planned is None or not self._is_free(node_id, planned, waiting):
                continue
            members = self._children.get(node_id, ()) if self._awaits_its_members(node_id) else ()
            places = [(member, self._plan.box(member)) for member in members]
            if all(box is not None and planned.holds(box) for _, box in places):
                self._put(node_id, planned)
                waiting.discard(node_id)
                for member, box in places:
                    self._move(member, box)
        for node_id in self._in_order(waiting):
            self._put_near_neighbours(node_id, waiting)
            waiting.discard(node_id)

    def _is_homeless(self, node: Node) -> bool:
        old = self._before.nodes.get(node.id)
        if old is None:
            return not node.pinned and (node.size.width == 0 or self._collides(node))
        if old.parent == node.parent or old.position != node.position or self._awaits_its_members(node.parent):
            return False
        return not self._lies_within(node)

    def _awaits_its_members(self, group_id: str | None) -> bool:
        """Whether a group is new and has no place yet, so that its members say where it is drawn."""
        return (
            group_id is not None and group_id not in self._before.nodes and not self._after.nodes[group_id].size.width
        )

    def _collides(self, node: Node) -> bool:
        """Whether a node that comes back finds its place taken."""
        box = box_of(node)
        around_it = self._ancestors(node.id) | within(self._children, node.id) | {node.id}
        return any(box.meets(box_of(n)) for i, n in self.nodes.items() if i not in around_it and n.size.width)

    def _lies_within(self, node: Node) -> bool:
        """Whether a node lies already where its new parent is, and in no other group."""
        box = box_of(node)
        inside = within(self._children, node.id)
        for other in self.nodes.values():
            if other.type != "group" or other.id == node.id or other.id in inside:
                continue
            holds, own = box_of(other).holds(box), other.id in self._ancestors(node.id)
            if own != holds and (own or box_of(other).meets(box)):
                return False
        return True

    def _in_order(self, waiting: set[str]) -> list[str]:
        """Groups after their members, so that they are drawn around them; else nodes with placed neighbours."""
        order: list[str] = []
        left = sorted(i for i in waiting if not self._children.get(i))
        placed_ids = set(self.nodes) - waiting
        while left:
            ready = [i for i in left if any(n in placed_ids for n, _ in self._ties(i))] or left[:1]
            order += ready
            placed_ids |= set(ready)
            left = [i for i in left if i not in placed_ids]
        groups = sorted((i for i in waiting if self._children.get(i)), key=lambda i: (-self._depth(i), i))
        return [*order, *groups]

    def _ties(self, node_id: str) -> list[tuple[str, bool]]:
        """The neighbours of a node, each with whether it is the source."""
        if not self._neighbours:
            for edge in self._after.edges.values():
                self._neighbours.setdefault(edge.source, []).append((edge.target, False))
                self._neighbours.setdefault(edge.target, []).append((edge.source, True))
            self._neighbours.setdefault("", [])
        return self._neighbours.get(node_id, [])

    def _put_near_neighbours(self, node_id: str, waiting: set[str]) -> None:
        node = self.nodes[node_id]
        members = [i for i in self._children.get(node_id, ()) if i not in waiting]
        if members:
            self._put(node_id, self._around_members(node_id, members, waiting))
            return
        size = least_group(node) if node.type == "group" else size_of(node)
        box = Box(*self._wish(node_id, waiting), size.width, size.height)
        free = next((b for b in spiral(box) if self._is_free(node_id, b, waiting)), None)
        self._put(node_id, free or self._below_all(node_id, box, waiting))

    def _around_members(self, group_id: str, members: list[str], waiting: set[str]) -> Box:
        """The box of a new group. When it would cover others where its members stand, these move together."""
        box, ours = self._enclosing(group_id, members), self._is_placed(members)
        in_the_way = list(self._in_the_way(group_id, box, waiting, margin=0))
        if not in_the_way or (ours and not self._is_placed(in_the_way)):
            return box
        if not ours:
            self._line_up(members)
        box = self._enclosing(group_id, members)
        free = next((b for b in spiral(box) if self._is_free(group_id, b, waiting)), None)
        free = free or self._below_all(group_id, box, waiting)
        for member in members:
            self._shift(member, free.x - box.x, free.y - box.y)
        return free

    def _enclosing(self, group_id: str, members: list[str]) -> Box:
        return enclosing(self.nodes[group_id], around(box_of(self.nodes[i]) for i in members))

    def _line_up(self, members: list[str]) -> None:
        ordered = sorted(members, key=lambda i: (self.nodes[i].position.x, self.nodes[i].position.y))
        boxes = [box_of(self.nodes[i]) for i in ordered]
        for member, box in zip(ordered, lined_up(boxes), strict=True):
            self._move(member, box)

    def _wish(self, node_id: str, waiting: set[str]) -> tuple[float, float]:
        """Where a node would best stand: right of its first source, left of its first target, in its group."""
        node = self.nodes[node_id]
        home = self.nodes.get(node.parent or "")
        for other_id, is_source in sorted(self._ties(node_id), key=lambda tie: not tie[1]):
            other = self.nodes[other_id]
            if other_id in waiting or (home is not None and other.parent != node.parent):
                continue
            box = box_of(other)
            return (box.right + _STEP, box.y) if is_source else (box.x - _STEP - size_of(node).width, box.y)
        if home is not None and home.id not in waiting and home.size.width:
            box = box_of(home)
            return box.x + PADDING, box.y + HEADER + PADDING
        siblings = [box_of(self.nodes[i]) for i in self._children.get(node.parent, ()) if i not in waiting]
        if siblings:
            whole = around(siblings)
            return whole.x, whole.bottom + GAP
        return _FIRST

    def _below_all(self, node_id: str, box: Box, waiting: set[str]) -> Box:
        siblings = [
            box_of(self.nodes[i])
            for i in self._children.get(self.nodes[node_id].parent, ())
            if i not in waiting and i != node_id
        ]
        whole = around(siblings) if siblings else box
        return Box(whole.x, whole.bottom + GAP, box.width, box.height)

    def _is_free(self, node_id: str, box: Box, waiting: set[str], margin: float = GAP / 2) -> bool:
        """Whether a box keeps clear of its siblings, and the groups that grow around it of theirs."""
        return next(self._in_the_way(node_id, box, waiting, margin), None) is None

    def _in_the_way(self, node_id: str, area: Box, waiting: set[str], margin: float) -> Iterator[str]:
        child, parent = node_id, self.nodes[node_id].parent
        while True:
            clear = area.grown(margin)
            for sibling in self._children.get(parent, ()):
                if sibling != child and sibling not in waiting and clear.meets_node(self.nodes[sibling]):
                    yield sibling
            if parent is None or parent in waiting or not self.nodes[parent].size.width:
                return
            group = box_of(self.nodes[parent])
            area = stretched(group, area)
            if area == group:
                return
            child, parent, margin = parent, self.nodes[parent].parent, 4.0

    def _is_placed(self, node_ids: Iterable[str]) -> bool:
        """Whether a person placed any of these, or something in them."""
        return any(
            self.nodes[i].pinned or any(self.nodes[j].pinned for j in within(self._children, i)) for i in node_ids
        )

    def _give_way(self, changed: Iterable[Node]) -> None:
        """Take what was moved onto a sibling, or has grown onto one, to the nearest place that is free."""
        for node in changed:
            box, old = box_of(self.nodes[node.id]), self._before.nodes.get(node.id)
            if node.type == "group" or (old is not None and box_of(old) == box and old.parent == node.parent):
                continue
            siblings = [box_of(self.nodes[i]) for i in self._children[node.parent] if i != node.id]
            if any(box.meets(other) for other in siblings):
                self._put(node.id, nearest_free(box, siblings))

    def _grow(self, changed: Iterable[Node]) -> None:
        """Let groups grow around what is new or moved in them, and push aside what they would then cover."""
        touched = {node.id for node in changed} | {i for i, n in self.nodes.items() if n is not self._after.nodes[i]}
        groups = {g for i in touched for g in self._ancestors(i)} | {i for i in touched if self._children.get(i)}
        for group_id in sorted(groups, key=lambda i: (-self._depth(i), i)):
            self._push_apart(group_id, touched)
            members = around(box_of(self.nodes[i]) for i in self._children[group_id])
            box = box_of(self.nodes[group_id])
            grown = stretched(box, members) if box.width else enclosing(self.nodes[group_id], members)
            if grown != box:
                self._put(group_id, grown)
                touched.add(group_id)
        self._push_apart(None, touched)

    def _push_apart(self, parent: str | None, touched: set[str]) -> None:
        """Move the siblings that a grown or newly placed group covers to the side that is nearest."""
        growing = [i for i in self._children.get(parent, ()) if i in touched and self.nodes[i].type == "group"]
        queue = sorted(growing)
        for _ in range(4 * len(self._children.get(parent, ())) + 1):
            if not queue:
                return
            mover = queue.pop(0)
            box = box_of(self.nodes[mover])
            for other in self._children.get(parent, ()):
                theirs = box_of(self.nodes[other])
                if other != mover and box.meets(theirs):
                    dx, dy = way_out(box, theirs)
                    self._shift(other, dx, dy)
                    touched.add(other)
                    queue.append(other)

    def _ancestors(self, node_id: str) -> set[str]:
        return {group.id for group in self._after.ancestors(node_id)}

    def _depth(self, node_id: str) -> int:
        return sum(1 for _ in self._after.ancestors(node_id))


def _written(node: Node) -> tuple[str, str, bool]:
    return node.label, node.technology, node.type == "group"
