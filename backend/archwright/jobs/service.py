"""Use cases of jobs: submit, look, cancel, answer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archwright.access.ledger import Ledger
from archwright.diagram.assumptions import assumptions, rewritten, told
from archwright.diagram.change import Actor
from archwright.diagram.document import Standing, orphans, standings, to_write
from archwright.diagram.model import Diagram
from archwright.errors import ArchwrightError, InvalidRequest, SessionBusy, UnknownAssumption
from archwright.ids import new_id, utc_now
from archwright.jobs.model import ENDED, Job, Message, OnBusy, Resume, Turn
from archwright.jobs.policy import check_resume, is_overdue, shown, title_of, waits_long
from archwright.jobs.requests import Request, job_of, resolve
from archwright.jobs.routing import Intent, ModelNames, wants_refresh
from archwright.queue.ports import Queue
from archwright.sessions.commit import Committed, Origin
from archwright.sessions.service import Sessions
from archwright.store.ports import IdempotencyKey, Store

DOCUMENT = "Write the design document."


@dataclass(frozen=True, slots=True)
class Submitted:
    """A stored job. `repeated` says that this idempotency key had submitted it before."""

    session_id: str
    job: Job
    message_id: str
    repeated: bool


class Jobs:
    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        queue: Queue,
        models: ModelNames,
        ledger: Ledger,
        grace_s: float = 15,
        approve_above_usd: float | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._queue = queue
        self._models = models
        self._ledger = ledger
        self._grace_s = grace_s
        self._approve_above = approve_above_usd
        self._now = now

    async def start(
        self,
        owner: str,
        *,
        title: str | None,
        prompt: str,
        model: str | None = None,
        template: Diagram | None = None,
        key: IdempotencyKey | None = None,
        approve_above_usd: float | None = None,
    ) -> Submitted:
        """Create a session and submit its first job. Raises UnknownModel, KeyReused."""
        session_id = new_id("ses")
        name = title or title_of(prompt)
        request = Request(prompt, model=model, approve_above_usd=approve_above_usd)
        if template is not None:
            return await self._start_from(template, session_id, owner, name, request, key)
        job, message = self._request(session_id, owner, Diagram(), 0, request)
        return await self._store_and_send(job, message, "reject", key, name)

    async def _start_from(
        self,
        template: Diagram,
        session_id: str,
        owner: str,
        title: str,
        request: Request,
        key: IdempotencyKey | None,
    ) -> Submitted:
        """Every step is safe to repeat, so a call cut short goes on where it was when its key comes again."""
        claimed = await self._store.create_session(session_id, owner, title, utc_now(), key)
        session_id = claimed.answer["session_id"] if claimed.answer else session_id
        head = await self._store.head(session_id, owner)
        if head.version == 0:
            content = template.replace(title=head.title)
            await self._sessions.replace(session_id, owner, Actor(kind="user", id=owner), content, "template")
        first = IdempotencyKey(f"{key.key}:job", key.body_hash) if key else None
        return await self._submit(session_id, owner, request, "reject", first)

    async def submit(
        self,
        session_id: str,
        owner: str,
        *,
        text: str,
        focus: Sequence[str] = (),
        model: str | None = None,
        on_busy: OnBusy = "reject",
        key: IdempotencyKey | None = None,
        approve_above_usd: float | None = None,
    ) -> Submitted:
        """Store a job for a message and send its id.

        Raises UnknownSession, UnknownModel, SessionBusy, KeyReused, and InvalidRequest for a focus on nodes
        that do not exist.
        """
        request = Request(text, tuple(focus), model, approve_above_usd)
        return await self._submit(session_id, owner, request, on_busy, key)

    async def _submit(
        self, session_id: str, owner: str, request: Request, on_busy: OnBusy, key: IdempotencyKey | None
    ) -> Submitted:
        head, diagram = await self._sessions.snapshot(session_id, owner)
        job, message = self._request(session_id, owner, diagram, head.version, request)
        if job.kind == "document":
            job = await self._with_sections(job, diagram)
        return await self._store_and_send(job, message, on_busy, key)

    async def _with_sections(self, job: Job, diagram: Diagram) -> Job:
        """The job with the sections that it may write; an edit when there are none."""
        now = await self.standings(job.session_id, job.owner)
        stale = wants_refresh(job.text) and any(standing.stale for standing in now.values())
        sections = tuple(one.slug for one in to_write(diagram, now, only_stale=stale))
        return job.model_copy(update={"sections": sections, "kind": "document" if sections else "edit"})

    async def replan(
        self,
        session_id: str,
        owner: str,
        assumption_id: str,
        text: str,
        *,
        model: str | None = None,
        on_busy: OnBusy = "reject",
        key: IdempotencyKey | None = None,
    ) -> tuple[Committed, Submitted | None]:
        """Write another text for an assumption, as a change of the person's, and submit the job that changes what
        rests on it; no job when nothing does. Raises UnknownAssumption, and as `submit` does."""
        head, diagram = await self._sessions.snapshot(session_id, owner)
        known = await self._store.answered(owner, key, utc_now()) if key else None
        if known is None and on_busy == "reject" and head.active_job is not None:
            raise SessionBusy(f"The job '{head.active_job}' is active in this session.", job_id=head.active_job)
        was = next((one for one in assumptions(diagram) if one.id == assumption_id), None)
        if was is None:
            ids = ", ".join(one.id for one in assumptions(diagram)) or "none"
            raise UnknownAssumption(f"There is no assumption '{assumption_id}'; there are: {ids}.")
        change_id = key.key if key else new_id("chg")
        origin = Origin(Actor(kind="user", id=owner), change_id, request_hash=key.body_hash if key else None)
        changed = await self._sessions.commit(session_id, owner, [rewritten(was, text)], origin)
        if not was.rests_on:
            return changed, None
        head, diagram = await self._sessions.snapshot(session_id, owner)
        request = Request(f"{was.topic}: {text}", was.rests_on, model)
        intent = Intent("edit", sure=True, small=True)
        job, message = self._request(session_id, owner, diagram, head.version, request, intent)
        job = job.model_copy(update={"assumption": told(was, text), "scope": was.rests_on})
        return changed, await self._store_and_send(job, message, on_busy, key)

    async def _store_and_send(
        self, job: Job, message: Message, on_busy: OnBusy, key: IdempotencyKey | None, title: str | None = None
    ) -> Submitted:
        """Reserve what the job may use, store it, send it. A repeat is answered also when nothing is left."""
        try:
            allowance = await self._ledger.reserve(job.owner, job.session_id, job.id)
        except ArchwrightError:
            known = await self._store.answered(job.owner, key, job.created_at) if key else None
            if known is None:
                raise
            return await self._submitted(job, message, known)
        job = job.model_copy(update={"allowance": allowance})
        try:
            claimed = await self._store.submit_job(job, message, on_busy, key, new_session_title=title)
        except ArchwrightError:
            await self._ledger.release(job.owner, job.session_id, job.id)
            raise
        if claimed.answer is not None:
            await self._ledger.release(job.owner, job.session_id, job.id)
        return await self._submitted(job, message, claimed.answer)

    async def standings(self, session_id: str, owner: str) -> dict[str, Standing]:
        """Return how each section of the document stands: who wrote it, and whether it is stale."""
        changes = await self._store.changes(session_id, owner, 0)
        silent = {change.job_id for change in changes if change.job_id is not None and not change.ops}
        calls = [call for job_id in silent for turn in await self._store.turns(job_id) for call in turn.tool_calls]
        rewrote = {call.id: str(call.input.get("slug")) for call in calls if call.name == "update_document_section"}
        return standings(changes, rewrote)

    async def write_document(
        self,
        session_id: str,
        owner: str,
        *,
        only_stale: bool = False,
        model: str | None = None,
        on_busy: OnBusy = "reject",
        key: IdempotencyKey | None = None,
    ) -> Submitted:
        """Store a job that writes the design document, or brings its stale sections up to date, and send its id.

        What a person wrote is left alone; what the agent wrote about a component that is gone goes. Raises as `submit`
        does, and InvalidRequest when there is nothing to do.
        """
        head, diagram = await self._sessions.snapshot(session_id, owner)
        known = await self._store.answered(owner, key, utc_now()) if key else None
        now = await self.standings(session_id, owner)
        wanted = to_write(diagram, now, only_stale=only_stale) if diagram.nodes else ()
        sections = tuple(one.slug for one in wanted)
        if known is None and not sections and not orphans(now):
            raise InvalidRequest(
                "The document describes the diagram, which is empty."
                if not diagram.nodes
                else "No section is stale."
                if only_stale
                else "Every section was written by a person; there is nothing to write."
            )
        text = "Bring the stale sections of the design document up to date." if only_stale else DOCUMENT
        intent = Intent("document", sure=True, small=False)
        job, message = self._request(session_id, owner, diagram, head.version, Request(text, model=model), intent)
        job = job.model_copy(update={"sections": sections})
        return await self._store_and_send(job, message, on_busy, key)

    def _request(
        self,
        session_id: str,
        owner: str,
        diagram: Diagram,
        version: int,
        request: Request,
        intent: Intent | None = None,
    ) -> tuple[Job, Message]:
        job = job_of(session_id, owner, diagram, version, request, self._models, intent)
        limit = self._approve_above if job.approve_above_usd is None else job.approve_above_usd
        message = Message(
            id=job.message_id, role="user", text=job.text, focus=job.focus, job_id=job.id, at=job.created_at
        )
        return job.model_copy(update={"approve_above_usd": limit}), message

    def resolve(self, model: str | None) -> str:
        """Return the model to use. Raises UnknownModel, which names the ones that exist."""
        return resolve(model, self._models)

    async def _submitted(self, job: Job, message: Message, answer: dict[str, str] | None) -> Submitted:
        if answer is not None:
            known = await self.get(answer["job_id"], job.owner)
            return Submitted(answer["session_id"], known, answer["message_id"], repeated=True)
        await self._queue.send(job.id, job.owner)
        return Submitted(job.session_id, job, message.id, repeated=False)

    async def get(self, job_id: str, owner: str) -> Job:
        """Return a job, with what it waits for. A look at one that nobody runs any more sends it again, once however
        many look. Raises UnknownJob."""
        job, now = await self._store.job(job_id, owner), self._now()
        if is_overdue(job, now, self._grace_s) and await self._store.send_again(job, now):
            await self._queue.send(job.id, job.owner)
            job = await self._store.job(job_id, owner)
        busy = waits_long(job, now) and await self._store.working(now)
        return job.model_copy(update={"progress": shown(job, now, busy=busy)})

    async def cancel(self, job_id: str, owner: str) -> Job:
        """Stop a job and keep its work; a running one ends within seconds. Raises JobEnded, UnknownJob."""
        job = await self._store.cancel(job_id, owner, utc_now())
        if job.status in ENDED:
            await self._ledger.settle(job)
            head = await self._store.head(job.session_id, owner)
            if head.active_job is not None:
                await self._queue.send(head.active_job, owner)
        return job

    async def resume(self, job_id: str, owner: str, resume: Resume) -> Job:
        """Answer a job that waits for a person. The same answer again is no error.

        Raises NotAwaiting, JobEnded, UnknownJob, and InvalidRequest for an answer of the wrong kind.
        """
        job = await self._store.job(job_id, owner)
        given = job.resume.model_copy(update={"key": None}) if job.resume else None
        if job.awaiting is None and given == resume and job.status not in ENDED:
            return job
        check_resume(job, resume)
        key = job.awaiting.key if job.awaiting else None
        job = await self._store.resume(job_id, owner, resume.model_copy(update={"key": key}), self._now())
        await self._queue.send(job.id, owner)
        return job

    async def trace(self, job_id: str, owner: str) -> tuple[Job, tuple[Turn, ...]]:
        """Return a job and all of its turns, as recorded. Raises UnknownJob."""
        job = await self._store.job(job_id, owner)
        return job, await self._store.turns(job_id)
