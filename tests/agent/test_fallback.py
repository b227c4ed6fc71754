"""Jobs whose model is overloaded or down, over real sockets: which model goes on, with what, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from archwright.errors import UnknownModel
from archwright.jobs.model import Job, Turn, Usage
from archwright.model.pricing import OFFLINE, cost_usd
from archwright.model.protocol import Body
from archwright.model.scripted import Script, Step
from archwright.wiring import Embedded, embedded, model_cards
from tests.agent.product import DONE, NODE, PAIR, diagram_of, drawn, edited, ended
from tests.agent.worker import MODEL, settings_for
from tests.bedrock_server import REGION, BedrockServer
from tests.claude_server import ClaudeServer

OPUS, LOCAL, ON_BEDROCK = "claude-opus-5-5", "qwen3", "anthropic.claude-opus-5-5"
BUSY = Step(status=529)
OVERLOADED = "The model provider is overloaded (529): Overloaded."


def thought(thinking: str, step: Step) -> Step:
    """The step with thinking before it."""
    return Step(content=({"type": "thinking", "thinking": thinking, "signature": ""}, *step.content))


def node(name: str) -> Step:
    return Step.calls(
        ("add_node", {**NODE, "id": name, "label": name}),
        ("add_edge", {"source": "api", "target": name, "label": "asks", "kind": "request"}),
    )


def by_model(**scripts: Sequence[Step]) -> Callable[[Body], Step]:
    """A provider where each model plays a script of its own; one without a script, or at its end, is overloaded."""
    left: dict[str, Iterator[Step]] = {name.replace("_", "-"): iter(steps) for name, steps in scripts.items()}
    return lambda body: next(left.get(body["model"], iter(())), BUSY)


def sonnet_then_opus(sonnet: Sequence[Step], opus: Sequence[Step]) -> Script:
    return by_model(claude_sonnet_5_5=sonnet, claude_opus_5_5=opus)


@asynccontextmanager
async def product(
    folder: Path, script: Script, chain: str = OPUS, **settings: Any
) -> AsyncIterator[tuple[Embedded, ClaudeServer]]:
    with ClaudeServer(script) as server:
        chosen = {"fallback_models": chain, "fallback_after_s": 0, "model_retry_s": 0, **settings}
        async with embedded(settings_for(folder, server.url, **chosen)) as here:
            yield here, server
        assert server.violations == []


async def turns_of(here: Embedded, job: Job) -> tuple[Turn, ...]:
    return (await here.jobs.trace(job.id, "local"))[1]


def asked(server: ClaudeServer) -> list[str]:
    return [body["model"] for body in server.requests]


def thinking_in(body: Body) -> list[str]:
    """What earlier turns thought, as far as a request says it."""
    blocks = [block for message in body["messages"] if message["role"] == "assistant" for block in message["content"]]
    return [block["thinking"] for block in blocks if isinstance(block, dict) and block["type"] == "thinking"]


async def test_an_overloaded_model_is_stood_in_for_and_the_trace_says_by_which_and_why(tmp_path: Path) -> None:
    script = sonnet_then_opus([], [PAIR, DONE])
    async with product(tmp_path, script) as (here, server):
        job = await drawn(here)
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"web", "api"})
        turns = await turns_of(here, job)
        assert [(turn.model, turn.request["model"], turn.retries) for turn in turns] == [
            (OPUS, OPUS, 1),
            (OPUS, OPUS, 0),
        ]
        assert [(e.model, e.type, e.detail, e.usage) for turn in turns for e in turn.errors] == [
            (MODEL, "model-unavailable", OVERLOADED, None)
        ]
        assert asked(server) == [MODEL, OPUS, OPUS]


async def test_a_short_overload_is_waited_out_before_another_model_is_asked(tmp_path: Path) -> None:
    script = sonnet_then_opus([BUSY, PAIR, DONE], [])
    async with product(tmp_path, script, fallback_after_s=5, model_retry_s=5) as (here, server):
        assert (await drawn(here)).status == "succeeded"
        assert asked(server) == [MODEL] * 3


@pytest.mark.parametrize("other", [OPUS, LOCAL])
async def test_what_one_model_thought_is_never_sent_to_another(tmp_path: Path, other: str) -> None:
    scripts = {MODEL: [thought("I am A.", PAIR)], other: [thought("I am B.", node("cache")), DONE]}
    script = by_model(**scripts)
    async with product(tmp_path, script, other, local_models=LOCAL) as (here, server):
        job = await drawn(here)
        assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"web", "api", "cache"})
        assert asked(server) == [MODEL, MODEL, other, other]
        assert [thinking_in(body) for body in server.requests] == [[], ["I am A."], [], ["I am B."]]
        calls = [block["id"] for block in server.requests[2]["messages"][1]["content"] if block["type"] == "tool_use"]
        assert len(calls) == 3


async def test_a_model_that_has_recovered_goes_on_with_its_own_thinking_alone(tmp_path: Path) -> None:
    script = sonnet_then_opus([thought("I am A.", PAIR), BUSY, thought("A again.", node("queue")), DONE],
                              [thought("I am B.", node("cache"))])  # fmt: skip
    async with product(tmp_path, script) as (here, server):
        job = await drawn(here)
        assert job.status == "succeeded"
        assert [turn.model for turn in await turns_of(here, job)] == [MODEL, OPUS, MODEL, MODEL]
        assert asked(server) == [MODEL, MODEL, OPUS, OPUS, MODEL, MODEL]
        third, fourth = server.requests[4:]
        assert (thinking_in(third), thinking_in(fourth)) == (["I am A."], ["I am A.", "A again."])
        refused = server.requests[1]["messages"]
        assert third["messages"][: len(refused)] == refused
        assert fourth["messages"][: len(third["messages"])] == third["messages"]
        assert [body["diagnostics"]["previous_message_id"] for body in server.requests] == [
            None, "msg_script_1", None, "msg_script_3", "msg_script_1", "msg_script_5",
        ]  # fmt: skip


async def test_the_next_job_begins_with_the_model_that_it_wants(tmp_path: Path) -> None:
    script = sonnet_then_opus([thought("I am A.", PAIR), BUSY, Step.says("Two parts.")], [thought("I am B.", DONE)])
    async with product(tmp_path, script) as (here, server):
        job = await edited(here, await drawn(here), "Say what you see")
        assert job.status == "succeeded"
        assert [turn.model for turn in await turns_of(here, job)] == [MODEL]
        assert asked(server) == [MODEL, MODEL, OPUS, MODEL]
        assert thinking_in(server.requests[3]) == []


async def test_a_turn_that_was_thinking_alone_leaves_a_request_that_another_model_takes(tmp_path: Path) -> None:
    alone = Step(content=thought("So much to think of.", DONE).content[:1], stop_reason="max_tokens")
    async with product(tmp_path, sonnet_then_opus([alone], [PAIR, DONE])) as (here, server):
        job = await drawn(here)
        assert job.status == "succeeded"
        assert [message["role"] for message in server.requests[2]["messages"]] == ["user", "user"]


async def test_a_job_that_is_handed_over_after_a_fallback_goes_on_with_the_model_that_stood_in(tmp_path: Path) -> None:
    slow = Step(content=thought("I am B.", node("cache")).content, pause_s=0.02)
    script = sonnet_then_opus([thought("I am A.", PAIR), BUSY, DONE], [slow, DONE])
    chain = {"fallback_models": OPUS, "fallback_after_s": 0, "model_retry_s": 0}
    with ClaudeServer(script) as server:
        async with embedded(settings_for(tmp_path, server.url, **chain)) as here:
            job = (await here.jobs.start("local", title=None, prompt="Draw two parts", model=None)).job
            async with asyncio.timeout(20):
                while len(server.requests) < 3:
                    await asyncio.sleep(0.005)
        async with embedded(settings_for(tmp_path, server.url, **chain), works=False) as here:
            assert ((await here.store.job(job.id)).status, (await here.store.job(job.id)).turn) == ("queued", 2)
        async with embedded(settings_for(tmp_path, server.url, **chain)) as here:
            job = await ended(here, job)
            assert job.status == "succeeded"
            assert [turn.model for turn in await turns_of(here, job)] == [MODEL, OPUS, OPUS]
        assert (asked(server), server.violations) == ([MODEL, MODEL, OPUS, OPUS], [])
        assert thinking_in(server.requests[3]) == ["I am B."]


async def test_a_chain_that_is_exhausted_fails_the_job_with_what_each_model_said(tmp_path: Path) -> None:
    cut = Step(content=PAIR.content[:2], fault="end", usage={"input_tokens": 1_000_000})
    async with product(tmp_path, sonnet_then_opus([cut], [cut])) as (here, server):
        job = await drawn(here)
        ended_early = "The model's stream ended in the middle of its turn."
        assert (job.status, job.error and job.error.type) == ("failed", "model-unavailable")
        assert job.error is not None
        assert job.error.detail == f"{MODEL}: {ended_early} {OPUS}: {ended_early}"
        output = job.usage.output_tokens // 2
        used = Usage(model_calls=1, input_tokens=1_000_000, output_tokens=output)
        assert job.usage == used + used
        assert job.cost_usd == pytest.approx(cost_usd(MODEL, used) + cost_usd(OPUS, used), abs=1e-9)
        assert asked(server) == [MODEL, OPUS]


async def test_each_turn_is_paid_at_the_price_of_the_model_that_gave_it(tmp_path: Path) -> None:
    used = {"input_tokens": 10_000, "output_tokens": 1_000}
    first = Step(content=PAIR.content, usage=used)
    cut = Step(content=node("cache").content, fault="reset", usage={"input_tokens": 20_000})
    script = sonnet_then_opus(
        [first, cut], [Step(content=node("cache").content, usage=used), Step.says("x", usage=used)]
    )
    async with product(tmp_path, script) as (here, _):
        job = await drawn(here)
        await diagram_of(here, job)
        turns = await turns_of(here, job)
        whole, wasted = Usage(model_calls=1, input_tokens=10_000, output_tokens=1_000), turns[1].errors[0].usage
        assert wasted is not None
        assert wasted.input_tokens == 20_000
        assert [turn.cost_usd for turn in turns] == [
            cost_usd(MODEL, whole),
            pytest.approx(cost_usd(OPUS, whole) + cost_usd(MODEL, wasted), abs=1e-9),
            cost_usd(OPUS, whole),
        ]
        assert turns[1].usage == whole + wasted


async def test_the_end_of_the_jobs_time_asks_no_other_model(tmp_path: Path) -> None:
    slow = Step.says("word " * 2_000, pause_s=0.05)
    async with product(tmp_path, sonnet_then_opus([slow], [DONE]), job_wall_s=1) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error and job.error.type) == ("incomplete", "budget-time")
        assert asked(server) == [MODEL]


@pytest.mark.parametrize("status", [400, 401, 402, 403])
async def test_what_the_provider_refuses_fails_the_job_and_is_asked_of_no_other_model(
    tmp_path: Path, status: int
) -> None:
    refused = Step(status=status, error="some_error", message="No")
    async with product(tmp_path, sonnet_then_opus([refused], [DONE])) as (here, server):
        job = await drawn(here)
        assert (job.status, job.error and job.error.type) == ("failed", "model-refused")
        assert asked(server) == [MODEL]


async def test_a_model_that_the_provider_does_not_have_is_stood_in_for(tmp_path: Path) -> None:
    gone = Step(status=404, error="not_found_error", message=f"model: {MODEL}")
    async with product(tmp_path, sonnet_then_opus([gone], [PAIR, DONE])) as (here, server):
        assert (await drawn(here)).status == "succeeded"
        assert asked(server) == [MODEL, OPUS, OPUS]


async def test_the_offline_planner_stands_in_only_where_it_is_named(tmp_path: Path) -> None:
    async with product(tmp_path / "without", sonnet_then_opus([], [])) as (here, _):
        assert (await drawn(here)).status == "failed"
    async with product(tmp_path / "with", by_model(), f"{OPUS}, {OFFLINE}", offline_pace=0) as (here, server):
        job = await drawn(here, "A web app with a Redis cache and PostgreSQL")
        assert (job.status, job.cost_usd) == ("succeeded", 0.0)
        assert {turn.model for turn in await turns_of(here, job)} == {OFFLINE}
        assert asked(server) == [MODEL, OPUS]


async def test_bedrock_goes_on_when_anthropic_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1")
    used = {"input_tokens": 10_000, "output_tokens": 1_000}
    rest = [Step(content=thought("I am B.", node("cache")).content, usage=used), DONE]
    with BedrockServer(rest, bearer="bedrock-api-key-1") as bedrock:
        script = sonnet_then_opus([thought("I am A.", PAIR)], [])
        on_bedrock = {"bedrock_models": ON_BEDROCK, "bedrock_region": REGION, "bedrock_url": bedrock.url}
        async with product(tmp_path, script, ON_BEDROCK, **on_bedrock) as (here, server):
            job = await drawn(here)
            assert (job.status, set((await diagram_of(here, job)).nodes)) == ("succeeded", {"web", "api", "cache"})
            turns = await turns_of(here, job)
            assert [turn.request["model"] for turn in turns] == [MODEL, ON_BEDROCK, ON_BEDROCK]
            assert turns[1].cost_usd == pytest.approx(1.1 * (0.04 + 0.02), abs=1e-9)
            assert (asked(server), asked(bedrock), bedrock.violations) == ([MODEL, MODEL], [ON_BEDROCK] * 2, [])
            assert [thinking_in(body) for body in bedrock.requests] == [[], ["I am B."]]


async def test_a_person_may_give_a_job_to_bedrock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1")
    with BedrockServer([PAIR, DONE], bearer="bedrock-api-key-1") as bedrock:
        on_bedrock = {"bedrock_models": ON_BEDROCK, "bedrock_region": REGION, "bedrock_url": bedrock.url}
        async with product(tmp_path, [], "", **on_bedrock) as (here, server):
            started = await here.jobs.start("local", title=None, prompt="Draw two parts", model=ON_BEDROCK)
            job = await ended(here, started.job)
            assert (job.status, job.model, asked(server), asked(bedrock)) == (
                "succeeded", ON_BEDROCK, [], [ON_BEDROCK] * 2,
            )  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        (
            {"fallback_models": "claude-opus-5-5, gpt-5"},
            f"FALLBACK_MODELS names 'gpt-5'; available: {MODEL}, .*{OFFLINE}",
        ),
        ({"fallback_models": ON_BEDROCK}, f"FALLBACK_MODELS names '{ON_BEDROCK}'; available: "),
        (
            {"bedrock_models": "claude-opus-5-5"},
            "no model 'claude-opus-5-5' on Amazon Bedrock; known: anthropic.claude-",
        ),
    ],
)
def test_a_chain_with_a_model_that_does_not_exist_is_refused_at_the_start(
    tmp_path: Path, setting: dict[str, str], why: str
) -> None:
    with pytest.raises(UnknownModel, match=why):
        model_cards(settings_for(tmp_path, "http://127.0.0.1:9", **setting))


def test_models_on_bedrock_are_listed_beside_the_others(tmp_path: Path) -> None:
    listed = model_cards(settings_for(tmp_path, "http://127.0.0.1:9", bedrock_models=ON_BEDROCK))
    assert [(card.id, card.provider) for card in listed][-2:] == [
        (ON_BEDROCK, "Amazon Bedrock"), (OFFLINE, "Archwright"),
    ]  # fmt: skip
