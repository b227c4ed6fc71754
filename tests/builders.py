"""Small builders of values for tests: each gives a whole, valid value and takes what the test is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from archwright.diagram.change import Actor, Change
from archwright.diagram.model import Edge, Node
from archwright.diagram.ops import AddEdge, AddNode, Op
from archwright.jobs.model import Job, Message, Turn, Usage, Waiting
from archwright.store.ports import Marker

OWNER = "ada"
STRANGER = "eve"
SESSION = "ses_1"
_START = datetime.now(UTC).replace(microsecond=0)


def at(seconds: float = 0) -> str:
    """The time, in the product's clock format, so many seconds after the start of the test run."""
    moment = _START + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(seconds: float = 0) -> float:
    """The same moment as `at(seconds)`, in seconds since the epoch."""
    return _START.timestamp() + seconds


def a_node(node_id: str = "api", **fields: Any) -> Node:
    return Node(id=node_id, **{"label": node_id.title(), **fields})


def an_edge(source: str, target: str, **fields: Any) -> Edge:
    return Edge(**{"id": f"{source}--{target}", "source": source, "target": target, **fields})


def adds(*elements: Node | Edge) -> tuple[Op, ...]:
    """The recorded ops that add these elements."""
    return tuple(AddNode(node=e) if isinstance(e, Node) else AddEdge(edge=e) for e in elements)


def a_change(version: int, ops: Sequence[Op] | None = None, **fields: Any) -> Change:
    """A change by the owner; without ops it adds the node `n<version>`."""
    values: dict[str, Any] = {
        "change_id": f"chg_{version}",
        "actor": Actor(kind="user", id=OWNER),
        "at": at(version),
        "ops": tuple(ops) if ops is not None else adds(a_node(f"n{version}")),
    }
    return Change(version=version, **{**values, **fields})


def a_marker(change: Change, **result: Any) -> Marker:
    """What a caller stores with a change."""
    return Marker(change.change_id, change.version, f"hash of {change.change_id}", {"version": change.version} | result)


def a_message(message_id: str = "msg_1", **fields: Any) -> Message:
    return Message(**{"id": message_id, "role": "user", "text": f"Text of {message_id}", "at": at(), **fields})


def a_job(job_id: str = "job_1", **fields: Any) -> Job:
    values: dict[str, Any] = {
        "id": job_id,
        "session_id": SESSION,
        "owner": OWNER,
        "kind": "generate",
        "text": f"Text of {job_id}",
        "model": "archwright-offline",
        "message_id": f"msg_{job_id}",
        "created_at": at(),
    }
    return Job(**{**values, **fields})


def runnable(job: Job, seconds: float = 0) -> Job:
    """The job as it is stored when it holds its session from then on and waits for a worker."""
    return job.model_copy(update={"waiting": Waiting(since=epoch(seconds))})


def message_of(job: Job) -> Message:
    """The message with which a job was asked for."""
    return Message(id=job.message_id, role="user", text=job.text, focus=job.focus, job_id=job.id, at=job.created_at)


def a_turn(number: int = 1, **fields: Any) -> Turn:
    values: dict[str, Any] = {
        "turn": number,
        "model": "archwright-offline",
        "request": {"messages": [{"role": "user", "content": "Draw a shop"}]},
        "reply": [{"type": "text", "text": f"Turn {number}"}],
        "stop_reason": "tool_use",
        "usage": Usage(model_calls=1, input_tokens=100, output_tokens=10),
        "cost_usd": 0.25,
        "first_token_ms": 12.5,
        "total_ms": 80.0,
        "at": at(number),
    }
    return Turn(**{**values, **fields})
