"""The offline planner on the whole set of edits, one reply each, without a job around it."""

from typing import Any

import pytest

from archwright.agent.tools import DEFINITIONS
from archwright.diagram.outline import outline
from archwright.model.offline import reply
from evals.cases import EditCase, Part, diagrams, edits
from evals.outcomes import Verdict, judge_edit
from evals.turns import first_turn


def request(case: EditCase) -> dict[str, Any]:
    texts = [f"<diagram>\n{outline(diagrams()[case.diagram], case.focus)}\n</diagram>"]
    texts += [f"<focus>{', '.join(case.focus)}</focus>"] if case.focus else []
    texts.append(f"<request>\n{case.request}\n</request>")
    content = [{"type": "text", "text": text} for text in texts]
    return {"model": "m", "tools": list(DEFINITIONS), "messages": [{"role": "user", "content": content}]}


def verdict(case: EditCase) -> Verdict:
    blocks = [block for block in reply(request(case)).content if block["type"] == "tool_use"]
    return judge_edit(case, first_turn(diagrams()[case.diagram], [(b["name"], b["input"]) for b in blocks]))


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    return {case.id: verdict(case) for case in edits()}


@pytest.mark.parametrize(("part", "least"), [("development", 1.0), ("holdout", 11 / 13)])
def test_as_many_edits_are_right_as_ever_were(verdicts: dict[str, Verdict], part: Part, least: float) -> None:
    found = [verdicts[case.id] for case in edits(part)]
    wrong = [(v.text, v.why) for v in found if not v.right]
    assert 1 - len(wrong) / len(found) >= least - 1e-9, wrong


def test_no_call_is_refused_and_no_untouched_node_moves_by_a_pixel(verdicts: dict[str, Verdict]) -> None:
    assert [(v.text, v.moved, v.refused) for v in verdicts.values() if v.moved or v.refused] == []
