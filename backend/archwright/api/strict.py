"""What a request may hold beside what its route declares: nothing, be it in the query or in the body."""

from collections.abc import Iterable
from json import JSONDecodeError
from typing import Any

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from archwright.api.auth import Owner

_SAFE = frozenset({"GET", "HEAD"})
_known: dict[str, frozenset[str]] = {}


async def nothing_unknown(request: Request) -> None:
    """Refuse parameters of the query that the route does not declare, and a body where it declares none.

    Raises RequestValidationError, which names each of them."""
    route: APIRoute = request.scope["route"]
    unknown: list[tuple[str, ...]] = [
        ("query", name) for name in request.query_params if name not in _parameters(route)
    ]
    if route.body_field is None and request.method not in _SAFE:
        unknown += [("body", *name) for name in await _in_body(request)]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": where, "msg": "Nothing of this name is known here"}
                for where in unknown
            ]
        )


async def nothing_unknown_of_owner(request: Request, owner: Owner) -> None:
    """The same, told to nobody who may not call at all."""
    await nothing_unknown(request)


def _parameters(route: APIRoute) -> frozenset[str]:
    """The names in the query that a route declares."""
    if route.unique_id not in _known:
        declared = get_flat_params(route.dependant)
        _known[route.unique_id] = frozenset(f.alias for f in declared if isinstance(f.field_info, params.Query))
    return _known[route.unique_id]


async def _in_body(request: Request) -> Iterable[tuple[str, ...]]:
    """What a body holds that ought to hold nothing; an empty object is nothing."""
    if not await request.body():
        return ()
    try:
        body: Any = await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        where = error.pos if isinstance(error, JSONDecodeError) else error.start
        found = {
            "type": "json_invalid",
            "loc": ("body", where),
            "msg": "JSON decode error",
            "ctx": {"error": str(error)},
        }
        raise RequestValidationError([found]) from None
    if isinstance(body, dict):
        return [(str(name),) for name in body]
    return () if body is None else [()]
