"""What a request wants, and which model is to do it."""

import pytest

from archwright.diagram.model import Diagram, Node
from archwright.jobs.routing import Intent, read_intent, route, undo_wish, wants_change, wants_refresh

DRAWN = Diagram(nodes={"a": Node(id="a", label="Poem API")})


@pytest.mark.parametrize("text", ["What is this?", "Add a cache", "A poem sharing app", "hello"])
def test_a_request_on_an_empty_canvas_is_a_generation(text: str) -> None:
    assert read_intent(text, Diagram()) == Intent("generate", sure=True, small=False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Why is there a queue?", "question"), ("How does a message reach the phone?", "question"),
        ("Explain the data flow", "question"), ("Is PostgreSQL a single point of failure?", "question"),
        ("What does the API call?", "question"), ("Do we need a cache?", "question"),
        ("Can you add a cache?", "edit"), ("Why not use Kafka instead? Replace it", "edit"),
        ("Change this to a managed service", "edit"), ("Make it highly available", "edit"), ("more detail", "edit"),
        ("Write the design document", "document"), ("please update the architecture docs", "document"),
        ("Create a document store", "edit"), ("Add a document database", "edit"),
    ],
)  # fmt: skip
def test_what_a_request_wants_follows_from_its_words(text: str, kind: str) -> None:
    assert read_intent(text, DRAWN).kind == kind


@pytest.mark.parametrize(
    "text", ["Write a poem about spring", "What is the weather like today?", "tell me a joke", "Translate this letter"]
)
def test_what_is_plainly_about_something_else_is_off_topic(text: str) -> None:
    assert read_intent(text, DRAWN) == read_intent(text, Diagram()) == Intent("off_topic", sure=True, small=True)


@pytest.mark.parametrize(
    "text",
    [
        "Add a weather service",
        "Why does the Poem API exist?",
        "A joke bot with Redis",
        "recipes in PostgreSQL",
        "Birthday reminders by e-mail",
        "Football results",
        "Song lyrics, searched by millions",
    ],
)
def test_such_a_word_beside_a_part_of_a_system_is_on_topic(text: str) -> None:
    assert read_intent(text, DRAWN).kind != "off_topic"


def test_a_request_without_a_word_that_says_what_it_wants_is_unsure() -> None:
    assert not read_intent("hmm, the database is slow", DRAWN).sure
    assert read_intent("Add a cache", DRAWN).sure and read_intent("we need a cache", DRAWN).sure


def test_bringing_the_document_up_to_date_writes_only_what_is_stale() -> None:
    assert wants_refresh("Update the design document")
    assert not wants_refresh("Write the design document")


class Models:
    default, ids, small, large = "sonnet", ("sonnet", "haiku", "opus"), "haiku", "opus"


class OneModel:
    default, ids, small, large = "local", ("local",), None, None


def test_the_model_follows_from_the_work_and_the_reason_is_said() -> None:
    asked = [
        ("Why a queue?", "haiku"), ("Add a cache", "haiku"), ("x" * 200, "sonnet"),
        ("Add a cache, a queue, a worker, and a CDN", "sonnet"), ("Write the design document.", "sonnet"),
        ("Add a cache and use Opus for it", "opus"),
    ]  # fmt: skip
    for text, model in asked:
        chosen = route(read_intent(text, DRAWN), text, Models())
        assert chosen.model == model and chosen.reason.endswith(".")
        assert route(read_intent(text, DRAWN), text, OneModel()).model == "local"
    assert route(read_intent("A shop", Diagram()), "A shop", Models()).model == "sonnet"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Undo that", "job"), ("No, undo that please", "job"), ("undo everything you just did", "job"),
        ("Roll back your changes", "job"), ("take it back", "job"), ("revert the last change", "last"),
        ("undo my last change", "own"), ("undo what I did", "own"), ("redo", "redo"), ("put it back", "redo"),
        ("undo that and add a cache", None), ("undo the rename of the API", None), ("revert to version 3", None),
        ("undo the last two changes", None), ("Remove the undo service", None), ("Add an undo button", None),
    ],
)  # fmt: skip
def test_undo_is_read_only_where_it_is_all_that_is_wanted(text: str, wish: str | None) -> None:
    assert undo_wish(text) == wish
    if wish:
        assert read_intent(text, Diagram()) == Intent("edit", sure=True, small=True)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("Add a cache", True), ("Can you add a cache?", True), ("Delete everything", True),
        ("Explain how I could add a cache", False), ("Should we remove the cache?", False),
        ("I want to understand the auth flow", False), ("What would you change?", False),
    ],
)  # fmt: skip
def test_a_change_is_owed_only_where_one_is_plainly_ordered(text: str, orders: bool) -> None:
    assert wants_change(text) is orders
