"""Turns that came whole, in a batch: read by the same reader as those that are streamed."""

from typing import Any

import pytest

from archwright.errors import ModelRetryable
from archwright.model.batches import result_of
from archwright.model.ports import Reply

GOOD = {"type": "tool_use", "id": "t1", "name": "add_node", "input": {"id": "api"}}


def came(*content: Any, **fields: Any) -> Any:
    message = {"id": "msg_1", "model": "m", "content": list(content), "stop_reason": "tool_use", **fields}
    return result_of({"result": {"type": "succeeded", "message": message}})


@pytest.mark.parametrize(
    ("block", "values", "refused"),
    [
        ({**GOOD, "id": 5}, {"id": "api"}, False),
        ({**GOOD, "input": '{"id": "web"}'}, {"id": "web"}, False),
        ({**GOOD, "input": None}, {}, False),
        ({"type": "tool_use", "name": "check_diagram"}, {}, False),
        ({**GOOD, "input": [1]}, {}, True),
        ({**GOOD, "input": True}, {}, True),
        ({**GOOD, "input": {"a": 10**30}}, {}, True),
    ],
)
def test_an_odd_call_is_taken_as_meant_or_refused_and_the_good_one_stays(
    block: dict[str, Any], values: dict[str, Any], refused: bool
) -> None:
    reply = came(block, GOOD)
    assert isinstance(reply, Reply)
    odd, good = reply.tool_calls
    assert (odd.input, bool(odd.refused)) == (values, refused)
    assert (good.input, good.refused) == ({"id": "api"}, "")
    assert odd.id != good.id


def test_counts_that_cannot_be_are_estimated() -> None:
    reply = came(GOOD, usage={"input_tokens": 10**20, "output_tokens": None})
    assert isinstance(reply, Reply)
    assert (reply.usage.input_tokens, 0 < reply.usage.output_tokens < 100) == (0, True)


@pytest.mark.parametrize("message", [None, "x", [], {}, {"model": "m"}, {"model": "m", "content": 5}, {"content": []}])
def test_what_is_no_message_may_be_asked_again(message: Any) -> None:
    assert isinstance(result_of({"result": {"type": "succeeded", "message": message}}), ModelRetryable)
