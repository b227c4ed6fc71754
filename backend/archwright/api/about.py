"""What the server offers, and whether it is well."""

from dataclasses import asdict

from fastapi import APIRouter, Response

from archwright.api.problems import declared
from archwright.api.schemas import Health, ModelList, json_response
from archwright.api.services import Here

router = APIRouter(tags=["about"])
health = APIRouter(tags=["about"])


@router.get("/models", operation_id="listModels", response_model=ModelList)
async def list_models(here: Here) -> Response:
    """The models that may be asked, the default first; prices in US dollars per million tokens."""
    items = [asdict(card) for card in here.cards]
    return json_response({"items": items, "default": next(card.id for card in here.cards if card.default)})


@health.get("/healthz", operation_id="isAlive", response_model=Health)
async def is_alive() -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


@health.get("/readyz", operation_id="isReady", response_model=Health, responses=declared(503))
async def is_ready(here: Here) -> Response:
    """The store answers, reads and writes."""
    await here.store.ready()
    return json_response({"status": "ok"})
