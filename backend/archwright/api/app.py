"""The app: routes, refusals, doors, pages."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from archwright import __version__
from archwright.api import about, assumptions, changes, document, export, jobs, keys, messages, sessions, usage
from archwright.api.compression import Compression
from archwright.api.doors import Doors
from archwright.api.pages import mount_pages
from archwright.api.problems import Problem, declared, install
from archwright.api.services import Services
from archwright.api.strict import nothing_unknown, nothing_unknown_of_owner

PREFIX = "/api/v1"
Opening = Callable[[], AbstractAsyncContextManager[Services]]


def create_app(opening: Opening, hosts: frozenset[str] = frozenset()) -> FastAPI:
    """Return the app over the services that `opening` brings up and takes down with it.

    `hosts` are the names under which the server answers; empty means any.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Archwright", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        separate_input_output_schemas=False,
    )  # fmt: skip
    install(app)
    for module in (sessions, changes, messages, assumptions, document, export, jobs, keys, usage):
        strict = [Depends(nothing_unknown_of_owner)]
        app.include_router(module.router, prefix=PREFIX, responses=declared(401, 422, 429), dependencies=strict)
    app.include_router(about.router, prefix=PREFIX, responses=declared(422), dependencies=[Depends(nothing_unknown)])
    app.include_router(about.health)
    app.include_router(about.health, prefix=PREFIX, include_in_schema=False)
    mount_pages(app)
    app.add_middleware(Compression)
    app.add_middleware(Doors, hosts=hosts)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the shape of problems."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes, description=(
            "Describe a system, watch its architecture being drawn, and edit it together with the agent."))  # fmt: skip
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        app.openapi_schema = document
    return app.openapi_schema
