"""First turns of many cases as one Message Batch, at half the price: what needs no second turn to be judged."""

import sys
import time
from collections.abc import Sequence

from archwright.agent.asking import request_to
from archwright.agent.context import first_messages
from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest, ModelError
from archwright.jobs.model import Job
from archwright.model.claude import ClaudeModel
from archwright.model.ports import ModelRequest, Reply
from archwright.model.pricing import BATCH_SHARE, OFFLINE, cost_usd
from evals.outcomes import Outcome, Verdict
from evals.running import OWNER, Product
from evals.sets import Trial
from evals.turns import first_turn


async def first_request(at: Product, job: Job) -> ModelRequest:
    """Return the very request with which the agent would begin this job."""
    _, diagram = await at.here.sessions.snapshot(job.session_id, OWNER)
    earlier = await at.here.store.recent_messages(job.session_id, OWNER, 100)
    return request_to(job.model, (), first_messages(job, diagram, earlier))


async def batched(at: Product, trials: Sequence[Trial], repeats: int, *, poll_s: float = 20) -> list[Verdict]:
    """Return a verdict on the first turn of each case, each asked `repeats` times.

    Raises InvalidRequest for a model that has no batches, and what `ClaudeModel.batch` raises."""
    settings = at.here.settings
    if at.model == OFFLINE or not settings.anthropic_api_key:
        raise InvalidRequest(f"--batch needs a model of Claude and its key; '{at.model}' is asked without it.")
    requests, before = dict[str, ModelRequest](), dict[str, Diagram]()
    for trial in trials:
        assert trial.submit is not None
        job = (await trial.submit(at)).job
        _, before[trial.id] = await at.here.sessions.snapshot(job.session_id, OWNER)
        request = await first_request(at, job)
        requests |= {_name(trial, number): request for number in range(repeats)}
    claude, start = ClaudeModel(settings.anthropic_api_key, settings.anthropic_base_url), time.perf_counter()
    try:
        replies = await claude.batch(requests, poll_s=poll_s, began=_say_began)
    finally:
        await claude.close()
    took = time.perf_counter() - start
    return [
        trial.judge(outcome(before[trial.id], replies[_name(trial, number)], at.model, took))
        for trial in trials
        for number in range(repeats)
    ]


def outcome(before: Diagram, reply: Reply | ModelError, model: str, wall_s: float) -> Outcome:
    """Return what a first reply comes to, or that there was none; `wall_s` is what the whole batch took."""
    if isinstance(reply, ModelError):
        return Outcome(before, before, ended="failed", error=reply.detail, wall_s=wall_s)
    cost = BATCH_SHARE * cost_usd(model, reply.usage)
    return first_turn(before, [(call.name, call.input) for call in reply.tool_calls], cost_usd=cost, wall_s=wall_s)


def _name(trial: Trial, number: int) -> str:
    return f"{trial.id}_{number}"


def _say_began(batch_id: str) -> None:
    sys.stderr.write(f"Sent as {batch_id}; waiting for its end.\n")
