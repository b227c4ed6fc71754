"""The development sets as values, read from `evals/data`."""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from archwright.diagram import layout
from archwright.diagram.document import PARTS, slug_of
from archwright.diagram.model import Diagram, Edge, Node
from archwright.diagram.ops import OpInput, op_input_adapter
from evals.matching import Right

DATA = Path(__file__).parent / "data"
HOLD_OUT_EVERY = 5
_WHOLE = ("summary", "components", "failure-modes", "security", "trade-offs")
"""The parts of a document that rest on every component."""
Part = Literal["development", "holdout", "all"]
_NODE = re.compile(
    r"(?P<id>[\w-]+) \[(?P<type>\w+)\] (?P<label>[^|]+)(?:\|(?P<technology>[^|]*))?(?:\|(?P<parent>[^|]*))?"
)


@dataclass(frozen=True, slots=True)
class EditCase:
    """A request on a diagram, and the net changes that are right; none when the agent must `asks` instead.

    Every fifth case of the file is held out: rules and prompts are made with the others, and tried on it."""

    id: str
    diagram: str
    request: str
    focus: tuple[str, ...]
    rights: tuple[Right, ...]
    asks: bool
    held_out: bool


@dataclass(frozen=True, slots=True)
class AskCase:
    """A description for an empty canvas, and whether the agent should ask before it draws."""

    id: str
    request: str
    asks: bool


@dataclass(frozen=True, slots=True)
class DocumentCase:
    """A diagram with a whole document, in which a person wrote the sections `by_person`; then a person makes the
    `ops`, after which exactly `stale` are stale; then comes a job, which must write exactly `written`.

    The job brings what is stale up to date, writes everything, or does a `request` in words, which changes of the
    diagram what is `right`."""

    id: str
    diagram: str
    by_person: tuple[str, ...]
    ops: tuple[OpInput, ...]
    stale: frozenset[str]
    job: Literal["stale", "all", "request"]
    request: str
    written: frozenset[str]
    right: Right


def case_id(name: str, text: str) -> str:
    """Return an id that stays while the text does, so that runs before and after other cases came can be compared."""
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


@cache
def diagrams() -> dict[str, Diagram]:
    """Return the diagrams by name, laid out. Raises ValueError for a line of another form."""
    return {name: layout.arrange(_diagram(name, table)) for name, table in _read("diagrams.toml").items()}


def _diagram(name: str, table: dict[str, list[str]]) -> Diagram:
    nodes = [_node(line) for line in table["nodes"]]
    edges = [_edge(line) for line in table["edges"]]
    return Diagram(title=name.capitalize(), nodes={n.id: n for n in nodes}, edges={e.id: e for e in edges})


def _node(line: str) -> Node:
    form = _NODE.fullmatch(line)
    if form is None:
        raise ValueError(f"no node: {line!r}")
    given = {name: (text or "").strip() for name, text in form.groupdict().items()}
    return Node.model_validate({**given, "parent": given["parent"] or None})


def _edge(line: str) -> Edge:
    source, _, target = line.partition(" -> ")
    return Edge(id=f"{source}--{target}", source=source, target=target, label="calls")


def edits(part: Part = "all") -> list[EditCase]:
    """Return the edits of a part of the set."""
    found = [_edit(number, table) for number, table in enumerate(_read("edits.toml")["edit"], start=1)]
    return [case for case in found if part == "all" or case.held_out == (part == "holdout")]


def _edit(number: int, table: dict[str, Any]) -> EditCase:
    focus = tuple(table.get("focus", ()))
    sets = [table["right"], *table.get("or", ())] if "right" in table else []
    return EditCase(
        id=case_id(table["diagram"], f"{table['request']} {focus}"),
        diagram=table["diagram"],
        request=table["request"],
        focus=focus,
        rights=tuple(Right.parse(lines) for lines in sets),
        asks=table.get("ask", False),
        held_out=number % HOLD_OUT_EVERY == 0,
    )


def asks() -> list[AskCase]:
    """Return the vague and the specific requests."""
    return [AskCase(case_id("ask", t["request"]), t["request"], t["ask"]) for t in _read("vague.toml")["case"]]


def documents() -> list[DocumentCase]:
    """Return the edits around a design document."""
    return [_document(table) for table in _read("documents.toml")["case"]]


def _document(table: dict[str, Any]) -> DocumentCase:
    name, request, by_person = table["diagram"], table.get("request", ""), tuple(table.get("by_person", ()))
    ops, stale = tuple(_op(op) for op in table.get("ops", ())), _slugs(table.get("stale", ()), name)
    gone = {slug_of(op.id) for op in ops if op.op == "delete_node"}
    return DocumentCase(
        id=case_id(name, f"{table.get('ops')} {request} {by_person}"),
        diagram=name,
        by_person=by_person,
        ops=ops,
        stale=stale,
        job="request" if request else "all" if table.get("all") else "stale",
        request=request,
        written=_slugs(table["written"], name) if "written" in table else stale - set(by_person) - gone,
        right=Right.parse(table.get("right", ())),
    )


def _op(table: dict[str, Any]) -> OpInput:
    """An op as the API takes it, but that "" is no parent, for the file knows no null."""
    values = table.get("set", {})
    given = {**table, "set": {**values, "parent": values["parent"] or None}} if "parent" in values else table
    return op_input_adapter.validate_python(given)


def _slugs(lines: Sequence[str], diagram: str) -> frozenset[str]:
    """The slugs that these lines mean, as the head of the data file says."""
    groups = {"(parts)": [slug for slug, _ in PARTS], "(whole)": _WHOLE}
    groups["*"] = [slug_of(n.id) for n in diagrams()[diagram].nodes.values() if n.type != "group"]
    named = {slug for line in lines if not line.startswith("-") for slug in groups.get(line, [line])}
    return frozenset(named - {line[1:] for line in lines if line.startswith("-")})


def drawings(part: Part = "development") -> list[dict[str, Any]]:
    """Return descriptions, each with what its drawing must hold; the hold-out was written after the rules."""
    names = ("development", "holdout") if part == "all" else (part,)
    return [prompt for name in names for prompt in _read(f"drawings/{name}.toml")["prompt"]]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))
