"""An assumption that a person changed: what rests on it is changed as far as it no longer fits, and nothing else."""

import re
from collections.abc import Callable, Sequence

from archwright.diagram.catalogue import Entry, find
from archwright.diagram.model import Edge, Node
from archwright.model.offline.conversation import Changed, Conversation, OfflineReply, calling, spoken
from archwright.model.offline.edits import clauses, placing, scaling
from archwright.model.offline.edits.changing import make_managed, set_technology, technology_fits
from archwright.model.offline.edits.commands import obey
from archwright.model.offline.edits.draft import Call, Draft, NotUnderstood, Unclear, cloud_named, technology_of
from archwright.model.offline.edits.links import CARRIERS, RUNNERS, STORES, usual_link
from archwright.model.offline.edits.parts import Part
from archwright.model.offline.edits.words import clean, enumerated, stems
from archwright.model.offline.generate.needs import load_in, people_in, survives_in

_KEPT = "I see nothing to change in what rests on this assumption."
_NONE_LEFT = "Nothing in the diagram rests on this assumption, so nothing was changed."
_ABOUT_LOAD = re.compile(r"\b(?:load|traffic|peak|concurrent\w*|per second|rps|qps|throughput|scale)\b", re.IGNORECASE)
_ABOUT_PEOPLE = re.compile(
    r"\b(?:users?|people|requests?|customers?|visitors?|readers?|orders|devices|persons?|employees)\b", re.IGNORECASE
)
_ABOUT_FAILING = re.compile(
    r"\b(?:availab\w+|fails?|failures?|failover|outages?|downtime|stand(?:s|ing)? still|standby|surviv\w+|redundan\w+|machines?|zones?|uptime|99\.\d+|24/7|always on)\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:more|times|double|triple|grows?|growing|higher|heavy|heavier|huge|many|millions?)\b", re.IGNORECASE
)
_LESS = re.compile(r"\b(?:less|fewer|lower|only|small|few|hardly|handful|half)\b", re.IGNORECASE)
_NEGATED = re.compile(
    r"^\W*(?:none|no|nothing|nobody|no one|not|never|without|nowhere)\b|\b(?:not|n't) (?:needed|necessary|required|used|wanted|planned|need|use|want|have)\b|"
    r"\b(?:nobody|no one|nothing|no longer|there (?:is|are) no|without|does not exist|needs? no|has no|have no|uses? no|neither)\b", re.IGNORECASE,
)  # fmt: skip
_NOT_BEFORE = re.compile(
    r"\b(?:no|not|without|never|instead of|rather than|no longer|n't use|n't need|than)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_HOSTS = frozenset({"compute", "hosting platform", "container orchestration", "function platform"})
_THROUGH = frozenset({"loadbalancer", "gateway", "cdn", "dns", "network", "queue", "stream", "cache"})
"""What stands in the way between others, which are connected when it goes."""
_SPARE = frozenset({"cache", "loadbalancer", "cdn"})
_COPY = re.compile(r"\b(?:replica|standby|copy)\b|\s\d+$", re.IGNORECASE)
_INSTANCES = 2


def revise(conversation: Conversation, changed: Changed) -> OfflineReply:
    """Return the smallest set of calls that makes what rests on an assumption fit what it says now; when it fits, or
    the calls were made, words. No node is touched that does not rest on it."""
    focus = [i for i in dict.fromkeys([*changed.rests_on, *conversation.focus]) if i in conversation.diagram.nodes]
    if not focus:
        return spoken(_NONE_LEFT)
    draft = Draft(conversation.diagram)
    _change(draft, focus, changed)
    if not _within(draft.calls, focus, conversation):
        draft = Draft(conversation.diagram)
    if conversation.turns or not draft.calls:
        return spoken(_told(draft, conversation))
    return calling(conversation, "", [(call.name, call.input) for call in draft.calls])


def _change(draft: Draft, focus: Sequence[str], changed: Changed) -> None:
    """Do what the new text calls for, by the first rule that has something to do."""
    now = clean(changed.now)
    if _exchanged(draft, focus, changed.was, now):
        return
    about = f"{changed.topic} {changed.was}"
    if _ABOUT_FAILING.search(about) and survives_in(now):
        _survive(draft, focus, now)
    elif _ABOUT_LOAD.search(about) or _counts(about) or _counts(now):
        _bear(draft, focus, changed.was, now)
    elif _NEGATED.search(now):
        _without(draft, focus, _denied(draft, focus, now))
    elif survives_in(now) in ("machine", "zone"):
        _survive(draft, focus, now)
    else:
        _obeyed(draft, focus, now)


def _counts(text: str) -> bool:
    """Whether a text says how many people there are, or how much of their work."""
    said = _ABOUT_PEOPLE.search(text) or _ABOUT_LOAD.search(text)
    return bool(said) and people_in(text) is not None


def _exchanged(draft: Draft, focus: Sequence[str], was: str, now: str) -> bool:
    """Make the nodes with the technologies that are new in the text, or draw one that none of them can be made with;
    True when it names any."""
    before = {match.entry.id for match in find(was)}
    new = [m.entry for m in find(now) if m.entry.id not in before and not _NOT_BEFORE.search(now[: m.start])]
    named = {entry.id: entry for entry in new}
    for entry in named.values():
        fitting = _fitting(draft, focus, entry)
        for node_id in fitting:
            _make_with(draft, node_id, entry)
        if not fitting:
            _draw(draft, focus, entry)
    if not named and cloud_named(now) and cloud_named(now) != cloud_named(was):
        _move(draft, focus, now)
        return True
    return bool(named)


def _fitting(draft: Draft, focus: Sequence[str], entry: Entry) -> list[str]:
    """The nodes that the technology is for: of the same type first, else those that it can run."""
    nodes = [draft.node(i) for i in focus]
    if entry.category in _HOSTS or entry.type in ("function", "server"):
        return [n.id for n in nodes if n.type in RUNNERS]
    same = [n.id for n in nodes if n.type == entry.type and n.type != "group"]
    family = [n.id for n in nodes if {n.type, entry.type} <= CARRIERS or {n.type, entry.type} <= STORES]
    return same or family or [n.id for n in nodes if technology_fits(n, entry)]


def _make_with(draft: Draft, node_id: str, entry: Entry) -> None:
    node = draft.node(node_id)
    if entry.category in _HOSTS or (node.type in RUNNERS and entry.type in ("function", "server")):
        own = technology_of(node)
        base = "" if own is None or own.category in _HOSTS or own.type != "service" else f"{own.name} on "
        if draft.update_node(node_id, technology=f"{base}{entry.name}"):
            draft.say(f"{node.label} now runs on {entry.name}.")
        return
    _each(draft, [node_id], lambda trial, _: set_technology(trial, "this", entry.name))


def _draw(draft: Draft, focus: Sequence[str], entry: Entry) -> None:
    """Add what is named beside the first of the nodes that can reach it."""
    near = next((draft.node(i) for i in focus if draft.node(i).type not in (*STORES, "group")), draft.node(focus[0]))
    if near.type == "group" or entry.type == "group":
        return
    made = placing.draw(draft, Part(entry.name, entry.type, entry.name), [near.id])[0]
    if made.type == "auth":
        draft.connect(near.id, made.id, "verifies identity", "request")
    else:
        placing.link(draft, near, made)
    draft.say(f"Added {made.label} beside {near.label}.")


def _move(draft: Draft, focus: Sequence[str], now: str) -> None:
    nodes = [i for i in focus if draft.node(i).type != "group"]
    _each(draft, nodes, lambda trial, _: make_managed(trial, "this", now))


def _each(draft: Draft, focus: Sequence[str], act: Callable[[Draft, Node], None]) -> None:
    """Do something to each node, as "this"; what cannot be done to one leaves it as it is."""
    for node_id in focus:
        trial = draft.copy()
        trial.focus = trial.it = (node_id,)
        try:
            act(trial, trial.node(node_id))
        except (NotUnderstood, Unclear):
            continue
        draft.adopt(trial)


def _survive(draft: Draft, focus: Sequence[str], now: str) -> None:
    if survives_in(now) == "nothing":
        _without(draft, focus, _copies(draft, focus))
        return
    _each(draft, focus, _double)


def _double(draft: Draft, node: Node) -> None:
    if _has_copy(draft, node):
        draft.say(f"{node.label} goes on already when one fails.")
    elif node.type in STORES - {"storage"} | CARRIERS:
        scaling.replicate(draft, "this", 1, "standby")
    elif node.type in ("service", "api", "server", "gateway"):
        scaling.scale(draft, "this", _INSTANCES, balanced=True)


def _bear(draft: Draft, focus: Sequence[str], was: str, now: str) -> None:
    """More load: further instances and read replicas. Little load: without what only much of it needs."""
    before, after = people_in(was), people_in(now)
    if before is not None and after is not None:
        more, less = after > before, after < before
    else:
        less = bool(_LESS.search(now)) or bool(_NEGATED.search(now))
        more = not less and bool(_MORE.search(now) or load_in(now) == "much")
    if more:
        _each(draft, focus, _grow)
    elif less and (load_in(now) == "small" or _NEGATED.search(now)):
        spare = [i for i in focus if draft.node(i).type in _SPARE]
        _without(draft, focus, list(dict.fromkeys([*spare, *_copies(draft, focus)])))


def _grow(draft: Draft, node: Node) -> None:
    if _COPY.search(node.label) or _has_copy(draft, node):
        return
    if node.type in ("service", "api", "server", "worker"):
        scaling.scale(draft, "this", _INSTANCES)
    elif node.type in ("database", "search", "vectordb"):
        scaling.replicate(draft, "this", 1, "read replica")


def _has_copy(draft: Draft, node: Node) -> bool:
    """Whether a node is doubled, or is itself a double."""
    if any(edge.kind == "replication" for edge in draft.diagram.touching(node.id)):
        return True
    return any(other.label == f"{node.label} 2" for other in draft.leaves())


def _copies(draft: Draft, focus: Sequence[str]) -> list[str]:
    targets = {edge.target for edge in draft.diagram.edges.values() if edge.kind == "replication"}
    return [i for i in focus if i in targets or _COPY.search(draft.label(i))]


def _denied(draft: Draft, focus: Sequence[str], now: str) -> list[str]:
    """Which of the nodes the text says no to: those that it names, or else all."""
    words = set(stems(now))
    named = [i for i in focus if words & {*stems(draft.label(i)), draft.node(i).type} - {"service", "user", "people"}]
    return named or list(focus)


def _without(draft: Draft, focus: Sequence[str], gone: Sequence[str]) -> None:
    """Delete nodes, and connect what was connected through them."""
    kept = [i for i in gone if i in focus]
    names = [draft.label(i) for i in kept]
    for node_id in kept:
        if draft.node(node_id).type != "group":
            _lead_past(draft, draft.node(node_id), set(kept))
        draft.delete_node(node_id)
    if names:
        draft.say(f"Removed {enumerated(names)}.")


def _lead_past(draft: Draft, gone: Node, leaving: set[str]) -> None:
    """Lead the edges of a node past it: always those of a door, a pipe or a cache, else only to what would stand
    alone. Edges that exist are led elsewhere, so that none is drawn between nodes that were not spoken of."""
    into = draft.into(gone.id)
    out = [
        e
        for e in draft.out_of(gone.id)
        if _goes_on(draft, gone, e) and (e.target not in leaving or draft.out_of(e.target))
    ]
    if not into or not out:
        return
    for edge in into:
        _lead(draft, edge, edge.source, out[0].target)
    for edge in out[1:]:
        _lead(draft, edge, into[0].source, edge.target)


def _goes_on(draft: Draft, gone: Node, edge: Edge) -> bool:
    others = [e for e in draft.diagram.touching(edge.target) if gone.id not in (e.source, e.target)]
    return edge.kind != "replication" and (gone.type in _THROUGH or not others)


def _lead(draft: Draft, edge: Edge, source: str, target: str) -> None:
    if source != target and not draft.between(source, target):
        label, kind = usual_link(draft.node(source), draft.node(target))
        draft.update_edge(edge.id, source=source, target=target, label=label, kind=kind)


def _obeyed(draft: Draft, focus: Sequence[str], now: str) -> None:
    """Read the new text as commands to the nodes."""
    draft.focus = draft.it = tuple(focus)
    for clause in clauses(now):
        trial = draft.copy()
        try:
            if obey(trial, clause):
                draft.adopt(trial)
        except (NotUnderstood, Unclear):
            continue


def _within(calls: Sequence[Call], focus: Sequence[str], conversation: Conversation) -> bool:
    """Whether calls touch no node but these and new ones, except by an edge to one of them."""
    made = {call.input["id"] for call in calls if call.name in ("add_node", "group_nodes")}
    allowed, edges = made | set(focus), conversation.diagram.edges
    for call in calls:
        given = call.input
        if call.name in ("update_node", "delete_node", "ungroup") and given["id"] not in allowed:
            return False
        if call.name == "group_nodes" and not set(given["members"]) <= allowed:
            return False
        if call.name in ("update_edge", "delete_edge") and given["id"] in edges:
            edge = edges[given["id"]]
            if not {edge.source, edge.target} & allowed:
                return False
        if call.name == "add_edge" and not {given["source"], given["target"]} & allowed:
            return False
    return True


def _told(draft: Draft, conversation: Conversation) -> str:
    refused = [call.result for turn in conversation.turns for call in turn.calls if call.is_error]
    parts = [" ".join(draft.said) if draft.said else _KEPT]
    parts += [f"Refused: {' '.join(refused[:3])}"] if refused else []
    return "\n\n".join(parts)
