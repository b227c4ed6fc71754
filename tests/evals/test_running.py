"""Runs of whole jobs, their report, and the history."""

import json
from pathlib import Path
from typing import Any

import pytest

from archwright.errors import UnknownModel
from archwright.model.scripted import Step
from evals import history
from evals.__main__ import evaluate, options_of
from evals.outcomes import Verdict
from evals.report import Report, compared
from tests.claude_server import ClaudeServer

OFFLINE = ("--model", "archwright-offline", "--concurrency", "2")


async def run(*words: str) -> tuple[list[Report], list[str]]:
    lines: list[str] = []
    return await evaluate(options_of([*OFFLINE, *words]), lines.append), lines


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "history.jsonl"
    monkeypatch.setattr(history, "HISTORY", path)
    return path


@pytest.mark.parametrize(
    ("name", "only"),
    [("edits", "NGINX"), ("vague", "chat application"), ("documents", "blog"), ("drawings", "monitoring")],
)
async def test_a_case_of_each_set_is_run_as_a_whole_job_and_reported(name: str, only: str) -> None:
    (report,), lines = await run("--set", name, "--only", only, "--part", "development")
    assert report.name == name
    assert report.verdicts
    assert all(verdict.wall_s > 0 and verdict.cost_usd == 0 for verdict in report.verdicts)
    assert any(line.startswith(f"{name}: ") and "95 % Wilson over" in line for line in lines)


async def test_an_edit_that_the_planner_does_is_right_in_two_turns_and_moves_nobody() -> None:
    (report,), _ = await run("--set", "edits", "--only", "Insert a load balancer", "--repeats", "2")
    figures = report.figures()
    assert [v.right for v in report.verdicts] == [True, True]
    assert (figures["right"], figures["wasted_turns"], figures["moved_px"]) == (1.0, 0.0, 0.0)
    assert (figures["calls_accepted"], figures["calls_right"], figures["cases"]) == (1.0, 1.0, 1)


async def test_a_question_ends_the_case_and_is_what_was_right() -> None:
    (report,), _ = await run("--set", "edits", "--only", "Rename the database to Archive")
    assert [(v.right, v.wasted) for v in report.verdicts] == [(True, 0)]


async def test_sections_that_a_person_wrote_stay_while_the_stale_ones_are_written() -> None:
    (report,), _ = await run("--set", "documents", "--only", "clinic")
    assert [(v.right, v.why) for v in report.verdicts] == [(True, ())]


async def test_what_a_model_does_wrong_is_told_and_what_it_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Step.calls(("update_node", {"id": "ghost", "label": "X"}), ("update_node", {"id": "web", "label": "X"}))
    with ClaudeServer([wrong, Step.says("Done.")]) as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        lines: list[str] = []
        words = ["--model", "claude-sonnet-5-5", "--set", "edits", "--only", "Remove the session cache"]
        (report,) = await evaluate(options_of(words), lines.append)
    (verdict,) = report.verdicts
    assert (verdict.calls, verdict.refused, verdict.fitting) == (2, 1, 0)
    assert verdict.cost_usd > 0
    told = "\n".join(lines)
    assert "missing: - cache" in told
    assert "not asked for: ~ web label=X" in told


async def test_a_run_is_kept_with_all_that_tells_it_from_another_and_the_next_is_compared(kept: Path) -> None:
    words = ("--set", "edits", "--only", "rename", "--compare")
    _, first = await run(*words, "--write")
    _, second = await run(*words)
    (line,) = [json.loads(text) for text in kept.read_text().splitlines()]
    assert set(line) == {"at", "commit", "prompts", "model", "settings", "sets"}
    assert (line["model"], line["prompts"]) == ("archwright-offline", history.prompts_hash())
    assert len(line["sets"]["edits"]["by_case"]) == line["sets"]["edits"]["figures"]["cases"]
    assert any("no run of archwright-offline was kept" in text for text in first)
    assert any("+0.0% over" in text and "p = 1.00" in text for text in second)


def test_a_case_that_got_worse_is_named() -> None:
    before: dict[str, Any] = {"by_case": {"a": 1.0, "b": 1.0}, "figures": {"right": 1.0}}
    told = "\n".join(compared("edits", before, a_report({"a": True, "b": False})))
    assert "-50.0% over 2 shared cases (0 better, 1 worse, p = 1.00)" in told
    assert "now wrong: b" in told
    assert "right 1 → 0.5" in told


def a_report(by_case: dict[str, bool]) -> Report:
    return Report("edits", tuple(Verdict(case, case, right) for case, right in by_case.items()))


async def test_a_model_that_nobody_has_is_named_before_anything_is_run() -> None:
    with pytest.raises(UnknownModel, match="gpt"):
        await evaluate(options_of(["--model", "gpt"]), lambda line: None)
