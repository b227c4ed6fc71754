"""What a model is sent of a job."""

from typing import Any

from archwright.agent.context import messages_so_far, previous_message
from archwright.jobs.model import Turn, Usage


def a_turn(number: int, model: str, *reply: dict[str, Any]) -> Turn:
    said = [{"role": "user", "content": [{"type": "text", "text": f"{number}"}]}]
    return Turn(
        turn=number, model=model, request={"model": model, "messages": said}, reply=list(reply), stop_reason="end_turn",
        message_id=f"msg_{number}", usage=Usage(), cost_usd=0, first_token_ms=None, total_ms=0,
    )  # fmt: skip


def test_what_a_model_is_sent_is_a_prefix_of_what_it_is_sent_later_whoever_answered_in_between() -> None:
    text = {"type": "text", "text": "Said."}
    hidden = {"type": "redacted_thinking", "data": "…"}
    turns = [
        a_turn(n, model, {"type": "thinking", "thinking": f"t{n}", "signature": "s"}, hidden, text)
        for n, model in enumerate(["a", "b", "a", "c", "b", "a"])
    ]
    for model in "abc":
        for count in range(1, len(turns)):
            earlier, later = messages_so_far(turns[:count], model), messages_so_far(turns[: count + 1], model)
            assert later[: len(earlier)] == earlier
        kept = [len(message["content"]) for message in messages_so_far(turns, model) if message["role"] == "assistant"]
        assert kept == [3 if turn.model == model else 1 for turn in turns]
    assert [previous_message(turns, model) for model in "abcd"] == ["msg_5", "msg_4", "msg_3", None]
