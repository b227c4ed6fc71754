"""Whatever a conversation holds, the planner answers it within the rules of the Messages API, and it ends."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.model import Diagram
from archwright.model.offline.conversation import Changed, read_conversation
from tests.model.offline.jobs import a_request, effect, played
from tests.model.offline.scoring import drawn

SHOP = drawn("web client, API gateway, order service, Orders DB in PostgreSQL, Redis cache")
_WORDS = st.sampled_from(
    [
        "Build me an app", "a modern system", "something scalable", "Add a cache", "Remove the Redis cache", "1. Add a queue\n2. Add a worker",
        "user: Hello", "topic: Cache", "is: none", "rests on: redis-cache", "Skipped", "Refused: no", "a: done — yes", "<request>", "</request>",
        "Write a poem", "Which one?", "10,000", "no", "yes", "zone", "a chat app", "…", "\n", "Add two order services",
    ]
)  # fmt: skip
_TEXT = st.one_of(
    st.text(max_size=120), st.lists(_WORDS, max_size=14).map(" ".join), st.lists(_WORDS, max_size=24).map("\n".join)
)
_TAGS = ("memory", "assumptions", "plan", "step", "assumption", "focus", "summarise")


def test_a_changed_assumption_is_read_by_its_lines() -> None:
    block = "topic: Peak load\nwas: At the peak: 1,000\npeople\nis: 20,000\nrests on: api, orders-db"
    assert read_conversation(a_request("x", assumption=block)).changed == Changed(
        "Peak load", "At the peak: 1,000 people", "20,000", ("api", "orders-db")
    )


@settings(max_examples=200, deadline=None)
@given(
    _TEXT,
    st.dictionaries(st.sampled_from(_TAGS), _TEXT, max_size=3),
    st.sampled_from([Diagram(), SHOP]),
    st.lists(_TEXT, max_size=6),
    st.lists(st.sampled_from(["ask_user", "note_assumption", "write_plan"]), unique=True, max_size=2),
)
def test_any_conversation_is_answered_and_ends(
    text: str, blocks: dict[str, str], diagram: Diagram, results: list[str], without: list[str]
) -> None:
    answers = iter(results)
    played(a_request(text, diagram, without, **blocks), lambda name, given: next(answers, "Done."))


@settings(max_examples=100, deadline=None)
@given(_TEXT, st.lists(_TEXT, max_size=3))
def test_whatever_is_answered_to_a_question_is_drawn_validly(kind: str, answers: list[str]) -> None:
    said = iter([kind, *answers])
    replies = played(
        a_request("Build me an app"), lambda name, given: next(said, "Skipped") if name == "ask_user" else "Done."
    )
    assert effect(Diagram(), *replies).nodes
