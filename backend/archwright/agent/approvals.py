"""What a person must decide before a turn takes effect: many deletions, or a plan that costs much. Pure."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError

from archwright.agent.tools import PLAN, deleted_nodes
from archwright.diagram.model import Diagram
from archwright.errors import InvalidRequest, OpRefused
from archwright.jobs.model import PlanStep, ToolCall, Turn, Usage
from archwright.jobs.policy import check_plan

BULK = 5
BULK_SHARE = 0.25
_TURNS_A_STEP = 2
_OUTPUT_A_TURN = 1_500
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said. `spared` are the nodes that must not be deleted, for the `reason`; `plan` is the plan as they
    want it, None when it stays as it is; `no_plan` says that they refused it."""

    spared: tuple[str, ...] = ()
    reason: str = ""
    plan: tuple[Json, ...] | None = None
    no_plan: bool = False

    def to_json(self) -> Json:
        """As a checkpoint holds it."""
        return asdict(self)

    @staticmethod
    def of(stored: Json | None) -> "Verdict":
        """Read what a checkpoint holds; None is that nobody was asked."""
        if stored is None:
            return Verdict()
        plan = stored["plan"]
        return Verdict(
            tuple(stored["spared"]), stored["reason"], None if plan is None else tuple(plan), stored["no_plan"]
        )


def bulk_deletion(turn: Turn, diagram: Diagram) -> list[str]:
    """Return the ids of the nodes that the turn deletes, when they are so many that a person must approve."""
    calls = [call for call in turn.tool_calls if not call.is_error]
    ids = list(dict.fromkeys(n for call in calls for n in deleted_nodes(call.name, call.input, diagram)))
    many = len(ids) > BULK or (len(ids) > 1 and len(ids) > BULK_SHARE * len(diagram.nodes))
    return ids if many else []


def deletion_proposal(turn: Turn, ids: list[str]) -> Json:
    """What is shown to a person who must approve deletions."""
    ops = [{"op": "delete_node", "id": node_id} for node_id in ids]
    reason = f"The agent wants to delete {len(ids)} nodes: {', '.join(ids)}."
    return {"kind": "approval", "key": f"{turn.turn}/delete", "reason": reason, "ops": ops}


def plan_proposal(turn: Turn, steps: tuple[PlanStep, ...], estimate_usd: float) -> Json:
    """What is shown to a person who must approve a plan."""
    titles = "; ".join(step.title for step in steps)
    reason = f"The agent plans {len(steps)} steps, which may cost about ${estimate_usd:.2f}: {titles}."
    shown = [step.model_dump(mode="json") for step in steps]
    return {
        "kind": "approval", "key": f"{turn.turn}/plan", "reason": reason, "ops": [], "steps": shown,
        "estimate_usd": estimate_usd,
    }  # fmt: skip


def on_deletion(verdict: Verdict, ids: list[str], answer: Json) -> Verdict:
    """Return the verdict with a person's answer to a proposed deletion: those that they struck out are spared."""
    if answer["decision"] != "approve":
        spared = ids
    elif answer.get("ops") is None:
        spared = []
    else:
        allowed = {op.get("id") for op in answer["ops"]}
        spared = [node_id for node_id in ids if node_id not in allowed]
    return Verdict(tuple(spared), answer.get("reason") or "", verdict.plan, verdict.no_plan)


def on_plan(verdict: Verdict, answer: Json) -> Verdict:
    """Return the verdict with a person's answer to a proposed plan."""
    refused = answer["decision"] != "approve"
    steps = answer.get("steps")
    reason = (answer.get("reason") or "") if refused else verdict.reason
    return Verdict(verdict.spared, reason, None if steps is None else tuple(steps), refused)


def plan_in(turn: Turn, verdict: Verdict) -> tuple[ToolCall, tuple[PlanStep, ...]] | None:
    """Return the plan of a turn as it is to be carried out, with its call; None without a valid one that may run."""
    call = next((call for call in turn.tool_calls if call.name == PLAN and not call.is_error), None)
    if call is None or verdict.no_plan:
        return None
    try:
        return call, read_plan(list(verdict.plan) if verdict.plan is not None else call.input.get("steps"))
    except OpRefused:
        return None


def read_plan(given: Any) -> tuple[PlanStep, ...]:
    """Read the steps of a plan. Raises OpRefused, in words for the model."""
    if not isinstance(given, list):
        raise OpRefused("write_plan needs steps.")
    try:
        steps = tuple(PlanStep.model_validate(one) for one in given)
        check_plan(steps)
    except ValidationError as error:
        found = error.errors()[0]
        raise OpRefused(f"write_plan: steps.{'.'.join(map(str, found['loc']))}: {found['msg']}.") from None
    except InvalidRequest as error:
        raise OpRefused(f"write_plan: {error.detail}") from None
    return steps


def estimate_usd(turn: Turn, steps: int, price: Callable[[str, Usage], float]) -> float:
    """Return what carrying out so many steps may cost, in US dollars: two turns a step, each with a prompt like the
    turn's that made the plan, most of it cached from the second time on, and 1,500 output tokens."""
    used = turn.usage
    prompt = used.input_tokens + used.cache_read_tokens + used.cache_write_tokens
    turns = steps * _TURNS_A_STEP
    usage = Usage(
        model_calls=turns, input_tokens=prompt * steps, cache_read_tokens=prompt * (turns - steps),
        output_tokens=_OUTPUT_A_TURN * turns,
    )  # fmt: skip
    return round(price(turn.request["model"], usage), 4)
