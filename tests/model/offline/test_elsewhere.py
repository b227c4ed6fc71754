"""Requests about something else than systems."""

import pytest

from archwright.diagram.model import Diagram
from archwright.model.offline import reply
from tests.model.offline.jobs import a_request, calls_of, words_of
from tests.model.offline.scoring import drawn

SHOP = drawn("web client, order service, weather service, Orders DB in PostgreSQL")


@pytest.mark.parametrize("diagram", [Diagram(), SHOP], ids=["empty", "shop"])
@pytest.mark.parametrize(
    "text",
    [
        "Write me a poem", "write a short poem about the sea", "Tell me a joke", "Will it rain tomorrow?", "Hello!", "thank you very much",
        "What is the capital of France?", "Translate this into German", "How do I bake bread?", "Who won the world cup?",
    ],
)  # fmt: skip
def test_what_is_about_something_else_is_answered_in_words(text: str, diagram: Diagram) -> None:
    answer = reply(a_request(text, diagram))
    assert calls_of(answer) == []
    assert words_of(answer).startswith("This does not seem to be about a system. I draw and edit")


@pytest.mark.parametrize(
    "text",
    ["Design a weather app", "a poem generator", "a joke API", "Build a recipe sharing platform", "a system that tells jokes", "Write a music player"],
)  # fmt: skip
def test_a_system_about_such_things_is_drawn(text: str) -> None:
    assert {name for name, _ in calls_of(reply(a_request(text)))} == {"add_node"}


def test_what_stands_in_the_diagram_is_about_it() -> None:
    assert "Weather service" in words_of(reply(a_request("How is the weather service?", SHOP)))
    assert "does not seem" not in words_of(reply(a_request("What is the weather?", SHOP)))
