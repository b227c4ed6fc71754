"""What the runner of jobs and the agent know of each other."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal, Protocol

from archwright.jobs.model import Awaiting, Fence, Job, JobError


@dataclass(frozen=True, slots=True)
class Control:
    """The runner's word to a running agent. `drain` is set when the process must stop soon: the agent stops at
    the next point where its work is saved. `deadline` is in seconds of the event loop's clock; no model call
    may last beyond it."""

    deadline: float
    drain: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Finished:
    """The agent is done. `text` is its last message to the person."""

    status: Literal["succeeded", "incomplete", "failed"]
    text: str
    error: JobError | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """The agent waits for a person."""

    awaiting: Awaiting


@dataclass(frozen=True, slots=True)
class Drained:
    """The agent stopped between two steps; another process goes on from there."""


Outcome = Finished | Paused | Drained


class Agent(Protocol):
    """What runs jobs: the architect, and for exports the exporter."""

    async def run(self, job: Job, fence: Fence, control: Control) -> Outcome:
        """Run a claimed job from where its saved turns and checkpoints left it.

        Raises LeaseLost and CancelRequested as the store raised them, ModelRetryable when retrying ran out,
        ModelRefused as the provider answered. Anything else that it raises is a bug of ours.
        """
        ...
