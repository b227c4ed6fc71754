"""A job and its turns as values, and the table of its states."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

N = TypeVar("N", int, float)

JobKind = Literal["generate", "edit", "question", "document", "off_topic", "export"]
JobStatus = Literal["queued", "running", "awaiting_input", "succeeded", "failed", "cancelled", "incomplete"]
OnBusy = Literal["reject", "enqueue", "interrupt"]

TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    "queued": frozenset({"running", "cancelled", "failed"}),
    "running": frozenset({"queued", "awaiting_input", "succeeded", "failed", "cancelled", "incomplete"}),
    "awaiting_input": frozenset({"queued", "cancelled", "failed"}),
    "succeeded": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "incomplete": frozenset(),
}
ENDED: frozenset[JobStatus] = frozenset(status for status, following in TRANSITIONS.items() if not following)


class Record(BaseModel):
    """An immutable record of ours as it is stored; unlike a request it ignores fields that it does not know."""

    model_config = ConfigDict(frozen=True)


COUNT_MAX = 10**15
"""More than anybody counts, and few enough for every store and every reader of JSON."""


def _countable(value: Any) -> Any:
    return min(max(value, 0), COUNT_MAX) if isinstance(value, int) else value


Count = Annotated[int, BeforeValidator(_countable)]
"""A number of things; what was stored outside of the possible is read as the nearest that is possible."""


class Usage(Record):
    """Tokens; `input_tokens` does not include the cached ones."""

    model_calls: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class Fence(Record):
    """The proof of a lease that every write of its holder carries."""

    job_id: str
    number: int


class Lease(Record):
    """The right to run a job until `until` (seconds since the epoch)."""

    holder: str
    until: float


class Waiting(Record):
    """Since when (seconds since the epoch) a job that holds its session waits for a worker, and how often its id was
    sent again."""

    since: float
    sent: int = 0


class Progress(Record):
    """`phase` is one word for machines, `message` one line for people; the counts are of the whole job."""

    phase: str = "waiting"
    message: str = "Waiting for a worker"
    tool_calls: int = 0
    nodes: int = 0
    edges: int = 0
    steps: list[dict[str, JsonValue]] | None = None

    def ended(self, phase: str, message: str) -> "Progress":
        """Return the progress of a job that has ended: what was not done of its plan is skipped."""
        steps = self.steps and [
            {**step, "status": "skipped"} if step.get("status") in ("pending", "running") else step
            for step in self.steps
        ]
        return self.model_copy(update={"phase": phase, "message": message, "steps": steps})


class JobError(Record):
    """Why a job ended badly: a stable type and a sentence for people."""

    type: str
    detail: str


class Question(Record):
    """One question of a round, with answers to choose from; another answer may be given."""

    question: str
    options: list[str] = []


class PlanStep(Record):
    """One step of a plan: what it is called on the checklist, all that is to be done, and which steps come first."""

    id: str = Field(min_length=1, max_length=100)
    title: str = Field(min_length=1, max_length=200)
    task: str = Field(min_length=1, max_length=8_000)
    after: tuple[str, ...] = ()


class Awaiting(Record):
    """What a paused job waits for: `question` with options, or `approval` with the reason and the ops.

    `key` names the one pause that an answer is for. `questions` are all of the round, of which `question` is the
    first. `steps` is a plan that is to be approved; `estimate_usd` is what it may cost, in US dollars."""

    kind: Literal["question", "approval"]
    key: str | None = None
    question: str | None = None
    options: list[str] | None = None
    questions: list[Question] | None = None
    reason: str | None = None
    ops: list[dict[str, JsonValue]] | None = None
    steps: list[PlanStep] | None = None
    estimate_usd: float | None = None


class Resume(Record):
    """A person's answer to `Awaiting`, and the `key` of what it answers.

    `answers` are to all questions of the round; with `skip` the agent chooses by itself. With an approval, `ops` are
    those of the proposed that may be done, `steps` the plan as the person wants it."""

    key: str | None = None
    decision: Literal["approve", "reject"] | None = None
    reason: str | None = None
    answer: str | None = None
    answers: list[str] | None = None
    skip: bool = False
    ops: list[dict[str, JsonValue]] | None = None
    steps: list[PlanStep] | None = None


class Route(Record):
    """Which model a job was given, and why. `sure` says that rules decided and no model need be asked; `named`, that
    the person chose the model."""

    model: str
    reason: str
    sure: bool = True
    named: bool = False


class Allowance(Record):
    """The most that a job may use, as was reserved for it: output tokens and US dollars; None is no limit."""

    tokens: int | None = None
    cost_usd: float | None = None

    def within(self, other: "Allowance") -> "Allowance":
        """Return the lesser of both."""
        return Allowance(tokens=_least(self.tokens, other.tokens), cost_usd=_least(self.cost_usd, other.cost_usd))


def _least(one: N | None, other: N | None) -> N | None:
    known = [amount for amount in (one, other) if amount is not None]
    return min(known) if known else None


class ExportOrder(Record):
    """What an export job writes: its session at a version, in a format and a theme."""

    version: int
    format: str
    theme: str = "auto"


class Job(Record):
    """One piece of background work. Times are UTC, ISO 8601 with milliseconds.

    `rev` grows with every stored change of the record (it makes the ETag). `waiting` is there while a worker may
    take the job and none has. Since the last saved turn, `deaths` of its workers are counted, among them `lone_deaths`
    of those that ran nothing beside it, and `handovers`. `alone` says that its worker runs nothing beside it until it
    saves a turn. `turn` is the number of turns saved; the first is turn 1. `base_version` is
    the session's version when the job was submitted. `sections` are the slugs that a document job may write.
    `assumption` is what the person changed an assumption from and to; the job may then touch no other nodes than
    `scope`. A plan that may cost at least `approve_above_usd` US dollars waits for a person. `order` is what an export
    job writes.
    """

    id: str
    session_id: str
    owner: str
    kind: JobKind
    status: JobStatus = "queued"
    text: str
    focus: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    assumption: str | None = None
    scope: tuple[str, ...] | None = None
    approve_above_usd: float | None = None
    order: ExportOrder | None = None
    model: str
    route: Route | None = None
    message_id: str
    base_version: int = 0
    allowance: Allowance = Allowance()
    turn: int = 0
    waiting: Waiting | None = None
    deaths: int = 0
    lone_deaths: int = 0
    handovers: int = 0
    alone: bool = False
    fence: int = 0
    lease: Lease | None = None
    cancel_requested: bool = False
    progress: Progress = Progress()
    preview: dict[str, Any] | None = None
    usage: Usage = Usage()
    cost_usd: float = 0.0
    error: JobError | None = None
    awaiting: Awaiting | None = None
    resume: Resume | None = None
    rev: int = 0
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None

    @property
    def aside(self) -> bool:
        """Whether the job only reads its session, so that it neither holds it nor waits for who does."""
        return self.kind == "export"


class ToolCall(Record):
    """One tool call of a turn with its outcome; `ms` is our own time for it."""

    id: str
    name: str
    input: dict[str, Any]
    result: str | None = None
    is_error: bool = False
    change_id: str | None = None
    version: int | None = None
    ms: float | None = None


class Attempted(Record):
    """A model call of the turn that failed and was made again: which model was asked, and what it had used."""

    type: str
    detail: str
    ms: float
    model: str | None = None
    usage: Usage | None = None


class Turn(Record):
    """One reply of the model within a job, saved before any of its tools runs.

    `request` is what was new in the request (the messages added since the previous turn, and what the
    prefix was: model, tool names, hash of the system prompt); `reply` is the reply's content blocks,
    verbatim. `plan` is where the layout put what the turn draws. `context` names the conversation with the model
    that the turn belongs to: empty for the job's own, else `route`, `memory` or, for a step of the plan that a turn
    made, `step:<turn>:<id>`.
    """

    turn: int
    context: str = ""
    model: str
    request: dict[str, Any]
    reply: list[dict[str, Any]]
    stop_reason: str
    message_id: str | None = None
    usage: Usage
    cost_usd: float
    first_token_ms: float | None
    total_ms: float
    retries: int = 0
    errors: tuple[Attempted, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    plan: dict[str, Any] | None = None
    at: str = ""


class Message(Record):
    """One message of the conversation as people see it."""

    id: str
    role: Literal["user", "assistant"]
    text: str
    focus: tuple[str, ...] = ()
    job_id: str | None = None
    at: str


class Budget(Record):
    """What a job may use before it stops as `incomplete`: turns, output tokens, US dollars, seconds."""

    turns: int = Field(default=40, ge=1)
    output_tokens: int = Field(default=200_000, ge=1)
    cost_usd: float = Field(default=5.0, gt=0)
    wall_s: float = Field(default=1_800, gt=0)

    def within(self, allowance: Allowance) -> "Budget":
        """Return the budget of a job for which only so much was reserved."""
        tokens, cost = _least(self.output_tokens, allowance.tokens), _least(self.cost_usd, allowance.cost_usd)
        return self.model_copy(update={"output_tokens": tokens, "cost_usd": cost})
