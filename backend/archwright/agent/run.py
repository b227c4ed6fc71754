"""What one run of the graph works with, and the small state that its checkpoints hold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from archwright.diagram.change import Actor
from archwright.jobs.model import Budget, Fence, Job, Turn, Usage
from archwright.jobs.ports import Control
from archwright.model.calls import NO_FALLBACK, Fallback
from archwright.model.ports import Model
from archwright.sessions.commit import Origin
from archwright.sessions.service import Sessions
from archwright.store.ports import Store


class State(TypedDict):
    """`turn` is the last turn taken up; messages, calls and results are in the store. `findings` is what the
    review gave back. `stop` says why the job ends early, as `type: sentence`. `refusal` is the person's reason
    for refusing the turn's deletions, None when they may run."""

    turn: int
    reviewed: bool
    findings: str
    stop: str
    refusal: str | None


START: State = {"turn": 0, "reviewed": False, "findings": "", "stop": "", "refusal": None}


@dataclass(frozen=True, slots=True)
class Run:
    """One claimed job and all that its nodes need."""

    job: Job
    fence: Fence
    control: Control
    store: Store
    sessions: Sessions
    model: Model
    budget: Budget
    retry_s: float
    price: Callable[[str, Usage], float]
    fallback: Fallback = NO_FALLBACK

    def origin(self, change_id: str, turn: int) -> Origin:
        """Who makes a change of this run, under which id."""
        actor = Actor(kind="job", id=self.job.id)
        return Origin(actor, change_id, fence=self.fence, job_id=self.job.id, turn=turn)

    async def turn(self, number: int) -> Turn:
        """The stored turn of that number."""
        return next(turn for turn in await self.store.turns(self.job.id) if turn.turn == number)
