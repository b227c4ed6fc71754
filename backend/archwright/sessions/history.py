"""Which change an undo or a redo is about, read from changes of the log, the newest first."""

from collections.abc import AsyncIterator

from archwright.diagram.change import Actor, Change
from archwright.jobs.routing import UndoWish


async def undo_target(own: AsyncIterator[Change]) -> Change | None:
    """Return the last own change that is not undone; a redo counts as a change, an undo does not."""
    undone = 0
    async for change in own:
        if change.intent == "undo":
            undone += 1
        elif undone:
            undone -= 1
        else:
            return change
    return None


async def redo_target(own: AsyncIterator[Change]) -> Change | None:
    """Return the last own undo that is not redone, or None once the actor has changed something after it."""
    redone = 0
    async for change in own:
        if change.intent == "redo":
            redone += 1
        elif change.intent != "undo":
            return None
        elif redone:
            redone -= 1
        else:
            return change
    return None


async def last_work(log: AsyncIterator[Change], wish: UndoWish, owner: str) -> Change | None:
    """Return the newest change of the work that a wish means, of all changes of a session; None without any.

    What was taken back since, or lies behind a version that was restored, does not count.
    """
    undone, restored = set[str](), None
    async for change in log:
        if not change.ops or (restored is not None and change.version > restored):
            continue
        if change.change_id in undone or change.job_id in undone:
            continue
        if _is_meant(change, wish, owner):
            return change
        if change.reverts is not None and change.reverts.startswith("version:"):
            restored = int(change.reverts.removeprefix("version:"))
        elif change.reverts is not None:
            undone.add(change.reverts)
    return None


def _is_meant(change: Change, wish: UndoWish, owner: str) -> bool:
    mine, taken_back = change.actor == Actor(kind="user", id=owner), change.intent in ("undo", "revert")
    if wish == "redo":
        return taken_back and (mine or change.actor.kind == "job")
    if change.actor.kind == "job":
        return change.intent == "edit" and wish in ("job", "last")
    return mine and wish in ("own", "last") and change.intent != "undo"
