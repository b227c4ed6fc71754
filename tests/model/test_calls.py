import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from archwright.errors import LeaseLost, ModelError, ModelRefused, ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.calls import FIRST_DELAY_S, LONGEST_DELAY_S, Anew, Answered, ask, next_delay
from archwright.model.claude import ClaudeModel
from archwright.model.ports import ModelCard, ModelEvent, ModelRequest, Reply, TextDelta, ToolCallDone
from archwright.model.scripted import Script, ScriptedTransport, Step
from tests.model.requests import API, DB, MODEL, a_request

DONE = Step.says("Done.")
BUSY = Step(status=529)
CUT = Step.calls(API, text="Two.", fault="end", usage={"input_tokens": 900})


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Asked:
    """One `ask` of a scripted model, and what became of it."""

    def __init__(self, script: Script) -> None:
        self.transport = ScriptedTransport(script)
        self.clock = Clock()
        self.told: list[ModelEvent | Anew] = []

    async def hear(self, event: ModelEvent | Anew) -> None:
        self.told.append(event)

    async def run(
        self, *, within_s: float = 600, retry_s: float = 120, then: Sequence[str] = (), after_s: float = 10
    ) -> Answered:
        return await ask(
            ClaudeModel("key", transport=self.transport),
            a_request(),
            self.hear,
            deadline=self.clock() + within_s,
            retry_s=retry_s,
            fallbacks=[a_request(model=name) for name in then],
            fall_back_after_s=after_s,
            sleep=self.clock.sleep,
            clock=self.clock,
        )

    @property
    def asked(self) -> list[str]:
        """The models that were asked, each as often as it was."""
        return [body["model"] for body in self.transport.requests]

    async def failure(self, **options: Any) -> ModelError:
        with pytest.raises(ModelError) as caught:
            await self.run(**options)
        return caught.value


def test_the_wait_doubles_from_half_a_second_to_twenty() -> None:
    assert [next_delay(n, None, 1e9) for n in (1, 2, 3, 4, 5, 6, 7, 8, 10_000)] == [
        0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, 20.0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("failures", "wished_s", "remaining_s", "jitter", "delay"),
    [
        (1, None, 0.5, 1.0, None),
        (1, None, 0.51, 1.0, 0.5),
        (1, None, 0.51, 1.2, None),
        (3, None, 10, 1.2, 2.4),
        (1, 30.0, 60, 1.2, 30.0),
        (1, 30.0, 30, 1.0, None),
        (4, 1.0, 60, 1.0, 4.0),
        (1, 0.0, 60, 1.0, 0.5),
        (1, None, 0, 1.0, None),
        (1, None, -5, 1.0, None),
    ],
)
def test_the_wait_respects_the_providers_wish_and_the_time_that_remains(
    failures: int, wished_s: float | None, remaining_s: float, jitter: float, delay: float | None
) -> None:
    assert next_delay(failures, wished_s, remaining_s, jitter) == delay


async def test_a_good_call_is_made_once_and_passed_on() -> None:
    asked = Asked([DONE])
    answered = await asked.run()
    assert (answered.retries, answered.errors, answered.wasted) == (0, (), Usage())
    assert asked.told == [TextDelta("Done."), answered.reply]
    assert asked.clock.slept == []


async def test_a_call_that_fails_is_repeated_and_each_failure_is_recorded() -> None:
    asked = Asked([BUSY, CUT, DONE])
    answered = await asked.run()
    assert [(error.type, error.detail) for error in answered.errors] == [
        ("model-unavailable", "The model provider is overloaded (529): Overloaded."),
        ("model-unavailable", "The model's stream ended in the middle of its turn."),
    ]
    assert answered.retries == 2
    assert answered.wasted == Usage(model_calls=1, input_tokens=900, output_tokens=7)
    assert len(asked.transport.requests) == 3
    assert asked.transport.requests[0] == asked.transport.requests[2]


async def test_before_a_repeat_the_listener_is_told_that_what_it_heard_is_void() -> None:
    asked = Asked([CUT, DONE])
    answered = await asked.run()
    anew = Anew("The model's stream ended in the middle of its turn. Trying again in 1 second.")
    assert asked.told == [TextDelta("Two."), anew, TextDelta("Done."), answered.reply]


async def test_the_waits_grow_with_a_little_chance() -> None:
    asked = Asked([BUSY] * 4 + [DONE])
    await asked.run()
    expected = [FIRST_DELAY_S, 1.0, 2.0, 4.0]
    assert all(least <= slept <= least * 1.2 for least, slept in zip(expected, asked.clock.slept, strict=True))


async def test_a_wait_that_the_provider_asks_for_is_kept() -> None:
    asked = Asked([Step(status=429, headers={"retry-after": "42"}), DONE])
    await asked.run()
    assert asked.clock.slept == [42.0]


async def test_a_wait_that_would_be_too_long_ends_the_call_at_once() -> None:
    asked = Asked([Step(status=429, headers={"retry-after": "121"})])
    error = await asked.failure()
    assert (type(error), error.extra["retry_after_s"], asked.clock.slept) == (ModelRetryable, 121.0, [])


async def test_retrying_ends_when_its_time_is_over_and_says_how_often_it_tried() -> None:
    asked = Asked([BUSY] * 50)
    error = await asked.failure(retry_s=60)
    tries = len(asked.transport.requests)
    assert type(error) is ModelRetryable
    assert error.detail == (
        f"The model provider is overloaded (529): Overloaded. Gave up after {tries} tries."
        " Try again in a few minutes, or with another model."
    )
    assert len(error.extra["errors"]) == tries
    assert error.extra["wasted"] == Usage()
    assert error.extra["deadline"] is False
    assert 60 - LONGEST_DELAY_S * 1.2 <= sum(asked.clock.slept) <= 60


async def test_without_time_for_retrying_a_call_is_made_once() -> None:
    asked = Asked([BUSY])
    assert type(await asked.failure(retry_s=0)) is ModelRetryable
    assert len(asked.transport.requests) == 1


async def test_what_the_provider_refuses_is_not_asked_again() -> None:
    asked = Asked([BUSY, Step(status=401, error="authentication_error", message="invalid x-api-key")])
    error = await asked.failure()
    assert type(error) is ModelRefused
    assert error.detail == "The model provider did not accept the key (401): invalid x-api-key. Gave up after 2 tries."
    assert [failed.type for failed in error.extra["errors"]] == ["model-unavailable", "model-refused"]


async def test_a_call_ends_at_the_deadline_even_while_it_streams() -> None:
    asked = Asked([Step.says("word " * 500, pause_s=0.01)])
    error = await asked.failure(within_s=0.1)
    assert error.detail == "The time for this call was over before the model had answered."
    assert (error.extra["deadline"], len(asked.transport.requests)) == (True, 1)


async def test_a_deadline_that_leaves_no_time_for_a_repeat_is_what_ended_the_call() -> None:
    error = await Asked([BUSY]).failure(within_s=0.4)
    assert (type(error), error.extra["deadline"]) == (ModelRetryable, True)


async def test_a_deadline_in_the_past_asks_nothing_and_says_that_it_was_the_deadline() -> None:
    asked = Asked([DONE])
    error = await asked.failure(within_s=-1)
    assert (type(error), error.extra["deadline"], asked.transport.requests) == (ModelRetryable, True, [])


async def test_what_the_listener_raises_ends_the_call_and_is_raised_as_it_is() -> None:
    async def lost(_: ModelEvent | Anew) -> None:
        raise LeaseLost

    model = ClaudeModel("key", transport=ScriptedTransport([DONE, DONE]))
    with pytest.raises(LeaseLost):
        await ask(model, a_request(), lost, deadline=asyncio.get_running_loop().time() + 60, retry_s=60)


async def test_a_timeout_of_the_listener_is_not_the_models() -> None:
    async def slow(_: ModelEvent | Anew) -> None:
        raise TimeoutError("the store did not answer")

    model = ClaudeModel("key", transport=ScriptedTransport([DONE]))
    with pytest.raises(TimeoutError, match="the store did not answer"):
        await ask(model, a_request(), slow, deadline=asyncio.get_running_loop().time() + 60, retry_s=60)


async def test_a_model_that_ends_without_a_reply_gave_no_turn() -> None:
    class Mute:
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            yield ToolCallDone("t", "add_node", {})

        def cards(self) -> tuple[ModelCard, ...]:
            return ()

        async def close(self) -> None: ...

    asked = Asked([])
    with pytest.raises(ModelRetryable, match="ended in the middle of its turn"):
        await ask(Mute(), a_request(), asked.hear, deadline=2_000, retry_s=0, clock=asked.clock)
    assert not any(isinstance(event, Reply) for event in asked.told)


def cut_after(*calls: tuple[str, dict[str, Any]]) -> Step:
    """An answer whose stream ends in the middle of the last of these calls."""
    return Step.calls(*calls, fault="end", usage={"input_tokens": 900})


def kept(answered: Answered) -> list[Any]:
    return [call.input["id"] for call in answered.reply.tool_calls]


async def test_answers_that_break_off_before_a_call_was_complete_are_paid_for_three_times_at_most() -> None:
    asked = Asked([CUT] * 9)
    error = await asked.failure()
    ended = "The model's stream ended in the middle of its turn. Gave up after 3 tries."
    assert (type(error), error.detail, len(asked.transport.requests)) == (ModelRetryable, ended, 3)
    assert error.extra["wasted"] == Usage(model_calls=3, input_tokens=2_700, output_tokens=21)


async def test_what_was_complete_of_the_longest_answer_that_broke_off_is_the_turn() -> None:
    asked = Asked([cut_after(API, DB, API), cut_after(API, DB)])
    answered = await asked.run()
    assert (answered.reply.stop_reason, kept(answered)) == ("cut", ["api", "db"])
    assert [block["type"] for block in answered.reply.content] == ["tool_use", "tool_use"]
    assert (len(asked.transport.requests), answered.retries) == (2, 1)
    first, second = answered.errors
    assert {first.detail, second.detail} == {"The model's stream ended in the middle of its turn."}
    assert (first.usage, second.usage and second.usage.input_tokens) == (None, 900)
    assert (answered.reply.usage + answered.wasted).input_tokens == 1_800


async def test_a_break_that_passes_costs_one_more_try_and_leaves_a_whole_turn() -> None:
    asked = Asked([cut_after(API, DB), Step.calls(API, DB)])
    answered = await asked.run()
    assert (answered.reply.stop_reason, kept(answered), answered.retries) == ("tool_use", ["api", "db"], 1)


async def test_another_model_is_asked_before_a_part_is_kept() -> None:
    asked = Asked([cut_after(API, DB), cut_after(API, DB), Step.calls(DB)])
    answered = await asked.run(then=["claude-opus-5-5"])
    assert (answered.reply.stop_reason, kept(answered)) == ("tool_use", ["db"])
    assert [body["model"] for body in asked.transport.requests] == [MODEL, MODEL, "claude-opus-5-5"]


async def test_a_part_is_kept_also_when_the_provider_then_refuses() -> None:
    refused = Step(status=402, error="billing_error", message="Credit is used up")
    answered = await Asked([cut_after(API, DB), refused]).run()
    assert (answered.reply.stop_reason, kept(answered)) == ("cut", ["api"])
    assert [error.type for error in answered.errors] == ["model-unavailable", "model-refused"]


async def test_an_overload_before_the_first_word_is_waited_out_however_often_it_comes() -> None:
    busy = Step.calls(API, fault="error", error="overloaded_error", after=1)
    asked = Asked([busy] * 6 + [DONE])
    assert (await asked.run()).retries == 6
