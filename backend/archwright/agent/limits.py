"""When a job must stop asking: its budget is used up, its time is over, or the model goes in circles."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archwright.agent.context import is_unfinished, took_effect
from archwright.agent.run import Run
from archwright.ids import utc_now
from archwright.jobs.model import Turn

_SAME = 3
_UNFINISHED_IN_A_ROW = 2
_REFUSED_IN_A_ROW = 5
_IDLE_IN_A_ROW = 10
"""Turns of a conversation without progress after which it ends: the same calls, replies that were not finished,
refused calls, and reads or other calls that change nothing."""
_TURNS_A_STEP = 8
"""Turns that each step of a plan adds to what a job may take."""


def exhausted(run: Run, every: Sequence[Turn], dialogue: Sequence[Turn], output_tokens: int) -> str:
    """Why no further turn may be asked for, or an empty text. `every` are the turns of the job, `dialogue` those of
    the conversation that would go on."""
    budget, cost = run.budget, sum(turn.cost_usd for turn in every)
    most = budget.turns + _TURNS_A_STEP * len(run.board.steps)
    if len(every) >= most:
        return f"budget-turns: It stopped after {most} turns, the most that a job may take."
    if output_tokens >= budget.output_tokens:
        return f"budget-tokens: It stopped at {output_tokens:,} output tokens; a job may use {budget.output_tokens:,}."
    if cost >= budget.cost_usd:
        return f"budget-cost: It stopped at ${cost:.2f}; a job may cost ${budget.cost_usd:.2f}."
    return out_of_time(run) or _looping(dialogue)


def out_of_time(run: Run) -> str:
    """Why a job may take no longer, or an empty text."""
    if _age_s(run) < run.budget.wall_s:
        return ""
    return f"budget-time: It stopped after {run.budget.wall_s:.0f} seconds, the most that a job may take."


def deadline_of(run: Run) -> float:
    """The earlier of the process's deadline and the end of the job's wall time, on the loop's clock."""
    left = run.budget.wall_s - _age_s(run)
    return min(run.control.deadline, asyncio.get_running_loop().time() + max(1.0, left))


def _age_s(run: Run) -> float:
    started = datetime.fromisoformat(run.job.started_at or run.job.created_at)
    return (datetime.fromisoformat(utc_now()) - started).total_seconds()


def _looping(turns: Sequence[Turn]) -> str:
    def asked(turn: Turn) -> list[tuple[str, dict[str, Any]]]:
        return [(call.name, call.input) for call in turn.tool_calls]

    last = [asked(turn) for turn in turns[-_SAME:]]
    if len(last) == _SAME and last[0] and all(calls == last[0] for calls in last):
        return f"loop: It stopped because the model made the same calls {_SAME} times in a row."
    if turns and took_effect(turns[-1]) and [asked(turn) for turn in turns].count(last[-1]) >= _SAME:
        return f"loop: It stopped because the model made the same changes {_SAME} times, going to and fro."
    cut = turns[-_UNFINISHED_IN_A_ROW:]
    if len(cut) == _UNFINISHED_IN_A_ROW and all(is_unfinished(turn) and not took_effect(turn) for turn in cut):
        why = "was cut off at its length limit" if cut[-1].stop_reason == "max_tokens" else "was not finished"
        return f"cut-off: It stopped because the model's reply {why} twice before anything took effect."
    if len(turns) >= _IDLE_IN_A_ROW and not any(took_effect(turn) for turn in turns[-_IDLE_IN_A_ROW:]):
        return f"loop: It stopped because nothing changed in {_IDLE_IN_A_ROW} turns of the model in a row."
    recent = turns[-_REFUSED_IN_A_ROW:]
    if len(recent) == _REFUSED_IN_A_ROW and all(
        turn.tool_calls and all(call.is_error for call in turn.tool_calls) for turn in recent
    ):
        return f"loop: It stopped because every call of {_REFUSED_IN_A_ROW} turns in a row was refused."
    return ""
