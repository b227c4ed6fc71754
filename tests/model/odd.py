"""Answers as odd servers write them: two boxes and a line, in bytes that break a rule of the protocol."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from archwright.model.messages import event

Json = dict[str, Any]
NODE = {"type": "service", "technology": "Go", "description": "A part.", "parent": ""}
WEB: Json = {**NODE, "id": "web", "label": "Web"}
API: Json = {**NODE, "id": "api", "label": "API"}
LINE: Json = {"source": "web", "target": "api", "label": "calls", "kind": "request"}
CALLS = (("add_node", WEB), ("add_node", API), ("add_edge", LINE))


def start(**fields: Any) -> bytes:
    message = {"id": "msg_odd", "type": "message", "role": "assistant", "model": "m", "content": []}
    return event("message_start", message={**message, "usage": {"input_tokens": 90, "output_tokens": 1}, **fields})


def end(reason: str | None = "tool_use", **usage: Any) -> bytes:
    used = {"output_tokens": 30, **usage}
    return event("message_delta", delta={"stop_reason": reason}, usage=used) + event("message_stop")


def opened(index: Any, **block: Any) -> bytes:
    return event("content_block_start", index=index, content_block=block)


def delta(index: Any, kind: str, **fields: Any) -> bytes:
    return event("content_block_delta", index=index, delta={"type": kind, **fields})


def closed(index: Any) -> bytes:
    return event("content_block_stop", index=index)


def call(index: Any, name: str, text: str, call_id: Any = "") -> bytes:
    given = {"id": call_id or f"toolu_odd_{index}_{name}_{len(text)}"}
    cut = len(text) // 2
    pieces = [text[:cut], text[cut:]] if text else []
    block = opened(index, type="tool_use", name=name, input={}, **given)
    return block + b"".join(delta(index, "input_json_delta", partial_json=piece) for piece in pieces) + closed(index)


def calls(at: Callable[[int], Any] = lambda n: n, ids: Iterable[Any] = ("", "", "")) -> bytes:
    return b"".join(
        call(at(n), name, json.dumps(values), given)
        for n, ((name, values), given) in enumerate(zip(CALLS, ids, strict=True))
    )


def without(kind: str, raw: bytes) -> bytes:
    return b"".join(f"{part}\n\n".encode() for part in raw.decode().split("\n\n") if part and kind not in part)


def each(raw: bytes, change: Callable[[Json], Json]) -> bytes:
    """Every event, changed."""
    values = (json.loads(part.split("data: ", 1)[1]) for part in raw.decode().split("\n\n") if part)
    return b"".join(
        event(value["type"], **{k: v for k, v in value.items() if k != "type"}) for value in map(change, values)
    )


def _with_ids(*ids: Any) -> bytes:
    given = iter(ids)

    def change(value: Json) -> Json:
        block = value.get("content_block")
        return {**value, "content_block": {**block, "id": next(given)}} if block else value

    return start() + each(calls(), change) + end()


def _without_ids() -> bytes:
    def change(value: Json) -> Json:
        block = value.get("content_block") or {}
        return {**value, "content_block": {k: v for k, v in block.items() if k != "id"}} if block else value

    return start() + each(calls(), change) + end()


def _whole_inputs() -> bytes:
    blocks = (opened(n, type="tool_use", id=f"t{n}", name=name, input=values) + closed(n)
              for n, (name, values) in enumerate(CALLS))  # fmt: skip
    return start() + b"".join(blocks) + end()


def _whole(**replaced: bytes) -> bytes:
    parts = {"start": start(), "calls": calls(), "end": end(), **replaced}
    return parts["start"] + parts["calls"] + parts["end"]


USUAL = _whole()
ODD: dict[str, bytes] = {
    "as it should be": USUAL,
    "every call on index 0": _whole(calls=calls(lambda n: 0)),
    "every call on index 0 without stops": _whole(calls=without("content_block_stop", calls(lambda n: 0))),
    "no index at all": each(USUAL, lambda value: {k: v for k, v in value.items() if k != "index"}),
    "null for an index": _whole(calls=calls(lambda n: None)),
    "a list for an index": _whole(calls=calls(lambda n: [n])),
    "text for an index": _whole(calls=calls(str)),
    "indexes from 7 down": _whole(calls=calls(lambda n: 7 - n)),
    "a stop for an index never opened": _whole(calls=closed(9) + calls() + closed(-1) + closed(None)),
    "stops twice": _whole(calls=calls() + closed(0) + closed(1) + closed(2)),
    "no block stops": _whole(calls=without("content_block_stop", calls())),
    "a delta without start": _whole(calls=delta(0, "text_delta", text="Two.") + calls(lambda n: n + 1)),
    "deltas on another index than their start": _whole(
        calls=b"".join(
            opened(n, type="tool_use", id=f"t{n}", name=name, input={})
            + delta(n + 5, "input_json_delta", partial_json=json.dumps(values)) + closed(n)
            for n, (name, values) in enumerate(CALLS)
        )
    ),
    "a text block without text": _whole(calls=opened(0, type="text") + closed(0) + calls(lambda n: n + 1)),
    "a text of null": _whole(calls=opened(0, type="text", text=None) + closed(0) + calls(lambda n: n + 1)),
    "a text delta without text": _whole(
        calls=opened(0, type="text", text="") + delta(0, "text_delta") + closed(0) + calls(lambda n: n + 1)
    ),
    "a text delta of a number": _whole(
        calls=opened(0, type="text", text="") + delta(0, "text_delta", text=5) + closed(0) + calls(lambda n: n + 1)
    ),
    "a block of null": _whole(calls=event("content_block_start", index=0, content_block=None) + calls(lambda n: n + 1)),
    "a block without type": _whole(calls=each(calls(), lambda v: {**v, "content_block": {
        k: part for k, part in v["content_block"].items() if k != "type"}} if "content_block" in v else v)),
    "a delta of null": _whole(
        calls=event("content_block_delta", index=0, delta=None) + event("content_block_delta", index=0) + calls()
    ),
    "deltas without type": _whole(calls=each(calls(), lambda v: {**v, "delta": {
        "partial_json": v["delta"]["partial_json"]}} if "delta" in v else v)),
    "a message delta without delta": _whole(end=event("message_delta", usage={"output_tokens": 30}) + end()),
    "the only message delta without delta": _whole(
        end=event("message_delta", usage={"output_tokens": 30}) + event("message_stop")
    ),
    "a stop reason that is a list": _whole(
        end=event("message_delta", delta={"stop_reason": ["tool_use"]}, usage={}) + event("message_stop")
    ),
    "no message stop": _whole(
        end=event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 30})
    ),
    "a message without id": _whole(start=event("message_start", message={"role": "assistant", "model": "m"})),
    "a message of null": _whole(start=event("message_start", message=None)),
    "a message whose fields are of other kinds": _whole(
        start=start(id=5, model=["m"], usage="much", diagnostics=[1], stop_reason=7)
    ),
    "no message start": _whole(start=b""),
    "events without event lines": b"".join(
        line + b"\n\n" for line in USUAL.split(b"\n") if line.startswith(b"data:")
    ),
    "types in the event lines alone": b"".join(
        f"event: {value.pop('type')}\ndata: {json.dumps(value)}\n\n".encode()
        for value in (json.loads(part.split("data: ", 1)[1]) for part in USUAL.decode().split("\n\n") if part)
    ),
    "no empty lines between events": USUAL.replace(b"\n\n", b"\n"),
    "line ends of carriage return and line feed": USUAL.replace(b"\n", b"\r\n"),
    "line ends of carriage return": USUAL.replace(b"\n", b"\r"),
    "no empty line at the end": USUAL.rstrip(b"\n"),
    "a byte order mark, comments and [DONE]": b"\xef\xbb\xbf: hello\n\n" + USUAL + b"data: [DONE]\n\n",
    "no blank after data": USUAL.replace(b"data: ", b"data:"),
    "events that are no objects": b"data: 5\n\ndata: null\n\ndata: [1]\n\n" + USUAL,
    "ids that are numbers": _with_ids(1, 2, 3),
    "ids that are empty": _with_ids("", "", ""),
    "ids of null, true and a list": _with_ids(None, True, ["t"]),
    "ids that no request can carry": _with_ids("functions.add_node:0", "a b", "é" * 300),
    "ids that are all the same": _with_ids("call_0", "call_0", "call_0"),
    "no ids": _without_ids(),
    "no ids and no message id": _without_ids().replace(b'"id": "msg_odd", ', b""),
    "inputs with the start of a block": _whole_inputs(),
    "inputs as objects in the deltas": _whole(calls=b"".join(
        opened(n, type="tool_use", id=f"t{n}", name=name, input={})
        + delta(n, "input_json_delta", partial_json=values) + closed(n) for n, (name, values) in enumerate(CALLS))),
    "inputs as text with the start of a block": _whole(calls=b"".join(
        opened(n, type="tool_use", id=f"t{n}", name=name, input=json.dumps(values)) + closed(n)
        for n, (name, values) in enumerate(CALLS))),
    "a call whose input is in a code fence": _whole(
        calls=call(0, "add_node", f"```json\n{json.dumps(WEB)}\n```") + call(1, "add_node", json.dumps(API))
        + call(2, "add_edge", json.dumps(LINE))
    ),
    "a call whose input is encoded twice": _whole(
        calls=call(0, "add_node", json.dumps(json.dumps(WEB))) + call(1, "add_node", json.dumps(API))
        + call(2, "add_edge", json.dumps(LINE))
    ),
    "a call with a raw line break in its input": _whole(
        calls=call(0, "add_node", json.dumps({**WEB, "description": "A\npart."}).replace("\\n", "\n"))
        + call(1, "add_node", json.dumps(API)) + call(2, "add_edge", json.dumps(LINE))
    ),
    "a call with a comma too many": _whole(
        calls=call(0, "add_node", json.dumps(WEB)[:-1] + ",}") + call(1, "add_node", json.dumps(API))
        + call(2, "add_edge", json.dumps(LINE))
    ),
    "10^20 tokens": _whole(
        start=start(usage={"input_tokens": 10**20, "output_tokens": 10**400}), end=end(output_tokens=10**20)
    ),
    "tokens below zero": _whole(start=start(usage={"input_tokens": -5}), end=end(output_tokens=-1)),
    "tokens of other kinds": _whole(
        start=start(
            usage={"input_tokens": "many", "cache_read_input_tokens": None, "cache_creation_input_tokens": True}
        ),
        end=end(output_tokens=30.0, input_tokens=[5]),
    ),
    "tokens that are no number": _whole(
        start=start(usage={}).replace(b'"usage": {}', b'"usage": {"input_tokens": NaN, "output_tokens": Infinity}')
    ),
}  # fmt: skip
"""Each draws the two boxes and the line."""

_GOOD = call(1, "add_node", json.dumps(API))


def _beside(bad: bytes) -> bytes:
    return start() + bad + _GOOD + end()


REFUSED: dict[str, tuple[bytes, str]] = {
    "input that is cut": (_beside(call(0, "add_node", json.dumps(WEB)[:-5])), "its arguments are no JSON ("),
    "input of single quotes": (_beside(call(0, "add_node", str(WEB))), "its arguments are no JSON ("),
    "input that is a list": (_beside(call(0, "add_node", json.dumps([WEB]))), "its arguments are a list and no JSON"),
    "input that is true": (_beside(call(0, "add_node", "true")), "its arguments are true and no JSON object"),
    "input of null": (_beside(call(0, "add_node", "null")), "add_node needs id, type, label."),
    "no input": (_beside(call(0, "add_node", "")), "add_node needs id, type, label."),
    "a number in the start of the block": (
        _beside(opened(0, type="tool_use", id="t", name="add_node", input=5) + closed(0)),
        "its arguments are a number and no JSON object",
    ),
    "NaN": (_beside(call(0, "add_node", '{"id": NaN}')), "its arguments hold NaN"),
    "a huge number": (_beside(call(0, "add_node", '{"id": 1' + "0" * 400 + "}")), "a number of more than 64 bits"),
    "100 levels": (_beside(call(0, "add_node", '{"id": ' + "[" * 100 + "]" * 100 + "}")), "nested more than 30 deep"),
    "20 levels": (
        _beside(call(0, "add_node", '{"id": ' + "[" * 20 + "]" * 20 + "}")), "add_node: id must be text, and is a list."
    ),
    "a character of null": (
        _beside(call(0, "add_node", json.dumps({**WEB, "label": "a\x00b"}))),
        "add_node: node.label: Value error, holds the control character U+0000 at position 1.",
    ),
    "no name": (
        _beside(opened(0, type="tool_use", id="t") + delta(0, "input_json_delta", partial_json="{}") + closed(0)),
        "There is no tool 'unnamed'; tools: add_node, ",
    ),
    "a name that no request can carry": (
        _beside(call(0, "functions.add node", "{}")), "There is no tool 'functions_add_node'",
    ),
    "a delta of a call that was never opened": (
        _beside(delta(0, "input_json_delta", partial_json=json.dumps(WEB)) + closed(0)), "There is no tool 'unnamed'",
    ),
}  # fmt: skip
"""Each draws the second box; the call before it is refused with a sentence that holds the text."""

CUT: dict[str, bytes] = {
    "nothing at all": b"\n",
    "nothing after the start": start(),
    "no end": start() + call(0, "add_node", json.dumps(WEB)[:-5]),
    "an end inside a call that says nothing of why": start()
    + without("content_block_stop", call(0, "add_node", json.dumps(WEB)[:-5])) + event("message_stop"),
    "an event that is no JSON": start() + b"data: {oops\n\n" + USUAL,
    "an event that is cut": start() + b'data: {"type": "content_block_st',
    "an error that is text": start() + b"event: error\ndata: Internal error\n\n",
    "an error without an event line": start() + b'data: {"type": "error", "error": {"type": "overloaded_error"}}\n\n',
    "an error of another form": start() + b'data: {"error": "out of memory"}\n\n',
    "bytes that are no text": start() + bytes(range(128, 256)) + b"\n\n",
}  # fmt: skip
"""Each is no turn, and may be asked again."""
