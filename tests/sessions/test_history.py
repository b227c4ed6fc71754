"""Undo and redo walk an actor's own changes as a person expects."""

from collections.abc import AsyncIterator

import pytest

from archwright.diagram.change import Actor, Change, Intent
from archwright.sessions.history import redo_target, undo_target

INTENTS: dict[str, Intent] = {"e": "edit", "u": "undo", "r": "redo", "v": "revert"}


async def newest_first(story: str) -> AsyncIterator[Change]:
    for version in range(len(story), 0, -1):
        intent = INTENTS[story[version - 1]]
        actor = Actor(kind="user", id="ann")
        yield Change(change_id=str(version), version=version, actor=actor, intent=intent, at="", ops=())


@pytest.mark.parametrize(
    ("story", "undone", "redone"),
    [
        ("", None, None),
        ("e", "1", None),
        ("eu", None, "2"),
        ("eeu", "1", "3"),
        ("eeuu", None, "4"),
        ("eeuur", "5", "3"),
        ("eeuurr", "6", None),
        ("eur", "3", None),
        ("euru", None, "4"),
        ("eue", "3", None),
        ("eeue", "4", None),
        ("ev", "2", None),
        ("evu", "1", "3"),
    ],
)
async def test_undo_and_redo_find_the_change_that_they_are_about(
    story: str, undone: str | None, redone: str | None
) -> None:
    to_undo, to_redo = await undo_target(newest_first(story)), await redo_target(newest_first(story))
    assert (to_undo.change_id if to_undo else None, to_redo.change_id if to_redo else None) == (undone, redone)
