"""Which jobs cost nothing, whatever becomes of them, and so reserve nothing."""

from pathlib import Path

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits
from archwright.jobs.model import Budget, Route
from archwright.jobs.submission import Submission
from archwright.queue.local import LocalQueue
from archwright.settings import Settings
from archwright.store.sqlite import SqliteStore
from archwright.wiring import model_cards, model_choice
from tests.builders import a_job

CLAUDE, LOCAL, OFFLINE = "claude-sonnet-5-5", "qwen3-coder", "archwright-offline"
KEY = {"anthropic_api_key": "key", "local_models": LOCAL}


@pytest.mark.parametrize(
    ("settings", "model", "route", "free"),
    [
        ({}, OFFLINE, {}, True),
        (KEY, CLAUDE, {}, False),
        (KEY, LOCAL, {"named": True, "sure": False}, True),
        (KEY, LOCAL, {"sure": False}, False),
        ({**KEY, "model": LOCAL}, LOCAL, {"sure": False}, True),
        ({**KEY, "fallback_models": CLAUDE}, LOCAL, {"named": True}, False),
        ({**KEY, "fallback_models": OFFLINE}, LOCAL, {"named": True}, True),
    ],
)
def test_a_job_costs_nothing_when_no_model_that_may_do_it_costs_anything(
    tmp_path: Path, settings: dict[str, str], model: str, route: dict[str, bool], free: bool
) -> None:
    given = Settings(data_dir=tmp_path, **settings)  # type: ignore[arg-type]
    store = SqliteStore.open(tmp_path / "a.db")
    ledger = Ledger(store, Limits(), Budget())
    submission = Submission(store, LocalQueue(), ledger, model_choice(given, model_cards(given)))
    job = a_job(model=model, route=Route(model=model, reason="A test.", **route))
    assert submission.costs_nothing(job) is free
