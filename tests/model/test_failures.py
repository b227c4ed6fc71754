from datetime import UTC, datetime

import pytest

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.model.failures import failure_of_answer, retry_after_s

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
        ("<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        ({"error": "model 'x' not found"}, "model 'x' not found"),
        ({"message": "model not found", "code": 404}, "model not found"),
        ({"error": {"type": "a"}}, "no reason given"),
        ([], "no reason given"),
        ({"error": {"type": 3, "message": {"odd": 1}}}, "{'odd': 1}"),
        ("x" * 9_000, "x" * 500),
    ],
)
def test_the_reason_is_found_in_the_bodies_of_other_servers_too(body: object, reason: str) -> None:
    expected = f"The model provider does not know this model or address (404): {reason}."
    assert failure_of_answer(404, body, {}).detail == expected


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_only_what_is_not_there_says_that_the_model_is_unknown(status: int) -> None:
    assert answer(status).extra == ({"unknown_model": True} if status == 404 else {})
