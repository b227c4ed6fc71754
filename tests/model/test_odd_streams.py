"""What odd servers send, over a real socket, through the real SDK: a turn, a refused call or a model error."""

import json

import pytest

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.model.claude import BedrockModel, ClaudeModel
from archwright.model.ports import Reply
from archwright.model.scripted import Step
from tests.bedrock_server import REGION, BedrockServer
from tests.claude_server import ClaudeServer
from tests.model.odd import CALLS, CUT, ODD, REFUSED
from tests.model.requests import a_request, reply_from

BEDROCK = "anthropic.claude-sonnet-5-5"


async def reply_of(raw: bytes) -> Reply:
    with ClaudeServer([Step(raw=(raw,))]) as server:
        model = ClaudeModel("key", server.url, stall_s=5)
        try:
            return await reply_from(model)
        finally:
            await model.close()


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD.keys())
async def test_an_odd_answer_is_the_turn_that_it_means(raw: bytes) -> None:
    reply = await reply_of(raw)
    assert reply.stop_reason == "tool_use"
    assert [(call.name, call.input.get("id", call.input)) for call in reply.tool_calls] == [
        (name, values.get("id", values)) for name, values in CALLS
    ]
    assert not any(call.refused for call in reply.tool_calls)
    ids = [call.id for call in reply.tool_calls]
    assert len(set(ids)) == 3
    assert all(isinstance(one, str) and one.replace("_", "").isalnum() and one.isascii() for one in ids)
    assert 0 < reply.usage.output_tokens < 1_000
    assert 0 < reply.usage.input_tokens < 1_000


@pytest.mark.parametrize("raw", [raw for raw, _ in REFUSED.values()], ids=REFUSED.keys())
async def test_a_bad_call_leaves_the_good_one_beside_it(raw: bytes) -> None:
    reply = await reply_of(raw)
    assert [call.input.get("id") for call in reply.tool_calls][1] == "api"
    assert not reply.tool_calls[1].refused
    assert len(reply.tool_calls) == 2


@pytest.mark.parametrize("raw", CUT.values(), ids=CUT.keys())
async def test_what_is_no_turn_may_be_asked_again(raw: bytes) -> None:
    with pytest.raises(ModelRetryable):
        await reply_of(raw)


@pytest.mark.parametrize("name", ["every call on index 0", "no block stops", "10^20 tokens", "ids that are numbers"])
async def test_bedrocks_answers_are_read_by_the_same_reader(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1")
    with BedrockServer([Step(raw=(ODD[name],))], bearer="bedrock-api-key-1") as server:
        model = BedrockModel(REGION, server.url)
        reply = await reply_from(model, a_request(model=BEDROCK))
        await model.close()
    assert [call.name for call in reply.tool_calls] == [name for name, _ in CALLS]


async def test_a_server_that_never_ends_its_answer_holds_nothing_up() -> None:
    with ClaudeServer([Step(raw=(ODD["as it should be"],), fault="stall")]) as server:
        model = ClaudeModel("key", server.url, stall_s=30)
        reply = await reply_from(model)
        await model.close()
    assert reply.total_ms < 5_000


async def test_a_page_of_a_gateway_is_told_in_a_sentence() -> None:
    page = "<html>\n<head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
    with ClaudeServer([Step(status=502, page=page, headers={"content-type": "text/html"})]) as server:
        model = ClaudeModel("key", server.url)
        with pytest.raises(ModelRetryable) as caught:
            await reply_from(model)
        await model.close()
    assert caught.value.detail == "The model provider failed (502): 502 Bad Gateway."


async def test_a_wait_until_the_end_of_time_is_no_wish() -> None:
    asked = {"retry-after": "Mon, 23 Nov 99999999999 10:00:00 GMT"}
    with ClaudeServer([Step(status=529, headers=asked)]) as server:
        model = ClaudeModel("key", server.url)
        with pytest.raises(ModelRetryable) as caught:
            await reply_from(model)
        await model.close()
    assert "retry_after_s" not in caught.value.extra


def whole(**fields: object) -> Step:
    return Step(raw=(json.dumps(fields).encode(),), headers={"content-type": "application/json; charset=utf-8"})


async def answer_to(step: Step) -> Reply:
    with ClaudeServer([step]) as server:
        model = ClaudeModel("key", server.url, stall_s=5)
        try:
            return await reply_from(model)
        finally:
            await model.close()


async def test_a_message_that_comes_whole_is_a_turn() -> None:
    content = [{"type": "tool_use", "id": f"t{n}", "name": name, "input": v} for n, (name, v) in enumerate(CALLS)]
    reply = await answer_to(
        whole(id="msg_1", model="m", content=content, stop_reason="tool_use", usage={"input_tokens": 7})
    )
    assert [(call.name, call.input) for call in reply.tool_calls] == list(CALLS)
    assert (reply.stop_reason, reply.usage.input_tokens) == ("tool_use", 7)


@pytest.mark.parametrize(
    ("fields", "kind", "detail"),
    [
        ({"error": "model 'x' not found"}, ModelRetryable, "broke off its answer (error): model 'x' not found."),
        (
            {"type": "error", "error": {"type": "invalid_request_error", "message": "No"}},
            ModelRefused, "broke off its answer (invalid_request_error): No.",
        ),
        ({"content": [5]}, ModelRetryable, None),
        ({"choices": []}, ModelRefused, None),
    ],
)  # fmt: skip
async def test_json_that_is_no_message_is_a_model_error(
    fields: dict[str, object], kind: type[ModelError], detail: str | None
) -> None:
    with pytest.raises(kind) as caught:
        await answer_to(whole(**fields))
    assert detail is None or caught.value.detail == f"The model provider {detail}"
