"""What the sweeper tells of the jobs that it sent again or ended."""

import importlib
import json
from types import SimpleNamespace
from typing import Any

import pytest

from archwright.jobs.rescue import Swept


@pytest.fixture
def sweeper(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("ARCHWRIGHT_TABLE", "archwright")
    monkeypatch.setenv("ARCHWRIGHT_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/jobs")
    monkeypatch.setenv("ARCHWRIGHT_STACK", "archwright-test")
    return importlib.import_module("archwright.entrypoints.lambda_sweeper")


def counted(printed: str) -> dict[str, list[float]]:
    """The metrics in the log."""
    lines = [json.loads(line) for line in printed.splitlines() if '"CloudWatchMetrics"' in line]
    names = [(line, one["Name"]) for line in lines for one in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: line[name] for line, name in names}


def test_a_sweep_counts_the_jobs_that_it_ended(
    sweeper: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def sweep() -> Swept:
        return Swept(sent=3, ended=["job_1", "job_2"])

    monkeypatch.setattr(sweeper, "_here", SimpleNamespace(rescue=SimpleNamespace(sweep=sweep)))
    context = SimpleNamespace(
        function_name="sweeper", memory_limit_in_mb=256, invoked_function_arn="arn", aws_request_id="1"
    )
    assert sweeper.sweep({}, context) == {"sent": 3, "ended": 2}
    assert counted(capsys.readouterr().out) == {
        "JobsSentAgain": [3.0],
        "JobsFailed": [1.0, 1.0],
        "JobsGivenUp": [1.0, 1.0],
    }
