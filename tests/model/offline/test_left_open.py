"""What a person leaves to the planner: a skipped question, the whole system, and names that nothing has."""

from typing import Any

import pytest

from archwright.model.offline import reply
from tests.model.offline.jobs import a_request, after, calls_of, words_of
from tests.model.offline.scoring import drawn

SHOP = drawn("web client, API gateway, order service, payment service, Orders DB in PostgreSQL, Redis cache")
SKIPPED = "Skipped: the person leaves this to you. Choose what suits most, and note it with note_assumption."


def test_a_skipped_question_is_not_asked_again_and_the_planner_says_what_it_took() -> None:
    body = a_request("Rename the service to Core", SHOP)
    asked = reply(body)
    assert [name for name, _ in calls_of(asked)] == ["ask_user"]
    body = after(body, asked, lambda name, given: SKIPPED)
    chosen = reply(body)
    assert [name for name, _ in calls_of(chosen)] == ["update_node"]
    done = reply(after(body, chosen))
    assert calls_of(done) == [] and "You left it to me" in words_of(done)


@pytest.mark.parametrize("text", ["Make it highly available", "make this resilient", "Make it fault tolerant."])
def test_without_a_selection_high_availability_is_about_the_whole_system(text: str) -> None:
    whole = calls_of(reply(a_request("Make everything highly available", SHOP)))
    assert calls_of(reply(a_request(text, SHOP))) == whole != []


def test_with_a_selection_high_availability_is_about_that() -> None:
    calls: list[tuple[str, dict[str, Any]]] = calls_of(
        reply(a_request("Make it highly available", SHOP, focus="orders-db"))
    )
    assert [given["label"] for name, given in calls if name == "add_node"] == ["Orders DB replica"]


@pytest.mark.parametrize(
    "text", ["connect the auth service to the API gateway", "remove the auth service", "make the auth service managed"]
)
def test_a_service_that_is_not_there_is_not_asked_about_as_if_it_were(text: str) -> None:
    answer = reply(a_request(text, SHOP))
    assert calls_of(answer) == [] and 'There is no "' in words_of(answer)


@pytest.mark.parametrize(
    "text",
    ["add an auth service", "Add an auth service, if people sign in", "Add an auth service and connect it to the order service",
     "Add an auth service and connect the auth service to the order service", "add auth to the API gateway"],
)  # fmt: skip
def test_an_auth_service_is_added_without_a_question(text: str) -> None:
    calls = calls_of(reply(a_request(text, SHOP)))
    assert "ask_user" not in [name for name, _ in calls]
    assert [given["type"] for name, given in calls if name == "add_node"] == ["auth"]
