"""Cases as whole jobs: over the whole product in one process, with a data directory of its own."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from archwright.diagram.change import Actor, Change
from archwright.diagram.core import fold
from archwright.diagram.document import wanted
from archwright.diagram.model import Diagram
from archwright.diagram.ops import SetSectionInput
from archwright.errors import InvalidRequest
from archwright.ids import new_id, utc_now
from archwright.jobs.model import ENDED, Job, Resume, ToolCall
from archwright.jobs.submission import Submitted
from archwright.model.offline.document import body_of
from archwright.sessions.commit import Origin
from archwright.settings import Settings
from archwright.wiring import Embedded, embedded
from evals.cases import AskCase, DocumentCase, EditCase, diagrams
from evals.facts import facts
from evals.outcomes import Call, Outcome

OWNER = "local"
_PERSON = Actor(kind="user", id=OWNER)
_WRITER = Actor(kind="job", id="job_first")
_LOOK_S = 0.005


@dataclass(frozen=True, slots=True)
class Product:
    """The product, and the model that its jobs ask."""

    here: Embedded
    model: str


@asynccontextmanager
async def product(model: str | None, *, concurrency: int = 2, works: bool = True) -> AsyncIterator[Product]:
    """Open the product over an empty directory, with the keys of the environment; the offline planner speaks at once.

    Raises UnknownModel for a model that these settings do not offer."""
    with TemporaryDirectory(prefix="archwright-eval-") as folder:
        settings = Settings(data_dir=Path(folder), worker_concurrency=concurrency, offline_pace=0)
        async with embedded(settings, works=works) as here:
            yield Product(here, here.jobs.resolve(model))


async def seeded(at: Product, diagram: Diagram) -> str:
    """Return a session that holds this diagram."""
    session_id = new_id("ses")
    await at.here.store.create_session(session_id, OWNER, diagram.title, utc_now())
    await at.here.sessions.replace(session_id, OWNER, _PERSON, diagram)
    return session_id


async def submit_edit(at: Product, case: EditCase) -> Submitted:
    session_id = await seeded(at, diagrams()[case.diagram])
    return await at.here.jobs.submit(session_id, OWNER, text=case.request, focus=case.focus, model=at.model)


async def submit_ask(at: Product, case: AskCase) -> Submitted:
    return await at.here.jobs.start(OWNER, title=None, prompt=case.request, model=at.model)


async def run_edit(at: Product, case: EditCase) -> Outcome:
    return await finished(at, (await submit_edit(at, case)).job)


async def run_ask(at: Product, case: AskCase) -> Outcome:
    return await finished(at, (await submit_ask(at, case)).job)


async def run_prompt(at: Product, text: str) -> Outcome:
    """Draw a description on an empty canvas."""
    return await finished(at, (await at.here.jobs.start(OWNER, title=None, prompt=text, model=at.model)).job)


async def run_document(at: Product, case: DocumentCase) -> Outcome:
    """Write the document, let a person edit, note what is stale, and let a job do the rest."""
    session_id = await seeded(at, diagrams()[case.diagram])
    await _write_document(at, session_id, case.by_person)
    if case.ops:
        await at.here.sessions.commit(session_id, OWNER, case.ops, Origin(_PERSON, new_id("chg")))
    standing = await at.here.jobs.standings(session_id, OWNER)
    stale = frozenset(slug for slug, one in standing.items() if one.stale)
    try:
        submitted = await _document_job(at, session_id, case)
    except InvalidRequest:  # there is nothing to write
        _, diagram = await at.here.sessions.snapshot(session_id, OWNER)
        return Outcome(diagram, diagram, stale=stale)
    return replace(await finished(at, submitted.job), stale=stale)


async def _document_job(at: Product, session_id: str, case: DocumentCase) -> Submitted:
    if case.job == "request":
        return await at.here.jobs.submit(session_id, OWNER, text=case.request, model=at.model)
    only_stale = case.job == "stale"
    return await at.here.jobs.write_document(session_id, OWNER, only_stale=only_stale, model=at.model)


async def _write_document(at: Product, session_id: str, by_person: tuple[str, ...]) -> None:
    """Write every section as a job would, then some as a person."""
    _, diagram = await at.here.sessions.snapshot(session_id, OWNER)
    whole = [
        SetSectionInput(slug=s.slug, title=s.title, body=body_of(s.slug, diagram), position=s.position)
        for s in wanted(diagram)
    ]
    await at.here.sessions.commit(session_id, OWNER, whole, Origin(_WRITER, new_id("chg")))
    mine = [op.model_copy(update={"body": "Written by a person."}) for op in whole if op.slug in by_person]
    if mine:
        await at.here.sessions.commit(session_id, OWNER, mine, Origin(_PERSON, new_id("chg")))


async def finished(at: Product, job: Job) -> Outcome:
    """Wait for a job's end and return what came of it. What it wants approved is approved; a question ends it."""
    start, asked = time.perf_counter(), ""
    while job.status not in ENDED:
        await asyncio.sleep(_LOOK_S)
        job = await at.here.jobs.get(job.id, OWNER)
        if job.status == "awaiting_input" and job.awaiting is not None:
            if job.awaiting.kind == "question":
                asked = job.awaiting.question or "?"
                job = await at.here.jobs.cancel(job.id, OWNER)
            else:
                job = await at.here.jobs.resume(job.id, OWNER, Resume(decision="approve"))
    wall_s = time.perf_counter() - start
    return await _outcome(at, job, asked, wall_s)


async def _outcome(at: Product, job: Job, asked: str, wall_s: float) -> Outcome:
    before = await at.here.sessions.at_version(job.session_id, OWNER, job.base_version)
    _, after = await at.here.sessions.snapshot(job.session_id, OWNER)
    _, turns = await at.here.jobs.trace(job.id, OWNER)
    effects = _effects(before, await at.here.store.changes_of_job(job.session_id, OWNER, job.id))
    return Outcome(
        before=before,
        after=after,
        calls=tuple(_call(call, effects) for turn in turns for call in turn.tool_calls),
        asked=asked,
        ended=job.status,
        error=job.error.detail if job.error else "",
        turns=len(turns),
        cost_usd=job.cost_usd,
        wall_s=wall_s,
    )


def _effects(before: Diagram, changes: tuple[Change, ...]) -> dict[str, Call]:
    """What each change of a job did, by its id; nobody else changes these sessions meanwhile."""
    found, diagram = dict[str, Call](), before
    for change in changes:
        after = fold(diagram, change.ops)
        found[change.change_id] = Call("", changed=bool(change.ops), facts=facts(diagram, after))
        diagram = after
    return found


def _call(call: ToolCall, effects: dict[str, Call]) -> Call:
    done = effects.get(call.change_id or "", Call(""))
    return replace(done, name=call.name, refused=call.is_error, slug=str(call.input.get("slug", "")))
