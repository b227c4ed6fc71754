import pytest

from archwright.errors import UnknownModel
from archwright.jobs.model import Usage
from archwright.model.ports import ModelCard
from archwright.model.pricing import OFFLINE, CacheTtl, cards, cost_usd

MILLION = 1_000_000
EACH = Usage(model_calls=1, input_tokens=1_000, output_tokens=100, cache_read_tokens=10_000, cache_write_tokens=2_000)


@pytest.mark.parametrize(
    ("model", "ttl", "cost"),
    [
        ("claude-haiku-5-5", "5m", 0.0001 + 0.00005 + 0.0001 + 0.00025),
        ("claude-haiku-5-5", "1h", 0.0001 + 0.00005 + 0.0001 + 0.0004),
        ("claude-sonnet-5-5", "5m", 0.002 + 0.001 + 0.001 + 0.005),
        ("claude-sonnet-5-5", "1h", 0.002 + 0.001 + 0.001 + 0.008),
        ("claude-opus-5-5", "5m", 0.004 + 0.002 + 0.002 + 0.010),
        ("claude-opus-5-5", "1h", 0.004 + 0.002 + 0.002 + 0.016),
    ],
)
def test_a_call_costs_its_fresh_cached_written_and_output_tokens(model: str, ttl: CacheTtl, cost: float) -> None:
    assert cost_usd(model, EACH, cache_ttl=ttl) == pytest.approx(cost, abs=1e-12)


def test_a_cost_is_exact_to_a_billionth() -> None:
    assert cost_usd("claude-haiku-5-5", Usage(model_calls=1, input_tokens=1, cache_read_tokens=1)) == 1.1e-07
    assert cost_usd("claude-haiku-5-5", Usage(model_calls=1, input_tokens=3, output_tokens=7)) == 3.8e-06
    assert cost_usd("claude-haiku-5-5", Usage()) == 0.0


def test_a_long_prompt_pays_the_long_prices_for_the_whole_call() -> None:
    at_the_limit = Usage(model_calls=1, input_tokens=60_000, cache_read_tokens=40_000, output_tokens=MILLION)
    above_it = at_the_limit + Usage(cache_write_tokens=1)
    assert cost_usd("claude-haiku-5-5", at_the_limit) == 0.006 + 0.0004 + 0.5
    assert cost_usd("claude-haiku-5-5", above_it) == pytest.approx(0.03 + 0.002 + 0.000000625 + 2.5, abs=1e-9)


def test_a_repeated_call_is_priced_by_the_prompt_of_each_try() -> None:
    twice = Usage(model_calls=2, input_tokens=180_000)
    assert cost_usd("claude-haiku-5-5", twice) == 0.018


def test_offline_and_declared_models_cost_nothing() -> None:
    assert cost_usd(OFFLINE, EACH) == 0.0
    assert cost_usd("qwen3:8b", EACH, free=("qwen3:8b",)) == 0.0


@pytest.mark.parametrize("model", ["", "gpt-5", "claude-haiku-4-5", "claude-sonnet-5-5-20261007", "qwen3:8b"])
def test_a_price_is_never_guessed(model: str) -> None:
    with pytest.raises(UnknownModel, match=f"no price for the model '{model}'; priced: {OFFLINE}, claude-sonnet-5-5"):
        cost_usd(model, EACH)


@pytest.mark.parametrize(
    ("has_key", "local", "default", "ids"),
    [
        (False, (), None, [OFFLINE]),
        (True, (), None, ["claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5-5", OFFLINE]),
        (True, (), "claude-opus-5-5", ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", OFFLINE]),
        (True, (), OFFLINE, [OFFLINE, "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5-5"]),
        (False, ("qwen3", "llama"), None, ["qwen3", "llama", OFFLINE]),
        (False, ("qwen3", "qwen3", OFFLINE), "qwen3", ["qwen3", OFFLINE]),
        (True, ("claude-opus-5-5",), None, ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", OFFLINE]),
    ],
)
def test_the_models_that_can_be_asked_are_listed_with_the_default_first(
    has_key: bool, local: tuple[str, ...], default: str | None, ids: list[str]
) -> None:
    offered = cards(has_key=has_key, local_models=local, default=default)
    assert [card.id for card in offered] == ids
    assert [card.default for card in offered] == [True] + [False] * (len(ids) - 1)


def test_a_default_that_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(UnknownModel, match=f"no model 'claude-opus-5-5'; available: {OFFLINE}"):
        cards(has_key=False, default="claude-opus-5-5")


def test_the_offline_planner_says_what_it_is() -> None:
    (card,) = cards(has_key=False)
    assert (card.rule_based, card.description, card.input_usd) == (True, "rule-based, no language model", 0)


@pytest.mark.parametrize("model", ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"])
def test_a_model_on_bedrock_costs_a_tenth_more_in_its_region(model: str) -> None:
    long = Usage(model_calls=1, input_tokens=200_000, output_tokens=100, cache_read_tokens=50, cache_write_tokens=70)
    for usage in (EACH, long):
        assert cost_usd(f"anthropic.{model}", usage) == pytest.approx(1.1 * cost_usd(model, usage), abs=1e-9)


@pytest.mark.parametrize(
    "model", ["global.anthropic.claude-sonnet-5-5", "us.anthropic.claude-sonnet-5-5", "anthropic.claude-sonnet-4-6"]
)
def test_a_model_on_bedrock_that_is_not_priced_is_refused_with_those_that_are(model: str) -> None:
    for refused in (lambda: cost_usd(model, EACH), lambda: cards(has_key=False, bedrock_models=[model])):
        with pytest.raises(UnknownModel, match=f"'{model}'.*anthropic.claude-sonnet-5-5, anthropic.claude-haiku-5-5"):
            refused()


def test_models_on_bedrock_are_offered_with_their_provider_and_price() -> None:
    offered = cards(has_key=True, bedrock_models=["anthropic.claude-opus-5-5"], default="anthropic.claude-opus-5-5")
    assert [card.id for card in offered] == [
        "anthropic.claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5-5", OFFLINE,
    ]  # fmt: skip
    assert offered[0] == ModelCard(
        "anthropic.claude-opus-5-5", "Amazon Bedrock", "Claude Opus 5.5 on Bedrock",
        "The most thorough; for large and unusual systems.", 4.4, 22.0, default=True,
    )  # fmt: skip
