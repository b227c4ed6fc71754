"""The agent as the runner sees it: run a claimed job from where it was to an end, a pause or a hand-off."""

import asyncio
from collections.abc import Callable
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from langgraph.types import Command

from archwright.agent.accounts import account_of_job
from archwright.agent.applying import PLANS
from archwright.agent.board import Board
from archwright.agent.checkpoint import StoreSaver
from archwright.agent.endings import ended
from archwright.agent.graph import build
from archwright.agent.limits import deadline_of, out_of_time
from archwright.agent.prompts import NOTHING_TO_WRITE, OFF_TOPIC
from archwright.agent.run import START, Run, State
from archwright.agent.undoing import undone
from archwright.errors import ModelRetryable
from archwright.jobs.model import Awaiting, Budget, Fence, Job, Usage
from archwright.jobs.policy import PLAN_STEPS_MAX
from archwright.jobs.ports import Control, Drained, Finished, Outcome, Paused
from archwright.jobs.routing import ModelNames, undo_wish
from archwright.model.calls import NO_FALLBACK, Fallback
from archwright.model.ports import Model
from archwright.sessions.service import Sessions
from archwright.store.ports import Store

_STEPS_A_TURN = 10


class Architect:
    """An `Agent` over the graph. `price` is what a call of a model cost, in US dollars."""

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        model: Model,
        models: ModelNames,
        *,
        budget: Budget,
        retry_s: float,
        price: Callable[[str, Usage], float],
        fallback: Fallback = NO_FALLBACK,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._model = model
        self._models = models
        self._budget = budget
        self._retry_s = retry_s
        self._price = price
        self._fallback = fallback

    async def run(self, job: Job, fence: Fence, control: Control) -> Outcome:
        budget = self._budget.within(job.allowance)
        board = Board(self._store, fence, steps={str(one["id"]): dict(one) for one in job.progress.steps or []})
        run = Run(
            job, fence, control, self._store, self._sessions, self._model, self._models, budget, self._retry_s,
            self._price, board, self._fallback,
        )  # fmt: skip
        graph = build(StoreSaver(self._store, fence))
        config: RunnableConfig = {
            "configurable": {"thread_id": job.id},
            "recursion_limit": _STEPS_A_TURN * (self._budget.turns + 2) + 2 * PLANS * PLAN_STEPS_MAX,
        }
        drain = RunControl()
        watch = asyncio.create_task(_pass_on(control.drain, drain))
        try:
            given = await _input(graph, config, job)
            state: Any = await graph.ainvoke(given, config, context=run, durability="sync", control=drain)
        except GraphDrained:
            late = out_of_time(run)  # a job that is handed over again and again must end as well
            return await _ended(run, late) if late else Drained()
        except ModelRetryable as failed:
            if failed.extra.get("deadline") and deadline_of(run) == control.deadline:
                return Drained()  # the process ends, and another has time for the call
            raise
        finally:
            watch.cancel()
        if state.get("__interrupt__"):
            return Paused(Awaiting(**state["__interrupt__"][0].value))
        if run.job.kind == "off_topic":
            return Finished("succeeded", OFF_TOPIC)
        if run.job.kind == "document" and not run.job.sections:
            return Finished("succeeded", NOTHING_TO_WRITE)
        if undo_wish(run.job.text):
            return await undone(run)
        return await _ended(run, state["stop"])


async def _pass_on(asked: asyncio.Event, drain: RunControl) -> None:
    await asked.wait()
    drain.request_drain()


async def _input(graph: Any, config: RunnableConfig, job: Job) -> State | Command[Any] | None:
    """The start for a new job, the person's answer for a paused one, None to go on from the last checkpoint."""
    saved = await graph.aget_state(config)
    if not saved.created_at:
        return START
    waiting = next((one for one in saved.interrupts if job.resume and one.value.get("key") == job.resume.key), None)
    if waiting is not None and job.resume is not None:
        return Command(resume={waiting.id: job.resume.model_dump(mode="json")})
    return None


async def _ended(run: Run, stop: str) -> Finished:
    return ended(run.job, stop, await account_of_job(run))
