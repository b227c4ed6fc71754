"""What a failed model call means: whether another try may help, and a sentence for people. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from archwright.errors import ModelError, ModelRefused, ModelRetryable

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429})
_LASTING_STATUS = frozenset({501, 505})
_TRANSIENT_TYPES = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
_NOT_THERE = 404
_SPENT = "spend_limit_reached"
"""Ends the codes of rate limit errors that no waiting lifts."""

_REASON_MAX = 500
_IN_WORDS = {
    401: "did not accept the key",
    402: "asks for a payment",
    403: "does not permit this",
    404: "does not know this model or address",
    413: "found the request too large",
    429: "limits the rate of requests",
    529: "is overloaded",
}


def failure_of_answer(status: int, body: object, headers: Mapping[str, str]) -> ModelError:
    """Return the error that an answer of the provider stands for.

    Status 200 is an error event in the middle of a stream. ModelRetryable carries `retry_after_s` in `extra` when
    the provider gave one. ModelRefused carries `unknown_model` when the provider does not have what was asked for:
    no other try helps, but another model may.
    """
    error = _error_in(body)
    reason = _sentence(str(error.get("message") or "no reason given").strip()[:_REASON_MAX])
    detail = f"The model provider {_what_happened(status, str(error.get('type') or ''))}: {reason}"
    if not _may_pass(status, error, headers):
        return ModelRefused(detail, unknown_model=True) if status == _NOT_THERE else ModelRefused(detail)
    wish = retry_after_s(headers)
    return ModelRetryable(detail) if wish is None else ModelRetryable(detail, retry_after_s=wish)


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds for which the provider asks to wait, from either form of the header, or None."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _may_pass(status: int, error: dict[str, Any], headers: Mapping[str, str]) -> bool:
    details = error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    if isinstance(code, str) and code.endswith(_SPENT):
        return False
    if status < 400:
        return error.get("type") in _TRANSIENT_TYPES or error.get("type") is None
    wish = headers.get("x-should-retry")
    if wish in ("true", "false"):
        return wish == "true"
    return status in _TRANSIENT_STATUS or (status >= 500 and status not in _LASTING_STATUS)


def _what_happened(status: int, kind: str) -> str:
    if status < 400:
        return f"broke off in the middle of its answer ({kind or 'error'})"
    return f"{_IN_WORDS.get(status, 'failed' if status >= 500 else 'refused the request')} ({status})"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _error_in(body: object) -> dict[str, Any]:
    """The error of a body as the Messages API writes it, or the next best thing that other servers send."""
    if not isinstance(body, dict):
        return {"message": str(body)} if body else {}
    error = body.get("error", body)
    return error if isinstance(error, dict) else {"message": str(error)}
