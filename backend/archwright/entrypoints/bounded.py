"""The largest answer of a function: Lambda lets no more than 6 MB through, and makes a 500 of what is larger."""

import json
import logging
from typing import Any

from archwright.api.problems import problem

LIMIT_BYTES = 6 * 1024 * 1024
"""AWS Lambda's quota for the payload of a synchronous answer."""
_LONGEST_ESCAPE = 6

log = logging.getLogger(__name__)


def bounded(answer: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the answer, or a problem that says so when it is larger than Lambda lets through."""
    size = _size(answer)
    if size <= LIMIT_BYTES:
        return answer
    log.error("the answer to %s has %d bytes; Lambda lets %d through", path, size, LIMIT_BYTES)
    detail = (
        f"This answer has {size / 1e6:.1f} MB, and on AWS an answer may have {LIMIT_BYTES / 1e6:.1f} MB. "
        "Ask for less at once, or export in another format."
    )
    refusal = problem(413, "answer-too-large", "The answer is too large", detail, path)
    return {
        "statusCode": refusal.status_code,
        "headers": {**dict(refusal.headers), "cache-control": "no-store"},
        "body": bytes(refusal.body).decode(),
        "isBase64Encoded": False,
    }


def _size(answer: dict[str, Any]) -> int:
    """Return the bytes of the answer as Lambda sends it: JSON, in which the body is one text."""
    body = answer.get("body") or ""
    if len(body) * _LONGEST_ESCAPE < LIMIT_BYTES // 2:
        return len(body)
    return len(json.dumps(answer, ensure_ascii=False).encode(errors="surrogatepass"))
