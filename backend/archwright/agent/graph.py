"""The agent on one screen: ask the model; while its turns hold calls, apply them and ask again; review; finish.

    prepare → ask ─┬─ calls ──→ approve → apply → answer ─→ ask
                   ├─ no calls → review ─┬─ findings ─→ ask
                   └─ stop ──────────────┴────────────→ END

Routing by intent and the conversation's memory belong in `prepare`. `approve` and `answer` wait for a person.
"""

from itertools import pairwise
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, StateGraph
from langgraph.graph import START as ENTRY
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from archwright.agent.applying import answer_question, apply_turn, bulk_deletion
from archwright.agent.asking import take_turn
from archwright.agent.context import findings_text
from archwright.agent.run import Run, State
from archwright.agent.tools import QUESTION
from archwright.diagram.lint import Finding, lint
from archwright.diagram.model import Diagram
from archwright.jobs.model import Progress
from archwright.sessions.text import check_prompt

_STOPS = {
    "refusal": "refusal: The model declined to do this.",
    "model_context_window_exceeded": "context: It stopped because the model's context was full.",
}


async def prepare(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Guard the input, and say that the work has begun."""
    run = runtime.context
    check_prompt(run.job.text)
    await run.store.set_progress(run.fence, Progress(phase="thinking", message="Reading the request"), None)
    return {}


async def ask(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    return await take_turn(runtime.context, state)


async def after_ask(state: State, runtime: Runtime[Run]) -> str:
    if state["stop"]:
        return END
    turn = await runtime.context.turn(state["turn"])
    if turn.stop_reason in _STOPS:
        return "halt"
    return "approve" if turn.tool_calls else "ask" if turn.stop_reason == "max_tokens" else "review"


async def halt(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """The model ended for a reason of its own; what is drawn stays."""
    return {"stop": _STOPS[(await runtime.context.turn(state["turn"])).stop_reason]}


async def approve(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Wait for a person before many nodes go."""
    run = runtime.context
    turn = await run.turn(state["turn"])
    ids = bulk_deletion(turn, (await run.sessions.snapshot(run.job.session_id, run.job.owner))[1])
    if not ids:
        return {}
    ops = [{"op": "delete_node", "id": node_id} for node_id in ids]
    reason = f"The agent wants to delete {len(ids)} nodes: {', '.join(ids)}."
    answer = interrupt({"kind": "approval", "reason": reason, "ops": ops})
    return {"refusal": None if answer["decision"] == "approve" else answer.get("reason") or ""}


async def apply(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    await apply_turn(runtime.context, state)
    return {}


async def answer(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Wait for the answer to what the turn asked, if it asked something."""
    run = runtime.context
    turn = await run.turn(state["turn"])
    call = next((call for call in turn.tool_calls if call.name == QUESTION), None)
    if call is not None:
        options = [str(option) for option in call.input.get("options") or []]
        question = str(call.input.get("question") or "Which do you mean?")
        given = interrupt({"kind": "question", "question": question, "options": options})
        await answer_question(run, state, call, given["answer"])
    return {}


async def review(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    """Give the model, once, what a reviewer would object to in what this job drew."""
    run = runtime.context
    session, owner = run.job.session_id, run.job.owner
    _, diagram = await run.sessions.snapshot(session, owner)
    known = lint(await run.sessions.at_version(session, owner, run.job.base_version))
    new = [] if state["reviewed"] else _new_findings(diagram, known)
    return {"reviewed": True, "findings": findings_text(new) if new else ""}


def _new_findings(diagram: Diagram, known: tuple[Finding, ...]) -> list[Finding]:
    before = {(finding.rule, finding.ids) for finding in known}
    return [f for f in lint(diagram) if f.fixable and (f.rule, f.ids) not in before]


def after_review(state: State) -> str:
    return "ask" if state["findings"] else END


def build(saver: BaseCheckpointSaver[str]) -> CompiledStateGraph[State, Run, State, State]:
    """Return the graph, saving its state in `saver` after each step."""
    graph = StateGraph(State, context_schema=Run)
    for node in (prepare, ask, halt, approve, apply, answer, review):
        graph.add_node(node.__name__, node)
    steps = (ENTRY, "prepare", "ask"), ("approve", "apply", "answer", "ask"), ("halt", END)
    for path in steps:
        for source, target in pairwise(path):
            graph.add_edge(source, target)
    graph.add_conditional_edges("ask", after_ask, ["approve", "review", "ask", "halt", END])
    graph.add_conditional_edges("review", after_review, ["ask", END])
    return graph.compile(checkpointer=saver)
