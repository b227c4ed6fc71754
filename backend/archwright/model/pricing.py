"""What a call costs, and which models can be asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from archwright.errors import UnknownModel
from archwright.jobs.model import Usage
from archwright.model.ports import ModelCard

OFFLINE = "archwright-offline"
SOURCE = "https://platform.claude.com/docs/en/about-claude/pricing"
AS_OF = "2026-11-01"
"""The day of the prices below; the last change before it was on 2026-10-07."""

ON_BEDROCK = "anthropic."
"""Begins a model's id on Amazon Bedrock's Messages endpoint; what follows is Anthropic's own id."""
BEDROCK_TIMES = Decimal("1.1")
"""What Bedrock asks in a region, by Anthropic's prices. `SOURCE`, as of `AS_OF`, under "Third-party platform pricing":
from Claude 4.5 on, Bedrock's regional endpoints cost 10 % more than its global ones, whose prices are Anthropic's.
The endpoint asked here serves in its region only. Not known, and refused, are the prices of AWS GovCloud and China.
"""

CacheTtl = Literal["5m", "1h"]

BATCH_SHARE = 0.5
"""What a call in a Message Batch costs, as a share of its price alone."""

_MILLION = Decimal(1_000_000)
_WRITE = {"5m": Decimal("1.25"), "1h": Decimal(2)}
"""A cache write costs so many times the input price, by how long it is kept."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. Prompts of more than `long_from` tokens pay `long` for the whole call."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    long_from: int | None = None
    long: "Price | None" = None

    def times(self, factor: Decimal) -> "Price":
        """Return the price at so many times the rates."""
        long = self.long.times(factor) if self.long else None
        return Price(self.input * factor, self.output * factor, self.cache_read * factor, self.long_from, long)


def _price(input_usd: str, output_usd: str, cache_read_usd: str) -> Price:
    return Price(Decimal(input_usd), Decimal(output_usd), Decimal(cache_read_usd))


SMALL, LARGE = "claude-haiku-5-5", "claude-opus-5-5"
"""The models for little and for hard work."""

PRICES: dict[str, Price] = {
    "claude-sonnet-5-5": _price("2", "10", "0.10"),
    "claude-haiku-5-5": replace(
        _price("0.10", "0.50", "0.01"), long_from=100_000, long=_price("0.50", "2.50", "0.05")
    ),
    "claude-opus-5-5": _price("4", "20", "0.20"),
}  # fmt: skip
FREE = _price("0", "0", "0")

_CLAUDE = {
    "claude-sonnet-5-5": ("Claude Sonnet 5.5", "Draws and edits with good judgement; the default."),
    "claude-haiku-5-5": ("Claude Haiku 5.5", "Quick and cheap; for questions and small edits."),
    "claude-opus-5-5": ("Claude Opus 5.5", "The most thorough; for large and unusual systems."),
}


def price_of(model: str, free: Collection[str] = ()) -> Price:
    """Return a model's price. `free` are models declared to cost nothing. Raises UnknownModel: never a guess."""
    if model == OFFLINE or model in free:
        return FREE
    own = model.removeprefix(ON_BEDROCK)
    if own not in PRICES:
        known = ", ".join([OFFLINE, *PRICES, *_bedrock_ids()])
        raise UnknownModel(f"There is no price for the model '{model}'; priced: {known}.")
    return PRICES[own] if own == model else PRICES[own].times(BEDROCK_TIMES)


def _bedrock_ids() -> list[str]:
    return [ON_BEDROCK + model for model in PRICES]


def cost_usd(model: str, usage: Usage, *, cache_ttl: CacheTtl = "5m", free: Collection[str] = ()) -> float:
    """Return what a call cost in US dollars, to a billionth.

    Usage of several calls is taken to be of equal prompts, as it is when a call is repeated. Raises UnknownModel.
    """
    price = price_of(model, free)
    prompt = (usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens) / max(1, usage.model_calls)
    if price.long and price.long_from and prompt > price.long_from:
        price = price.long
    total = (
        price.input * usage.input_tokens
        + price.input * _WRITE[cache_ttl] * usage.cache_write_tokens
        + price.cache_read * usage.cache_read_tokens
        + price.output * usage.output_tokens
    ) / _MILLION
    return float(total.quantize(Decimal("1e-9"), ROUND_HALF_EVEN))


def cards(
    *,
    has_key: bool,
    local_models: Sequence[str] = (),
    bedrock_models: Sequence[str] = (),
    default: str | None = None,
) -> tuple[ModelCard, ...]:
    """Return the models that can be asked, the default first.

    Local ones as declared, Claude's with a key, Bedrock's as named, the offline planner always; without a `default`
    the first of these. Raises UnknownModel for a default that is none of them, and for a model on Bedrock that is
    not known here.
    """
    offered = [_local_card(name) for name in dict.fromkeys(local_models) if name != OFFLINE]
    offered += [_claude_card(model) for model in _CLAUDE if has_key and model not in local_models]
    offered += [_bedrock_card(model) for model in dict.fromkeys(bedrock_models) if model not in local_models]
    offered.append(_OFFLINE_CARD)
    ids = [card.id for card in offered]
    chosen = default or ids[0]
    if chosen not in ids:
        raise UnknownModel(f"There is no model '{chosen}'; available: {', '.join(ids)}.")
    ranked = sorted(offered, key=lambda card: card.id != chosen)
    return tuple(replace(card, default=card.id == chosen) for card in ranked)


def _claude_card(model: str) -> ModelCard:
    label, description = _CLAUDE[model]
    price = PRICES[model]
    return ModelCard(model, "Anthropic", label, description, float(price.input), float(price.output))


def _bedrock_card(model: str) -> ModelCard:
    if model not in _bedrock_ids():
        raise UnknownModel(f"There is no model '{model}' on Amazon Bedrock; known: {', '.join(_bedrock_ids())}.")
    label, description = _CLAUDE[model.removeprefix(ON_BEDROCK)]
    price = price_of(model)
    return ModelCard(model, BEDROCK, f"{label} on Bedrock", description, float(price.input), float(price.output))


def _local_card(name: str) -> ModelCard:
    return ModelCard(name, LOCAL, name, "Served at ANTHROPIC_BASE_URL at no charge.", 0, 0)


LOCAL = "local"
"""The provider of models that were declared to be free."""
BEDROCK = "Amazon Bedrock"

_OFFLINE_CARD = ModelCard(
    OFFLINE, "Archwright", "Offline planner", "rule-based, no language model", 0, 0, rule_based=True
)
