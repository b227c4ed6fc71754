"""Every way in which a model call goes wrong, caused over a real socket, through the real SDK."""

import socket
from collections.abc import Sequence

import pytest

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.claude import ClaudeModel
from archwright.model.ports import Reply, TextDelta, ToolCallDone
from archwright.model.scripted import Step
from tests.claude_server import ClaudeServer
from tests.model.requests import API, DB, a_request, events_from, reply_from

KEY = "sk-ant-a-secret"
TWO_BOXES = Step.calls(API, DB, text="Two boxes.", usage={"input_tokens": 900, "output_tokens": 60})


async def failure_of(
    script: Sequence[Step], *, stall_s: float = 5, key: str = KEY, accepts: str | None = None
) -> ModelError:
    """The error that one call of the scripted server ends in."""
    with ClaudeServer(script, key=accepts) as server:
        model = ClaudeModel(key, server.url, stall_s=stall_s)
        with pytest.raises(ModelError) as caught:
            await events_from(model)
        await model.close()
        return caught.value


async def reply_of(step: Step) -> Reply:
    with ClaudeServer([step]) as server:
        model = ClaudeModel(KEY, server.url)
        reply = await reply_from(model)
        await model.close()
        return reply


def faulty(fault: str, **fields: object) -> list[Step]:
    return [Step.from_json({"content": TWO_BOXES.content, "usage": TWO_BOXES.usage, "fault": fault, **fields})]


async def test_an_overloaded_provider_is_worth_another_try() -> None:
    error = await failure_of([Step(status=529)])
    assert (type(error), error.detail, error.extra) == (
        ModelRetryable,
        "The model provider is overloaded (529): Overloaded.",
        {"advice": "Try again in a few minutes, or with another model."},
    )


async def test_a_rate_limit_carries_the_wait_that_the_provider_asks_for() -> None:
    limited = Step(status=429, error="rate_limit_error", message="Slow down", headers={"retry-after": "7"})
    error = await failure_of([limited])
    assert (type(error), error.detail, error.extra) == (
        ModelRetryable,
        "The model provider limits the rate of requests (429): Slow down.",
        {"retry_after_s": 7.0, "advice": "Try again in 7 seconds, or with another model."},
    )


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 520, 529])
async def test_failures_of_the_provider_may_pass(status: int) -> None:
    error = await failure_of([Step(status=status, error="api_error", message="Internal")])
    assert type(error) is ModelRetryable
    assert f"({status}): Internal." in error.detail


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (400, "invalid_request_error", "refused the request (400): prompt is too long."),
        (402, "billing_error", "asks for a payment (402): prompt is too long."),
        (403, "permission_error", "does not permit this (403): prompt is too long."),
        (404, "not_found_error", "does not know this model or address (404): prompt is too long."),
        (413, "request_too_large", "found the request too large (413): prompt is too long."),
        (422, "invalid_request_error", "refused the request (422): prompt is too long."),
    ],
)
async def test_a_request_that_the_provider_refuses_is_refused_with_its_reason(
    status: int, kind: str, sentence: str
) -> None:
    error = await failure_of([Step(status=status, error=kind, message="prompt is too long")])
    assert (type(error), error.detail) == (ModelRefused, f"The model provider {sentence}")


async def test_a_wrong_key_is_refused_once_and_never_shown() -> None:
    error = await failure_of([], accepts="another")
    assert (type(error), error.detail) == (
        ModelRefused,
        "The model provider did not accept the key (401): invalid x-api-key.",
    )


async def test_a_key_that_the_provider_repeats_is_taken_out_of_the_reason() -> None:
    echoing = Step(status=401, error="authentication_error", message=f"{KEY} is not a key")
    assert (await failure_of([echoing])).detail == "The model provider did not accept the key (401): … is not a key."


async def test_a_rate_limit_that_the_provider_says_not_to_retry_is_refused() -> None:
    error = await failure_of([Step(status=429, message="Spent.", headers={"x-should-retry": "false"})])
    assert type(error) is ModelRefused


async def test_an_overload_in_mid_stream_is_worth_another_try_and_says_what_it_had_used() -> None:
    error = await failure_of(faulty("error", error="overloaded_error", message="Overloaded"))
    assert type(error) is ModelRetryable
    assert error.detail == "The model provider is overloaded and broke off its answer (overloaded_error): Overloaded."
    assert error.extra["usage"].input_tokens == 900


async def test_an_error_in_mid_stream_that_no_retry_mends_is_refused() -> None:
    error = await failure_of(faulty("error", error="invalid_request_error", message="Bad block"))
    assert type(error) is ModelRefused


async def test_a_stream_that_ends_cleanly_inside_a_tool_call_is_no_turn() -> None:
    error = await failure_of(faulty("end"))
    assert type(error) is ModelRetryable
    assert error.detail == "The model's stream ended in the middle of its turn."
    assert error.extra["usage"] == Usage(model_calls=1, input_tokens=900, output_tokens=22)


@pytest.mark.parametrize("fault", ["end", "reset", "error", "garbage", "stall"])
async def test_a_stream_that_breaks_off_gives_what_was_complete_of_it(fault: str) -> None:
    error = await failure_of(faulty(fault), stall_s=0.3)
    assert (type(error), error.extra["cut"]) == (ModelRetryable, True)
    partial = error.extra["partial"]
    assert (partial.stop_reason, partial.tool_calls) == ("cut", (ToolCallDone("toolu_script_1", *API),))
    assert [block["type"] for block in partial.content] == ["text", "tool_use"]
    assert partial.usage == error.extra["usage"]


async def test_a_stream_that_breaks_off_before_a_call_was_complete_leaves_nothing_to_keep() -> None:
    error = await failure_of([Step.calls(API, text="Two boxes.", fault="reset")])
    assert error.extra["cut"] is True
    assert "partial" not in error.extra


async def test_a_stream_that_ends_before_its_first_event_is_no_turn() -> None:
    error = await failure_of(faulty("end", after=0))
    assert (type(error), error.detail) == (ModelRetryable, "The model's stream ended in the middle of its turn.")


async def test_a_socket_that_is_reset_in_mid_stream_is_worth_another_try() -> None:
    error = await failure_of(faulty("reset"))
    assert type(error) is ModelRetryable
    assert error.detail.startswith("The connection to the model broke (")
    assert error.extra["usage"].input_tokens == 900


async def test_a_model_that_falls_silent_is_given_up_after_the_stall_time() -> None:
    error = await failure_of(faulty("stall"), stall_s=0.3)
    assert (type(error), error.detail) == (ModelRetryable, "The model sent nothing for 0.3 seconds.")


async def test_a_model_that_is_slow_but_never_silent_is_waited_for() -> None:
    slow = Step.calls(API, DB, text="Two boxes.", pause_s=0.08)
    with ClaudeServer([slow]) as server:
        model = ClaudeModel(KEY, server.url, stall_s=1)
        reply = await reply_from(model)
        await model.close()
    assert reply.total_ms > 1_000
    assert [call.input["id"] for call in reply.tool_calls] == ["api", "db"]


async def test_an_event_that_is_no_json_is_worth_another_try() -> None:
    error = await failure_of(faulty("garbage"))
    assert (type(error), error.detail) == (
        ModelRetryable,
        "The model's answer could not be read (JSONDecodeError).",
    )


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
async def test_a_server_that_answers_with_a_page_is_no_server_of_the_protocol(kind: str) -> None:
    error = await failure_of([Step.says("Done.", headers={"content-type": kind})])
    assert type(error) is ModelRefused
    assert f"answered with {kind} instead of a stream of events" in error.detail


async def test_a_break_before_the_first_word_still_counts_the_prompt() -> None:
    error = await failure_of(faulty("reset", after=1))
    assert error.extra["usage"] == Usage(model_calls=1, input_tokens=900, output_tokens=1)


async def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
    model = ClaudeModel(KEY, f"http://user:password@{address}")
    with pytest.raises(ModelRetryable, match=f"The model at {address} cannot be reached."):
        await events_from(model)


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://example.org", "/v1"])
async def test_an_address_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(ModelRefused, match="check the URL"):
        await events_from(ClaudeModel(KEY, url))


def test_an_address_that_is_no_url_is_refused_at_the_start() -> None:
    with pytest.raises(ModelRefused, match="ANTHROPIC_BASE_URL is no URL"):
        ClaudeModel(KEY, "http://[::1")


@pytest.mark.parametrize("key", ["ключ", "a\nb"])
async def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    error = await failure_of([], key=key)
    assert type(error) is ModelRefused
    assert key not in error.detail


async def test_text_that_json_cannot_carry_is_refused() -> None:
    with pytest.raises(ModelRefused, match="could not be written"):
        await events_from(ClaudeModel(KEY, "http://127.0.0.1:1"), a_request({"role": "user", "content": "\ud800"}))


async def test_a_refusal_is_a_turn_with_the_reason_and_nothing_to_run() -> None:
    why = {"type": "refusal", "category": "cyber", "explanation": "It could enable harm."}
    step = Step.calls(API, text="I", stop_reason="refusal", stop_details=why)
    reply = await reply_of(step)
    assert (reply.stop_reason, reply.stop_detail, reply.tool_calls) == ("refusal", "It could enable harm.", ())


async def test_a_limit_inside_a_tool_call_keeps_the_calls_before_it_and_never_sends_the_cut_one_back() -> None:
    reply = await reply_of(Step.calls(API, DB, text="Two boxes.", stop_reason="max_tokens", cut=5))
    assert (reply.stop_reason, [block["type"] for block in reply.content]) == ("max_tokens", ["text", "tool_use"])
    assert [(call.id, call.input) for call in reply.tool_calls] == [("toolu_script_1", API[1])]
    assert [(block["id"], block["partial_json"][:12]) for block in reply.unfinished] == [
        ("toolu_script_2", '{"id": "db",')
    ]


async def test_a_call_that_came_with_a_broken_input_is_refused_and_the_one_before_it_is_not() -> None:
    reply = await reply_of(Step.calls(API, DB, cut=3))
    assert [(call.input, bool(call.refused)) for call in reply.tool_calls] == [(API[1], False), ({}, True)]
    assert "its arguments are no JSON (" in reply.tool_calls[1].refused


@pytest.mark.parametrize("reason", ["end_turn", "stop_sequence", "pause_turn", "model_context_window_exceeded"])
async def test_every_other_stop_reason_is_passed_on(reason: str) -> None:
    reply = await reply_of(Step.says("Done.", stop_reason=reason))
    assert (reply.stop_reason, reply.content) == (reason, ({"type": "text", "text": "Done."},))


async def test_a_connection_that_breaks_after_the_stop_reason_costs_nothing() -> None:
    said_all = Step.says("Done.", fault="reset", after=5)
    assert (await reply_of(said_all)).stop_reason == "end_turn"


async def test_what_was_complete_before_a_fault_had_been_told() -> None:
    told: list[object] = []
    with ClaudeServer(faulty("reset")) as server:
        model = ClaudeModel(KEY, server.url)
        with pytest.raises(ModelRetryable):
            async for event in model.stream(a_request()):
                told.append(event)
        await model.close()
    assert told == [TextDelta("Two boxes."), ToolCallDone("toolu_script_1", *API)]


async def test_closing_the_iterator_ends_the_call() -> None:
    with ClaudeServer([Step.says("word " * 1_000, pause_s=0.01), Step.says("Done.")]) as server:
        model = ClaudeModel(KEY, server.url)
        events = model.stream(a_request())
        assert isinstance(await anext(events), TextDelta)
        await events.aclose()
        assert (await reply_from(model)).stop_reason == "end_turn"
        await model.close()
