"""Requests for tests of models, and how to run one."""

from typing import Any

from archwright.model.ports import Model, ModelEvent, ModelRequest, Reply

MODEL = "claude-sonnet-5-5"
ADD_NODE: dict[str, Any] = {
    "name": "add_node",
    "description": "Draw a box.",
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "label": {"type": "string"}},
        "required": ["id", "label"],
        "additionalProperties": False,
    },
}
CHECK: dict[str, Any] = {
    "name": "check_diagram",
    "description": "List what is wrong.",
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
}
API = ("add_node", {"id": "api", "label": "API"})
DB = ("add_node", {"id": "db", "label": "Orders “DB” – Größe"})


def a_request(*messages: dict[str, Any], **fields: Any) -> ModelRequest:
    values: dict[str, Any] = {
        "model": MODEL,
        "system": "You draw.",
        "tools": (ADD_NODE, CHECK),
        "messages": messages or ({"role": "user", "content": "Draw a shop."},),
        "max_tokens": 1_000,
    }
    return ModelRequest(**{**values, **fields})


async def events_from(model: Model, request: ModelRequest | None = None) -> list[ModelEvent]:
    return [event async for event in model.stream(request or a_request())]


async def reply_from(model: Model, request: ModelRequest | None = None) -> Reply:
    last = (await events_from(model, request))[-1]
    assert isinstance(last, Reply)
    return last


def next_request(request: ModelRequest, reply: Reply, results: str = "drawn") -> ModelRequest:
    """The request that follows a reply with tool calls, each answered the same."""
    answers = [{"type": "tool_result", "tool_use_id": call.id, "content": results} for call in reply.tool_calls]
    added = ({"role": "assistant", "content": list(reply.content)}, {"role": "user", "content": answers})
    return a_request(*request.messages, *added, previous_message_id=reply.message_id)
