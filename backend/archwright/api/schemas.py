"""The public shapes of answers, and how they are made."""

from typing import Any, Literal

import orjson
from fastapi import Response
from pydantic import BaseModel

from archwright.access.limits import Limits
from archwright.diagram.change import Actor, Skip
from archwright.diagram.model import Edge, Node, Section
from archwright.jobs.model import Awaiting, Job, JobError, JobKind, JobStatus, Message, Progress, Usage
from archwright.store.ports import Head, Json


class Document(BaseModel):
    sections: list[Section]


class SectionOut(Section):
    """A section, and how it stands: `by` wrote it last, `node_id` is the component that it is about, `reason` says
    why it is `stale`, and `proposes` is the op of a technology that a person's text names and the node has not."""

    by: Literal["user", "job"]
    written_at: int
    node_id: str | None
    stale: bool
    reason: str | None
    proposes: dict[str, Any] | None


class DocumentOut(BaseModel):
    version: int
    sections: list[SectionOut]
    next_cursor: str | None = None


class SessionOut(BaseModel):
    """A session, or a part of it: when there is a `next_cursor`, the same address with it as `cursor` gives the next
    elements, of the same version."""

    id: str
    title: str
    version: int
    nodes: list[Node]
    edges: list[Edge]
    document: Document
    active_job: str | None
    created_at: str
    updated_at: str
    next_cursor: str | None = None


class SessionRow(BaseModel):
    id: str
    title: str
    version: int
    node_count: int
    edge_count: int
    active_job: str | None
    created_at: str
    updated_at: str


class SessionList(BaseModel):
    items: list[SessionRow]
    next_cursor: str | None


class JobOut(BaseModel):
    """`result` is where the file of an export job is."""

    id: str
    session_id: str
    kind: JobKind
    status: JobStatus
    turn: int
    progress: Progress
    model: str
    usage: Usage
    cost_usd: float
    error: JobError | None
    awaiting: Awaiting | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    result: str | None = None


class Exporting(BaseModel):
    job: JobOut


class Started(BaseModel):
    session: SessionOut
    job: JobOut


class ChangeOut(BaseModel):
    change_id: str
    version: int
    actor: Actor
    job_id: str | None = None
    turn: int | None = None
    reverts: str | None = None
    at: str
    ops: list[dict[str, Any]]


class Changed(BaseModel):
    """`reset` says that the change has more ops than an answer holds: they are left out, and the caller must load the
    session anew."""

    version: int
    change: ChangeOut
    skipped: list[Skip] = []
    reset: bool | None = None


class Preview(BaseModel):
    turn: int
    nodes: list[Node]
    edges: list[Edge]
    sections: list[Section]


class Delta(BaseModel):
    """`reset` says that the caller is too far behind, or ahead, and must load the session anew."""

    version: int
    changes: list[ChangeOut]
    job: JobOut | None
    preview: Preview | None
    reset: bool | None = None


class MessageOut(BaseModel):
    id: str
    role: Literal["user", "assistant"]
    text: str
    focus: list[str]
    job_id: str | None
    at: str


class Conversation(BaseModel):
    items: list[MessageOut]
    next_cursor: str | None


class Sent(BaseModel):
    message: MessageOut
    job: JobOut


class FeedbackOut(BaseModel):
    rating: Literal["up", "down"]
    comment: str
    at: str


class RouteOut(BaseModel):
    """Which model the job was given, and why."""

    model: str
    reason: str


class Trace(BaseModel):
    job_id: str
    attempts: int
    route: RouteOut | None
    feedback: FeedbackOut | None
    turns: list[dict[str, Any]]
    next_cursor: str | None = None


class ModelOut(BaseModel):
    id: str
    provider: str
    label: str
    description: str
    input_usd: float
    output_usd: float
    default: bool
    rule_based: bool


class ModelList(BaseModel):
    items: list[ModelOut]
    default: str


class KindOut(BaseModel):
    """A type of node: its drawing is an SVG path in a square of 24 by 24."""

    type: str
    icon: str
    light: str
    dark: str


class TechnologyOut(BaseModel):
    name: str
    type: str
    vendor: str
    aliases: list[str]


class Catalogue(BaseModel):
    types: list[KindOut]
    technologies: list[TechnologyOut]


class TemplateOut(BaseModel):
    id: str
    title: str
    nodes: int


class TemplateList(BaseModel):
    items: list[TemplateOut]


class GrantOut(BaseModel):
    """An API key, or a share link of one session. `hint` is how the secret ends."""

    id: str
    name: str
    hint: str
    session_id: str | None
    created_at: str
    expires_at: str | None


class NewGrant(GrantOut):
    """`secret` is null when an idempotency key repeats: it is shown once. `path` opens a shared session; `url` is the
    whole address, where the server knows it."""

    secret: str | None
    path: str | None = None
    url: str | None = None


class GrantList(BaseModel):
    items: list[GrantOut]


class Left(BaseModel):
    output_tokens: int | None
    cost_usd: float | None


class UsageOut(BaseModel):
    day: str
    renews_at: str
    jobs: int
    active_jobs: int
    output_tokens: int
    cost_usd: float
    limits: Limits
    left: Left


class SignInOut(BaseModel):
    provider: Literal["clerk"]
    publishable_key: str


class Config(BaseModel):
    """What a page must know before it asks for anything; without sign-in the server has one user."""

    sign_in: SignInOut | None


class Health(BaseModel):
    status: Literal["ok"]


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers=headers, media_type="application/json")


def session_json(head: Head, content: Json) -> Json:
    """A session with its content, or a page of it (see bounds.content_page)."""
    return {
        "id": head.id,
        "title": head.title,
        "version": head.version,
        **content,
        "active_job": head.active_job,
        "created_at": head.created_at,
        "updated_at": head.updated_at,
    }


def row_json(head: Head) -> dict[str, Any]:
    return {name: getattr(head, name) for name in SessionRow.model_fields}


def job_json(job: Job) -> dict[str, Any]:
    ready = job.order is not None and job.status == "succeeded"
    result = {"result": f"/api/v1/sessions/{job.session_id}/exports/{job.id}"} if ready else {}
    return {**job.model_dump(mode="json", include=set(JobOut.model_fields)), **result}


def message_json(message: Message) -> dict[str, Any]:
    return message.model_dump(mode="json", include=set(MessageOut.model_fields))
