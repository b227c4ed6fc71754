"""Draw and edit from the command line: run a job in this process and show how it goes."""

import asyncio
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest
from archwright.formats import format_of_suffix, write
from archwright.jobs.model import ENDED, Awaiting, Job, Resume
from archwright.jobs.submission import Submitted
from archwright.sessions.text import check_prompt
from archwright.settings import Settings
from archwright.wiring import Embedded, embedded

OWNER = "local"
NEEDS_ANSWER = 3
_LOOK_S = 0.1


def check_output(output: Path | None) -> None:
    """Raise InvalidRequest or UnknownFormat unless the file can be written in a format that we know."""
    if output is None:
        return
    format_of_suffix(output.suffix)
    if not output.absolute().parent.is_dir():
        raise InvalidRequest(f"There is no directory {output.absolute().parent}.")


def write_output(output: Path, diagram: Diagram) -> None:
    """Write the diagram in the format that the file's ending names."""
    content = write(diagram, format_of_suffix(output.suffix).name)
    try:
        output.write_bytes(content)
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror}.") from None


async def draw(settings: Settings, prompt: str, model: str | None, title: str | None, output: Path | None) -> int:
    """Draw a new diagram; returns the exit code: 0 done, 1 failed or nothing done, 3 waits for an answer."""
    check_output(output)
    text = check_prompt(prompt)
    async with embedded(settings) as here:
        submitted = await here.jobs.start(OWNER, title=title, prompt=text, model=model)
        return await _follow(here, submitted, output)


async def edit(
    settings: Settings, session_id: str, text: str, focus: tuple[str, ...], model: str | None, output: Path | None
) -> int:
    """Change a diagram in words; returns the exit code as `draw` does."""
    check_output(output)
    request = check_prompt(text)
    async with embedded(settings) as here:
        submitted = await here.jobs.submit(session_id, OWNER, text=request, focus=focus, model=model)
        return await _follow(here, submitted, output)


async def _follow(here: Embedded, submitted: Submitted, output: Path | None) -> int:
    try:
        job = await _watch(here, submitted.job.id)
    except asyncio.CancelledError:
        await here.jobs.cancel(submitted.job.id, OWNER)
        raise
    if job.status == "awaiting_input":
        sys.stderr.write(f"archwright: the job waits for an answer: {_question(job.awaiting)}\n")
        return NEEDS_ANSWER
    _, diagram = await here.sessions.snapshot(job.session_id, OWNER)
    if output is not None and job.status in ("succeeded", "incomplete") and not _came_to_nothing(job):
        write_output(output, diagram)
    return _report(job, diagram, output, here.settings)


def _came_to_nothing(job: Job) -> bool:
    return job.error is not None and job.error.type in ("nothing-drawn", "nothing-changed")


def _report(job: Job, diagram: Diagram, output: Path | None, settings: Settings) -> int:
    if job.status in ("failed", "cancelled") or _came_to_nothing(job):
        sys.stderr.write(f"archwright: the job {job.status}: {job.error.detail if job.error else ''}\n")
        return 1
    if job.status == "incomplete":
        sys.stderr.write(f"archwright: stopped early: {job.error.detail if job.error else job.progress.message}\n")
    sys.stdout.write(f"{output if output is not None else job.session_id}\n")
    if sys.stderr.isatty():
        size = f"{len(diagram.nodes)} nodes, {len(diagram.edges)} edges"
        sys.stderr.write(f"{diagram.title}: {size}, session {job.session_id}\n")
        for url in settings.public_urls[:1]:
            sys.stderr.write(f"{url}/s/{job.session_id}\n")
    return 0


async def _watch(here: Embedded, job_id: str) -> Job:
    """Look at the job until it ends or waits; a person at a terminal answers what it asks."""
    console = Console(stderr=True)
    started = time.monotonic()
    while True:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            job = await here.store.job(job_id, OWNER)
            while job.status not in ENDED and job.status != "awaiting_input":
                if console.is_terminal:
                    live.update(_line(job, time.monotonic() - started), refresh=True)
                await asyncio.sleep(_LOOK_S)
                job = await here.store.job(job_id, OWNER)
        if job.status != "awaiting_input" or job.awaiting is None or not sys.stdin.isatty():
            return job
        await here.jobs.resume(job_id, OWNER, _ask(console, job.awaiting))


def _line(job: Job, elapsed: float) -> Text:
    progress = job.progress
    counts = f"turn {job.turn + 1} · {progress.tool_calls} tool calls · {progress.nodes} nodes · {progress.edges} edges"
    return Text.assemble(
        (f"{elapsed:5.1f} s  ", "dim"), (job.model, "cyan"), f"  {counts}  ",
        (f"${job.cost_usd:.4f}  ", "green"), (progress.message[:60], "dim"),
    )  # fmt: skip


def _question(awaiting: Awaiting | None) -> str:
    if awaiting is None:
        return ""
    options = f" ({' / '.join(awaiting.options)})" if awaiting.options else ""
    return f"{awaiting.question}{options}" if awaiting.kind == "question" else f"{awaiting.reason} Approve?"


def _ask(console: Console, awaiting: Awaiting) -> Resume:
    answer = console.input(f"{_question(awaiting)} ")
    if awaiting.kind == "question":
        return Resume(answer=answer)
    return Resume(decision="approve" if answer.strip().lower() in ("y", "yes", "approve") else "reject")
