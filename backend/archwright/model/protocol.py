"""The rules of the Messages API as Claude 5.5 keeps them, so that a test's model refuses what the real one would.

Source: the types of anthropic 2.12 and the provider's pages on tool use, prompt caching, strict tools and thinking.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from archwright.model.ports import Block

Body = dict[str, Any]

FIELDS = frozenset({
    "model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "thinking", "cache_control",
    "diagnostics", "metadata", "output_config", "service_tier", "stop_sequences", "container", "inference_geo",
    "speed",
})  # fmt: skip
CACHE_BREAKPOINTS_MAX = 4
STRICT_TOOLS_MAX = 20
STRICT_OPTIONAL_MAX = 24
STRICT_UNIONS_MAX = 16
_STRICT_NEVER = frozenset({
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
})  # fmt: skip
_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
_TOOL_USE_ID = re.compile(r"^[a-zA-Z0-9_-]+$")


class ProtocolViolation(Exception):
    """A request that the real API would answer with 400, and why."""


class Rules:
    """Checks every request of one or more jobs, and remembers what each reply was an answer to."""

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}

    def check(self, body: Body) -> None:
        """Raise ProtocolViolation for a request that breaks a rule, alone or against what was answered before."""
        check_request(body)
        for index, message in enumerate(body["messages"]):
            for position, block in enumerate(_blocks(message)):
                self._check_origin(body, index, position, block)

    def seal(self, body: Body, content: Sequence[Block]) -> tuple[Block, ...]:
        """Return the reply's blocks with each thinking block signed for the place where it stands."""
        sealed: list[Block] = []
        for block in content:
            if block["type"] == "thinking":
                block = {**block, "signature": _signature(body, len(body["messages"]), sealed, block["thinking"])}
            if block["type"] == "tool_use":
                self._prefixes[block["id"]] = _digest(_prompt(body), body.get("tools"))
            sealed.append(block)
        return tuple(sealed)

    def _check_origin(self, body: Body, index: int, position: int, block: Block) -> None:
        where = f"messages.{index}.content.{position}"
        if block["type"] == "thinking":
            before = _blocks(body["messages"][index])[:position]
            if block["signature"] != _signature(body, index, before, block["thinking"]):
                raise ProtocolViolation(f"{where}: this thinking block is not bound to what stands before it.")
        if block["type"] == "tool_use":
            prefix = self._prefixes.get(block["id"])
            if prefix is not None and prefix != _digest(_prompt(body), body.get("tools")):
                raise ProtocolViolation(f"{where}: system prompt or tools are not those of the request it answered.")


def check_request(body: Body) -> None:
    """Raise ProtocolViolation for a request that is wrong by itself."""
    _check_fields(body)
    _check_tools(body.get("tools") or [])
    _check_breakpoints(body)
    _check_messages(body["messages"])


def _require(holds: object, why: str) -> None:
    if not holds:
        raise ProtocolViolation(why)


def _check_fields(body: Body) -> None:
    unknown = sorted(set(body) - FIELDS)
    _require(not unknown, f"{', '.join(unknown)}: not accepted.")
    for name in ("model", "max_tokens", "messages"):
        _require(body.get(name), f"{name}: field required.")
    _require(isinstance(body["max_tokens"], int) and body["max_tokens"] > 0, "max_tokens: must be at least 1.")
    _require(body.get("stream") is True, "stream: this server only streams.")
    kind = (body.get("thinking") or {}).get("type", "adaptive")
    _require(kind in ("adaptive", "between_tools"), f'"thinking.type.{kind}" is not supported for this model.')
    choice = (body.get("tool_choice") or {}).get("type", "auto")
    _require(choice in ("auto", "none"), f"tool_choice.type: '{choice}' forces a tool, which this model refuses.")


def _check_breakpoints(body: Body) -> None:
    count = _breakpoints(body)
    _require(count <= CACHE_BREAKPOINTS_MAX, f"cache_control: {count} breakpoints, at most {CACHE_BREAKPOINTS_MAX}.")


def _breakpoints(value: object) -> int:
    if isinstance(value, dict):
        here = int(isinstance(value.get("cache_control"), dict))
        return here + sum(_breakpoints(part) for name, part in value.items() if name not in ("input", "input_schema"))
    return sum(_breakpoints(part) for part in value) if isinstance(value, list) else 0


def _check_tools(tools: Sequence[Body]) -> None:
    names = [tool.get("name", "") for tool in tools]
    _require(len(set(names)) == len(names), "tools: tool names must be unique.")
    for tool in tools:
        name = tool.get("name", "")
        _require(_TOOL_NAME.match(name), f"tools: '{name}' is not a name for a tool.")
        _require((tool.get("input_schema") or {}).get("type") == "object", f"tools.{name}: input_schema.type: object.")
    _check_strict([tool["input_schema"] for tool in tools if tool.get("strict")])


def _check_strict(schemas: Sequence[Body]) -> None:
    parts = [part for schema in schemas for part in _subschemas(schema)]
    optional = sum(len(set(part.get("properties", {})) - set(part.get("required", []))) for part in parts)
    unions = sum(1 for part in parts if "anyOf" in part or isinstance(part.get("type"), list))
    _require(len(schemas) <= STRICT_TOOLS_MAX, f"tools: {len(schemas)} strict tools, at most {STRICT_TOOLS_MAX}.")
    _require(optional <= STRICT_OPTIONAL_MAX, f"tools: {optional} optional parameters, at most {STRICT_OPTIONAL_MAX}.")
    _require(unions <= STRICT_UNIONS_MAX, f"tools: {unions} unions in strict tools, at most {STRICT_UNIONS_MAX}.")
    for part in parts:
        refused = sorted(_STRICT_NEVER & set(part))
        _require(not refused, f"tools: a strict schema may not say {', '.join(refused)}.")
        if part.get("type") == "object":
            _require(part.get("additionalProperties") is False, "tools: strict objects: additionalProperties: false.")


def _subschemas(schema: object) -> Iterator[Body]:
    if not isinstance(schema, dict):
        return
    yield schema
    for keyed in ("properties", "$defs", "definitions"):
        for part in schema.get(keyed, {}).values():
            yield from _subschemas(part)
    for listed in ("anyOf", "allOf", "oneOf"):
        for part in schema.get(listed, []):
            yield from _subschemas(part)
    yield from _subschemas(schema.get("items"))


def _check_messages(messages: Sequence[Body]) -> None:
    for index, message in enumerate(messages):
        _check_message(f"messages.{index}", message)
    _require(messages[0]["role"] == "user", "messages: first message must be from the user.")
    _require(messages[-1]["role"] == "user", "messages: prefill is not supported: the last message must be a user's.")
    seen: set[str] = set()
    waiting: list[str] = []
    for index, blocks in _turns(messages):
        _check_results(f"messages.{index}", blocks, waiting)
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
        _require(
            len(seen | set(waiting)) == len(seen) + len(waiting), f"messages.{index}: tool_use ids must be unique."
        )
        seen.update(waiting)


def _check_message(where: str, message: Body) -> None:
    _require(message.get("role") in ("user", "assistant"), f"{where}.role: user or assistant.")
    _require(message.get("content"), f"{where}: content must not be empty.")
    for position, block in enumerate(_blocks(message)):
        _check_block(f"{where}.content.{position}", message["role"], block)


def _turns(messages: Sequence[Body]) -> Iterator[tuple[int, list[Block]]]:
    """The blocks of each turn and the index of its first message: the API joins neighbours of one role."""
    for _, neighbours in groupby(enumerate(messages), key=lambda numbered: numbered[1]["role"]):
        numbered = list(neighbours)
        yield numbered[0][0], [block for _, message in numbered for block in _blocks(message)]


def _blocks(message: Body) -> list[Block]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _check_block(where: str, role: str, block: Block) -> None:
    kind = block.get("type")
    allowed = ("text", "tool_result") if role == "user" else ("text", "thinking", "redacted_thinking", "tool_use")
    _require(kind in allowed, f"{where}: '{kind}' has no place in a message of role {role}.")
    if kind == "text":
        _require(block.get("text", "").strip(), f"{where}: text must be non-empty.")
        _require(set(block) <= {"type", "text", "citations", "cache_control"}, f"{where}: extra inputs.")
    if kind == "thinking":
        _require(block.get("signature"), f"{where}.signature: field required.")
    if kind == "tool_use":
        _require(_TOOL_USE_ID.match(block.get("id", "")), f"{where}.id: not the id of a tool call.")
        _require(isinstance(block.get("input"), dict), f"{where}.input: must be an object.")
        _require(set(block) <= {"type", "id", "name", "input", "caller", "cache_control"}, f"{where}: extra inputs.")


def _check_results(where: str, blocks: Sequence[Block], waiting: Sequence[str]) -> None:
    answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    missing = [call for call in waiting if call not in answered]
    _require(not missing, f"{where}: tool_use ids without tool_result: {', '.join(missing)}.")
    strange = [call for call in answered if call not in waiting]
    _require(not strange, f"{where}: tool_result for no tool_use of the message before: {', '.join(strange)}.")
    _require(len(set(answered)) == len(answered), f"{where}: each tool_use must have a single tool_result.")
    first = [block["type"] for block in blocks[: len(answered)]]
    _require(set(first) <= {"tool_result"}, f"{where}: tool_result blocks must come first.")


def _signature(body: Body, index: int, before: Sequence[Block], thinking: str) -> str:
    messages = _without_marks(body["messages"][:index])
    return "sig_" + _digest(
        body["model"], body.get("system"), body.get("tools"), messages, _without_marks(list(before)), thinking
    )


def _prompt(body: Body) -> str:
    """The system prompt as text, in whichever form it came."""
    system = body.get("system") or ""
    return system if isinstance(system, str) else "".join(block["text"] for block in system)


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_marks(part) for name, part in value.items() if name != "cache_control"}
    return [_without_marks(part) for part in value] if isinstance(value, list) else value


def _digest(*parts: object) -> str:
    # Keys keep their order, so that a client that serialises differently is caught.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
