"""Whatever comes, the reader ends in a turn or in a ModelRetryable."""

import json
import re
from itertools import pairwise
from typing import Any

import httpx2
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.errors import ModelError, ModelRetryable
from archwright.model.claude import ClaudeModel
from archwright.model.events import EventReader
from archwright.model.inputs import BadInput, read_input
from archwright.model.ports import Reply
from archwright.model.streamed import Streamed
from tests.model.odd import USUAL
from tests.model.requests import reply_from

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
    | st.sampled_from(["text", "tool_use", "thinking", "end_turn", "max_tokens", "{}", '{"id": "a"}', "\ud800"])
)  # fmt: skip
NAMES = st.sampled_from(
    ["type", "index", "delta", "content_block", "message", "usage", "text", "partial_json", "thinking", "signature",
     "stop_reason", "stop_details", "id", "name", "input", "input_tokens", "output_tokens", "error", "model"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=10
)
KINDS = st.sampled_from(
    ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
     "message_stop", "ping", "error"]
)  # fmt: skip
BLOCKS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "thinking", "redacted_thinking", "image"]) | SCALARS},
    optional={"id": VALUES, "name": VALUES, "input": VALUES, "text": VALUES},
)
DELTAS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text_delta", "input_json_delta", "thinking_delta", "signature_delta"]) | SCALARS},
    optional={"text": VALUES, "partial_json": VALUES, "thinking": VALUES, "signature": VALUES, "stop_reason": VALUES},
)
EVENTS = st.fixed_dictionaries(
    {"type": KINDS},
    optional={
        "index": st.integers(0, 2) | VALUES, "content_block": BLOCKS | VALUES, "delta": DELTAS | VALUES,
        "message": VALUES, "usage": VALUES, "error": VALUES,
    },
)  # fmt: skip


def carried(reply: Reply) -> None:
    """What a reply holds can be sent, stored and answered."""
    told = [[call.id, call.name, call.input, call.refused] for call in reply.tool_calls]
    words = [reply.message_id, reply.model, reply.stop_reason, reply.stop_detail]
    whole = [list(reply.content), reply.usage.model_dump(), words, told]
    orjson.dumps(whole)
    json.dumps(whole, allow_nan=False, ensure_ascii=False).encode()
    assert all(block["type"] != "tool_use" or isinstance(block["input"], dict) for block in reply.content)
    ids = [call.id for call in reply.tool_calls]
    assert len(set(ids)) == len(ids)
    assert all(
        re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", text) for call in reply.tool_calls for text in (call.id, call.name)
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(EVENTS | VALUES, max_size=10))
def test_any_events_are_a_turn_or_none(events: list[Any]) -> None:
    turn = Streamed("m", ["t0"])
    for event in events:
        for part in turn.take(event):
            orjson.dumps(str(part))
    if partial := turn.partial(None, 0):
        carried(partial)
    try:
        carried(turn.reply(None, 0))
    except ModelRetryable as error:
        orjson.dumps(error.extra["usage"].model_dump())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"data: ", b"event: error\n", b"\n\n", b"\r", b"{}"])))
def test_any_bytes_are_events_or_a_value_error(pieces: list[bytes]) -> None:
    reader = EventReader()
    try:
        events = [event for piece in pieces for event in reader.feed(piece)] + list(reader.end())
    except ValueError:
        return
    assert all(isinstance(event, dict) and isinstance(event["type"], str) for event in events)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, len(USUAL) - 1), max_size=8))
def test_an_answer_is_the_same_wherever_the_network_parts_it(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(USUAL)]
    reader, whole = EventReader(), EventReader()
    parted = [event for a, b in pairwise(places) for event in reader.feed(USUAL[a:b])]
    assert parted == list(whole.feed(USUAL))


def sent(raw: bytes) -> ClaudeModel:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=raw)

    return ClaudeModel("key", "http://model.invalid", transport=httpx2.MockTransport(answer))


async def ends_well(raw: bytes) -> None:
    model = sent(raw)
    try:
        carried(await reply_from(model))
    except ModelError as error:
        orjson.dumps(error.detail)
    finally:
        await model.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=8), st.binary(max_size=20))
async def test_any_answer_through_the_sdk_is_a_turn_or_a_model_error(events: list[Any], rest: bytes) -> None:
    await ends_well(b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events) + rest)


@settings(max_examples=60, deadline=None)
@given(st.data())
async def test_any_damage_to_a_good_answer_leaves_a_turn_or_a_model_error(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(USUAL)))
    upto = data.draw(st.integers(at, min(len(USUAL), at + 200)))
    await ends_well(USUAL[:at] + data.draw(st.binary(max_size=8)) + USUAL[upto:])


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=60) | VALUES.map(json.dumps))
def test_any_text_is_arguments_or_bad_input(text: str) -> None:
    for mend in (True, False):
        try:
            orjson.dumps(read_input(text, mend=mend))
        except BadInput as error:
            orjson.dumps(str(error))
