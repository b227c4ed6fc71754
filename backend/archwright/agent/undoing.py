"""Undo by chat: which work a message wants undone, taken back by the log's own revert, and told from the log."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archwright.agent.run import Run
from archwright.diagram.change import Change
from archwright.diagram.deeds import deeds_of, enumerated, told
from archwright.diagram.model import Diagram
from archwright.diagram.ops import Op, ops_adapter
from archwright.jobs.model import JobError
from archwright.jobs.ports import Finished
from archwright.jobs.routing import UndoWish
from archwright.sessions.history import last_work
from archwright.store.ports import Json

NOTHING_TO_UNDO = "There is nothing here to undo."
MOVED_BACK = "What had been moved is where it was."
_QUOTED_MAX = 80
_NOTHING: Json = {"nothing": True}


async def undo(run: Run, wish: UndoWish) -> None:
    """Take back what the message means, once: a repeat, also after a crash, changes nothing more."""
    session, owner, origin = run.job.session_id, run.job.owner, run.origin(_change_id(run), 0)
    if await run.store.marker(session, owner, origin.change_id) is not None:
        return
    found = await _meant(run, wish)
    if found is None:
        await run.sessions.remember(session, owner, origin, _NOTHING)
        return
    whole: tuple[Change, ...] = (found,)
    if found.actor.kind == "job" and found.intent == "edit" and found.job_id is not None:
        whole = await run.store.changes_of_job(session, owner, found.job_id)
    name = found.change_id if len(whole) == 1 else str(found.job_id)
    again = replace(origin, intent="redo" if wish == "redo" else "revert", reverts=name)
    await run.sessions.take_back(session, owner, again, whole)


async def _meant(run: Run, wish: UndoWish) -> Change | None:
    """The newest change of the work that is to be undone; where the agent did nothing, the person's own last change."""
    for one in (wish, "own") if wish == "job" else (wish,):
        log = run.sessions.backwards(run.job.session_id, run.job.owner)
        if (found := await last_work(log, one, run.job.owner)) is not None:
            return found
    return None


def _change_id(run: Run) -> str:
    return f"{run.job.id}.undo"


async def undone(run: Run) -> Finished:
    """Return the end of a job that undid something: what it took back and what it left alone, by the log."""
    session, owner = run.job.session_id, run.job.owner
    marker = await run.store.marker(session, owner, _change_id(run))
    result = marker.result if marker else _NOTHING
    if result == _NOTHING:
        return Finished("incomplete", NOTHING_TO_UNDO, JobError(type="nothing-to-undo", detail=NOTHING_TO_UNDO))
    _, diagram = await run.sessions.snapshot(session, owner)
    ops, left = ops_adapter.validate_python(result["change"]["ops"]), _left(result["skipped"], diagram)
    if not ops:
        reason = f"Nothing could be taken back. {left}".strip()
        return Finished("incomplete", reason, JobError(type="nothing-to-undo", detail=reason))
    return Finished("succeeded", " ".join(one for one in (await _lead(run, result), _told(ops, diagram), left) if one))


async def _lead(run: Run, result: Json) -> str:
    """Whose work it was: the request that it was done for, when it was a job's."""
    wanted = str(result["change"].get("reverts"))
    marker = await run.store.marker(run.job.session_id, run.job.owner, wanted)
    since = (marker.version or 1) - 1 if marker else 0
    changes = await run.store.changes(run.job.session_id, run.job.owner, since, 1) if marker else ()
    job_id = changes[0].job_id if changes else wanted if marker is None else None
    if job_id is None:
        return "I took back your last change."
    text = " ".join((await run.store.job(job_id)).text.split())
    short = text if len(text) <= _QUOTED_MAX else f"{text[: _QUOTED_MAX - 1].rstrip()}…"
    return f"I took back what was done for “{short}”."


def _told(ops: Sequence[Op], diagram: Diagram) -> str:
    deeds = deeds_of(ops)
    return told(deeds, diagram) if deeds else MOVED_BACK


def _left(skipped: Sequence[Mapping[str, str | None]], diagram: Diagram) -> str:
    """What was left alone, and why."""
    names = {one.id: one.label for one in diagram.nodes.values()}
    kept = [
        (" ".join(filter(None, (names.get(str(skip["id"]), skip["id"]), skip.get("property")))), skip["reason"])
        for skip in skipped
    ]
    return f"Left as it is: {enumerated([f'{what} ({why})' for what, why in kept])}." if kept else ""
