"""What there is to tell of a job or a step, read from the store: its changes, its calls, its last words."""

from collections.abc import Sequence

from archwright.agent.context import text_of
from archwright.agent.missing import Account
from archwright.agent.run import Run
from archwright.diagram.document import standings, wanted
from archwright.diagram.ops import Op
from archwright.jobs.model import Turn

_PLANNING = ("route", "memory")


async def account_of_job(run: Run, left: Sequence[str] = ()) -> Account:
    """Return the account of the whole job; its words are those of the last turn of its own conversation."""
    every = [turn for turn in await run.store.turns(run.job.id) if turn.context not in _PLANNING]
    own = [turn for turn in every if not turn.context]
    calls = [call for turn in every for call in turn.tool_calls]
    _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
    return Account(await _ops(run), calls, _last_words(own), diagram, left)


async def account_of_step(run: Run, turns: Sequence[Turn]) -> Account:
    """Return the account of one step of a plan, by the turns of its conversation."""
    numbers = {turn.turn for turn in turns}
    calls = [call for turn in turns for call in turn.tool_calls]
    _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
    return Account(await _ops(run, numbers), calls, text_of(turns[-1]) if turns else "", diagram)


async def _ops(run: Run, turns: set[int] | None = None) -> list[Op]:
    """The ops of the job's changes, or of those that these turns made; the changes before it are not read."""
    changes = await run.store.changes(run.job.session_id, run.job.owner, run.job.base_version)
    mine = [change for change in changes if change.job_id == run.job.id]
    return [op for change in mine if turns is None or change.turn in turns for op in change.ops]


def _last_words(turns: Sequence[Turn]) -> str:
    """What the model said last when it had nothing more to do; what it announced before its calls is no report."""
    said = [text_of(turn) for turn in turns if not turn.tool_calls]
    return said[-1] if said else ""


async def sections_left(run: Run) -> dict[str, str]:
    """Return the titles, by slug, of the sections that a document job has still to write: not those whose component
    is gone, and not what a person wrote meanwhile."""
    if run.job.kind != "document":
        return {}
    turns = await run.store.turns(run.job.id)
    done = {str(c.input.get("slug")) for turn in turns for c in turn.tool_calls if c.result and not c.is_error}
    _, diagram = await run.sessions.snapshot(run.job.session_id, run.job.owner)
    left = {one.slug: one.title for one in wanted(diagram) if one.slug in run.job.sections and one.slug not in done}
    if not left:
        return {}
    now = standings(await run.store.changes(run.job.session_id, run.job.owner, 0))
    return {slug: title for slug, title in left.items() if slug not in now or now[slug].by != "user"}
