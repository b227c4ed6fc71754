"""Runs that were kept, one a line, so that a change of the prompts can be compared with what was before it."""

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archwright.agent.prompts import SYSTEM
from archwright.agent.tools import DEFINITIONS
from archwright.ids import utc_now
from evals.report import Report

HISTORY = Path(__file__).parent / "history.jsonl"
_DIGITS = 4


def entry(reports: Sequence[Report], model: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a run: when (UTC), of what code and prompts, by which model under which settings, and its
    figures with what each case came to."""
    return {
        "at": utc_now(),
        "commit": commit(),
        "prompts": prompts_hash(),
        "model": model,
        "settings": dict(settings),
        "sets": {
            report.name: {"figures": _rounded(report.figures()), "by_case": _rounded(report.by_case)}
            for report in reports
        },
    }


def prompts_hash() -> str:
    """Return a hash of all that a model is told before the conversation: the system prompt and the tools."""
    told = json.dumps([SYSTEM, DEFINITIONS], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def commit() -> str:
    """Return the commit of the code, with a + when the tree differs from it; empty outside of a repository."""
    return _git("describe", "--always", "--abbrev=10", "--exclude=*", "--dirty=+")


def _git(*words: str) -> str:
    run = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return run.stdout.strip()


def keep(line: Mapping[str, Any]) -> None:
    """Add a run to the history."""
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")


def last(model: str, set_name: str, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the newest kept run of a set by this model, over the same flow and part; None when there is none."""
    lines = HISTORY.read_text(encoding="utf-8").splitlines() if HISTORY.exists() else []
    for line in reversed(lines):
        run: dict[str, Any] = json.loads(line)
        alike = all(run["settings"].get(name) == settings.get(name) for name in ("batch", "part"))
        if run["model"] == model and alike and set_name in run["sets"]:
            return run
    return None


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in values.items()}
