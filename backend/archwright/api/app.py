"""The app: routes, refusals, doors, pages."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from archwright import __version__
from archwright.access.addresses import Proxies
from archwright.access.forwarded import Place
from archwright.access.reach import Reach
from archwright.api import about, assumptions, changes, document, export, jobs, keys, messages, sessions, usage
from archwright.api.compression import Compression
from archwright.api.doors import PLACE, Doors
from archwright.api.pages import mount_pages
from archwright.api.problems import Problem, declared, install
from archwright.api.schemas import json_response
from archwright.api.services import Services
from archwright.api.strict import nothing_unknown, nothing_unknown_of_owner

PREFIX = "/api/v1"
Opening = Callable[[], AbstractAsyncContextManager[Services]]


def create_app(opening: Opening, reach: Reach, trusted: Proxies) -> FastAPI:
    """Return the app over the services that `opening` brings up and takes down with it.

    `reach` says whom the server answers to, `trusted` which proxies it believes.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Archwright", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url=None, separate_input_output_schemas=False,
    )  # fmt: skip
    install(app)
    for module in (sessions, changes, messages, assumptions, document, export, jobs, keys, usage):
        strict = [Depends(nothing_unknown_of_owner)]
        app.include_router(module.router, prefix=PREFIX, responses=declared(401, 422, 429), dependencies=strict)
    app.include_router(about.router, prefix=PREFIX, responses=declared(422), dependencies=[Depends(nothing_unknown)])
    app.include_router(about.health)
    app.include_router(about.health, prefix=PREFIX, include_in_schema=False)
    app.add_api_route("/openapi.json", _description, include_in_schema=False)
    mount_pages(app)
    app.add_middleware(Compression)
    app.add_middleware(Doors, reach=reach, trusted=trusted)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


async def _description(request: Request) -> Response:
    """The OpenAPI document, for the place at which the caller reaches the API."""
    where: Place = request.scope[PLACE]
    document = request.app.openapi()
    return json_response({**document, "servers": [{"url": where.prefix}]} if where.prefix else document)


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the shape of problems."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes, description=(
            "Describe a system, watch its architecture being drawn, and edit it together with the agent."))  # fmt: skip
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        app.openapi_schema = document
    return app.openapi_schema
