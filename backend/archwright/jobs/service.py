"""Use cases of jobs: submit, look, cancel, answer."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from archwright.access.ledger import Ledger
from archwright.diagram.assumptions import Assumption, assumptions, rewritten, told
from archwright.diagram.change import Actor
from archwright.diagram.document import Standing, orphans, standings, to_write
from archwright.diagram.model import Diagram
from archwright.errors import ArchwrightError, InvalidRequest, Unavailable, UnknownAssumption, UnknownJob
from archwright.ids import new_id, utc_now
from archwright.jobs.model import ENDED, Job, Message, OnBusy, Resume, Turn
from archwright.jobs.policy import check_resume, is_overdue, shown, title_of, waits_long
from archwright.jobs.requests import Request, job_of, resolve
from archwright.jobs.rescue import Rescue
from archwright.jobs.routing import Intent, ModelNames, wants_refresh
from archwright.jobs.submission import Submission, Submitted
from archwright.queue.ports import Queue
from archwright.sessions.commit import Committed, Origin
from archwright.sessions.service import Sessions
from archwright.store.ports import IdempotencyKey, Store

DOCUMENT = "Write the design document."


class Jobs:
    def __init__(
        self, store: Store, sessions: Sessions, queue: Queue, models: ModelNames, ledger: Ledger, grace_s: float = 15,
        approve_above_usd: float | None = None, now: Callable[[], float] = time.time, *, gives_up: bool = True,
    ) -> None:  # fmt: skip
        """With `gives_up` a look ends a job that no worker starts; without, something else looks each minute."""
        self._store = store
        self._sessions = sessions
        self._queue = queue
        self._models = models
        self._ledger = ledger
        self._grace_s = grace_s
        self._approve_above = approve_above_usd
        self._now = now
        self._submission = Submission(store, queue, ledger, models)
        self._rescue = Rescue(store, queue, ledger, now)
        self._gives_up = gives_up

    async def start(
        self, owner: str, *, title: str | None, prompt: str, model: str | None = None, template: Diagram | None = None,
        key: IdempotencyKey | None = None, approve_above_usd: float | None = None,
    ) -> Submitted:  # fmt: skip
        """Create a session and submit its first job. Raises UnknownModel, KeyReused, BudgetSpent, TooManyJobs."""
        name = title or title_of(prompt)
        request = Request(prompt, model=model, approve_above_usd=approve_above_usd)
        if template is not None:
            return await self._start_from(template.replace(title=name), owner, request, key)
        known = await self._submission.known(owner, key)
        if known is not None:
            return known
        job, message = self._request(new_id("ses"), owner, Diagram(), 0, request)
        return await self._submission.store(await self._submission.reserve(job), message, "reject", key, name)

    async def _start_from(
        self, content: Diagram, owner: str, request: Request, key: IdempotencyKey | None
    ) -> Submitted:
        """Every step is safe to repeat, so a call cut short goes on where it was when its key comes again."""
        begun = await self._store.answered(owner, key, utc_now()) if key else None
        first = IdempotencyKey(f"{key.key}:job", key.body_hash) if key else None
        known = await self._submission.known(owner, first)
        if known is not None:
            return known
        session_id = begun["session_id"] if begun else new_id("ses")
        job, message = self._request(session_id, owner, content, 0, request)
        job = await self._submission.reserve(job)
        try:
            job = await self._with_content(job, content, key)
        except ArchwrightError:
            await self._submission.release(job)
            raise
        return await self._submission.store(job, message, "reject", first)

    async def _with_content(self, job: Job, content: Diagram, key: IdempotencyKey | None) -> Job:
        """Create the job's session with this content, unless it is there already; return the job as it is on it."""
        claimed = await self._store.create_session(job.session_id, job.owner, content.title, utc_now(), key)
        if claimed.answer and claimed.answer["session_id"] != job.session_id:
            raise Unavailable("The same request is being answered; try again.")
        head = await self._store.head(job.session_id, job.owner)
        if head.version == 0:
            actor = Actor(kind="user", id=job.owner)
            await self._sessions.replace(job.session_id, job.owner, actor, content, "template")
        head, diagram = await self._sessions.snapshot(job.session_id, job.owner)
        job = job.model_copy(update={"base_version": head.version})
        return await self._with_sections(job, diagram) if job.kind == "document" else job

    async def submit(
        self, session_id: str, owner: str, *, text: str, focus: Sequence[str] = (), model: str | None = None,
        on_busy: OnBusy = "reject", key: IdempotencyKey | None = None, approve_above_usd: float | None = None,
    ) -> Submitted:  # fmt: skip
        """Store a job for a message and send its id.

        Raises UnknownSession, UnknownModel, SessionBusy, KeyReused, and InvalidRequest for a focus on nodes
        that do not exist.
        """
        request = Request(text, tuple(focus), model, approve_above_usd)
        return await self._submit(session_id, owner, request, on_busy, key)

    async def _submit(
        self, session_id: str, owner: str, request: Request, on_busy: OnBusy, key: IdempotencyKey | None
    ) -> Submitted:
        known = await self._submission.known(owner, key)
        if known is not None:
            return known
        head, diagram = await self._sessions.snapshot(session_id, owner)
        job, message = self._request(session_id, owner, diagram, head.version, request)
        self._submission.check_free(head, on_busy)
        if job.kind == "document":
            job = await self._with_sections(job, diagram)
        return await self._submission.store(await self._submission.reserve(job), message, on_busy, key)

    async def _with_sections(self, job: Job, diagram: Diagram) -> Job:
        """The job with the sections that it may write; an edit when there are none."""
        now = await self.standings(job.session_id, job.owner)
        stale = wants_refresh(job.text) and any(standing.stale for standing in now.values())
        sections = tuple(one.slug for one in to_write(diagram, now, only_stale=stale))
        return job.model_copy(update={"sections": sections, "kind": "document" if sections else "edit"})

    async def replan(
        self, session_id: str, owner: str, assumption_id: str, text: str, *, model: str | None = None,
        on_busy: OnBusy = "reject", key: IdempotencyKey | None = None,
    ) -> tuple[Committed, Submitted | None]:  # fmt: skip
        """Write another text for an assumption, as a change of the person's, and submit the job that changes what
        rests on it; no job when nothing does. Raises UnknownAssumption, and as `submit` does."""
        self.resolve(model)
        head, diagram = await self._sessions.snapshot(session_id, owner)
        was = _assumption(diagram, assumption_id)
        origin = Origin(
            Actor(kind="user", id=owner), key.key if key else new_id("chg"), request_hash=key.body_hash if key else None
        )
        known = await self._submission.known(owner, key)
        if known is None and not await self._sessions.repeats(session_id, owner, origin):
            self._submission.check_free(head, on_busy)
        ops = [rewritten(was, text)]
        if known is not None or not was.rests_on:
            return await self._sessions.commit(session_id, owner, ops, origin), known
        request, intent = Request(f"{was.topic}: {text}", was.rests_on, model), Intent("edit", sure=True, small=True)
        job, message = self._request(session_id, owner, diagram, head.version, request, intent)
        job = await self._submission.reserve(
            job.model_copy(update={"assumption": told(was, text), "scope": was.rests_on})
        )
        try:
            changed = await self._sessions.commit(session_id, owner, ops, origin)
        except ArchwrightError:
            await self._submission.release(job)
            raise
        job = job.model_copy(update={"base_version": changed.version})
        # The text is in the log now, so a job that took the session meanwhile is waited for, not a reason to refuse.
        later: OnBusy = "enqueue" if on_busy == "reject" else on_busy
        return changed, await self._submission.store(job, message, later, key)

    async def standings(self, session_id: str, owner: str) -> dict[str, Standing]:
        """Return how each section of the document stands: who wrote it, and whether it is stale."""
        changes = await self._store.changes(session_id, owner, 0)
        silent = {change.job_id for change in changes if change.job_id is not None and not change.ops}
        calls = [call for job_id in silent for turn in await self._store.turns(job_id) for call in turn.tool_calls]
        rewrote = {call.id: str(call.input.get("slug")) for call in calls if call.name == "update_document_section"}
        return standings(changes, rewrote)

    async def write_document(
        self, session_id: str, owner: str, *, only_stale: bool = False, model: str | None = None,
        on_busy: OnBusy = "reject", key: IdempotencyKey | None = None,
    ) -> Submitted:  # fmt: skip
        """Store a job that writes the design document, or brings its stale sections up to date, and send its id.

        What a person wrote is left alone; what the agent wrote about a component that is gone goes. Raises as `submit`
        does, and InvalidRequest when there is nothing to do.
        """
        known = await self._submission.known(owner, key)
        if known is not None:
            return known
        head, diagram = await self._sessions.snapshot(session_id, owner)
        now = await self.standings(session_id, owner)
        wanted = to_write(diagram, now, only_stale=only_stale) if diagram.nodes else ()
        sections = tuple(one.slug for one in wanted)
        if not sections and not orphans(now):
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
        self._submission.check_free(head, on_busy)
        job = await self._submission.reserve(job.model_copy(update={"sections": sections}))
        return await self._submission.store(job, message, on_busy, key)

    def _request(
        self, session_id: str, owner: str, diagram: Diagram, version: int, request: Request,
        intent: Intent | None = None,
    ) -> tuple[Job, Message]:  # fmt: skip
        job = job_of(session_id, owner, diagram, version, request, self._models, intent)
        limit = self._approve_above if job.approve_above_usd is None else job.approve_above_usd
        message = Message(
            id=job.message_id, role="user", text=job.text, focus=job.focus, job_id=job.id, at=job.created_at
        )
        return job.model_copy(update={"approve_above_usd": limit}), message

    def resolve(self, model: str | None) -> str:
        """Return the model to use. Raises UnknownModel, which names the ones that exist."""
        return resolve(model, self._models)

    async def get(self, job_id: str, owner: str) -> Job:
        """Return a job, with what it waits for. A look at one that nobody runs any more sends it again, and fails it
        when no worker has started for 10 minutes; each once, however many look. Raises UnknownJob."""
        job, now = await self._store.job(job_id, owner), self._now()
        if is_overdue(job, now, self._grace_s) and await self._store.send_again(job, now):
            await self._queue.send(job.id, job.owner)
            job = await self._store.job(job_id, owner)
        elif self._gives_up and await self._rescue.end_hopeless(job):
            job = await self._store.job(job_id, owner)
        busy = waits_long(job, now) and await self._store.working(now)
        return job.model_copy(update={"progress": shown(job, now, busy=busy, grace_s=self._grace_s)})

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
        """Answer a job that waits for a person; what it may use is reserved anew. The same answer again is no error.

        Raises NotAwaiting, JobEnded, UnknownJob, InvalidRequest for an answer of the wrong kind, and BudgetSpent and
        TooManyJobs, after which it waits as before.
        """
        job = await self._store.job(job_id, owner)
        given = job.resume.model_copy(update={"key": None}) if job.resume else None
        if job.awaiting is None and given == resume and job.status not in ENDED:
            return job
        check_resume(job, resume)
        key, allowance = job.awaiting.key if job.awaiting else None, None
        if job.awaiting is not None:
            allowance = await self._ledger.resume(job, free=self._submission.costs_nothing(job))
        try:
            job = await self._store.resume(
                job_id, owner, resume.model_copy(update={"key": key}), self._now(), allowance
            )
        except ArchwrightError:
            await self._pause_again(job)
            raise
        await self._queue.send(job.id, owner)
        return job

    async def _pause_again(self, job: Job) -> None:
        """Take back what was reserved for an answer that was not stored, unless another's was."""
        with suppress(UnknownJob):
            current = await self._store.job(job.id, job.owner)
            if current.status == "awaiting_input":
                await self._ledger.pause(current)

    async def trace(self, job_id: str, owner: str) -> tuple[Job, tuple[Turn, ...]]:
        """Return a job and all of its turns, as recorded. Raises UnknownJob."""
        job = await self._store.job(job_id, owner)
        return job, await self._store.turns(job_id)


def _assumption(diagram: Diagram, wanted: str) -> Assumption:
    """Return an assumption by its id. Raises UnknownAssumption, which names those that there are."""
    every = assumptions(diagram)
    found = next((one for one in every if one.id == wanted), None)
    if found is None:
        ids = ", ".join(one.id for one in every) or "none"
        raise UnknownAssumption(f"There is no assumption '{wanted[:100]}'; there are: {ids}.")
    return found
