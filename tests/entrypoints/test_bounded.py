"""What is larger than Lambda lets through is answered with a sentence, not with Lambda's own 500."""

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from archwright.entrypoints.bounded import LIMIT_BYTES, bounded


def answered(body: str, **more: Any) -> dict[str, Any]:
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body, **more}


def test_an_answer_within_the_limit_goes_out_as_it_is() -> None:
    for body in ("", "{}", "x" * (LIMIT_BYTES - 500)):
        answer = answered(body)
        assert bounded(answer, "/api/v1/sessions") is answer


@pytest.mark.parametrize(
    "body",
    ["x" * LIMIT_BYTES, '"' * (LIMIT_BYTES // 2), "\n" * (LIMIT_BYTES // 2), "\x00" * (LIMIT_BYTES // 6),
     "→" * (LIMIT_BYTES // 3)],
    ids=["plain", "quotes", "line breaks", "control characters", "three bytes each"],
)  # fmt: skip
def test_an_answer_that_is_too_large_as_lambda_sends_it_becomes_a_problem(body: str) -> None:
    refused = bounded(answered(body), "/api/v1/sessions/ses_1")
    assert (refused["statusCode"], refused["isBase64Encoded"]) == (413, False)
    assert refused["headers"]["content-type"] == "application/problem+json"
    assert refused["headers"]["cache-control"] == "no-store"
    size = len(json.dumps(answered(body), ensure_ascii=False).encode())
    assert json.loads(refused["body"]) == {
        "type": "/problems/answer-too-large", "title": "The answer is too large", "status": 413,
        "detail": f"This answer has {size / 1e6:.1f} MB, and on AWS an answer may have 6.3 MB. "
        "Ask for less at once, or export in another format.",
        "instance": "/api/v1/sessions/ses_1",
    }  # fmt: skip


def test_a_picture_counts_as_it_is_sent_which_is_longer() -> None:
    from mangum import Mangum

    async def picture(request: Request) -> Response:
        return Response(bytes(int(request.query_params["bytes"])), media_type="image/png")

    app = Mangum(Starlette(routes=[Route("/export", picture)]), lifespan="off")
    for size, status in ((4_000_000, 200), (5_000_000, 413)):
        event = {
            "version": "2.0", "rawPath": "/export", "rawQueryString": f"bytes={size}", "headers": {"host": "h"},
            "requestContext": {"http": {"method": "GET", "path": "/export", "sourceIp": "127.0.0.1"}},
        }  # fmt: skip
        assert bounded(app(event, None), event["rawPath"])["statusCode"] == status
