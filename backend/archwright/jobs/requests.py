"""A person's request as a job. Pure but for ids and the time."""

from dataclasses import dataclass

from archwright.diagram.apply import existing
from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest, UnknownModel
from archwright.ids import new_id, utc_now
from archwright.jobs.model import Job, Route
from archwright.jobs.routing import Intent, ModelNames, read_intent, route


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for: the text, the nodes that they selected, the model that they name, and from which cost of
    a plan on they want to decide (US dollars)."""

    text: str
    focus: tuple[str, ...] = ()
    model: str | None = None
    approve_above_usd: float | None = None


def job_of(
    session_id: str,
    owner: str,
    diagram: Diagram,
    version: int,
    request: Request,
    models: ModelNames,
    intent: Intent | None = None,
) -> Job:
    """Return the job of a request; the intent is read from its words unless it is given.

    Raises InvalidRequest for a focus on nodes that do not exist, UnknownModel.
    """
    missing = [node_id for node_id in request.focus if node_id not in diagram.nodes]
    if missing:
        raise InvalidRequest(f"focus: there is no node '{missing[0]}'; {existing(diagram.nodes, missing[0])}.")
    intent = intent or read_intent(request.text, diagram)
    chosen = _route(intent, request, models)
    return Job(
        id=new_id("job"),
        session_id=session_id,
        owner=owner,
        kind=intent.kind,
        text=request.text,
        focus=request.focus,
        model=chosen.model,
        route=chosen,
        approve_above_usd=request.approve_above_usd,
        message_id=new_id("msg"),
        base_version=version,
        created_at=utc_now(),
    )


def _route(intent: Intent, request: Request, models: ModelNames) -> Route:
    if request.model is None:
        return route(intent, request.text, models)
    model = resolve(request.model, models)
    return Route(model=model, reason="The request names it.", sure=intent.sure, named=True)


def resolve(model: str | None, models: ModelNames) -> str:
    """Return the model to use. Raises UnknownModel, which names the ones that exist."""
    if model is None:
        return models.default
    if model not in models.ids:
        raise UnknownModel(f"There is no model '{model}'; available: {', '.join(models.ids)}.")
    return model
