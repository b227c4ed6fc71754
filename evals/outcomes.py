"""What came of a case, and the verdict on it. Pure: a run of a whole job and a first turn alone are judged alike."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archwright.diagram.model import Diagram
from evals.cases import AskCase, DocumentCase, EditCase
from evals.drawings import missing, wanted
from evals.facts import Fact, Sign, facts
from evals.matching import Fit, best_fit

_A_TURN = 6
"""Sections that the agent is told to write in one reply, at most."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that was made: `facts` are the differences that it made; `changed` that it made any at all."""

    name: str
    refused: bool = False
    changed: bool = False
    facts: tuple[Fact, ...] = ()
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case after its run: the diagram before and after, what was called, and what it took.

    `asked` is the question with which the agent stopped. `ended` is the job's status, or "turn" when only the first
    turn was asked for. `wall_s` is from submitting to the end."""

    before: Diagram
    after: Diagram
    calls: tuple[Call, ...] = ()
    asked: str = ""
    ended: str = "succeeded"
    error: str = ""
    turns: int = 0
    cost_usd: float = 0.0
    wall_s: float = 0.0
    stale: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` says in words what is wrong. Of `calls` that were made, `refused` were refused; of `edits`, the calls
    that should change something, `fitting` are part of a set that is right. `wasted` are turns beyond the fewest.
    `moved` are ids of nodes that the edit does not touch and that yet stand elsewhere, by up to `moved_px`. `share`
    is how much of it is right, where that is a matter of degree; else 1 or 0."""

    case: str
    text: str
    right: bool
    why: tuple[str, ...] = ()
    calls: int = 0
    refused: int = 0
    edits: int = 0
    fitting: int = 0
    wasted: int = 0
    moved: tuple[str, ...] = ()
    moved_px: float = 0.0
    cost_usd: float = 0.0
    wall_s: float = 0.0
    share: float = 0.0


def judge_edit(case: EditCase, outcome: Outcome) -> Verdict:
    """An edit is right when its net change is one of the sets that are right. Where the agent must ask, it must have
    changed nothing. The fewest turns are two, one that does it all and one that says so; one where it must ask."""
    fit = best_fit(case.rights, facts(outcome.before, outcome.after))
    why = [*_asking(case.asks, outcome), *_unfinished(outcome), *_differences(fit)]
    moved = displaced(outcome.before, outcome.after)
    return _verdict(case.id, f"{case.diagram}: {case.request}", why, outcome, fit, 1 if case.asks else 2, moved)


def judge_ask(case: AskCase, outcome: Outcome) -> Verdict:
    """A vague description must be asked about and a specific one drawn; what is drawn is not judged here. The fewest
    turns are one to ask, and three to draw: nodes, edges, and what was drawn in words."""
    why = [*_asking(case.asks, outcome), *_unfinished(outcome)]
    drawn = Fit(matched=facts(outcome.before, outcome.after))
    return _verdict(case.id, case.request, why, outcome, drawn, 1 if case.asks else 3, {})


def judge_document(case: DocumentCase, outcome: Outcome) -> Verdict:
    """Right when exactly the sections went stale that should, and the job wrote exactly those that it should, left
    all others as they were, and changed of the diagram what it should. The fewest turns are those that write the
    sections by sixes, and one that says so; none when there is nothing to write."""
    writing = [c for c in outcome.calls if c.name.endswith("document_section") and not c.refused]
    wrote = {call.slug for call in writing}
    changed = _sections_changed(outcome.before, outcome.after)
    fit = best_fit([case.right], facts(outcome.before, outcome.after))
    why = [*_unfinished(outcome), *_differences(fit)]
    why += _sets("stale", case.stale, outcome.stale) if case.job != "request" else []
    why += _sets("written", case.written, frozenset(wrote | changed))
    fewest = 0 if not case.written and not case.right.required else 1 + max(1, -(-len(case.written) // _A_TURN))
    kept = displaced(outcome.before, outcome.after)
    verdict = _verdict(case.id, _told(case), why, outcome, fit, fewest, kept)
    return replace(verdict, fitting=verdict.fitting + sum(call.slug in case.written for call in writing))


def judge_drawing(expected: Mapping[str, Any], case_id: str, outcome: Outcome) -> Verdict:
    """Right when the drawing holds all that its description names; `share` is how much of it. Three turns are the
    fewest: nodes, edges, and what was drawn in words."""
    lacking = tuple(missing(outcome.after, expected))
    why = [*_asking(False, outcome), *_unfinished(outcome), *(f"missing: {one}" for one in lacking)]
    drawn = Fit(matched=facts(outcome.before, outcome.after))
    verdict = _verdict(case_id, str(expected["text"]), why, outcome, drawn, 3, {})
    return replace(verdict, share=1 - len(lacking) / wanted(expected))


def displaced(before: Diagram, after: Diagram) -> dict[str, float]:
    """Return how far, in pixels, nodes stand from where they stood though nothing about them was changed.

    A group grows with what comes into it, so it counts only when nothing in it changed either."""
    touched = {fact.subject[0] for fact in facts(before, after) if len(fact.subject) == 1}
    for diagram in (before, after):
        touched |= {g.id for n in touched if n in diagram.nodes for g in diagram.ancestors(n)}
    kept = (n for n in before.nodes.values() if n.id in after.nodes and n.id not in touched)
    found = {n.id: math.dist(_place(n), _place(after.nodes[n.id])) for n in kept}
    return {node_id: far for node_id, far in found.items() if far > 0}


def _place(node: Any) -> tuple[float, float]:
    return node.position.x, node.position.y


def _asking(wanted: bool, outcome: Outcome) -> list[str]:
    if wanted and not outcome.asked:
        return ["did not ask"]
    return [f"asked: {outcome.asked}"] if outcome.asked and not wanted else []


def _unfinished(outcome: Outcome) -> list[str]:
    if outcome.asked or outcome.ended in ("succeeded", "turn"):
        return []
    return [f"{outcome.ended}: {outcome.error}"]


def _differences(fit: Fit) -> list[str]:
    return [*(f"missing: {fact}" for fact in fit.missing), *(f"not asked for: {fact}" for fact in fit.extra)]


def _sets(name: str, right: frozenset[str], found: frozenset[str]) -> list[str]:
    lacking, extra = sorted(right - found), sorted(found - right)
    return [*(f"not {name}: {slug}" for slug in lacking), *(f"{name}, but should not be: {slug}" for slug in extra)]


def _sections_changed(before: Diagram, after: Diagram) -> set[str]:
    slugs = {*before.sections, *after.sections}
    return {slug for slug in slugs if before.sections.get(slug) != after.sections.get(slug)}


def _told(case: DocumentCase) -> str:
    ops = ", ".join(str(op.op) for op in case.ops) or "no op"
    return f"{case.diagram}: {case.request or f'{ops}, then write {case.job}'}"


def _verdict(
    case: str, text: str, why: Sequence[str], outcome: Outcome, fit: Fit, fewest: int, moved: Mapping[str, float]
) -> Verdict:
    edits = [
        call for call in outcome.calls if call.name not in _READS and (call.name != "ask_user" or not outcome.asked)
    ]
    good = {(f.sign, f.subject, f.what) for f in fit.matched}
    return Verdict(
        case=case,
        text=text,
        right=not why,
        why=tuple(why),
        calls=len(outcome.calls),
        refused=sum(call.refused for call in outcome.calls),
        edits=len(edits),
        fitting=sum(_fitting(call, good) for call in edits),
        wasted=max(0, outcome.turns - fewest),
        moved=tuple(moved),
        moved_px=max(moved.values(), default=0.0),
        cost_usd=outcome.cost_usd,
        wall_s=outcome.wall_s,
        share=float(not why),
    )


_READS = frozenset({"find_nodes", "describe_nodes", "check_diagram"})


def _fitting(call: Call, good: set[tuple[Sign, tuple[str, ...], str]]) -> bool:
    """Whether a call changed something, and nothing that is not right; a change of a description alone is neither
    right nor wrong."""
    return (
        not call.refused
        and call.changed
        and all((f.sign, f.subject, f.what) in good for f in call.facts)
        and not call.slug
    )
