"""The one door through which a diagram or its document changes, and the reads beside it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from archwright.diagram import layout
from archwright.diagram.apply import apply
from archwright.diagram.change import Actor, Change
from archwright.diagram.core import diff, fold, invert
from archwright.diagram.layout import Direction, Plan
from archwright.diagram.model import ELEMENTS_MAX, OPS_MAX, Diagram
from archwright.diagram.ops import Op, OpInput
from archwright.diagram.revert import revert
from archwright.errors import (
    ArchwrightError,
    InvalidRequest,
    KeyReused,
    LimitExceeded,
    NothingToRedo,
    NothingToUndo,
    OpRefused,
    Unavailable,
    UnknownChange,
    UnknownVersion,
    VersionMoved,
)
from archwright.ids import new_id, utc_now
from archwright.sessions.commit import Committed, Edit, Edited, Origin, Render, change_result, request_hash
from archwright.sessions.history import redo_target, undo_target
from archwright.sessions.snapshots import Snapshots
from archwright.store.ports import Head, Json, Marker, SessionStore

_RETRIES = 60
_LOG_PAGE = 50


Choose = Callable[[AsyncIterator[Change]], Awaitable[Change | None]]


class Sessions:
    """Use cases over one store. Safe for many callers at once, in this process and in others."""

    def __init__(self, store: SessionStore, clock: Callable[[], str] = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._snapshots = Snapshots(store)
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    async def snapshot(self, session_id: str, owner: str) -> tuple[Head, Diagram]:
        """Return the newest head and the diagram at exactly its version. Raises UnknownSession."""
        return await self._snapshots.newest(session_id, owner)

    def forget(self, session_id: str) -> None:
        """Drop what is kept of a session that is gone."""
        self._snapshots.forget(session_id)

    async def commit(
        self,
        session_id: str,
        owner: str,
        ops: Sequence[OpInput],
        origin: Origin,
        *,
        plan: Plan | None = None,
        render: Render | None = None,
        limit: int = OPS_MAX,
    ) -> Committed:
        """Make one change of the ops, applied to the newest state and laid out.

        A repeat of `origin.change_id` returns the stored result and changes nothing. Raises OpRefused,
        LimitExceeded, KeyReused (the id was used for another request), UnknownSession, LeaseLost,
        CancelRequested.
        """
        return await self.edit(session_id, owner, lambda d: Edited(apply(d, ops, limit)), origin, plan, render)

    async def edit(
        self,
        session_id: str,
        owner: str,
        edit: Edit,
        origin: Origin,
        plan: Plan | None = None,
        render: Render | None = None,
    ) -> Committed:
        """Make one change of a pure edit; see `commit`. The edit may run again on a newer state."""

        async def attempt() -> Committed:
            return await self._attempt(session_id, owner, edit, origin, plan, render)

        return await self._until_written(session_id, attempt)

    async def _until_written(self, session_id: str, attempt: Callable[[], Awaitable[Committed]]) -> Committed:
        async with self._turn_of(session_id):
            for number in range(_RETRIES):
                try:
                    return await attempt()
                except VersionMoved:
                    await asyncio.sleep(min(0.05, 0.002 * number))
        raise Unavailable("The session is written by too many at once; try again.")

    @asynccontextmanager
    async def _turn_of(self, session_id: str) -> AsyncIterator[None]:
        """Let one writer of this process at a time at a session, so that they need not retry each other."""
        lock, users = self._locks.get(session_id, (asyncio.Lock(), 0))
        self._locks[session_id] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[session_id]
            if users == 1:
                del self._locks[session_id]
            else:
                self._locks[session_id] = (lock, users - 1)

    async def _attempt(
        self,
        session_id: str,
        owner: str,
        edit: Edit,
        origin: Origin,
        plan: Plan | None = None,
        render: Render | None = None,
        only_at: int | None = None,
    ) -> Committed:
        head, before = await self.snapshot(session_id, owner)
        if only_at not in (None, head.version):
            raise VersionMoved()
        try:
            edited, after = await asyncio.to_thread(_laid_out, before, edit, plan)
        except (OpRefused, LimitExceeded):
            known = await self._store.marker(session_id, owner, origin.change_id)
            if known is None:
                raise
            return _replayed(known, origin, head.version)
        change = self._change(origin, head.version + 1, before, after)
        result = render(change, after) if render else change_result(change, edited.skipped)
        marker = Marker(origin.change_id, change.version, origin.request_hash, result)
        known = await self._store.append(session_id, owner, change, marker, origin.fence)
        if known is not None:
            return _replayed(known, origin, head.version)
        self._snapshots.advance(head, before, change)
        return Committed(change.version, result, replayed=False)

    def _change(self, origin: Origin, version: int, before: Diagram, after: Diagram) -> Change:
        return Change(
            change_id=origin.change_id,
            version=version,
            actor=origin.actor,
            job_id=origin.job_id,
            turn=origin.turn,
            reverts=origin.reverts,
            intent=origin.intent,
            at=self._clock(),
            ops=diff(before, after),
        )

    async def remember(self, session_id: str, owner: str, origin: Origin, result: Json) -> Json:
        """Store the result of a call that changed nothing, so that a repeat answers the same; returns what is
        stored. Raises LeaseLost, CancelRequested, UnknownSession."""
        marker = Marker(origin.change_id, None, origin.request_hash, result)
        known = await self._store.remember(session_id, owner, marker, origin.fence)
        return known.result if known is not None else result

    async def repeats(self, session_id: str, owner: str, origin: Origin) -> bool:
        """Whether a change was made under this id already. Raises KeyReused when that was another request."""
        known = await self._store.marker(session_id, owner, origin.change_id)
        return known is not None and _replayed(known, origin, 0).replayed

    async def undo(self, session_id: str, owner: str, actor: Actor, change_id: str) -> Committed:
        """Revert the actor's own last change that is not undone. Raises NothingToUndo."""
        origin = Origin(actor, change_id, intent="undo", request_hash=request_hash("undo"))
        return await self._step(session_id, owner, origin, undo_target, NothingToUndo)

    async def redo(self, session_id: str, owner: str, actor: Actor, change_id: str) -> Committed:
        """Revert the actor's own last undo, unless the actor changed something since. Raises NothingToRedo."""
        origin = Origin(actor, change_id, intent="redo", request_hash=request_hash("redo"))
        return await self._step(session_id, owner, origin, redo_target, NothingToRedo)

    async def _step(
        self, session_id: str, owner: str, origin: Origin, choose: Choose, nothing: type[ArchwrightError]
    ) -> Committed:
        async def attempt() -> Committed:
            known = await self._store.marker(session_id, owner, origin.change_id)
            if known is not None:
                return _replayed(known, origin, 0)
            version = (await self._store.head(session_id, owner)).version
            target = await choose(self._own_changes(session_id, owner, origin.actor, version))
            if target is None:
                raise nothing()
            about = replace(origin, reverts=target.change_id)
            return await self._attempt(session_id, owner, _reverted(target.ops), about, only_at=version)

        return await self._until_written(session_id, attempt)

    async def _own_changes(self, session_id: str, owner: str, actor: Actor, newest: int) -> AsyncIterator[Change]:
        async for change in self.backwards(session_id, owner, newest):
            if change.actor == actor:
                yield change

    async def backwards(self, session_id: str, owner: str, newest: int | None = None) -> AsyncIterator[Change]:
        """Yield the changes of the log, the newest first, from a version on or from the last."""
        version = (newest if newest is not None else (await self._store.head(session_id, owner)).version) + 1
        while version > 1:
            page = await self._store.changes_before(session_id, owner, version, _LOG_PAGE)
            for change in page:
                yield change
            version = page[-1].version if page else 1

    async def revert_change(self, session_id: str, owner: str, actor: Actor, change_id: str, wanted: str) -> Committed:
        """Revert one change, whoever made it. Raises UnknownChange."""
        marker = await self._store.marker(session_id, owner, wanted)
        version = marker.version if marker else None
        found = await self._store.changes(session_id, owner, version - 1, 1) if version else ()
        if not found:
            raise UnknownChange(f"There is no change '{wanted}' in this session.")
        return await self.take_back(session_id, owner, _reverting(actor, change_id, wanted), found)

    async def revert_job(self, session_id: str, owner: str, actor: Actor, change_id: str, job_id: str) -> Committed:
        """Revert all that a job changed. Raises UnknownChange when it changed nothing here."""
        changes = await self._store.changes_of_job(session_id, owner, job_id)
        if not changes:
            raise UnknownChange(f"The job '{job_id}' changed nothing in this session.")
        return await self.take_back(session_id, owner, _reverting(actor, change_id, job_id), changes)

    async def restore(self, session_id: str, owner: str, actor: Actor, change_id: str, version: int) -> Committed:
        """Bring the session back to what it was at a version, as one new change. Raises UnknownVersion."""
        target = await self.at_version(session_id, owner, version)
        origin = _reverting(actor, change_id, f"version:{version}")
        return await self.edit(session_id, owner, lambda _: Edited(target, arranged=True), origin)

    async def take_back(self, session_id: str, owner: str, origin: Origin, changes: Sequence[Change]) -> Committed:
        """Revert these changes; `origin.reverts` names them."""
        return await self.edit(session_id, owner, _reverted([op for change in changes for op in change.ops]), origin)

    async def tidy(
        self, session_id: str, owner: str, actor: Actor, change_id: str, direction: Direction = "LR"
    ) -> Committed:
        """Lay out the whole diagram anew, as one change."""
        origin = Origin(actor, change_id, request_hash=request_hash("tidy", direction))
        return await self.edit(session_id, owner, lambda d: Edited(layout.arrange(d, direction), arranged=True), origin)

    async def replace(
        self, session_id: str, owner: str, actor: Actor, diagram: Diagram, change_id: str | None = None
    ) -> Committed:
        """Make the session's content this diagram (an import, a template), as one change."""
        if diagram.size() > ELEMENTS_MAX:
            raise LimitExceeded(f"A session holds at most {ELEMENTS_MAX:,} elements.", limit=ELEMENTS_MAX)
        return await self.edit(session_id, owner, lambda _: Edited(diagram), Origin(actor, change_id or new_id("chg")))

    async def at_version(self, session_id: str, owner: str, version: int) -> Diagram:
        """Return the diagram as it was at a version. Raises UnknownVersion."""
        head, diagram = await self.snapshot(session_id, owner)
        if not 0 <= version <= head.version:
            raise UnknownVersion(f"There is no version {version}; the newest is {head.version}.")
        later = await self._store.changes(session_id, owner, version)
        wanted = [change for change in later if change.version <= head.version]
        return fold(diagram, (op for change in reversed(wanted) for op in invert(change.ops)))


def _reverted(ops: Sequence[Op]) -> Edit:
    def edit(diagram: Diagram) -> Edited:
        outcome = revert(diagram, ops)
        return Edited(outcome.diagram, outcome.skipped)

    return edit


def _laid_out(before: Diagram, edit: Edit, plan: Plan | None) -> tuple[Edited, Diagram]:
    """Run the pure part of a commit; in a thread, for the layout of a large diagram takes long."""
    edited = edit(before)
    return edited, edited.diagram if edited.arranged else layout.settle(before, edited.diagram, plan)


def _reverting(actor: Actor, change_id: str, what: str) -> Origin:
    return Origin(actor, change_id, intent="revert", reverts=what, request_hash=request_hash("revert", what))


def _replayed(known: Marker, origin: Origin, version: int) -> Committed:
    if origin.request_hash and known.request_hash and origin.request_hash != known.request_hash:
        raise KeyReused(f"The key '{origin.change_id}' was used for another request in this session.")
    return Committed(known.version if known.version is not None else version, known.result, replayed=True)


def read_since(value: str | None) -> int:
    """Parse a version from a query or header. Raises InvalidRequest."""
    if value is None or not value.isdecimal() or len(value) > 12:
        raise InvalidRequest("`since` is a version: a whole number of 0 or more.")
    return int(value)
