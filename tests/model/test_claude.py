"""What goes to the Messages API and what comes back, through the real SDK."""

import json
from typing import Any

import pytest

from archwright.jobs.model import Usage
from archwright.model.claude import ClaudeModel
from archwright.model.ports import Reply, TextDelta, ToolCallDone
from archwright.model.protocol import ProtocolViolation
from archwright.model.scripted import ScriptedTransport, ScriptEnded, Step
from tests.claude_server import ClaudeServer
from tests.model.requests import ADD_NODE, API, CHECK, DB, MODEL, a_request, events_from, next_request, reply_from

THOUGHT = {"type": "thinking", "thinking": "A shop needs an API and a database."}


def scripted(*steps: Step, **options: Any) -> tuple[ClaudeModel, ScriptedTransport]:
    transport = ScriptedTransport(steps)
    return ClaudeModel("key", transport=transport, **options), transport


async def test_a_request_asks_for_thinking_caching_and_diagnostics_and_sets_no_sampling() -> None:
    model, transport = scripted(Step.says("Done."))
    await reply_from(model, a_request(previous_message_id="msg_0"))
    assert transport.requests == [
        {
            "model": MODEL,
            "max_tokens": 1_000,
            "system": [{"type": "text", "text": "You draw.", "cache_control": {"type": "ephemeral"}}],
            "tools": [ADD_NODE, CHECK],
            "messages": [{"role": "user", "content": "Draw a shop."}],
            "thinking": {"type": "adaptive"},
            "cache_control": {"type": "ephemeral"},
            "diagnostics": {"previous_message_id": "msg_0"},
            "stream": True,
        }
    ]


async def test_a_server_that_is_not_claude_gets_only_what_every_messages_api_knows() -> None:
    model, transport = scripted(Step.says("Done."), claude=False)
    await reply_from(model, a_request(model="qwen3", tools=(), system=""))
    assert transport.requests == [
        {
            "model": "qwen3",
            "max_tokens": 1_000,
            "messages": [{"role": "user", "content": "Draw a shop."}],
            "stream": True,
        }
    ]


async def test_the_key_and_the_version_of_the_protocol_are_sent() -> None:
    with ClaudeServer([Step.says("Done.")], key="sk-1") as server:
        model = ClaudeModel("sk-1", server.url)
        await reply_from(model)
        await model.close()
    assert server.headers[0]["anthropic-version"]
    assert server.violations == []


async def test_a_turn_is_told_as_it_comes_and_then_as_a_whole() -> None:
    used = {
        "input_tokens": 70,
        "output_tokens": 41,
        "cache_read_input_tokens": 3_000,
        "cache_creation_input_tokens": 500,
    }
    model, _ = scripted(Step.calls(API, ("check_diagram", {}), DB, text="Two boxes.", usage=used))
    *told, reply = await events_from(model)
    calls = (
        ToolCallDone("toolu_script_1", *API),
        ToolCallDone("toolu_script_2", "check_diagram", {}),
        ToolCallDone("toolu_script_3", *DB),
    )
    assert told == [TextDelta("Two boxes."), *calls]
    assert isinstance(reply, Reply)
    assert reply == Reply(
        message_id="msg_script_1",
        model=MODEL,
        content=(
            {"type": "text", "text": "Two boxes."},
            *({"type": "tool_use", "id": call.id, "name": call.name, "input": call.input} for call in calls),
        ),
        stop_reason="tool_use",
        usage=Usage(model_calls=1, input_tokens=70, output_tokens=41, cache_read_tokens=3_000, cache_write_tokens=500),
        first_token_ms=reply.first_token_ms,
        total_ms=reply.total_ms,
        tool_calls=calls,
    )
    assert 0 <= (reply.first_token_ms or 0) <= reply.total_ms


async def test_a_job_replays_its_turns_byte_for_byte_and_its_thinking_stays_bound() -> None:
    thinking = Step(content=(THOUGHT, *Step.calls(API, text="First the API.").content))
    more = Step(content=(THOUGHT, *Step.calls(DB).content))
    model, transport = scripted(thinking, more, Step.says("Done."))
    first = a_request()
    second = next_request(first, await reply_from(model, first))
    third = next_request(second, await reply_from(model, second))
    assert (await reply_from(model, third)).stop_reason == "end_turn"
    sent = [[json.dumps(message) for message in body["messages"]] for body in transport.requests]
    assert [len(messages) for messages in sent] == [1, 3, 5]
    assert sent[1] == sent[2][:3]
    assert sent[0] == sent[1][:1]


async def test_a_thought_that_was_changed_is_refused_as_the_real_api_would() -> None:
    model, _ = scripted(Step(content=(THOUGHT, *Step.calls(API).content)), Step.says("Done."))
    first = a_request()
    second = next_request(first, await reply_from(model, first))
    changed = {**second.messages[1]["content"][0], "thinking": "Something else."}
    assistant = {"role": "assistant", "content": [changed, *second.messages[1]["content"][1:]]}
    with pytest.raises(ProtocolViolation, match="not bound to what stands before it"):
        await reply_from(model, a_request(second.messages[0], assistant, second.messages[2]))


async def test_a_bug_below_the_sdk_does_not_look_like_the_network() -> None:
    model, _ = scripted()
    with pytest.raises(ScriptEnded):
        await reply_from(model)


async def test_a_call_without_an_id_of_its_own_gets_one() -> None:
    same = ({"type": "tool_use", "id": "call_0", "name": "add_node", "input": API[1]},) * 2
    model = ClaudeModel("key", transport=ScriptedTransport([Step(content=same), Step(content=same)], strict=False))
    first = a_request()
    reply = await reply_from(model, first)
    assert [call.id for call in reply.tool_calls] == ["call_0", "toolu_msg_script_1_1"]
    again = await reply_from(model, next_request(first, reply))
    assert [call.id for call in again.tool_calls] == ["toolu_msg_script_2_0", "toolu_msg_script_2_1"]
