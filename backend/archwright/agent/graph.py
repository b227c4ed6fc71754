"""The agent on one screen: sort and remember; ask the model; while its turns hold calls, apply them and ask again.

    prepare → ask ─┬─ calls ──→ approve → apply → answer ─┬──────────────────────→ ask
                   │                                      └─ plan ⇉ step → gather ─┘ (again for the next steps)
                   ├─ no calls → review ─┬─ findings, or what was not done ─→ ask
                   └─ stop ──────────────┴─────────────────────────────────→ END

`approve`, `answer` and a step wait for a person. Steps that need not wait for one another run at once.
"""

from itertools import pairwise

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, StateGraph
from langgraph.graph import START as ENTRY
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from archwright.agent.context import is_unfinished
from archwright.agent.nodes import answer, apply, approve, ask, gather, halt, prepare, review, step
from archwright.agent.run import Run, State
from archwright.agent.steps import STOPS, ready
from archwright.jobs.model import PlanStep
from archwright.jobs.routing import undo_wish


def after_prepare(state: State, runtime: Runtime[Run]) -> str:
    job = runtime.context.job
    nothing = job.kind == "off_topic" or (job.kind == "document" and not job.sections)
    return END if nothing or undo_wish(job.text) else "ask"


async def after_ask(state: State, runtime: Runtime[Run]) -> str:
    if state["stop"]:
        return END
    turn = await runtime.context.turn(state["turn"])
    if turn.stop_reason in STOPS:
        return "halt"
    return "approve" if turn.tool_calls else "ask" if is_unfinished(turn) else "review"


def steps_or_ask(state: State) -> list[Send] | str:
    """Send off the steps of the plan that may run now; without any, go on with the model."""
    steps = ready([PlanStep(**one) for one in state["plan"]], state["done"])
    shared = {"turn": state["turn"], "plan": state["plan"], "done": state["done"]}
    sent = [Send("step", {"step": one.model_dump(mode="json"), **shared}) for one in steps]
    return sent or "ask"


def after_review(state: State) -> str:
    return "ask" if state["findings"] else END


def build(saver: BaseCheckpointSaver[str]) -> CompiledStateGraph[State, Run, State, State]:
    """Return the graph, saving its state in `saver` after each step."""
    graph = StateGraph(State, context_schema=Run)
    for node in (prepare, ask, halt, approve, apply, answer, step, gather, review):
        graph.add_node(node.__name__, node)
    for path in (ENTRY, "prepare"), ("approve", "apply", "answer"), ("step", "gather"), ("halt", END):
        for source, target in pairwise(path):
            graph.add_edge(source, target)
    graph.add_conditional_edges("prepare", after_prepare, ["ask", END])
    graph.add_conditional_edges("ask", after_ask, ["approve", "review", "ask", "halt", END])
    graph.add_conditional_edges("answer", steps_or_ask, ["step", "ask"])
    graph.add_conditional_edges("gather", steps_or_ask, ["step", "ask"])
    graph.add_conditional_edges("review", after_review, ["ask", END])
    return graph.compile(checkpointer=saver)
