"""Which change an undo or a redo is about, read from an actor's own changes, the newest first."""

from collections.abc import AsyncIterator

from archwright.diagram.change import Change


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
