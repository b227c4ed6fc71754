"""What one run of the graph works with, and the small state that its checkpoints hold."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

from archwright.agent.board import Board
from archwright.diagram.change import Actor
from archwright.jobs.model import Budget, Fence, Job, Turn, Usage
from archwright.jobs.ports import Control
from archwright.jobs.routing import ModelNames
from archwright.model.calls import NO_FALLBACK, Fallback
from archwright.model.ports import Model
from archwright.sessions.commit import Origin
from archwright.sessions.service import Sessions
from archwright.store.ports import Store

STEPS_AT_ONCE = 4


def _joined(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What parallel steps report, together; an empty report starts the account anew."""
    return {**known, **new} if new else {}


class State(TypedDict):
    """`turn` is the last turn of the job's own conversation taken up; messages, calls and results are in the store.
    `findings` is what the review gave back; `asked` says that it gave back once what was not done. `stop` says why the
    job ends early, as `type: sentence`. `verdict` is what a person said of the turn's proposals (see
    `approvals.Verdict`), None when there were none. `plan` are the steps of the plan that is being carried out, `done`
    the outcome of each that has ended, `left` the titles of those of the last plan that were not done. A checkpoint of
    an earlier version has neither `asked` nor `left`."""

    turn: int
    reviewed: bool
    asked: bool
    findings: str
    stop: str
    verdict: dict[str, Any] | None
    plan: list[dict[str, Any]]
    done: Annotated[dict[str, Any], _joined]
    left: list[str]


START: State = {
    "turn": 0, "reviewed": False, "asked": False, "findings": "", "stop": "", "verdict": None, "plan": [], "done": {},
    "left": [],
}  # fmt: skip


@dataclass(slots=True)
class Run:
    """One claimed job and all that its nodes need. `job` is replaced when it is routed anew."""

    job: Job
    fence: Fence
    control: Control
    store: Store
    sessions: Sessions
    model: Model
    models: ModelNames
    budget: Budget
    retry_s: float
    price: Callable[[str, Usage], float]
    board: Board
    fallback: Fallback = NO_FALLBACK
    saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STEPS_AT_ONCE))

    def origin(self, change_id: str, turn: int) -> Origin:
        """Who makes a change of this run, under which id."""
        actor = Actor(kind="job", id=self.job.id)
        return Origin(actor, change_id, fence=self.fence, job_id=self.job.id, turn=turn)

    async def turns(self, context: str = "") -> tuple[Turn, ...]:
        """The stored turns of one conversation with the model, by default the job's own."""
        return tuple(turn for turn in await self.store.turns(self.job.id) if turn.context == context)

    async def turn(self, number: int) -> Turn:
        """The stored turn of that number."""
        return next(turn for turn in await self.store.turns(self.job.id) if turn.turn == number)

    async def save(self, turn: Turn) -> Turn:
        """Make a turn durable under the next number of the job, and return it with that."""
        async with self.saving:
            number = len(await self.store.turns(self.job.id)) + 1
            numbered = turn.model_copy(update={"turn": number})
            await self.store.save_turn(self.fence, numbered)
            return numbered
