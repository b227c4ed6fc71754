"""Where something new goes: in front of, behind, between or beside what exists, and what it is connected to."""

import re
from collections.abc import Sequence
from itertools import pairwise

from archwright.diagram.model import Edge, Node
from archwright.model.offline.edits.draft import Draft
from archwright.model.offline.edits.links import CARRIERS, ENTRIES, FRONTS, RUNNERS, STORES, usual_link
from archwright.model.offline.edits.parts import Part
from archwright.model.offline.edits.words import enumerated, stems

_OUTSIDE = ENTRIES | {"external", "cdn", "dns", "monitoring"}
"""Types that stand outside of the groups of what they serve."""
_TIER = re.compile(
    r"\b(?:data|storage|persistence|tier|layer|subnet|database|cache|messaging|stores?)\b", re.IGNORECASE
)
_MONITORED_MAX = 12
_HUBS = ("service", "api", "server", "function", "worker", "gateway", "loadbalancer", "web")
_DOORS = ("gateway", "loadbalancer", "api", "service", "server", "function", "web", "mobile", "client")
_SENTENCES = {
    "cache": "Keeps often used data of {near} in memory.",
    "database": "Stores the data of {near}.",
    "queue": "Buffers messages so that {near} need not wait.",
    "stream": "Carries the events of {near}.",
    "storage": "Keeps the files of {near}.",
    "search": "Answers full-text searches for {near}.",
    "vectordb": "Finds similar items for {near} by their embeddings.",
    "warehouse": "Collects the data of {near} for analysis.",
    "loadbalancer": "Spreads requests over {near}.",
    "gateway": "Single way in: routes, limits and checks requests to {near}.",
    "cdn": "Delivers content of {near} from near its users.",
    "dns": "Resolves the public names of {near}.",
    "network": "Filters traffic to {near}.",
    "auth": "Signs users in and verifies identities for {near}.",
    "monitoring": "Watches {near}.",
    "worker": "Does work in the background for {near}.",
    "function": "Runs on demand for {near}.",
    "scheduler": "Starts work of {near} on a schedule.",
    "external": "Service of another company that {near} uses.",
    "llm": "Language model behind {near}.",
    "ml": "Makes predictions for {near}.",
}


def draw(draft: Draft, part: Part, near: Sequence[str], parent: str | None = None, purpose: str = "") -> list[Node]:
    """Add the nodes of a part, in the group that suits what they stand near to."""
    place = parent if parent is not None else group_for(draft, part.type, near)
    label = part.label
    labels = [label] if part.count == 1 else [f"{label} {n}" for n in range(1, min(part.count, 10) + 1)]
    description = part.description or (f"For {purpose.strip('. ')}." if purpose else _describe(draft, part, near))
    return [draft.add_node(part.type, label, part.technology, description, place) for label in labels]


def _describe(draft: Draft, part: Part, near: Sequence[str]) -> str:
    names = enumerated([draft.label(i) for i in near[:3]]) if len(near) in (1, 2, 3) else "the system"
    return _SENTENCES.get(part.type, "Works with {near}." if near else "").format(near=names)


def group_for(draft: Draft, type_: str, near: Sequence[str]) -> str | None:
    """Return the group for a new node: with its like where a tier keeps them, or else with its neighbours."""
    if type_ in _OUTSIDE:
        return None
    homes = [node.parent for node in draft.leaves({type_})]
    shared = homes[0] if homes and len(set(homes)) == 1 else None
    if shared is not None and (len(homes) > 1 or _TIER.search(draft.label(shared))):
        return shared
    parents = [draft.node(i).parent for i in near if draft.node(i).type not in _OUTSIDE]
    return parents[0] if parents and len(set(parents)) == 1 else None


def link(draft: Draft, source: Node, target: Node) -> None:
    """Connect two nodes with the edge that is usual between them."""
    label, kind = usual_link(source, target)
    draft.connect(source.id, target.id, label, kind)


def chain(draft: Draft, nodes: Sequence[Node]) -> None:
    for source, target in pairwise(nodes):
        link(draft, source, target)


def in_front(draft: Draft, new: Sequence[Node], targets: Sequence[str]) -> None:
    """Lead what leads to the targets through the new nodes, in their order."""
    names = {node.id for node in new}
    for edge in _redirected(draft, new[0], targets):
        if edge.source not in names:
            label, kind = usual_link(draft.node(edge.source), new[0])
            taken = draft.between(edge.source, new[0].id)
            if taken:
                draft.delete_edge(edge.id)
            elif new[0].type in CARRIERS:
                draft.update_edge(edge.id, target=new[0].id, label=label, kind=kind)
            else:
                draft.update_edge(edge.id, target=new[0].id)
    chain(draft, new)
    for target in targets:
        link(draft, new[-1], draft.node(target))


def _redirected(draft: Draft, new: Node, targets: Sequence[str]) -> list[Edge]:
    edges = [e for t in targets for e in draft.into(t) if e.source not in targets and e.kind != "replication"]
    calls = [e for e in edges if draft.node(e.source).type not in CARRIERS | {"monitoring", "scheduler"}]
    outer = [e for e in calls if draft.node(e.source).type in ENTRIES | {"cdn", "dns", "network", "external"}]
    return outer if outer and new.type in {"cdn", "dns", "network", "gateway"} else calls


def behind(draft: Draft, new: Sequence[Node], anchors: Sequence[str]) -> None:
    """Connect the anchors to the new nodes."""
    for anchor in anchors:
        for node in new:
            link(draft, draft.node(anchor), node)


def between(draft: Draft, new: Sequence[Node], sources: Sequence[str], targets: Sequence[str]) -> None:
    """Put the new nodes into the way from the sources to the targets, in whichever direction it leads now."""
    pairs = [(s, t) for s in sources for t in targets if s != t]
    if not any(draft.between(s, t) for s, t in pairs) and any(draft.between(t, s) for s, t in pairs):
        sources, targets = targets, sources
        pairs = [(t, s) for s, t in pairs]
    for source, target in pairs:
        for number, edge in enumerate(draft.between(source, target)):
            if number or draft.between(source, new[0].id):
                draft.delete_edge(edge.id)
            else:
                label, kind = usual_link(draft.node(source), new[0])
                changed = {"label": label, "kind": kind} if new[0].type in CARRIERS | STORES else {}
                draft.update_edge(edge.id, target=new[0].id, **changed)
    for source in sources:
        if not draft.between(source, new[0].id):
            link(draft, draft.node(source), new[0])
    chain(draft, new)
    for target in targets:
        link(draft, new[-1], draft.node(target))


def attach_to(draft: Draft, new: Node, anchor: Node) -> None:
    """Connect a new node to the node that it is for, in the direction in which such nodes are used."""
    if anchor.type == "group":
        return
    if (
        new.type in {"loadbalancer", "gateway", "cdn", "network"} and anchor.type not in FRONTS - {new.type} | ENTRIES
    ) or (new.type == "cache" and anchor.type in STORES - {"cache"}):
        in_front(draft, [new], [anchor.id])
    elif _starts_at_new(new, anchor):
        link(draft, new, anchor)
    else:
        link(draft, anchor, new)


def _starts_at_new(new: Node, anchor: Node) -> bool:
    if new.type in ENTRIES:
        return anchor.type != "user"
    if new.type == "scheduler":
        return True
    if anchor.type in CARRIERS or anchor.type in ENTRIES | {"gateway", "loadbalancer", "scheduler"}:
        return False
    if anchor.type in STORES:
        return new.type in RUNNERS | FRONTS
    return anchor.type in {"external", "auth", "llm", "monitoring"} and new.type in RUNNERS


def hub(draft: Draft, new: Node) -> Node | None:
    """Return the node that a new one most likely serves: the one it shares a word with, or the busiest."""
    others = [node for node in draft.leaves() if node.id != new.id]
    own = set(stems(new.label)) - set(stems(new.technology)) - {"service", "api", "data", "store", new.type}
    named = [n for n in others if n.type in RUNNERS | {"web", "mobile"} and own & set(stems(n.label))]
    ranked = sorted(
        (n for n in named or others if n.type in _HUBS),
        key=lambda n: (_HUBS.index(n.type), -len(list(draft.diagram.touching(n.id)))),
    )
    return ranked[0] if ranked else next((n for n in others if n.type != "external"), None)


def door(draft: Draft, new: Node) -> Node | None:
    """Return the node through which clients come in."""
    others = [node for node in draft.leaves(_DOORS) if node.id != new.id and node.type not in ENTRIES]
    fallback = [node for node in draft.leaves(ENTRIES - {"user"}) if node.id != new.id]
    reached = {e.target for n in draft.leaves(ENTRIES) for e in draft.out_of(n.id) if n.id != new.id}
    ranked = sorted(others, key=lambda n: (n.id not in reached, _DOORS.index(n.type)))
    return ranked[0] if ranked else next(iter(fallback), None)


def attach(draft: Draft, new: Node, siblings: Sequence[Node] = ()) -> None:
    """Connect a new node of which nothing was said; `siblings` came with it in the same request."""
    if new.type == "group" or len(draft.leaves()) < 2:
        return
    if new.type == "monitoring":
        _attach_monitoring(draft, new)
    elif new.type in ENTRIES:
        _attach_entry(draft, new)
    elif new.type in {"gateway", "loadbalancer", "cdn", "network", "dns"}:
        _attach_front(draft, new)
    else:
        _attach_inner(draft, new, siblings)


def _attach_monitoring(draft: Draft, new: Node) -> None:
    others = [node for node in draft.leaves({"monitoring", "search"}) if node.id != new.id]
    shows = re.search(r"grafana|kibana|dashboard", f"{new.label} {new.technology}", re.IGNORECASE)
    if shows and others:
        draft.connect(new.id, others[-1].id, "queries metrics", "request")
        return
    alerting = re.search(r"alert|pagerduty|opsgenie", f"{new.label} {new.technology}", re.IGNORECASE)
    if alerting and others:
        draft.connect(others[-1].id, new.id, "raises alerts", "async")
        return
    watched = draft.leaves(RUNNERS | {"gateway"}) or [node for node in draft.leaves() if node.id != new.id]
    for node in watched[:_MONITORED_MAX]:
        link(draft, node, new)


def _attach_entry(draft: Draft, new: Node) -> None:
    if new.type == "user":
        apps = draft.leaves({"web", "mobile", "client"})
        for app in apps:
            link(draft, new, app)
        if apps:
            return
    target = door(draft, new)
    if target is not None:
        link(draft, new, target)


def _attach_front(draft: Draft, new: Node) -> None:
    entries = [node for node in draft.leaves(ENTRIES) if draft.out_of(node.id)]
    reached = [e.target for n in entries for e in draft.out_of(n.id) if draft.node(e.target).type not in ENTRIES]
    if new.type == "dns":
        for entry in entries or draft.leaves(ENTRIES):
            link(draft, entry, new)
    elif new.type == "gateway":
        services = [i for i in dict.fromkeys(reached) if draft.node(i).type in RUNNERS | {"loadbalancer"}]
        in_front(draft, [new], services or [n.id for n in draft.leaves({"service", "api"})][:8])
    elif new.type == "cdn":
        _attach_cdn(draft, new)
    elif (target := door(draft, new)) is not None:
        in_front(draft, [new], [target.id])
    if not list(draft.diagram.touching(new.id)) and (last := hub(draft, new)) is not None:
        link(draft, new, last)


def _attach_cdn(draft: Draft, new: Node) -> None:
    served = [n for n in draft.leaves({"web"}) if any(draft.node(e.source).type in ENTRIES for e in draft.into(n.id))]
    if served:
        in_front(draft, [new], [served[0].id])
        return
    for client in draft.leaves({"web", "mobile", "client"}) or draft.leaves({"user"}):
        link(draft, client, new)
    origin = next(iter(draft.leaves({"storage"})), None) or door(draft, new)
    if origin is not None and origin.id != new.id and not draft.between(origin.id, new.id):
        link(draft, new, origin)


def _attach_inner(draft: Draft, new: Node, siblings: Sequence[Node]) -> None:
    carriers = [n for n in siblings if n.type in CARRIERS] or [n for n in draft.leaves(CARRIERS) if n.id != new.id]
    if new.type == "worker" and carriers:
        link(draft, carriers[0], new)
        return
    doors = draft.leaves({"gateway"}) or draft.leaves({"loadbalancer"})
    if new.type in {"service", "api"} and doors:
        link(draft, doors[0], new)
        return
    if (
        new.type in {"service", "api"}
        and (clients := draft.leaves(ENTRIES - {"user"}))
        and not draft.leaves(RUNNERS - {new.type})
    ):
        link(draft, clients[0], new)
        return
    if new.type == "auth" and doors:
        link(draft, doors[0], new)
        return
    anchor = hub(draft, new)
    if anchor is not None:
        attach_to(draft, new, anchor)
    if new.type == "search" and anchor is not None:
        stores = [e.target for e in draft.out_of(anchor.id) if draft.node(e.target).type == "database"]
        for store in stores[:1]:
            link(draft, draft.node(store), new)
