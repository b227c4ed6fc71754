from datetime import UTC, datetime

import pytest

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.model.failures import failure_of_answer, in_words, retry_after_s

NGINX = (
    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    "<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>"
)
CLOUDFLARE = "<!DOCTYPE html>\n<html lang='en'><head><title>host.example | 502: Bad gateway</title><style>a{}</style>"
NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


def answer(status: int, kind: str = "", message: str = "why", **headers: str) -> ModelError:
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return failure_of_answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "99999999999"}, None),
        ({"retry-after": "2592000"}, 2_592_000.0),
        ({"retry-after": "1e400"}, None),
        ({"retry-after-ms": "-5", "retry-after": "7"}, 7.0),
        ({"retry-after": "Mon, 23 Nov 99999999999 10:00:30 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 9999 10:00:30 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 99:99:99 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 +99999999"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30"}, 30.0),
        ({"retry-after": "1, 2, 3"}, None),
    ],
)
def test_the_wait_that_a_provider_asks_for_is_read_in_every_form(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize("kind", ["overloaded_error", "api_error", "rate_limit_error", "timeout_error"])
def test_an_error_event_of_a_passing_kind_may_be_tried_again(kind: str) -> None:
    assert type(answer(200, kind)) is ModelRetryable


@pytest.mark.parametrize("kind", ["invalid_request_error", "authentication_error", "permission_error", "billing_error"])
def test_an_error_event_of_a_lasting_kind_is_refused(kind: str) -> None:
    assert type(answer(200, kind)) is ModelRefused


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (1, "1 second"), (42, "42 seconds"), (60, "1 minute"), (61, "2 minutes"), (7_200, "2 hours"),
     (100_000, "2 days")],
)  # fmt: skip
def test_a_wait_is_said_in_the_largest_unit_that_it_fills(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("error", "detail", "advice"),
    [
        (answer(529), "is overloaded (529): why.", "a few minutes"),
        (answer(503), "failed (503): why.", "a few minutes"),
        (answer(429, retry_after="42"), "limits the rate of requests (429): why.", "42 seconds"),
        (answer(429, retry_after="5400"), "limits the rate of requests (429): why.", "2 hours"),
        (answer(200, "overloaded_error"), "is overloaded and broke off its answer (overloaded_error): why.",
         "a few minutes"),
        (answer(200, "rate_limit_error"),
         "limits the rate of requests and broke off its answer (rate_limit_error): why.", "a few minutes"),
        (answer(500), "failed (500): why.", None),
        (answer(400), "refused the request (400): why.", None),
    ],
)  # fmt: skip
def test_overload_and_rate_limits_say_so_and_when_to_try_again(
    error: ModelError, detail: str, advice: str | None
) -> None:
    assert error.detail == f"The model provider {detail}"
    assert error.extra.get("advice") == (advice and f"Try again in {advice}, or with another model.")


@pytest.mark.parametrize(("wish", "expected"), [("true", ModelRetryable), ("false", ModelRefused)])
def test_the_provider_has_the_last_word_on_whether_to_try_again(wish: str, expected: type[ModelError]) -> None:
    assert type(answer(400, x_should_retry=wish)) is expected
    assert type(answer(529, x_should_retry=wish)) is expected


@pytest.mark.parametrize("code", ["enforced_spend_limit_reached", "contract_spend_limit_reached"])
def test_a_spend_limit_is_no_rate_limit_that_waiting_lifts(code: str) -> None:
    error = {"type": "rate_limit_error", "message": "Spent.", "details": {"error_code": code}}
    assert type(failure_of_answer(429, {"error": error}, {"retry-after": "1"})) is ModelRefused
    assert type(failure_of_answer(429, {"error": {**error, "details": {}}}, {})) is ModelRetryable


@pytest.mark.parametrize("status", [501, 505, 301, 418])
def test_a_server_that_cannot_do_it_is_not_asked_again(status: int) -> None:
    assert type(answer(status)) is ModelRefused


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "no reason given"),
        ("<html>Bad gateway</html>", "Bad gateway"),
        (NGINX, "413 Request Entity Too Large"),
        (CLOUDFLARE, "host.example | 502: Bad gateway"),
        ("<!doctype html><style>b{}</style><!-- x --><body><b>Down</b> &amp; out", "Down & out"),
        ("<html>" + "word " * 1_000, ("word " * 20)[:99] + "…"),
        ("<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>No &lt;key&gt;</Message></Error>", "No <key>"),
        ("<!doctype html>", "no reason given"),
        ("<h1" * 200_000, "no reason given"),
        ("two\nlines\x00", "two lines\x00"),
        ({"error": {"message": "a \ud800 half", "type": ["x"]}}, "a \ufffd half"),
        ({"error": "model 'x' not found"}, "model 'x' not found"),
        ({"message": "model not found", "code": 404}, "model not found"),
        ({"error": {"type": "a"}}, "no reason given"),
        ([], "no reason given"),
        ({"error": {"type": 3, "message": {"odd": 1}}}, "{'odd': 1}"),
        ("x" * 9_000, "x" * 199 + "…"),
        ({"error": {"message": "x" * 9_000}}, "x" * 499 + "…"),
    ],
)
def test_the_reason_is_found_in_the_bodies_of_other_servers_too(body: object, reason: str) -> None:
    end = "" if reason.endswith("…") else "."
    expected = f"The model provider does not know this model or address (404): {reason}{end}"
    assert failure_of_answer(404, body, {}).detail == expected


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_only_what_is_not_there_says_that_the_model_is_unknown(status: int) -> None:
    assert answer(status).extra == ({"unknown_model": True} if status == 404 else {})
