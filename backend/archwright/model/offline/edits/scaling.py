"""Requests for more of the same: replicas, high availability, instances, copies, splitting and merging."""

import re

from archwright.diagram.model import Edge, Node
from archwright.model.offline.edits import placing
from archwright.model.offline.edits.draft import Draft, NotUnderstood, cloud_of
from archwright.model.offline.edits.links import CARRIERS, RUNNERS, STORES
from archwright.model.offline.edits.names import is_exactly, is_known, many, one, points, some, with_shared_head
from archwright.model.offline.edits.parts import Part, part
from archwright.model.offline.edits.wanted import owner_name
from archwright.model.offline.edits.words import capital, enumerated, listed, stems

_BOXES_MAX = 6
"""Instances that are drawn one by one; more are a number on the label."""
_ONE_CALLED = re.compile(r"^(?:(?:just |only |a single |a )?(?:one|\w+)\s+)?(?:called|named)\s+", re.IGNORECASE)
_COPIED = STORES | CARRIERS


def replicate(draft: Draft, phrase: str, count: int = 1, role: str = "replica") -> None:
    """Add replicas of stores, each fed by its primary. Raises NotUnderstood, Unclear."""
    ids = many(draft, phrase)
    for node_id in ids:
        _add_replicas(draft, draft.node(node_id), min(count, 10), role)
    draft.it = tuple(ids)


def _add_replicas(draft: Draft, primary: Node, count: int, role: str) -> None:
    made: list[Node] = []
    for number in range(1, count + 1):
        label = f"{primary.label} {role}" + (f" {number}" if count > 1 else "")
        text = f"Copy of {primary.label}" + (
            " that answers reads." if "read" in role else " that takes over when it fails."
        )
        replica = draft.add_node(primary.type, label, primary.technology, text, primary.parent)
        draft.connect(primary.id, replica.id, "replicates to", "replication")
        made.append(replica)
    if "read" in role:
        for replica in made[:1] if count > 1 else made:
            _share_reads(draft, primary, replica)
    draft.say(f"Added {enumerated([node.label for node in made])}, fed by {primary.label}.")


def _share_reads(draft: Draft, primary: Node, replica: Node) -> None:
    for edge in draft.into(primary.id):
        if edge.kind in ("data", "request") and draft.node(edge.source).type not in STORES:
            draft.connect(edge.source, replica.id, "reads", "data")
            return


def make_available(draft: Draft, phrase: str) -> None:
    """Make stores and services survive the loss of one: a replica for a store, a second instance for the rest."""
    whole = points(phrase) and not is_known(draft, phrase)
    ids = many(draft, "everything" if whole else phrase)
    if (whole or len(ids) > 3) and set(ids) == {node.id for node in draft.leaves()}:
        ids = [n.id for n in draft.leaves(_COPIED - {"storage"})] or [n.id for n in draft.leaves({"service", "api"})]
    done = [i for i in ids if any(e.kind == "replication" for e in draft.diagram.touching(i))]
    for node_id in ids:
        node = draft.node(node_id)
        if node_id in done:
            draft.say(f"{node.label} is replicated already.")
        elif node.type == "group":
            raise NotUnderstood(f"{node.label} is a group; name the databases or services in it.")
        elif node.type in _COPIED:
            _add_replicas(draft, node, 1, "replica")
        else:
            scale(draft, node.label, 2, balanced=True)
    draft.it = tuple(ids)


def scale(draft: Draft, phrase: str, count: int, balanced: bool = False, more: bool = False) -> None:
    """Bring a node to `count` instances (`more`: that many further ones), behind a load balancer where callers
    need one."""
    node = one(draft, phrase)
    if node.type == "group":
        raise NotUnderstood(f"{node.label} is a group; name what in it is to be scaled.")
    wanted = count + 1 if more else count
    if wanted > _BOXES_MAX:
        draft.update_node(node.id, label=f"{node.label} (×{wanted})")
        draft.say(f"Marked {node.label} as {wanted} instances.")
        return
    if wanted < 2:
        raise NotUnderstood(f"{node.label} has one instance already.")
    incoming, outgoing = draft.into(node.id), draft.out_of(node.id)
    callers = [draft.node(e.source) for e in incoming]
    spread = node.type == "worker" or any(caller.type in {"loadbalancer", "gateway", *CARRIERS} for caller in callers)
    copies = [_copy(draft, node, f"{node.label} {n}", outgoing) for n in range(2, wanted + 1)]
    if (balanced and not any(c.type == "loadbalancer" for c in callers)) or (not spread and callers and not more):
        _balance(draft, node, copies)
    else:
        for copy in copies:
            for edge in incoming:
                draft.connect(edge.source, copy.id, edge.label, edge.kind)
    draft.it = (node.id, *(copy.id for copy in copies))
    draft.say(f"Scaled {node.label} to {wanted} instances.")


def _copy(draft: Draft, node: Node, label: str, outgoing: list[Edge]) -> Node:
    copy = draft.add_node(node.type, label, node.technology, f"Further instance of {node.label}.", node.parent)
    for edge in outgoing:
        draft.connect(copy.id, edge.target, edge.label, edge.kind)
    return copy


def _balance(draft: Draft, node: Node, copies: list[Node]) -> None:
    wanted = part("load balancer", cloud_of(draft.diagram))
    label = f"{owner_name(node.label)} load balancer" if draft.leaves({"loadbalancer"}) else "Load balancer"
    made = Part(label, "loadbalancer", wanted.technology if wanted else "")
    balancer = placing.draw(draft, made, [node.id], parent=node.parent)[0]
    placing.in_front(draft, [balancer], [node.id])
    for copy in copies:
        placing.link(draft, balancer, copy)
    draft.say(f"Added {balancer.label} in front of it.")


def duplicate(draft: Draft, phrase: str, name: str = "") -> None:
    """Add a copy of a node with the same neighbours."""
    node = one(draft, phrase)
    incoming, outgoing = draft.into(node.id), draft.out_of(node.id)
    copy = _copy(draft, node, capital(name.strip("\"' ")) or f"{node.label} copy", outgoing)
    for edge in incoming:
        draft.connect(edge.source, copy.id, edge.label, edge.kind)
    draft.it = (copy.id,)
    draft.say(f"Duplicated {node.label} as {copy.label}.")


def split(draft: Draft, phrase: str, into: str) -> None:
    """Make several nodes of one: the first keeps its id and edges, the others get edges to the same neighbours."""
    node = one(draft, phrase)
    names = _split_names(node, into)
    if len(names) < 2:
        raise NotUnderstood(f"Name the parts that {node.label} is to be split into.")
    incoming, outgoing = draft.into(node.id), draft.out_of(node.id)
    kinds = [_kind_of_part(node, name) for name in names]
    draft.update_node(node.id, label=names[0], type=kinds[0])
    made = [node.id]
    for name, kind in zip(names[1:], kinds[1:], strict=True):
        text = f"Split from {node.label}."
        other = draft.add_node(kind, name, node.technology, text, node.parent)
        for edge in incoming:
            draft.connect(edge.source, other.id, edge.label, edge.kind)
        for edge in outgoing:
            draft.connect(other.id, edge.target, edge.label, edge.kind)
        made.append(other.id)
    draft.it = tuple(made)
    draft.say(f"Split {node.label} into {enumerated(names)}.")


def _kind_of_part(node: Node, name: str) -> str:
    """What a part of a node is: as its name says, if such a thing can come out of this one; else what the node is."""
    named = part(name)
    fits = named is not None and named.known and {named.type, node.type} <= RUNNERS and named.type != "service"
    return named.type if named is not None and fits else node.type


def _split_names(node: Node, into: str) -> list[str]:
    """The parts' labels: "read and write" of an "Order service" are "Order read service" and "Order write service"."""
    items = [re.sub(r"^(?:an?|the|one|separate)\s+", "", item, flags=re.IGNORECASE) for item in listed(into)]
    counted = re.fullmatch(r"(two|three|four|2|3|4)(?:\s+\w+)*", into.strip(), re.IGNORECASE)
    if counted:
        number = {"two": 2, "three": 3, "four": 4}.get(counted[1].casefold()) or int(counted[1])
        return [f"{node.label} {n}" for n in range(1, number + 1)]
    items = [re.sub(r"^(?:two|three|four|separate)\s+", "", item) for item in with_shared_head(items)]
    parts = [part(item) for item in items if item]
    return [p.label if p is not None else capital(item) for p, item in zip(parts, items, strict=False)]


def merge(draft: Draft, phrase: str, into: str = "") -> None:
    """Make one node of several: the first keeps its id and gets the edges of the others."""
    ids = [i for i in many(draft, phrase) if draft.node(i).type != "group"]
    into = _ONE_CALLED.sub("", into.strip())
    target = _one_apart(draft, into, ids)
    ids = [target, *ids] if target is not None else ids
    if len(ids) < 2:
        raise NotUnderstood("Name at least two nodes to merge.")
    keep, *rest = ids
    names = [draft.label(i) for i in ids]
    kept = target or next((i for i in ids if into and stems(draft.label(i)) == stems(into)), None)
    if kept is not None:
        keep, rest = kept, [i for i in ids if i != kept]
    elif into:
        wanted = part(into)
        draft.update_node(keep, label=wanted.label if wanted else capital(into))
    else:
        draft.update_node(keep, label=_joint_name(names))
    for other in rest:
        _absorb(draft, keep, other)
    draft.it = (keep,)
    draft.say(f"Merged {enumerated(names)} into {draft.label(keep)}.")


def _one_apart(draft: Draft, phrase: str, ids: list[str]) -> str | None:
    """The one node of this very name that is not among these, so that they go into it and it keeps its name."""
    found = some(draft, phrase) if phrase and is_exactly(draft, phrase) else []
    return found[0] if len(found) == 1 and found[0] not in ids else None


def _joint_name(names: list[str]) -> str:
    tails = {name.split()[-1] for name in names}
    if len(tails) == 1 and all(len(name.split()) > 1 for name in names):
        heads = [name.rsplit(" ", 1)[0] for name in names]
        return f"{enumerated([heads[0], *(h[:1].lower() + h[1:] for h in heads[1:])])} {tails.pop()}"
    return enumerated(names)


def _absorb(draft: Draft, keep: str, other: str) -> None:
    for edge in draft.into(other):
        if edge.source != keep and not draft.between(edge.source, keep):
            draft.update_edge(edge.id, target=keep)
    for edge in draft.out_of(other):
        if edge.target != keep and not draft.between(keep, edge.target):
            draft.update_edge(edge.id, source=keep)
    draft.delete_node(other)
