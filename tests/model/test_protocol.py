from typing import Any

import pytest

from archwright.model.protocol import ProtocolViolation, Rules, check_request
from tests.model.requests import ADD_NODE, API, CHECK, MODEL

USER = {"role": "user", "content": "Draw a shop."}
CALL = {"type": "tool_use", "id": "t1", "name": "add_node", "input": API[1]}
CALL_2 = {**CALL, "id": "t2"}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "drawn"}
RESULT_2 = {**RESULT, "tool_use_id": "t2"}
TEXT = {"type": "text", "text": "Go on."}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def body(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    values = {"model": MODEL, "max_tokens": 9, "stream": True, "messages": list(messages) or [USER]}
    return {**values, **fields}


def strict(count: int = 1, **schema: Any) -> list[dict[str, Any]]:
    made = {"type": "object", "properties": {}, "additionalProperties": False, **schema}
    return [{"name": f"tool_{n}", "strict": True, "input_schema": made} for n in range(count)]


@pytest.mark.parametrize(
    "good",
    [
        body(),
        body(USER, USER, assistant(CALL), user(RESULT), USER),
        body(USER, assistant(TEXT, CALL, CALL_2), user(RESULT_2, RESULT, TEXT)),
        body(USER, assistant(TEXT), USER, assistant(CALL), user(RESULT), assistant(TEXT), USER),
        body(tools=[ADD_NODE, CHECK], tool_choice={"type": "auto"}, thinking={"type": "adaptive"}),
        body(cache_control={"type": "ephemeral"}, system="You draw.", diagnostics={"previous_message_id": None}),
        body(tools=strict(20)),
        body(tools=strict(12, properties={"a": {"type": "string"}, "b": {"type": ["string", "null"]}})),
    ],
)
def test_a_request_as_the_api_wants_it_is_accepted(good: dict[str, Any]) -> None:
    check_request(good)


MARK = {"cache_control": {"type": "ephemeral"}}
BAD: list[tuple[dict[str, Any], str]] = [
    (body(temperature=0.5), "temperature: not accepted"),
    (body(top_p=0.5, top_k=3), "top_k, top_p: not accepted"),
    (body(tool_choice={"type": "any"}), "'any' forces a tool"),
    (body(tool_choice={"type": "tool", "name": "add_node"}), "'tool' forces a tool"),
    (body(thinking={"type": "enabled", "budget_tokens": 2_000}), "thinking.type.enabled"),
    (body(thinking={"type": "disabled"}), "thinking.type.disabled"),
    (body(max_tokens=0), "max_tokens"),
    (body(stream=False), "only streams"),
    ({"model": MODEL, "max_tokens": 9, "stream": True, "messages": []}, "messages: field required"),
    (body(assistant(TEXT), USER), "first message must be from the user"),
    (body(USER, assistant(TEXT)), "prefill is not supported"),
    (body({"role": "system", "content": "x"}), "role: user or assistant"),
    (body(USER, assistant(CALL), USER, user(RESULT)), "tool_result blocks must come first"),
    (body({"role": "user", "content": ""}), "content must not be empty"),
    (body(user()), "content must not be empty"),
    (body(user({"type": "text", "text": " \n"})), "text must be non-empty"),
    (body(user({**TEXT, "extra": 1})), "extra inputs"),
    (body(user({"type": "painting"})), "'painting' has no place"),
    (body(user(CALL)), "'tool_use' has no place in a message of role user"),
    (body(USER, assistant(RESULT), USER), "'tool_result' has no place in a message of role assistant"),
    (body(USER, assistant({"type": "thinking", "thinking": "Hm", "signature": ""}), USER), "signature: field required"),
    (body(USER, assistant(CALL), user(TEXT)), "tool_use ids without tool_result: t1"),
    (body(USER, assistant(CALL, CALL_2), user(RESULT)), "tool_use ids without tool_result: t2"),
    (body(USER, assistant(CALL), user(RESULT, RESULT_2)), "tool_result for no tool_use of the message before: t2"),
    (body(USER, assistant(CALL), user(RESULT, RESULT)), "single tool_result"),
    (body(USER, assistant(CALL), user(TEXT, RESULT)), "tool_result blocks must come first"),
    (body(user(RESULT)), "tool_result for no tool_use"),
    (body(USER, assistant(CALL, CALL), user(RESULT)), "tool_use ids must be unique"),
    (body(USER, assistant(CALL), user(RESULT), assistant(CALL), user(RESULT)), "tool_use ids must be unique"),
    (body(USER, assistant({**CALL, "id": "a b"}), USER), "not the id of a tool call"),
    (body(USER, assistant({**CALL, "input": "x"}), USER), "must be an object"),
    (body(USER, assistant({**CALL, "partial_json": "x"}), USER), "extra inputs"),
    (body(tools=[CHECK, CHECK]), "unique"),
    (body(tools=[{**CHECK, "name": "check diagram"}]), "not a name for a tool"),
    (body(tools=[{"name": "x"}]), "input_schema.type"),
    (body(tools=strict(21)), "21 strict tools, at most 20"),
    (body(tools=strict(5, properties={n: {"type": "string"} for n in "abcde"})), "25 optional parameters"),
    (body(tools=strict(17, properties={"a": {"anyOf": [{}, {}]}}, required=["a"])), "17 unions"),
    (body(tools=strict(properties={"a": {"type": "string", "maxLength": 3}}, required=["a"])), "may not say maxLength"),
    (body(tools=strict(properties={"a": {"type": "array", "items": {"minimum": 3}}})), "may not say minimum"),
    (body(tools=strict(additionalProperties=True)), "additionalProperties: false"),
    (body(user(*[{**TEXT, **MARK}] * 4), **MARK), "5 breakpoints, at most 4"),
]


@pytest.mark.parametrize(("bad", "why"), BAD, ids=[why for _, why in BAD])
def test_a_request_that_the_api_would_refuse_is_refused_with_the_reason(bad: dict[str, Any], why: str) -> None:
    with pytest.raises(ProtocolViolation, match=why):
        check_request(bad)


def test_a_parameter_that_is_called_cache_control_is_no_breakpoint() -> None:
    call = {**CALL, "input": {"cache_control": {"type": "ephemeral"}}}
    check_request(body(USER, assistant(*({**call, "id": f"t{n}"} for n in range(5))), user(*(
        {**RESULT, "tool_use_id": f"t{n}"} for n in range(5)
    ))))  # fmt: skip


THOUGHT = {"type": "thinking", "thinking": "Hm."}


def test_a_thought_may_only_come_back_where_it_was_thought() -> None:
    rules = Rules()
    first = body(USER, system="You draw.", tools=[ADD_NODE])
    answer = rules.seal(first, [TEXT, THOUGHT, CALL])
    again = body(USER, assistant(*answer), user(RESULT), system="You draw.", tools=[ADD_NODE])
    rules.check(again)
    rules.check({**again, "messages": [USER, assistant(answer[0], answer[2]), user(RESULT)]})
    changed: list[dict[str, Any]] = [
        {"messages": [{**USER, "content": "Draw a bank."}, *again["messages"][1:]]},
        {"messages": [USER, assistant(*answer[1:]), user(RESULT)]},
        {"messages": [USER, assistant(answer[0], {**answer[1], "thinking": "Hm"}, answer[2]), user(RESULT)]},
        {"model": "claude-haiku-5-5"},
        {"system": "You paint."},
        {"tools": [ADD_NODE, CHECK]},
        {"tools": [dict(reversed(ADD_NODE.items()))]},
    ]
    for change in changed:
        with pytest.raises(ProtocolViolation, match="not bound to what stands before it"):
            rules.check({**again, **change})


def test_a_cache_breakpoint_may_move_without_unbinding_a_thought() -> None:
    rules = Rules()
    first = body(user({**TEXT, **MARK}))
    answer = rules.seal(first, [THOUGHT, CALL])
    rules.check(body(user(TEXT), assistant(*answer), user({**RESULT, **MARK})))


def test_tools_and_system_prompt_stay_the_same_within_a_job() -> None:
    rules = Rules()
    answer = rules.seal(body(USER, system="You draw.", tools=[ADD_NODE]), [CALL])
    again = body(USER, assistant(*answer), user(RESULT), system="You draw.", tools=[ADD_NODE])
    rules.check(again)
    for change in ({"system": "You paint."}, {"tools": [CHECK, ADD_NODE]}):
        with pytest.raises(ProtocolViolation, match="not those of the request it answered"):
            rules.check({**again, **change})
