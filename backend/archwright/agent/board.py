"""What a running job shows: one progress and one preview, put together from all that it does at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archwright.jobs.model import Fence, PlanStep, Progress, ToolCall
from archwright.store.ports import JobStore, Json

_PARTS = ("nodes", "edges", "sections")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a streaming turn has brought so far: calls, and by how much they change the number of nodes and edges."""

    calls: int = 0
    nodes: int = 0
    edges: int = 0
    preview: Json | None = None


@dataclass(slots=True)
class Board:
    """`drawings` are the turns that stream now, by context. `counted` is what the saved turns brought. `steps` is the
    checklist of the plan, when there is one."""

    store: JobStore
    fence: Fence
    drawings: dict[str, Drawing] = field(default_factory=dict)
    counted: Drawing = Drawing()
    steps: dict[str, Json] = field(default_factory=dict)

    def count(self, calls: Sequence[ToolCall]) -> None:
        """Take these as the calls of all saved turns."""
        done = [call.name for call in calls if not call.is_error]
        nodes = sum(name in ("add_node", "group_nodes") for name in done)
        self.counted = Drawing(len(calls), nodes, done.count("add_edge"))

    async def show(self, context: str, phase: str, message: str, drawing: Drawing) -> None:
        """Show a streaming turn beside the others."""
        self.drawings[context] = drawing
        await self._write(phase, message)

    async def say(self, phase: str, message: str) -> None:
        """Show where the job is."""
        await self._write(phase, message)

    def clear(self, context: str) -> None:
        """The turn is saved: what it draws is no preview any more. It is shown with the next thing that is."""
        self.drawings.pop(context, None)

    def plan(self, steps: Sequence[PlanStep], done: Mapping[str, Json]) -> None:
        """Put up the checklist, with the outcomes that are known; the other steps of an earlier plan stay on it."""
        for step in steps:
            status = done[step.id]["status"] if step.id in done else "pending"
            self.steps[step.id] = {"id": step.id, "title": step.title, "status": status}

    async def tick(self, step: PlanStep, status: str) -> None:
        """Mark a step: pending, running, done, failed or skipped."""
        self.steps[step.id] = {"id": step.id, "title": step.title, "status": status}
        await self._write("working", step.title)

    async def _write(self, phase: str, message: str) -> None:
        drawn = [self.counted, *self.drawings.values()]
        progress = Progress(
            phase=phase,
            message=message,
            tool_calls=sum(one.calls for one in drawn),
            nodes=max(0, sum(one.nodes for one in drawn)),
            edges=max(0, sum(one.edges for one in drawn)),
            steps=list(self.steps.values()) or None,
        )
        await self.store.set_progress(self.fence, progress, self._preview())

    def _preview(self) -> Json | None:
        shown = [one.preview for one in self.drawings.values() if one.preview]
        if not shown:
            return None
        parts = {part: [element for one in shown for element in one[part]] for part in _PARTS}
        return {"turn": max(one["turn"] for one in shown), **parts}
