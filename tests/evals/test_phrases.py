"""Edits in other words than those of the set, with what the planner does: whole, and nothing else."""

import pytest

from archwright.model.offline import reply
from evals.cases import EditCase, diagrams
from evals.facts import facts
from evals.turns import first_turn
from tests.evals.test_planner import request


def done(diagram: str, text: str, *focus: str) -> list[str]:
    """What the planner changes, or the question that it asks."""
    case = EditCase("case", diagram, text, focus, (), False, False)
    calls = [(b["name"], b["input"]) for b in reply(request(case)).content if b["type"] == "tool_use"]
    outcome = first_turn(diagrams()[diagram], calls)
    assert not any(call.refused for call in outcome.calls)
    return [outcome.asked] if outcome.asked else [str(fact) for fact in facts(outcome.before, outcome.after)]


@pytest.mark.parametrize(
    ("diagram", "text", "expected"),
    [
        ("ride", "put Varnish in front of the trip service",
         ["+ varnish [cache]", "- lb -> trips", "+ lb -> varnish", "+ varnish -> trips"]),
        ("bank", "let's go with Spring Boot for the accounts service", ["~ accounts technology=Spring Boot"]),
        ("bank", "the transfers service is written in Kotlin now", ["~ transfers technology=Kotlin"]),
        ("bank", "the fraud detection should be called asynchronously", ["~ transfers -> fraud"]),
        ("pipeline", "switch from Snowflake to BigQuery", ["~ warehouse technology=BigQuery"]),
        ("pipeline", "drop the warehouse, BI should read the lake",
         ["- warehouse", "- lake -> warehouse", "- bi -> warehouse", "+ bi -> lake"]),
        ("video", "host the catalogue DB on MongoDB Atlas", ["~ catalog-db technology=MongoDB Atlas"]),
        ("video", "use a managed database for the catalogue", ["~ catalog-db technology=Amazon DocumentDB"]),
        ("blog", "store images in S3 instead of MinIO", ["~ media technology=Amazon S3"]),
        ("ride", "swap Go for Rust in the trip service", ["~ trips technology=Rust"]),
        ("monitoring", "Prometheus should be VictoriaMetrics", ["~ metrics technology=VictoriaMetrics"]),
        ("hotel", "replace all databases in the diagram by DynamoDB",
         ["~ rooms-db technology=Amazon DynamoDB", "~ reviews-db technology=Amazon DynamoDB"]),
        ("game", "change the match server's type to worker", ["~ match type=worker"]),
        ("tickets", "name the seat service Seat allocation", ["~ seats label=Seat allocation"]),
        ("chat", "rename Presence service to Status service and the Presence cache to Status cache",
         ["~ presence label=Status service", "~ presence-cache label=Status cache"]),
        ("clinic", "combine both databases into one called Clinic DB",
         ["~ bookings-db label=Clinic DB", "- records-db", "- records -> records-db", "+ records -> bookings-db"]),
        ("saas", "remove the AWS group but keep what is in it",
         ["~ alb parent", "~ app parent", "~ jobs parent", "~ redis parent", "~ pg parent", "- aws"]),
        ("shop", "put the three backend services into a VPC",
         ["~ orders parent=vpc", "~ payments parent=vpc", "+ vpc [group]"]),
        ("news", "stop the news site from calling search directly", ["- front -> search"]),
        ("news", "the news site must not talk to search any more", ["- front -> search"]),
        ("bidding", "add a fraud service the auction service calls asynchronously",
         ["+ fraud-service [service]", "+ auction -> fraud-service"]),
        ("shop", "add a second mailer", ["+ email-worker-2 [worker]", "+ queue -> email-worker-2"]),
        ("shop", "make the orders DB replicate to a standby in another region",
         ["+ orders-db-standby [database]", "+ orders-db -> orders-db-standby"]),
        ("clinic", "replace the database with PostgreSQL", ['Which one do you mean by "database"?']),
        ("video", "remove the storage", ['Which one do you mean by "storage"?']),
        ("video", "the CDN should also cache the catalogue service", []),
        ("shop", "thanks!", []),
    ],
)  # fmt: skip
def test_an_edit_in_other_words_changes_what_it_says_and_nothing_else(
    diagram: str, text: str, expected: list[str]
) -> None:
    found = done(diagram, text)
    assert sorted(line.removesuffix("=") for line in found) == sorted(expected)


def test_each_service_of_the_selected_group_gets_its_own() -> None:
    found = done("hotel", "give each service in this group its own cache", "backend")
    assert [line for line in found if line.startswith("+") and "->" not in line] == [
        "+ room-cache [cache] in backend", "+ rate-cache [cache] in backend", "+ review-cache [cache] in backend",
    ]  # fmt: skip
