"""All models that a process can ask, as one `Model` that chooses by the model's id."""

import ipaddress
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import urlsplit

from archwright.errors import InvalidRequest, UnknownModel
from archwright.jobs.model import Usage
from archwright.model.claude import BedrockModel, ClaudeModel
from archwright.model.offline.transport import OfflineTransport
from archwright.model.ports import Model, ModelCard, ModelEvent, ModelRequest
from archwright.model.pricing import BEDROCK, LOCAL, OFFLINE, cost_usd


class Models:
    """`by_id` maps each id to its adapter; `cards` are shown to people, the default first."""

    def __init__(self, by_id: Mapping[str, Model], cards: tuple[ModelCard, ...]) -> None:
        self._by_id = by_id
        self._cards = cards
        self._free = frozenset(card.id for card in cards if card.provider == LOCAL)

    def cards(self) -> tuple[ModelCard, ...]:
        return self._cards

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """As the port says; raises UnknownModel, which lists what exists."""
        model = self._by_id.get(request.model)
        if model is None:
            raise UnknownModel(f"There is no model '{request.model}'; available: {', '.join(self._by_id)}.")
        return model.stream(request)

    def cost_usd(self, model: str, usage: Usage) -> float:
        """Return what a call cost in US dollars; nothing when the model is offline or declared local."""
        return cost_usd(model, usage, free=self._free)

    async def close(self) -> None:
        for model in set(self._by_id.values()):
            await model.close()


_OTHER_PRICES = ("us-gov-", "cn-")
FIRST_S = 120.0
FIRST_LOCAL_S = 600.0
"""Seconds to wait for the first word: a model on a small machine reads its prompt for minutes."""
_LOCAL_ENDINGS = ("localhost", ".local", ".lan", ".home", ".internal", ".home.arpa")


def build_models(
    cards: tuple[ModelCard, ...],
    *,
    api_key: str | None,
    base_url: str | None,
    stall_s: float,
    offline_pace: float,
    first_s: float | None = None,
    bedrock_region: str | None = None,
    bedrock_url: str | None = None,
) -> Models:
    """Return the models of these cards: Claude, Bedrock's and local ones over HTTP, the offline planner behind the
    same SDK. Without `first_s` a model on a local address has longer than others for its first word.

    Raises InvalidRequest for local models without a server that serves them, and for Bedrock's without a region
    whose prices are known.
    """
    local = [card.id for card in cards if card.provider == LOCAL]
    if local and not base_url:
        raise InvalidRequest(f"ARCHWRIGHT_LOCAL_MODELS names {', '.join(local)}, but ANTHROPIC_BASE_URL is not set.")
    by_id: dict[str, Model] = {OFFLINE: _offline(offline_pace)}
    if local:
        served = ClaudeModel(
            api_key or "none",
            base_url,
            stall_s=stall_s,
            first_s=first_wait_s(first_s, base_url, local=True),
            claude=False,
        )
        by_id |= dict.fromkeys(local, served)
    on_bedrock = [card.id for card in cards if card.provider == BEDROCK]
    if on_bedrock:
        by_id |= dict.fromkeys(on_bedrock, _bedrock(bedrock_region, bedrock_url, stall_s, first_s))
    if api_key:
        claude = ClaudeModel(api_key, base_url, stall_s=stall_s, first_s=first_wait_s(first_s, base_url))
        by_id |= {card.id: claude for card in cards if card.id not in by_id}
    return Models(by_id, cards)


def first_wait_s(given_s: float | None, url: str | None, *, local: bool = False) -> float:
    """Return the seconds to wait for the first word of a model at this address; `local` is one declared so."""
    return given_s or (FIRST_LOCAL_S if local or is_local(url) else FIRST_S)


def is_local(url: str | None) -> bool:
    """Whether an address is of this machine or of a network at hand: there a server may be a small one."""
    try:
        host = (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_LOCAL_ENDINGS))


def _bedrock(region: str | None, url: str | None, stall_s: float, first_s: float | None) -> BedrockModel:
    if not region:
        raise InvalidRequest(
            "ARCHWRIGHT_BEDROCK_MODELS names models, but neither ARCHWRIGHT_BEDROCK_REGION is set nor AWS_REGION."
        )
    if region.startswith(_OTHER_PRICES):
        raise InvalidRequest(f"The prices of Amazon Bedrock in {region} are not known here.")
    return BedrockModel(region, url, stall_s=stall_s, first_s=first_wait_s(first_s, url))


def _offline(pace: float) -> ClaudeModel:
    from archwright.model.offline import reply

    return ClaudeModel("offline", "http://offline.invalid", transport=OfflineTransport(reply, pace), claude=False)
