"""Exports: small ones at once, large ones as a job whose file is kept for a day."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import cast

from archwright.diagram.model import Diagram
from archwright.diagram.weight import weight
from archwright.errors import NotFound, UnknownJob, VersionMoved
from archwright.files.ports import KEPT_S, Files
from archwright.formats import Format, Theme, format_of, write
from archwright.ids import new_id, utc_now
from archwright.jobs.model import ENDED, ExportOrder, Fence, Job, JobKind
from archwright.jobs.ports import Agent, Control, Finished, Outcome
from archwright.queue.ports import Queue
from archwright.sessions.service import Sessions
from archwright.store.ports import Store

KIND = "export"


def is_large(diagram: Diagram, form: Format, bound: int | None) -> bool:
    """Whether an export takes too long for a request, or is too much for an answer of `bound` bytes."""
    if form.inline_max is not None and diagram.size() > form.inline_max:
        return True
    return bound is not None and weight(diagram) > bound


class Exports:
    """What people ask for. `bound` is the most that an answer may hold, in bytes; None is no limit."""

    def __init__(
        self, store: Store, sessions: Sessions, queue: Queue, files: Files, bound: int | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._store = store
        self._sessions = sessions
        self._queue = queue
        self._files = files
        self._bound = bound
        self._now = now

    async def export(self, session_id: str, owner: str, form: Format, theme: Theme) -> bytes | Job:
        """Return the file of the newest version; for a large one the job that makes it, or has made it.

        The same order finds the same job for as long as its file is kept. Raises UnknownSession.
        """
        head, diagram = await self._sessions.snapshot(session_id, owner)
        if not is_large(diagram, form, self._bound):
            return await asyncio.to_thread(write, diagram, form.name, theme)
        order = ExportOrder(version=head.version, format=form.name, theme=theme)
        return await self._ordered(session_id, owner, order)

    async def _ordered(self, session_id: str, owner: str, order: ExportOrder) -> Job:
        name = f"{session_id}:{order.version}:{order.format}:{order.theme}"
        known = await self._store.value(KIND, name)
        if known is not None and (job := await self._known(known.body["job_id"], owner)) is not None:
            return job
        job = _job(session_id, owner, order)
        try:
            body, revision = {"job_id": job.id}, known.revision if known else 0
            await self._store.put_value(KIND, name, body, revision, self._now() + KEPT_S)
        except VersionMoved:
            return await self._ordered(session_id, owner, order)
        await self._store.submit_aside(job)
        await self._queue.send(job.id, owner)
        return job

    async def _known(self, job_id: str, owner: str) -> Job | None:
        """A job of the same order, unless it came to nothing or its file is gone."""
        try:
            job = await self._store.job(job_id, owner)
        except UnknownJob:
            return None
        if job.status not in ENDED:
            return job
        return job if job.status == "succeeded" and await self._there(job) else None

    async def _there(self, job: Job) -> bool:
        return await self._files.link(job.id, "", "") is not None or await self._files.content(job.id) is not None

    async def made(self, job: Job, disposition: str) -> bytes | str:
        """Return the file of an ended export job, or the address where it is fetched with this disposition.

        Raises NotFound when there is none: the job makes no file, came to nothing, or made it more than a day ago.
        """
        if job.order is None:
            raise NotFound(f"The job '{job.id}' exports nothing.")
        if job.status != "succeeded":
            why = job.error.detail if job.error else f"It was {job.status}."
            raise NotFound(f"There is no file. {why} Export it again.")
        link = await self._files.link(job.id, format_of(job.order.format).media_type, disposition)
        found = link or await self._files.content(job.id)
        if found is None:
            raise NotFound("The file is gone: it is kept for a day. Export it again.")
        return found


def _job(session_id: str, owner: str, order: ExportOrder) -> Job:
    return Job(
        id=new_id("job"), session_id=session_id, owner=owner, kind="export", text=f"Export as {order.format}",
        order=order, model="", message_id="", base_version=order.version, created_at=utc_now(),
    )  # fmt: skip


class ByKind:
    """An `Agent` that gives each job to the one for its kind."""

    def __init__(self, usual: Agent, kinds: Mapping[JobKind, Agent]) -> None:
        self._usual = usual
        self._kinds = kinds

    async def run(self, job: Job, fence: Fence, control: Control) -> Outcome:
        """As `Agent.run`."""
        return await self._kinds.get(job.kind, self._usual).run(job, fence, control)


class Exporter:
    """Runs export jobs, as the agent runs the others."""

    def __init__(self, sessions: Sessions, files: Files, store: Store) -> None:
        self._sessions = sessions
        self._files = files
        self._store = store

    async def run(self, job: Job, fence: Fence, control: Control) -> Outcome:
        """Write the file and keep it. Repeated after a crash it makes the same file. Raises LeaseLost,
        CancelRequested, UnknownSession."""
        if job.order is None:
            raise ValueError(f"the job {job.id} says not what to export")
        writing = job.progress.model_copy(update={"phase": "exporting", "message": f"Writing the {job.order.format}"})
        await self._store.set_progress(fence, writing, None)
        diagram = await self._sessions.at_version(job.session_id, job.owner, job.order.version)
        content = await asyncio.to_thread(write, diagram, job.order.format, cast(Theme, job.order.theme))
        await self._files.put(job.id, content)
        return Finished("succeeded", f"The {job.order.format} is ready.")
