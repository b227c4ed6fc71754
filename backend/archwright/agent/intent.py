"""Which kind of work a request is and which model does it, where the rules are not sure: the small model is asked."""

import logging

from archwright.agent.asking import said
from archwright.agent.context import text_block
from archwright.agent.prompts import ROUTER
from archwright.agent.run import Run
from archwright.diagram.document import standings, to_write
from archwright.diagram.model import Diagram
from archwright.errors import ModelError
from archwright.jobs.model import JobKind, Route
from archwright.jobs.routing import Intent, route

log = logging.getLogger(__name__)

CONTEXT = "route"
_KINDS: dict[str, JobKind] = {
    "question": "question", "edit": "edit", "document": "document", "off_topic": "off_topic",
}  # fmt: skip
_LABELS = 60


async def settle_route(run: Run) -> None:
    """Ask the small model what an uncertain request wants, and store what the job is from now on. A model that fails
    at that does not hold up the job: it goes on as the rules have it."""
    job = run.job
    if job.route is None or job.route.sure or run.models.small is None:
        return
    _, diagram = await run.sessions.snapshot(job.session_id, job.owner)
    try:
        intent = read_answer(await _asked(run, diagram), run.models.small)
    except ModelError as error:
        log.warning("job %s: the request was not sorted: %s", job.id, error)
        return
    sections: tuple[str, ...] = ()
    if intent.kind == "document":
        now = standings(await run.store.changes(job.session_id, job.owner, 0))
        sections = tuple(one.slug for one in to_write(diagram, now, only_stale=False))
        intent = intent if sections else Intent("edit", sure=True, small=False)
    chosen = job.route if job.route.named else route(intent, job.text, run.models)
    routed = Route(model=chosen.model, reason=f"{run.models.small} reads it as '{intent.kind}'. {chosen.reason}",
                 named=chosen.named)  # fmt: skip
    run.job = await run.store.assign(run.fence, intent.kind, routed, sections)


async def _asked(run: Run, diagram: Diagram) -> str:
    labels = ", ".join(node.label for node in list(diagram.nodes.values())[:_LABELS])
    blocks = [text_block(f"<nodes>{labels}</nodes>"), text_block(f"<request>\n{run.job.text}\n</request>")]
    return await said(run, CONTEXT, ROUTER, blocks)


def read_answer(text: str, model: str) -> Intent:
    """Read `kind size` from what the small model said; what cannot be read is a large edit, which can do all."""
    words = text.casefold().replace("-", "_").replace(",", " ").split()
    kind = next((_KINDS[word] for word in words if word in _KINDS), None)
    if kind is None:
        log.warning("%s sorted a request as %r", model, text[:100])
    return Intent(kind or "edit", sure=True, small=kind is not None and "large" not in words)
