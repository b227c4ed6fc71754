from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archwright.model.claude import ClaudeModel
from archwright.model.messages import prompt_tokens, tokens_in
from archwright.model.offline.transport import OfflineTransport
from archwright.model.ports import Block, Reply
from tests.model.requests import MODEL, a_request, reply_from

TEXTS = st.text(st.characters(codec="utf-8"), max_size=100)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
BLOCKS = st.one_of(
    TEXTS.filter(bool).map(lambda text: {"type": "text", "text": text}),
    TEXTS.map(lambda text: {"type": "thinking", "thinking": text, "signature": "sig"}),
    st.dictionaries(TEXTS, VALUES, max_size=4).map(lambda v: {"type": "tool_use", "name": "add_node", "input": v}),
)


@dataclass(frozen=True)
class Said:
    content: Sequence[Block]
    stop_reason: str = "end_turn"
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, body: dict[str, Any]) -> "Said":
        self.asked.append(body)
        return self


async def through_the_sdk(said: Said) -> Reply:
    return await reply_from(ClaudeModel("key", transport=OfflineTransport(said, pace=0)))


@given(st.lists(BLOCKS, max_size=6))
async def test_any_reply_comes_through_the_sdk_as_it_was_said(blocks: list[Block]) -> None:
    content = [{**block, "id": f"t{n}"} if block["type"] == "tool_use" else block for n, block in enumerate(blocks)]
    reply = await through_the_sdk(Said(content))
    assert reply.content == tuple(content)
    assert [call.input for call in reply.tool_calls] == [b["input"] for b in content if b["type"] == "tool_use"]
    assert (reply.stop_reason, reply.unfinished, reply.model) == ("end_turn", (), MODEL)


async def test_tokens_are_estimated_as_a_quarter_of_the_characters() -> None:
    said = Said([{"type": "text", "text": "x" * 800}])
    usage = (await through_the_sdk(said)).usage
    assert (usage.input_tokens, usage.output_tokens) == (prompt_tokens(said.asked[0]), tokens_in(said.content[0]))
    assert usage.output_tokens == (800 + len('{"type": "text", "text": ""}')) // 4
    assert tokens_in("") == 1
    assert prompt_tokens({"messages": [{"role": "user", "content": "x" * 400}], "tools": [], "system": ""}) == 108


async def test_a_request_that_is_repeated_gets_the_same_message() -> None:
    model = ClaudeModel("key", transport=OfflineTransport(Said([{"type": "text", "text": "Hi"}]), pace=0))
    first, again, other = [await reply_from(model, a_request(max_tokens=n)) for n in (5, 5, 6)]
    assert first.message_id == again.message_id != other.message_id
