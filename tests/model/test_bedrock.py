"""Claude on Amazon Bedrock over a real socket, signed by the real SDK."""

import sys
from collections.abc import Iterator

import pytest

from archwright.errors import InvalidRequest, ModelError, ModelRefused, ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.claude import BedrockModel
from archwright.model.models import build_models
from archwright.model.pricing import cards
from archwright.model.scripted import Step
from archwright.settings import Settings
from tests.bedrock_server import ACCESS, REGION, SECRET, BedrockServer
from tests.model.requests import ADD_NODE, API, CHECK, DB, a_request, events_from, next_request, reply_from

MODEL = "anthropic.claude-sonnet-5-5"
THINKING = {"type": "thinking", "thinking": "One box.", "signature": ""}
BOX = Step(content=(THINKING, *Step.calls(API).content))


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_AWS_API_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    forget_session()
    yield
    forget_session()


def forget_session() -> None:
    """The SDK keeps the session that it has made, with the credentials of that time."""
    from anthropic.lib.aws import _auth

    _auth._get_session.cache_clear()


async def failure_from(model: BedrockModel) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await events_from(model, a_request(model=MODEL))
    await model.close()
    return caught.value


async def test_a_turn_is_asked_for_with_a_signature_and_read_like_claudes() -> None:
    with BedrockServer([BOX]) as server:
        model = BedrockModel(REGION, server.url)
        reply = await reply_from(model, a_request(model=MODEL))
        await model.close()
    assert [block["type"] for block in reply.content] == ["thinking", "tool_use"]
    assert [call.input for call in reply.tool_calls] == [API[1]]
    (body,) = server.requests
    assert body == {
        "model": MODEL,
        "max_tokens": 1_000,
        "tools": [{name: ADD_NODE[name] for name in ("name", "description", "input_schema")}, CHECK],
        "system": [{"type": "text", "text": "You draw.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "Draw a shop."}],
        "thinking": {"type": "adaptive"},
        "cache_control": {"type": "ephemeral"},
        "stream": True,
    }
    assert server.violations == []


async def test_thinking_of_bedrocks_model_is_sent_back_to_it_as_it_came() -> None:
    with BedrockServer([BOX, Step.calls(DB)]) as server:
        model = BedrockModel(REGION, server.url)
        first = a_request(model=MODEL)
        reply = await reply_from(model, first)
        later = next_request(first, reply)
        await reply_from(model, a_request(*later.messages, model=MODEL))
        await model.close()
    assert server.violations == []
    assert server.requests[1]["messages"][1]["content"][0]["signature"]


async def test_a_bedrock_key_is_sent_instead_of_a_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1")
    with BedrockServer([Step.says("Done.")], bearer="bedrock-api-key-1") as server:
        model = BedrockModel(REGION, server.url)
        reply = await reply_from(model, a_request(model=MODEL))
        await model.close()
    assert reply.content == ({"type": "text", "text": "Done."},)


async def test_wrong_credentials_are_refused() -> None:
    with BedrockServer([]) as server:
        error = await failure_from(BedrockModel("us-east-1", server.url))
    assert (type(error), error.detail) == (
        ModelRefused,
        "The model provider does not permit this (403): The signature does not match.",
    )


async def test_a_bedrock_key_that_is_repeated_is_taken_out_of_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1")
    echo = Step(status=400, error="invalid_request_error", message="bedrock-api-key-1 is odd")
    with BedrockServer([echo], bearer="bedrock-api-key-1") as server:
        error = await failure_from(BedrockModel(REGION, server.url))
    assert error.detail == "The model provider refused the request (400): … is odd."


async def test_without_credentials_the_reason_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    error = await failure_from(BedrockModel(REGION, "http://127.0.0.1:9"))
    assert (type(error), error.detail) == (
        ModelRefused,
        "There are no AWS credentials to ask Amazon Bedrock with: Could not resolve AWS credentials from session.",
    )


async def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    error = await failure_from(BedrockModel(REGION, "http://127.0.0.1:9"))
    assert type(error) is ModelRefused
    assert "The config profile (nobody) could not be found" in error.detail


async def test_without_boto3_signing_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("boto3", "botocore.auth"):
        monkeypatch.setitem(sys.modules, name, None)
    error = await failure_from(BedrockModel(REGION, "http://127.0.0.1:9"))
    assert (type(error), error.detail) == (
        ModelRefused,
        "Without AWS_BEARER_TOKEN_BEDROCK requests are signed, which needs boto3: install archwright[aws].",
    )


async def test_an_overload_of_bedrock_is_worth_another_try() -> None:
    with BedrockServer([Step(status=503, error="api_error", message="Bedrock is unable to process")]) as server:
        error = await failure_from(BedrockModel(REGION, server.url))
    assert (type(error), error.detail) == (
        ModelRetryable,
        "The model provider failed (503): Bedrock is unable to process.",
    )


async def test_a_stream_of_bedrock_that_is_cut_says_what_it_had_used() -> None:
    cut = Step.calls(API, text="Two.", fault="reset", usage={"input_tokens": 900})
    with BedrockServer([cut]) as server:
        error = await failure_from(BedrockModel(REGION, server.url))
    assert type(error) is ModelRetryable
    assert error.extra["usage"] == Usage(model_calls=1, input_tokens=900, output_tokens=7)


def test_bedrocks_models_need_a_region_whose_prices_are_known() -> None:
    offered = cards(has_key=False, bedrock_models=[MODEL])
    for region, why in ((None, "neither ARCHWRIGHT_BEDROCK_REGION"), ("us-gov-west-1", "prices .* are not known")):
        with pytest.raises(InvalidRequest, match=why):
            build_models(offered, api_key=None, base_url=None, stall_s=60, offline_pace=0, bedrock_region=region)


def test_the_region_is_the_settings_or_else_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARCHWRIGHT_BEDROCK_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    found = [Settings().bedrock_region]
    for name, region in (("AWS_DEFAULT_REGION", "r-3"), ("AWS_REGION", "r-2"), ("ARCHWRIGHT_BEDROCK_REGION", "r-1")):
        monkeypatch.setenv(name, region)
        found.append(Settings().bedrock_region)
    assert found == [None, "r-3", "r-2", "r-1"]


async def test_each_provider_is_asked_for_its_own_models() -> None:
    with BedrockServer([Step.says("From Bedrock.")]) as server:
        offered = cards(has_key=True, bedrock_models=[MODEL])
        models = build_models(
            offered, api_key="sk-1", base_url="http://127.0.0.1:9", stall_s=5, offline_pace=0,
            bedrock_region=REGION, bedrock_url=server.url,
        )  # fmt: skip
        assert (await reply_from(models, a_request(model=MODEL))).content == (
            {"type": "text", "text": "From Bedrock."},
        )
        with pytest.raises(ModelRetryable, match="cannot be reached"):
            await reply_from(models, a_request())
        await models.close()
