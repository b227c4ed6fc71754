"""The agent as the runner sees it: run a claimed job from where it was to an end, a pause or a hand-off."""

import asyncio
from collections.abc import Callable
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from langgraph.types import Command

from archwright.agent.asking import out_of_time
from archwright.agent.checkpoint import StoreSaver
from archwright.agent.graph import build
from archwright.agent.run import START, Run, State
from archwright.errors import ModelRetryable
from archwright.jobs.model import Awaiting, Budget, Fence, Job, JobError, Turn, Usage
from archwright.jobs.ports import Control, Drained, Finished, Outcome, Paused
from archwright.model.calls import NO_FALLBACK, Fallback
from archwright.model.ports import Model
from archwright.sessions.service import Sessions
from archwright.store.ports import Store

_STEPS_A_TURN = 6
_AT_THE_END_S = 1.0


class Architect:
    """An `Agent` over the graph. `price` is what a call of a model cost, in US dollars."""

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        model: Model,
        *,
        budget: Budget,
        retry_s: float,
        price: Callable[[str, Usage], float],
        fallback: Fallback = NO_FALLBACK,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._model = model
        self._budget = budget
        self._retry_s = retry_s
        self._price = price
        self._fallback = fallback

    async def run(self, job: Job, fence: Fence, control: Control) -> Outcome:
        budget = self._budget.within(job.allowance)
        run = Run(
            job, fence, control, self._store, self._sessions, self._model, budget, self._retry_s, self._price,
            self._fallback,
        )  # fmt: skip
        graph = build(StoreSaver(self._store, fence))
        config: RunnableConfig = {
            "configurable": {"thread_id": job.id},
            "recursion_limit": _STEPS_A_TURN * (self._budget.turns + 2),
        }
        drain = RunControl()
        watch = asyncio.create_task(_pass_on(control.drain, drain))
        try:
            given = await _input(graph, config, job)
            state: Any = await graph.ainvoke(given, config, context=run, durability="sync", control=drain)
        except GraphDrained:
            late = out_of_time(run)  # a job that is handed over again and again must end as well
            return _stopped(late, await self._store.turns(job.id)) if late else Drained()
        except ModelRetryable as failed:
            if failed.extra.get("deadline") and control.deadline - asyncio.get_running_loop().time() < _AT_THE_END_S:
                return Drained()
            raise
        finally:
            watch.cancel()
        if state.get("__interrupt__"):
            return Paused(Awaiting(**state["__interrupt__"][0].value))
        return _finished(state, await self._store.turns(job.id))


async def _pass_on(asked: asyncio.Event, drain: RunControl) -> None:
    await asked.wait()
    drain.request_drain()


async def _input(graph: Any, config: RunnableConfig, job: Job) -> State | Command[Any] | None:
    """The start for a new job, the person's answer for a paused one, None to go on from the last checkpoint."""
    saved = await graph.aget_state(config)
    if not saved.created_at:
        return START
    if saved.interrupts and job.resume is not None:
        return Command(resume=job.resume.model_dump())
    return None


def _finished(state: State, turns: tuple[Turn, ...]) -> Finished:
    if not state["stop"]:
        return Finished("succeeded", _last_words(turns) or "Done.")
    return _stopped(state["stop"], turns)


def _stopped(why: str, turns: tuple[Turn, ...]) -> Finished:
    """The end of a job that stopped early, for a reason as `type: sentence`."""
    kind, _, reason = why.partition(": ")
    error = JobError(type=kind, detail=reason)
    if kind == "refusal":
        return Finished("failed", _last_words(turns) or reason, error)
    return Finished("incomplete", f"{reason} What was drawn so far is kept.", error)


def _last_words(turns: tuple[Turn, ...]) -> str:
    """The text of the last turn that has one."""
    for turn in reversed(turns):
        text = "\n\n".join(block["text"].strip() for block in turn.reply if block["type"] == "text").strip()
        if text:
            return text
    return ""
