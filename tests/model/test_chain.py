"""Which model is asked when one does not answer."""

import pytest

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.calls import NO_FALLBACK, Anew, Fallback, cost_of, falls_back
from archwright.model.ports import TextDelta
from archwright.model.protocol import Body
from archwright.model.scripted import Script, Step
from tests.model.requests import API, MODEL
from tests.model.test_calls import BUSY, CUT, DONE, Asked

OPUS, HAIKU = "claude-opus-5-5", "claude-haiku-5-5"
UNKNOWN = Step(status=404, error="not_found_error", message="model: retired")
OVERLOADED = "The model provider is overloaded (529): Overloaded."


def only(model: str, step: Step = DONE, others: Step = BUSY) -> Script:
    """A provider where one model answers and every other does not."""

    def answer(body: Body) -> Step:
        return step if body["model"] == model else others

    return answer


@pytest.mark.parametrize(
    ("models", "current", "order"),
    [
        ((), MODEL, (MODEL,)),
        ((OPUS, HAIKU), MODEL, (MODEL, OPUS, HAIKU)),
        ((OPUS, MODEL, HAIKU), MODEL, (MODEL, OPUS, HAIKU)),
        ((OPUS, HAIKU), OPUS, (OPUS, HAIKU, MODEL)),
        ((OPUS, HAIKU), HAIKU, (HAIKU, MODEL, OPUS)),
        ((OPUS,), "no-longer-configured", (MODEL, OPUS)),
    ],
)
def test_a_job_goes_on_with_the_model_that_answered_last_and_then_around_the_chain(
    models: tuple[str, ...], current: str, order: tuple[str, ...]
) -> None:
    assert Fallback(models).order(MODEL, current) == order
    assert NO_FALLBACK.order(MODEL, MODEL) == (MODEL,)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ModelRetryable("overloaded"), True),
        (ModelRetryable("overloaded", retry_after_s=3.0, deadline=False), True),
        (ModelRetryable("out of time", deadline=True), False),
        (ModelRefused("no such model", unknown_model=True), True),
        (ModelRefused("wrong key"), False),
    ],
)
def test_only_what_another_model_may_do_falls_back(error: ModelError, expected: bool) -> None:
    assert falls_back(error) is expected


async def test_an_overloaded_model_is_retried_for_a_little_while_and_then_the_next_one_answers() -> None:
    asked = Asked(only(OPUS))
    answered = await asked.run(then=[OPUS, HAIKU])
    tries = len(answered.errors)
    assert asked.asked == [MODEL] * tries + [OPUS]
    assert answered.request.model == OPUS
    assert [(error.model, error.type, error.detail) for error in answered.errors] == [
        (MODEL, "model-unavailable", OVERLOADED)
    ] * tries
    assert 2 <= tries <= 6
    assert sum(asked.clock.slept) <= 10
    *retried, instead, done, reply = asked.told
    assert (done, reply) == (TextDelta("Done."), answered.reply)
    assert instead == Anew(f"{OVERLOADED} Asking {OPUS} instead.")
    assert [type(event) for event in retried] == [Anew] * (tries - 1)
    assert retried[0] == Anew(f"{OVERLOADED} Trying again in 1 second.")


async def test_the_last_of_the_chain_is_retried_for_as_long_as_a_model_that_stands_alone() -> None:
    asked = Asked(lambda body: DONE if body["model"] == OPUS and asked.clock() > 1_070 else BUSY)
    answered = await asked.run(then=[OPUS], retry_s=120, after_s=5)
    assert answered.request.model == OPUS
    assert asked.clock() > 1_070


async def test_without_patience_the_next_model_is_asked_after_one_failure_and_without_a_wait() -> None:
    asked = Asked(only(HAIKU))
    answered = await asked.run(then=[OPUS, HAIKU], after_s=0)
    assert (asked.asked, asked.clock.slept) == ([MODEL, OPUS, HAIKU], [])
    assert [error.model for error in answered.errors] == [MODEL, OPUS]


async def test_a_provider_that_asks_for_a_long_wait_is_left_at_once() -> None:
    asked = Asked(only(OPUS, others=Step(status=429, headers={"retry-after": "60"})))
    await asked.run(then=[OPUS])
    assert (asked.asked, asked.clock.slept) == ([MODEL, OPUS], [])


async def test_a_model_that_the_provider_does_not_have_is_passed_over_without_a_retry() -> None:
    asked = Asked(only(OPUS, others=UNKNOWN))
    answered = await asked.run(then=[OPUS])
    assert asked.asked == [MODEL, OPUS]
    assert [(error.type, error.detail) for error in answered.errors] == [
        ("model-refused", "The model provider does not know this model or address (404): model: retired.")
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        Step(status=400, error="invalid_request_error", message="Bad block"),
        Step(status=401, error="authentication_error", message="invalid x-api-key"),
        Step(status=402, error="billing_error", message="Spent"),
        Step(status=403, error="permission_error", message="Not yours"),
        Step(status=413, error="request_too_large", message="Too long"),
        Step(status=429, error="rate_limit_error", message="Spent", headers={"x-should-retry": "false"}),
    ],
)
async def test_what_the_provider_refuses_is_asked_of_no_other_model(refusal: Step) -> None:
    asked = Asked(only(OPUS, others=refusal))
    assert type(await asked.failure(then=[OPUS])) is ModelRefused
    assert asked.asked == [MODEL]


async def test_the_deadline_asks_no_other_model() -> None:
    asked = Asked([Step.says("word " * 500, pause_s=0.01), DONE])
    error = await asked.failure(within_s=0.1, then=[OPUS])
    assert (error.extra["deadline"], asked.asked) == (True, [MODEL])
    asked = Asked(only(OPUS))
    error = await asked.failure(within_s=5, then=[OPUS])
    assert (error.extra["deadline"], set(asked.asked)) == (True, {MODEL})


async def test_a_chain_that_is_exhausted_names_every_model_and_what_each_said() -> None:
    says = {MODEL: BUSY, OPUS: Step(status=503, error="api_error", message="Down"), HAIKU: UNKNOWN}
    asked = Asked(lambda body: says[body["model"]])
    error = await asked.failure(then=[OPUS, HAIKU], after_s=1)
    assert type(error) is ModelRefused
    assert error.detail == (
        f"{MODEL}: {OVERLOADED} Gave up after 2 tries. "
        f"{OPUS}: The model provider failed (503): Down. Gave up after 2 tries. "
        f"{HAIKU}: The model provider does not know this model or address (404): model: retired."
    )
    assert [failed.model for failed in error.extra["errors"]] == [MODEL, MODEL, OPUS, OPUS, HAIKU]


async def test_what_failed_calls_had_used_is_paid_at_the_price_of_the_model_that_was_asked() -> None:
    asked = Asked([CUT, Step.calls(API, text="Two.", fault="end", usage={"input_tokens": 50}), DONE])
    answered = await asked.run(then=[OPUS, HAIKU], after_s=0)
    assert answered.request.model == HAIKU
    assert [(error.model, error.usage) for error in answered.errors] == [
        (MODEL, Usage(model_calls=1, input_tokens=900, output_tokens=7)),
        (OPUS, Usage(model_calls=1, input_tokens=50, output_tokens=7)),
    ]
    price = {MODEL: 1, OPUS: 1_000}
    assert cost_of(answered.errors, lambda model, usage: price[model] * usage.input_tokens) == 900 + 50_000
    assert answered.wasted == Usage(model_calls=2, input_tokens=950, output_tokens=14)
