"""A life of a store told over the API, so that every kind of stored thing is there; and what the API says of it.

`tell` is run by the version that makes a form; `seen` and `check` by the version that opens it, so they know the public
contract alone.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from archwright.model.protocol import Body
from archwright.model.scripted import Step
from tests.agent.product import edge, node, question

ENDED = {"succeeded", "incomplete", "failed", "cancelled"}
AT_REST = ("drawn", "templated", "planned")
"""The sessions of the story in which nothing runs or waits."""


class Ask(Protocol):
    def __call__(self, path: str, body: dict[str, Any] | None = None, *, method: str = "", key: str = "") -> Any:
        """The JSON of an answer below 300; `key` is a bearer's."""
        ...


def replies(body: Body) -> Step:
    """What the model says, from the request alone: the first turn draws, asks, plans, writes or deletes as the request
    wants, the next says that it is done."""
    text = str(body["messages"])
    request = text.rsplit("<request>", 1)[-1]
    if "<step>" in text:
        part = next(part for part in ("one", "two") if f"Part {part}." in text)
        return _once(body, node(part))
    if "<sections>" in text:
        sections = [("summary", "Summary"), ("goals", "Goals"), ("security", "Security")]
        return _once(body, *(("update_document_section", {"slug": s, "title": t, "body": f"On {t}."})
                             for s, t in sections))  # fmt: skip
    for words, reply in _FIRST.items():
        if words in request:
            return reply(body)
    return Step.says("Done.")


def going_on(body: Body) -> Step:
    """What a model says to the jobs that were under way: each adds one more part, `late` or `later`, and is done."""
    text = str(body["messages"])
    if "'late'" in text or "'later'" in text:
        return Step.says("Done.")
    return Step.calls(node("later" if "late" in text else "late"))


def _once(body: Body, *calls: tuple[str, dict[str, Any]]) -> Step:
    return Step.says("Done.") if _turn(body) else Step.calls(*calls)


def _turn(body: Body) -> int:
    """How many turns this job has taken: the model's messages after the newest request."""
    roles = [message["role"] for message in body["messages"]]
    starts = [at for at, message in enumerate(body["messages"]) if "<request>" in str(message["content"])]
    return sum(role == "assistant" for role in roles[starts[-1] if starts else 0 :])


def _draws(body: Body) -> Step:
    noted = ("note_assumption", {"topic": "Peak load", "text": "About 100 requests a second.", "rests_on": ["api"]})
    parts = [node("web"), node("api"), node("zone", type="group"), node("store", type="database", parent="zone")]
    return _once(body, *parts, edge("web", "api"), edge("api", "store"), noted)


def _asks(body: Body) -> Step:
    return _once(body, question("Which database?", "PostgreSQL", "MySQL"))


def _plans(body: Body) -> Step:
    steps = [{"id": part, "title": part, "task": f"Part {part}.", "after": []} for part in ("one", "two")]
    return _once(body, ("write_plan", {"steps": steps}))


def _stalls(body: Body) -> Step:
    return Step(fault="stall") if _turn(body) else Step.calls(node("early"))


def _deletes(body: Body) -> Step:
    return _once(body, *(("delete_node", {"id": name}) for name in ("web", "api", "zone", "store")))


_FIRST: dict[str, Callable[[Body], Step]] = {
    "Draw four parts": _draws, "Ask which database": _asks, "Draw by a plan": _plans, "Draw and stall": _stalls,
    "Delete all of them": _deletes,
}  # fmt: skip


def tell(ask: Ask) -> dict[str, Any]:
    """Fill a store: sessions at rest, two that wait for a person, one whose second turn hangs with another job behind
    it. Returns the ids and secrets that `seen` and `check` need."""
    drawn = _drawn(ask)
    templated = ask("/sessions", {"template": "three-tier-web", "title": "From a template"})["id"]
    planned = _started(ask, "Draw by a plan", "Planned")
    gone = ask("/sessions", {"title": "Gone"})["id"]
    ask(f"/sessions/{gone}", method="DELETE")
    asking = _started(ask, "Ask which database", "Asking")
    deleting, _ = _started(ask, "Draw four parts", "Deleting")
    removal = _said(ask, deleting, "Delete all of them")
    stalled = ask("/sessions", {"prompt": "Draw and stall", "title": "Stalled"})
    behind = ask(f"/sessions/{stalled['session']['id']}/messages", {"text": "Draw more", "on_busy": "enqueue"})
    _until(lambda: ask(f"/sessions/{stalled['session']['id']}")["version"] == 1)
    _until(lambda: ask(f"/jobs/{stalled['job']['id']}")["turn"] == 1)
    return {
        **drawn, "templated": templated, "planned": planned[0], "gone": gone,
        "jobs": [*drawn["jobs"], planned[1]],
        "asking": list(asking), "deleting": [deleting, removal],
        "stalled": [stalled["session"]["id"], stalled["job"]["id"], behind["job"]["id"]],
    }  # fmt: skip


def _drawn(ask: Ask) -> dict[str, Any]:
    """A session with everything that a session can have, and keys."""
    session, first = _started(ask, "Draw four parts", "Drawn")
    ops = [
        {"op": "update_node", "id": "api", "set": {"label": "Orders", "position": {"x": 900, "y": 40}}},
        {"op": "add_node", "node": {"id": "extra", "type": "queue", "label": "Extra →"}},
        {"op": "set_section", "slug": "notes", "title": "Notes", "body": "By hand."},
    ]
    for op in ops:
        ask(f"/sessions/{session}/changes", {"ops": [op]})
    ask(f"/sessions/{session}/undo", {})
    asked = _said(ask, session, "Ask which database")
    ask(f"/jobs/{asked}/resume", {"answer": "PostgreSQL"})
    _ended(ask, asked)
    written = ask(f"/sessions/{session}/document", {})["job"]["id"]
    _ended(ask, written)
    assumed = ask(f"/sessions/{session}/assumptions")["items"][0]["id"]
    changed = ask(f"/sessions/{session}/assumptions/{assumed}", {"text": "About 9,000 a second."})["job"]["id"]
    _ended(ask, changed)
    offline = ask(f"/sessions/{session}/messages", {"text": "Add a cache", "model": "archwright-offline"})["job"]["id"]
    _ended(ask, offline)
    ask(f"/jobs/{first}/feedback", {"rating": "up", "comment": "Good."})
    return {
        "drawn": session, "jobs": [first, asked, written, changed, offline],
        "key": ask("/keys", {"name": "ci"})["secret"], "share": ask(f"/sessions/{session}/shares", {})["secret"],
    }  # fmt: skip


def _started(ask: Ask, prompt: str, title: str) -> tuple[str, str]:
    begun = ask("/sessions", {"prompt": prompt, "title": title})
    _ended(ask, begun["job"]["id"])
    return begun["session"]["id"], begun["job"]["id"]


def _said(ask: Ask, session: str, text: str) -> str:
    job: str = ask(f"/sessions/{session}/messages", {"text": text})["job"]["id"]
    _ended(ask, job)
    return job


def _ended(ask: Ask, job: str) -> Any:
    """The job, once it has ended or waits for a person."""
    _until(lambda: ask(f"/jobs/{job}")["status"] in {*ENDED, "awaiting_input"})
    return ask(f"/jobs/{job}")


def _until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come so far"
        time.sleep(0.05)


def seen(ask: Ask, told: dict[str, Any]) -> dict[str, Any]:
    """What the API says of all that is at rest, by address."""
    answers: dict[str, Any] = {"/keys": ask("/keys")}
    for session in (told[name] for name in AT_REST):
        for part in ("", "/changes?since=0", "/messages", "/document", "/assumptions", "/shares", "/versions/1",
                     "/export?format=json"):  # fmt: skip
            answers[path] = ask(path := f"/sessions/{session}{part}")
    for job in told["jobs"]:
        answers |= {f"/jobs/{job}{part}": ask(f"/jobs/{job}{part}") for part in ("", "/trace")}
    return answers


def difference(before: Any, after: Any, at: str = "") -> Iterable[str]:
    """Where an answer lost or changed what an earlier version's held; that it has more is fine."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            yield from difference(value, after.get(name, "<missing>"), f"{at}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from difference(one, other, f"{at}[{number}]")
    elif before != after:
        yield f"{at}: {before!r} became {after!r}"


def check_going_on(ask: Ask, told: dict[str, Any]) -> None:
    """The jobs under way go on: what waits is answered, what ran when its process was killed runs to its end and what
    stood behind it after it; the log of each is whole."""
    session, job, behind = told["stalled"]
    for one in (job, behind):
        assert _ended(ask, one)["status"] == "succeeded", ask(f"/jobs/{one}")
    assert {"early", "late"} <= _nodes(ask, session)
    asking, asked = told["asking"]
    assert ask(f"/jobs/{asked}")["awaiting"]["options"] == ["PostgreSQL", "MySQL"]
    ask(f"/jobs/{asked}/resume", {"answer": "MySQL"})
    assert _ended(ask, asked)["status"] == "succeeded"
    assert _nodes(ask, asking) == {"late"}
    deleting, removal = told["deleting"]
    assert [op["id"] for op in ask(f"/jobs/{removal}")["awaiting"]["ops"]] == ["web", "api", "zone", "store"]
    ask(f"/jobs/{removal}/resume", {"decision": "approve"})
    assert _ended(ask, removal)["status"] == "succeeded"
    assert _nodes(ask, deleting) == {"late"}
    for one in (session, asking, deleting):
        _check_log(ask, one)


def _nodes(ask: Ask, session: str) -> set[str]:
    return {found["id"] for found in ask(f"/sessions/{session}")["nodes"]}


def _check_log(ask: Ask, session: str) -> None:
    log = ask(f"/sessions/{session}/changes?since=0")["changes"]
    assert [change["version"] for change in log] == list(range(1, len(log) + 1))
    now, last = ask(f"/sessions/{session}"), ask(f"/sessions/{session}/versions/{len(log)}")
    assert (now["nodes"], now["edges"], now["document"]) == (last["nodes"], last["edges"], last["document"])
