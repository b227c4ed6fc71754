"""The newest state of the sessions that this process works on, brought up to date by the log's tail."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from archwright.diagram.change import Change
from archwright.diagram.core import fold
from archwright.diagram.model import Diagram
from archwright.store.ports import Head, SessionStore

_KEPT = 64

Snapshot = tuple[Head, Diagram]


class Snapshots:
    """A cache that never answers from memory alone: each answer is at the version of a head just read."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()

    async def newest(self, session_id: str, owner: str) -> Snapshot:
        """Return the newest head and the diagram at exactly its version. Raises UnknownSession."""
        head = await self._store.head(session_id, owner)
        known = self._kept.get(session_id)
        if known is None or known[0].created_at != head.created_at or known[0].version > head.version:
            return self._keep(*await self._store.load(session_id, owner))
        if known[0].version == head.version:
            return self._keep(head, known[1])
        tail = await self._store.changes(session_id, owner, known[0].version)
        return self._keep(*await self._caught_up(head, known, tail))

    async def _caught_up(self, head: Head, known: Snapshot, tail: Sequence[Change]) -> Snapshot:
        wanted = [change for change in tail if change.version <= head.version]
        if [change.version for change in wanted] != list(range(known[0].version + 1, head.version + 1)):
            return await self._store.load(head.id, head.owner)
        return head, fold(known[1], (op for change in wanted for op in change.ops))

    def advance(self, head: Head, before: Diagram, change: Change) -> None:
        """Take over a change that this process has just made durable on top of `before`."""
        known = self._kept.get(head.id)
        if known is None or known[0].version != head.version:
            return
        after = fold(before, change.ops)
        newer = replace(
            head,
            version=change.version,
            title=after.title,
            node_count=len(after.nodes),
            edge_count=len(after.edges),
            updated_at=change.at,
        )
        self._keep(newer, after)

    def forget(self, session_id: str) -> None:
        self._kept.pop(session_id, None)

    def _keep(self, head: Head, diagram: Diagram) -> Snapshot:
        titled = diagram if diagram.title == head.title else diagram.replace(title=head.title)
        self._kept[head.id] = (head, titled)
        self._kept.move_to_end(head.id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return head, titled
