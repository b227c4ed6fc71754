"""The public shapes of what requests may hold."""

from typing import Annotated, Literal

from fastapi import Header
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StringConstraints

from archwright.diagram.layout import Direction
from archwright.diagram.model import NUMBER, OPS_MAX, ElementId, Label
from archwright.diagram.ops import OpInput
from archwright.jobs.model import OnBusy, PlanStep
from archwright.jobs.model import Resume as Answer

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A repeat with the same key and body answers the same and does nothing twice.",
    ),
]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="The ETag of what the caller has.")]
Text = Annotated[str, Field(description="At most 20,000 characters.")]


class Asked(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


Dollars = Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)]
ApproveAbove = Annotated[
    Dollars | None, Field(description="US dollars from which on a plan waits for approval; 0 is every plan.")
]
ModelName = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(max_length=255)]
"""The id of something that is there, or the name of a template."""
Version = Annotated[int, Field(ge=0), NUMBER]


class NewSession(Asked):
    title: Label | None = None
    prompt: Text | None = None
    model: ModelName | None = None
    template: Name | None = None
    approve_above_usd: ApproveAbove = None


class NewTitle(Asked):
    title: Label


class NewChange(Asked):
    ops: Annotated[list[OpInput], Field(min_length=1, json_schema_extra={"maxItems": OPS_MAX})]
    base_version: Version | None = None


class WhatToRevert(Asked):
    """Exactly one of the three."""

    change_id: Name | None = None
    job_id: Name | None = None
    to_version: Version | None = None


class HowToLayOut(Asked):
    direction: Direction = "LR"


class NewKey(Asked):
    """`days` until it expires; null is never."""

    name: Annotated[str, StringConstraints(max_length=100)] = ""
    days: Annotated[int, Field(ge=1, le=3_650), NUMBER] | None = None


class NewMessage(Asked):
    text: Text
    focus: Annotated[list[ElementId], Field(max_length=100)] = []
    model: ModelName | None = None
    on_busy: OnBusy = "reject"
    approve_above_usd: ApproveAbove = None


class NewAssumption(Asked):
    """Another text for an assumption; what rests on it is planned anew."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
    model: ModelName | None = None
    on_busy: OnBusy = "reject"


class NewDocument(Asked):
    """`only_stale` writes the sections anew that rest on something that has changed, and no others."""

    only_stale: StrictBool = False
    model: ModelName | None = None
    on_busy: OnBusy = "reject"


class Feedback(Asked):
    rating: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(max_length=4_000)] = ""


Words = Annotated[str, StringConstraints(max_length=4_000)]


class Step(PlanStep, Asked):
    """A step of a plan as a person wants it."""

    after: Annotated[tuple[Annotated[str, StringConstraints(max_length=100)], ...], Field(max_length=30)] = ()


class Resumed(Asked):
    """An answer to what a job waits for. To an approval a `decision`, with `ops` or `steps` when only those of the
    proposal, or another plan, are approved; to a question an `answer`, `answers` to all of the round, or `skip`."""

    decision: Literal["approve", "reject"] | None = None
    reason: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    answer: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] | None = None
    answers: Annotated[list[Words], Field(min_length=1, max_length=3)] | None = None
    skip: StrictBool = False
    ops: Annotated[list[dict[str, JsonValue]], Field(max_length=1_000)] | None = None
    steps: Annotated[list[Step], Field(min_length=1, max_length=30)] | None = None

    def value(self) -> Answer:
        return Answer(**self.model_dump())
