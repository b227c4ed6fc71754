import subprocess
import sys

import pytest

from archwright.errors import InvalidRequest, UnknownModel
from archwright.jobs.model import Usage
from archwright.model.claude import ClaudeModel
from archwright.model.models import FIRST_LOCAL_S, FIRST_S, Models, build_models, first_wait_s, is_local
from archwright.model.pricing import OFFLINE, cards
from archwright.model.scripted import ScriptedTransport, Step
from tests.model.requests import a_request, reply_from

USAGE = Usage(model_calls=1, input_tokens=1_000_000)


def saying(text: str) -> ClaudeModel:
    return ClaudeModel("key", transport=ScriptedTransport([Step.says(text)]))


async def test_each_model_is_asked_under_its_id() -> None:
    offered = cards(has_key=True, local_models=("qwen3",))
    models = Models({"claude-opus-5-5": saying("I am Opus."), "qwen3": saying("I am Qwen.")}, offered)
    said = [(await reply_from(models, a_request(model=name))).content[0] for name in ("qwen3", "claude-opus-5-5")]
    assert said == [{"type": "text", "text": "I am Qwen."}, {"type": "text", "text": "I am Opus."}]
    assert models.cards() == offered
    await models.close()


def test_a_model_that_does_not_exist_is_refused_with_those_that_do() -> None:
    models = Models({OFFLINE: saying("Hi")}, cards(has_key=False))
    with pytest.raises(UnknownModel, match=f"There is no model 'gpt-5'; available: {OFFLINE}."):
        models.stream(a_request(model="gpt-5"))


def test_a_local_model_costs_nothing_and_an_unknown_one_has_no_price() -> None:
    models = Models({}, cards(has_key=True, local_models=("qwen3",)))
    assert [models.cost_usd(name, USAGE) for name in ("qwen3", OFFLINE, "claude-opus-5-5")] == [0.0, 0.0, 4.0]
    with pytest.raises(UnknownModel):
        models.cost_usd("llama", USAGE)


def test_local_models_without_a_server_that_serves_them_are_refused() -> None:
    offered = cards(has_key=True, local_models=("qwen3", "llama"))
    with pytest.raises(InvalidRequest, match="names qwen3, llama, but ANTHROPIC_BASE_URL is not set"):
        build_models(offered, api_key="sk-1", base_url=None, stall_s=60, offline_pace=0)


def test_prices_cards_and_ports_are_known_without_importing_the_sdk() -> None:
    code = (
        "import sys, archwright.model.pricing, archwright.model.ports, archwright.model.calls\n"
        "sys.exit(any(name in sys.modules for name in ('anthropic', 'httpx2', 'langgraph')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:11434", True),
        ("http://127.0.0.1:8080/v1", True),
        ("http://[::1]:8080", True),
        ("http://192.168.1.20:1234", True),
        ("http://10.0.0.5", True),
        ("http://ollama:11434", True),
        ("http://studio.local:1234", True),
        ("http://host.docker.internal:11434", True),
        ("https://api.anthropic.com", False),
        ("https://8.8.8.8", False),
        ("http://[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_at_hand_is_told_from_one_on_the_internet(url: str | None, local: bool) -> None:
    assert is_local(url) is local


def test_a_model_at_hand_has_longer_for_its_first_word_unless_the_settings_say() -> None:
    assert first_wait_s(None, None) == first_wait_s(None, "https://api.anthropic.com") == FIRST_S
    assert first_wait_s(None, "http://localhost:11434") == FIRST_LOCAL_S
    assert first_wait_s(None, "https://far.example", local=True) == FIRST_LOCAL_S
    assert first_wait_s(5, "http://localhost:11434", local=True) == 5
