"""What the server offers, and whether it is well."""

from dataclasses import asdict

from fastapi import APIRouter, Response

from archwright.api.problems import declared
from archwright.api.schemas import Catalogue, Config, Health, ModelList, TemplateList, json_response
from archwright.api.services import Here
from archwright.diagram.catalogue import entries
from archwright.formats.icons import ICONS
from archwright.formats.style import accents

router = APIRouter(tags=["about"])
health = APIRouter(tags=["about"])


@router.get("/config", operation_id="readConfig", response_model=Config)
async def read_config(here: Here) -> Response:
    """How people sign in here."""
    found = here.sign_in
    shown = {"provider": "clerk", "publishable_key": found.publishable_key} if found else None
    return json_response({"sign_in": shown})


@router.get("/models", operation_id="listModels", response_model=ModelList)
async def list_models(here: Here) -> Response:
    """The models that may be asked, the default first; prices in US dollars per million tokens."""
    items = [asdict(card) for card in here.cards]
    return json_response({"items": items, "default": next(card.id for card in here.cards if card.default)})


@router.get("/catalogue", operation_id="readCatalogue", response_model=Catalogue)
async def read_catalogue() -> Response:
    """The types of node with their looks, and the technologies that are known."""
    types = [
        {"type": kind, "icon": ICONS[kind], "light": light, "dark": dark} for kind, (light, dark) in accents().items()
    ]
    technologies = [
        {"name": entry.name, "type": entry.type, "vendor": entry.vendor, "aliases": list(entry.aliases)}
        for entry in entries()
    ]
    headers = {"Cache-Control": "public, max-age=3600"}
    return json_response({"types": types, "technologies": technologies}, headers=headers)


@router.get("/templates", operation_id="listTemplates", response_model=TemplateList)
async def list_templates(here: Here) -> Response:
    """Diagrams to start from; POST /sessions takes their ids as `template`."""
    diagrams = {name: read() for name, read in here.templates.items()}
    items = [{"id": name, "title": d.title, "nodes": len(d.nodes)} for name, d in diagrams.items()]
    return json_response({"items": items})


@health.get("/healthz", operation_id="isAlive", response_model=Health)
async def is_alive() -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


@health.get("/readyz", operation_id="isReady", response_model=Health, responses=declared(503))
async def is_ready(here: Here) -> Response:
    """The store answers, reads and writes."""
    await here.store.ready()
    return json_response({"status": "ok"})
