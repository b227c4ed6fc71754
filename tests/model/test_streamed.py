import json
from typing import Any

import pytest

from archwright.errors import ModelRetryable
from archwright.jobs.model import Usage
from archwright.model.ports import TextDelta, ToolCallDone
from archwright.model.streamed import Streamed

START: dict[str, Any] = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 10, "output_tokens": 1}},
}


def opened(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def closed(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ended(reason: str | None, **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


def call(index: int, *pieces: str, name: str = "add_node") -> list[dict[str, Any]]:
    start = opened(index, type="tool_use", id=f"t{index}", name=name, input={})
    return [start, *(delta(index, "input_json_delta", partial_json=piece) for piece in pieces), closed(index)]


def streamed(*events: dict[str, Any]) -> Streamed:
    turn = Streamed("m")
    for event in (START, *events):
        turn.take(event)
    return turn


def test_a_tool_call_is_told_when_its_block_closes() -> None:
    turn = Streamed("m")
    told = [turn.take(event) for event in (START, *call(0, '{"a"', ": 1}"))]
    assert told == [(), (), (), (), (ToolCallDone("t0", "add_node", {"a": 1}),)]


def test_an_empty_piece_of_text_is_not_told() -> None:
    turn = streamed(opened(0, type="text", text=""))
    assert turn.take(delta(0, "text_delta", text="")) == ()
    assert turn.take(delta(0, "text_delta", text="Hi")) == (TextDelta("Hi"),)


def test_a_call_without_input_at_the_end_of_a_turn_that_a_limit_cut_is_not_whole() -> None:
    reply = streamed(*call(0, "{}"), *call(1, ""), ended("max_tokens")).reply(None, 0)
    assert [block["id"] for block in reply.content] == ["t0"]
    assert reply.unfinished == ({"type": "tool_use", "id": "t1", "name": "add_node", "partial_json": ""},)


def test_a_call_without_input_in_a_whole_turn_has_no_arguments() -> None:
    reply = streamed(*call(0), ended("tool_use")).reply(None, 0)
    assert reply.tool_calls == (ToolCallDone("t0", "add_node", {}),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[1]", "its arguments are a list and no JSON object"),
        ("1", "its arguments are a number and no JSON object"),
        ("true", "its arguments are true and no JSON object"),
        ('"a"', "its arguments are no JSON (Expecting value at character 0, near 'a')"),
        ('{"a": 1} x', "its arguments are no JSON (Extra data at character 9, near '{\"a\": 1} x')"),
        ("{'a': 1}", "its arguments are no JSON (Expecting property name enclosed in double quotes at character 1"),
        ('{"a": 1', "its arguments are no JSON (Expecting ',' delimiter at character 7"),
        ('{"a": NaN}', "its arguments hold NaN, which is no number in JSON"),
        ('{"a": -Infinity}', "its arguments hold -Infinity, which is no number in JSON"),
        ('{"a": 1e999}', "its arguments hold a number that JSON has not"),
        ('{"a": ' + "9" * 5_000 + "}", "its arguments hold a number of more than 64 bits"),
        ('{"a": 9223372036854775808}', "its arguments hold a number of more than 64 bits"),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", "its arguments are nested more than 30 deep"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "its arguments are nested more than 30 deep"),
    ],
    ids=lambda text: text[:12],
)
def test_a_call_whose_input_cannot_be_read_is_refused_and_the_good_ones_beside_it_are_not(text: str, why: str) -> None:
    reply = streamed(*call(0, '{"a": 1}'), *call(1, text), *call(2, '{"b": 2}'), ended("tool_use")).reply(None, 0)
    good, bad, other = reply.tool_calls
    assert (good, other) == (ToolCallDone("t0", "add_node", {"a": 1}), ToolCallDone("t2", "add_node", {"b": 2}))
    assert (bad.id, bad.input) == ("t1", {})
    assert bad.refused.startswith(f"The call was not carried out: {why}")
    assert bad.refused.endswith(". Send it again with its arguments as one JSON object.")
    assert [block["input"] for block in reply.content] == [{"a": 1}, {}, {"b": 2}]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("null", {}),
        (" ", {}),
        ('""', {}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('```{"a": 1}```', {"a": 1}),
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
        ('"{\\"a\\": \\"x\\"}"', {"a": "x"}),
        (json.dumps(json.dumps(json.dumps({"a": [1]}))), {"a": [1]}),
        ('{"a": ["x, ]", 2,], }', {"a": ["x, ]", 2]}),
        ('{"a": "\\ud800 \\u0000"}', {"a": "\ufffd \x00"}),
    ],
)
def test_an_input_that_is_nearly_json_and_can_mean_one_thing_is_taken(text: str, meant: dict[str, Any]) -> None:
    reply = streamed(*call(0, *text), *call(1, '{"b": 2}'), ended("tool_use")).reply(None, 0)
    assert reply.tool_calls == (ToolCallDone("t0", "add_node", meant), ToolCallDone("t1", "add_node", {"b": 2}))


def test_a_thought_without_a_signature_is_never_sent_back() -> None:
    thought = opened(0, type="thinking", thinking="", signature="")
    reply = streamed(thought, delta(0, "thinking_delta", thinking="Hm"), closed(0), ended("end_turn")).reply(None, 0)
    assert (reply.content, reply.unfinished) == ((), ({"type": "thinking", "thinking": "Hm", "signature": ""},))


def test_a_thought_that_is_not_shown_keeps_its_signature() -> None:
    thought = opened(0, type="thinking", thinking="", signature="")
    reply = streamed(thought, delta(0, "signature_delta", signature="s"), closed(0), ended("end_turn")).reply(None, 0)
    assert reply.content == ({"type": "thinking", "thinking": "", "signature": "s"},)


def test_blocks_keep_every_field_that_came_but_nulls_and_empty_texts() -> None:
    reply = streamed(
        opened(0, type="text", text="", citations=None),
        delta(0, "text_delta", text="Hi"),
        closed(0),
        opened(1, type="text", text=""),
        closed(1),
        opened(2, type="redacted_thinking", data="xyz"),
        closed(2),
        opened(3, type="tool_use", id="t", name="n", input={}, caller={"type": "direct"}, toolset_name=None),
        delta(3, "input_json_delta", partial_json='{"b": 1, "a": "ü"}'),
        closed(3),
        ended("tool_use"),
    ).reply(None, 0)
    assert json.dumps(reply.content) == json.dumps(
        [
            {"type": "text", "text": "Hi"},
            {"type": "redacted_thinking", "data": "xyz"},
            {"type": "tool_use", "id": "t", "name": "n", "input": {"b": 1, "a": "ü"}, "caller": {"type": "direct"}},
        ]
    )


def test_counts_are_running_totals_and_one_that_is_left_out_keeps_its_value() -> None:
    usage = streamed(ended("end_turn", output_tokens=9, input_tokens=None, cache_read_input_tokens=7)).usage
    assert usage == Usage(model_calls=1, input_tokens=10, output_tokens=9, cache_read_tokens=7)


def test_before_the_end_the_output_is_estimated_from_what_has_come() -> None:
    turn = streamed(opened(0, type="text", text=""), delta(0, "text_delta", text="x" * 41))
    assert turn.usage == Usage(model_calls=1, input_tokens=10, output_tokens=11)


def test_the_reason_of_a_refusal_falls_back_to_its_category() -> None:
    refused = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "bio", "explanation": None}}
    reply = streamed({"type": "message_delta", "delta": refused, "usage": {}}).reply(None, 0)
    assert (reply.stop_reason, reply.stop_detail) == ("refusal", "bio")


def test_the_reason_of_a_cache_miss_is_kept() -> None:
    turn = Streamed("m")
    message = {**START["message"], "diagnostics": {"cache_miss_reason": {"type": "tools_changed"}}}
    turn.take({"type": "message_start", "message": message})
    turn.take(ended("end_turn"))
    assert turn.reply(None, 0).cache_miss == "tools_changed"


def test_events_that_are_not_known_add_nothing() -> None:
    turn = streamed(
        {"type": "ping"},
        {"type": "content_block_paint", "index": 4},
        opened(0, type="text", text=""),
        delta(0, "colour_delta", colour="red"),
        delta(0, "text_delta", text="Hi"),
        closed(0),
        ended("end_turn"),
    )
    assert turn.reply(None, 0).content == ({"type": "text", "text": "Hi"},)


def test_a_turn_counts_only_with_a_stop_reason() -> None:
    turn = streamed(*call(0, "{}"), ended(None, output_tokens=5))
    assert not turn.is_whole
    with pytest.raises(ModelRetryable):
        turn.reply(None, 0)


def test_halves_of_characters_are_joined_and_a_lonely_half_is_replaced() -> None:
    told = streamed(opened(0, type="text", text="")).take(delta(0, "text_delta", text="\ud83d"))
    assert told == (TextDelta("\ufffd"),)
    reply = streamed(
        opened(0, type="text", text=""),
        delta(0, "text_delta", text="\ud83d"),
        delta(0, "text_delta", text="\ude00"),
        closed(0),
        *call(1, '{"label": "a \\ud800 b \\ud83d\\ude00"}'),
        ended("tool_use"),
    ).reply(None, 0)
    assert reply.content[0] == {"type": "text", "text": "\U0001f600"}
    assert reply.tool_calls[0].input == {"label": "a \ufffd b \U0001f600"}


def test_a_text_block_that_is_opened_and_empty_is_no_word_of_the_model() -> None:
    turn = streamed(opened(0, type="text", text=""))
    assert not turn.has_begun
    turn.take(delta(0, "text_delta", text="Hi"))
    assert turn.has_begun
    assert streamed(opened(0, type="thinking", thinking="")).has_begun
    assert streamed(opened(0, type="tool_use", name="n", id="t")).has_begun
