"""What a failed model call means: whether another try may help, and a sentence for people. Pure."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.model.inputs import sound_text

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429})
_LASTING_STATUS = frozenset({501, 505})
_TRANSIENT_TYPES = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
_BUSY_STATUS = frozenset({429, 503, 529})
_BUSY_TYPES = frozenset({"overloaded_error", "rate_limit_error"})
_NOT_THERE = 404
_SPENT = "spend_limit_reached"
"""Ends the codes of rate limit errors that no waiting lifts."""

_REASON_MAX = 500
_TEXT_MAX = 200
"""Characters of a body that is no JSON."""
_PAGE_MAX = 100
_READ_MAX = 20_000
_WISH_MAX_S = 30 * 24 * 3600.0
"""A provider that asks for a longer wait than a month does not mean it."""
_IS_PAGE = re.compile(r"\s*<[a-z!?]", re.IGNORECASE)
_TITLE = re.compile(r"<(title|h1|h2|message)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head)\b.*?(?:</\1>|$)|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>?")
_UNITS = ((24 * 3600.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))
_IN_WORDS = {
    401: "did not accept the key",
    402: "asks for a payment",
    403: "does not permit this",
    404: "does not know this model or address",
    413: "found the request too large",
    429: "limits the rate of requests",
    529: "is overloaded",
}
_IN_MID_ANSWER = {
    "overloaded_error": "is overloaded and broke off its answer",
    "rate_limit_error": "limits the rate of requests and broke off its answer",
    "timeout_error": "took too long and broke off its answer",
    "api_error": "failed in the middle of its answer",
}


def failure_of_answer(status: int, body: object, headers: Mapping[str, str]) -> ModelError:
    """Return the error that an answer of the provider stands for.

    Status 200 is an error event in the middle of a stream. ModelRetryable carries `retry_after_s` in `extra` when
    the provider gave one, and `advice`, a sentence on when to try again, when it is overloaded or limits the rate.
    ModelRefused carries `unknown_model` when the provider does not have what was asked for: no other try helps, but
    another model may.
    """
    error = _error_in(body)
    named = error.get("type")
    kind = sound_text(named[:_PAGE_MAX]) if isinstance(named, str) else ""
    reason = _sentence(_in_plain_words(sound_text(str(error.get("message") or "")), body) or "no reason given")
    detail = f"The model provider {_what_happened(status, kind)}: {reason}"
    if not _may_pass(status, kind, error.get("details"), headers):
        return ModelRefused(detail, unknown_model=True) if status == _NOT_THERE else ModelRefused(detail)
    wish = retry_after_s(headers)
    known = {"advice": _advice(status, kind, wish), "retry_after_s": wish}
    return ModelRetryable(detail, **{name: value for name, value in known.items() if value is not None})


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds for which the provider asks to wait, from either form of the header, or None."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if 0 <= seconds <= _WISH_MAX_S:
            return seconds
    return _until(headers.get("retry-after", ""), now or datetime.now(UTC))


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return max(0.0, seconds) if seconds <= _WISH_MAX_S else None


def in_words(seconds: float) -> str:
    """Return a time as people say it, rounded up to the largest unit that it fills, as `2 minutes`."""
    size, unit = next((known for known in _UNITS if seconds >= known[0]), _UNITS[-1])
    count = max(1, -int(-seconds // size))
    return f"{count} {unit}{'s' if count > 1 else ''}"


def _advice(status: int, kind: str, wish_s: float | None) -> str | None:
    busy = status in _BUSY_STATUS or kind in _BUSY_TYPES
    if not busy:
        return None
    return f"Try again in {in_words(wish_s) if wish_s else 'a few minutes'}, or with another model."


def _in_plain_words(reason: str, body: object) -> str:
    """A provider's reason as it is, but for a page: of that only its title, or how its text begins."""
    reason = reason[:_READ_MAX]
    if not _IS_PAGE.match(reason):
        return _short(" ".join(reason.split()), _REASON_MAX if isinstance(body, dict) else _TEXT_MAX)
    title = _TITLE.search(reason)
    shown = title[2] if title else _UNSEEN.sub(" ", reason)
    return _short(" ".join(html.unescape(_TAG.sub(" ", shown)).split()), _PAGE_MAX)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _may_pass(status: int, kind: str, details: object, headers: Mapping[str, str]) -> bool:
    code = details.get("error_code") if isinstance(details, dict) else None
    if isinstance(code, str) and code.endswith(_SPENT):
        return False
    if status < 300:
        return kind in _TRANSIENT_TYPES or not kind
    wish = headers.get("x-should-retry")
    if wish in ("true", "false"):
        return wish == "true"
    return status in _TRANSIENT_STATUS or (status >= 500 and status not in _LASTING_STATUS)


def _what_happened(status: int, kind: str) -> str:
    if status < 300:
        return f"{_IN_MID_ANSWER.get(kind, 'broke off its answer')} ({kind or 'error'})"
    return f"{_IN_WORDS.get(status, 'failed' if status >= 500 else 'refused the request')} ({status})"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _error_in(body: object) -> dict[str, Any]:
    """The error of a body as the Messages API writes it, or the next best thing that other servers send."""
    if not isinstance(body, dict):
        return {"message": str(body)} if body else {}
    error = body.get("error", body)
    return error if isinstance(error, dict) else {"message": str(error)}
