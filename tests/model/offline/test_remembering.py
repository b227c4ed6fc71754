"""The memory of a conversation: a summary by rules, and what a request does with one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.model.offline import reply
from archwright.model.offline.conversation import read_conversation
from archwright.model.offline.remembering import LONGEST
from archwright.model.protocol import check_request
from tests.model.offline.jobs import a_body, a_request, calls_of, played, words_of
from tests.model.offline.scoring import drawn

SAID = """user: Design a chat app with PostgreSQL
assistant: Real-time chat: 14 components. You did not name these: Redis.
user: Replace PostgreSQL with CockroachDB
and rename the chat service to "Talk"
assistant: Done."""


def summary(text: str) -> str:
    body = a_body({"role": "user", "content": [{"type": "text", "text": f"<summarise>\n{text}\n</summarise>"}]})
    check_request(body)
    answer = reply(body)
    assert answer.stop_reason == "end_turn"
    return words_of(answer)


def test_a_summary_lists_what_was_asked_for_and_what_was_decided() -> None:
    assert summary(SAID) == (
        "Asked for, in order:\n"
        "- Design a chat app with PostgreSQL\n"
        '- Replace PostgreSQL with CockroachDB and rename the chat service to "Talk"\n'
        "Decided: Redis, CockroachDB, Talk"
    )


def test_an_earlier_summary_goes_in_front() -> None:
    again = summary(f"<memory>\n{summary(SAID)}\n</memory>\nuser: Add Kafka\nassistant: Added Apache Kafka.")
    assert again == (
        "Asked for, in order:\n"
        "- Design a chat app with PostgreSQL\n"
        '- Replace PostgreSQL with CockroachDB and rename the chat service to "Talk"\n'
        "- Add Kafka\n"
        "Decided: Redis, CockroachDB, Talk, Apache Kafka"
    )


def test_the_earlier_summary_is_shortened_first() -> None:
    memory = "\n".join(f"- Old wish number {n} about the billing of customers in a far country" for n in range(40))
    new = "\n".join(f"user: New wish number {n} with Redis" for n in range(5))
    found = summary(f"<memory>\n{memory}\n</memory>\n{new}")
    assert len(found) <= LONGEST
    assert all(f"New wish number {n}" in found for n in range(5))
    assert "Old wish number 0 " not in found
    assert "Old wish number 39 " in found
    assert found.endswith("Decided: Redis")


def test_a_memory_is_not_taken_for_the_request() -> None:
    memory = {"role": "user", "content": [{"type": "text", "text": "<memory>\nAsked for: a bank.\n</memory>"}]}
    body = a_request("Design a URL shortener")
    with_memory = {**body, "messages": [memory, {"role": "assistant", "content": "Noted."}, *body["messages"]]}
    check_request(with_memory)
    read = read_conversation(with_memory)
    assert (read.request, read.memory) == ("Design a URL shortener", "Asked for: a bank.")
    assert read.said == (("assistant", "Noted."),)
    assert [c for one in played(with_memory) for c in calls_of(one)] == [
        c for one in played(body) for c in calls_of(one)
    ]


def test_a_memory_beside_the_request_is_read_too() -> None:
    read = read_conversation(a_request("Design a URL shortener", memory="Asked for: a bank."))
    assert (read.request, read.memory) == ("Design a URL shortener", "Asked for: a bank.")


def test_a_memory_before_a_plain_message_is_not_the_request() -> None:
    memory, plain = (
        {"role": "user", "content": "<memory>\na bank\n</memory>"},
        {"role": "user", "content": "Add a cache"},
    )
    read = read_conversation(a_body(memory, plain))
    assert (read.request, read.memory) == ("Add a cache", "a bank")
    alone = read_conversation(a_body(memory))
    assert (alone.request, alone.memory) == ("", "a bank")


def test_assumptions_and_a_plan_beside_a_request_change_nothing() -> None:
    shop = drawn("web client, order service, Orders DB in PostgreSQL, Redis cache")
    assumptions = "Cache: Redis answers repeated reads. (rests on redis-cache)"
    plain = reply(a_request("Remove the Redis cache", shop))
    told = reply(a_request("Remove the Redis cache", shop, assumptions=assumptions, plan="a: A\nb: B"))
    assert calls_of(told) == calls_of(plain) == [("delete_node", {"id": "redis-cache"})]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["user", "assistant", "<memory>", "</memory>"]), st.text(max_size=400)), max_size=30
    )
)
def test_a_summary_of_anything_is_short_and_says_something(lines: list[tuple[str, str]]) -> None:
    found = summary("\n".join(f"{role}: {words}" for role, words in lines) or "-")
    assert 0 < len(found) <= LONGEST
