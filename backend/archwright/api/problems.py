"""Every refusal as application/problem+json (RFC 9457), from one place."""

import logging
import math
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from archwright.errors import ArchwrightError, InvalidRequest

log = logging.getLogger(__name__)

DETAIL_MAX = 20_000
"""Characters of a sentence of ours, which may name much of what a caller sent or of what there is."""
_FIELD_MAX = 200
MEDIA_TYPE = "application/problem+json"
_STATUS_TYPES = {
    401: "unauthenticated",
    400: "bad-request",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    415: "media-type",
}
_NAMES = {
    400: "The body is not JSON",
    401: "Nobody is signed in, or a key or share link is not valid",
    402: "A budget is used up; the problem says which, and when it renews",
    403: "The request comes from another site, or the key or share link does not open this",
    404: "Nothing is there",
    409: "The request conflicts with the current state",
    413: "The body is too large",
    415: "The body is of a type that is not read",
    422: "The request is not valid; `errors` or `refused` say where and why",
    429: "Too many requests or jobs; the problem says which limit, and Retry-After when to come again",
    503: "A part that the server depends on does not answer",
}


class Problem(BaseModel):
    """RFC 9457. `type` is stable; further members depend on it."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {
        "type": "/problems/unknown-session", "title": "No such session", "status": 404,
        "detail": "There is no session 'ses_1'.", "instance": "/api/v1/sessions/ses_1",
    }})  # fmt: skip

    type: str
    title: str
    status: int
    detail: str
    instance: str


def problem(
    status: int, kind: str, title: str, detail: str, instance: str,
    extra: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Return a problem as a response; text that no encoding can carry is replaced."""
    said = {"type": f"/problems/{kind}", "title": title, "status": status, "detail": detail, "instance": instance}
    body = {name: value[:DETAIL_MAX] if isinstance(value, str) else value for name, value in said.items()}
    members = {name: value for name, value in (extra or {}).items() if name not in body}
    return Response(_encoded({**body, **members}), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, default=str)
    except (TypeError, orjson.JSONEncodeError):
        return orjson.dumps(_clean(body), default=str)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route declares of its refusals, for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {s: {"description": _NAMES[s], "content": {MEDIA_TYPE: {"schema": schema}}} for s in statuses}


def install(app: FastAPI) -> None:
    """Let every error of the app be answered as a problem."""
    app.add_exception_handler(ArchwrightError, _ours)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _broken)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ArchwrightError)
    if error.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error.detail)
    headers = {"Location": error.extra["location"]} if "location" in error.extra else {}
    if error.status == 503:
        headers["Retry-After"] = "2"
    if error.status == 429:
        headers["Retry-After"] = str(math.ceil(error.extra.get("retry_after_s", 5)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, error.type, error.title, error.detail, request.url.path, _public(error.extra), headers)


def _public(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in extra.items() if name != "location"}


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in found["loc"])[:_FIELD_MAX], "reason": found["msg"][:_FIELD_MAX]}
        for found in error.errors()[:50]
    ]
    if any(found["type"] == "json_invalid" for found in error.errors()):
        reason = f"The body is not JSON: {error.errors()[0].get('ctx', {}).get('error', '')}."
        return problem(400, "bad-json", "The body is not JSON", reason, request.url.path, {"errors": errors})
    detail = "; ".join(f"{e['field']}: {e['reason']}" for e in errors[:5])
    return problem(422, InvalidRequest.type, InvalidRequest.title, detail, request.url.path, {"errors": errors})


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind, headers = _STATUS_TYPES.get(error.status_code, "http-error"), dict(error.headers or {})
    if error.status_code == 405 and (allowed := _methods(request)):
        headers["Allow"] = ", ".join(allowed)
    return problem(
        error.status_code, kind, error.detail, f"{request.method} {request.url.path}: {error.detail}.",
        request.url.path, headers=headers,
    )  # fmt: skip


def _methods(request: Request) -> list[str]:
    """The methods under which the path is answered, by whichever routes name it best; that the page answers every path
    is none."""
    found: dict[str, set[str]] = {}
    for route in iter_route_contexts(request.app.routes):
        if route.path and not route.path.endswith(":path}") and route.path_regex.match(request.url.path):
            found.setdefault(route.path, set()).update(route.methods or ())
    return sorted(found[min(found, key=lambda path: path.count("{"))]) if found else []


async def _broken(request: Request, error: Exception) -> Response:
    log.exception("%s %s", request.method, request.url.path, exc_info=error)
    return problem(500, ArchwrightError.type, ArchwrightError.title, "The error was logged.", request.url.path)
