"""Requests about groups: put into, move, group by, take out, ungroup."""

import re
from collections.abc import Callable, Mapping

from archwright.diagram.model import Node
from archwright.model.offline.edits.draft import Draft, NotUnderstood
from archwright.model.offline.edits.links import CARRIERS, ENTRIES, FRONTS, STORES
from archwright.model.offline.edits.matching import members
from archwright.model.offline.edits.names import many, some
from archwright.model.offline.edits.parts import part
from archwright.model.offline.edits.wanted import owner_name
from archwright.model.offline.edits.words import bare, capital, enumerated, stems

_NEW_GROUP = re.compile(
    r"^(?:an?|another|one|its own|their own|a new|new|a separate|the same|a single|one single|a common|a shared)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^(?:.*?\b(?:called|named|labell?ed|titled)\s+)(.+)$", re.IGNORECASE)
_OUTSIDE = ENTRIES | {"external", "cdn", "dns"}


def put_into(draft: Draft, what: str, where: str) -> None:
    """Move nodes into a group, making it when no such group is there. Raises NotUnderstood, Unclear."""
    group = None if _NEW_GROUP.match(where.strip()) else existing_group(draft, where)
    ids = _outermost(draft, _without_outside(draft, many(draft, what)))
    if group is None:
        make_group(draft, ids, where)
        return
    moved = [i for i in ids if i != group.id and draft.update_node(i, parent=group.id)]
    draft.it = tuple(ids)
    names = enumerated([draft.label(i) for i in moved])
    draft.say(f"Moved {names} into {group.label}." if moved else f"They are in {group.label} already.")


def existing_group(draft: Draft, where: str) -> Node | None:
    """Return the one group that a phrase names; None when there is none."""
    found = [draft.node(i) for i in some(draft, where)]
    groups = [node for node in found if node.type == "group"]
    if len(groups) == 1:
        return groups[0]
    wanted = set(stems(bare(where))) - {"group"}
    named = [n for n in draft.diagram.nodes.values() if n.type == "group" and wanted and wanted <= set(stems(n.label))]
    return named[0] if len(named) == 1 else None


def _without_outside(draft: Draft, ids: list[str]) -> list[str]:
    """Of everything, leave users and other companies' services outside."""
    every = len(ids) > 3 and set(ids) == {node.id for node in draft.leaves()}
    inside = [i for i in ids if draft.node(i).type not in _OUTSIDE]
    return inside if every and inside else ids


def _outermost(draft: Draft, ids: list[str]) -> list[str]:
    """Of nodes and the groups around them, the groups whose every member is meant, so that nesting is kept."""
    meant = set(ids)
    for group in [n for n in draft.diagram.nodes.values() if n.type == "group"]:
        within = [n.id for n in members(draft.diagram, group.id) if n.type != "group"]
        if len(within) > 0 and set(within) <= meant and len(meant) > len(within):
            meant |= {group.id}
    return [i for i in draft.diagram.nodes if i in meant and not meant & {g.id for g in draft.diagram.ancestors(i)}]


def make_group(draft: Draft, ids: list[str], where: str) -> None:
    """Put nodes into a new group with the name that the phrase gives it."""
    if not ids:
        raise NotUnderstood("It is not clear what to put into the group.")
    parents = {draft.node(i).parent for i in ids}
    parent = parents.pop() if len(parents) == 1 else None
    group = draft.group(group_label(where), ids, parent)
    draft.it = (group.id,)
    draft.say(f"Grouped {enumerated([draft.label(i) for i in ids])} as {group.label}.")


def group_label(where: str) -> str:
    """Return the label that a phrase such as 'a "Core" group' or "a private subnet" gives."""
    named = _NAME.match(where.strip())
    phrase = bare(
        re.sub(
            r"^(?:same|single|common|shared|own|one)\s+", "", bare(named[1] if named else where), flags=re.IGNORECASE
        )
    )
    phrase = re.sub(r"^(?:group|box)\s+", "", phrase, flags=re.IGNORECASE)
    words = phrase.strip("\"' ")
    stripped = re.sub(r"[\"']", "", re.sub(r"\s+(?:group|box|container)$", "", words, flags=re.IGNORECASE)).strip()
    known = part(stripped)
    if known is not None and known.type == "group" and not named:
        return known.label
    return capital(stripped) or "Group"


def take_out(draft: Draft, what: str, where: str = "") -> None:
    """Move nodes out of their group, to where the group lies."""
    group = existing_group(draft, where) if where else None
    ids = many(draft, what)
    if where and group is None:
        raise NotUnderstood(f'There is no group "{bare(where)}".')
    moved: list[str] = []
    for node_id in ids:
        around = group or next(iter(draft.diagram.ancestors(node_id)), None)
        if around is not None and draft.update_node(node_id, parent=around.parent):
            moved.append(draft.label(node_id))
    draft.it = tuple(ids)
    draft.say(f"Moved {enumerated(moved)} out." if moved else "They are in no group.")


def ungroup(draft: Draft, phrase: str) -> None:
    """Dissolve groups and keep their members."""
    groups = [n.id for n in draft.diagram.nodes.values() if n.type == "group"]
    if re.fullmatch(r"(?:all|every|everything|all (?:the )?groups|the groups|)", phrase.strip(), re.IGNORECASE):
        ids = groups
    else:
        ids = [i for i in many(draft, phrase) if i in groups]
        if not ids and (group := existing_group(draft, phrase)) is not None:
            ids = [group.id]
    if not ids:
        raise NotUnderstood("There is no such group to dissolve.")
    names = [draft.label(i) for i in ids]
    for group_id in ids:
        draft.ungroup(group_id)
    draft.say(f"Dissolved {enumerated(names)}; the members stay.")


_LAYERS: Mapping[str, frozenset[str]] = {
    "Clients": ENTRIES,
    "Edge": FRONTS,
    "Services": frozenset({"service", "api", "server", "worker", "function", "auth", "scheduler", "ml", "llm"}),
    "Messaging": CARRIERS,
    "Data": STORES,
    "Operations": frozenset({"monitoring"}),
    "External services": frozenset({"external"}),
}


def group_by(draft: Draft, what: str, criterion: str) -> None:
    """Group nodes by layer, by type, by technology's maker or by domain."""
    ids = many(draft, what) if what.strip() else [n.id for n in draft.leaves()]
    free = [draft.node(i) for i in ids if draft.node(i).parent is None and draft.node(i).type != "group"]
    key = _criterion(draft, criterion, free)
    bins: dict[str, list[str]] = {}
    for node in free:
        if name := key(node):
            bins.setdefault(name, []).append(node.id)
    made = [draft.group(name, found, None).label for name, found in bins.items() if len(found) > 1]
    if not made:
        raise NotUnderstood(f"Nothing here can be grouped by {criterion.strip()}: no two free nodes belong together.")
    draft.say(f"Grouped by {criterion.strip()}: {enumerated(made)}.")


def _criterion(draft: Draft, criterion: str, nodes: list[Node]) -> Callable[[Node], str]:
    word = criterion.casefold()
    if re.search(r"layer|tier|type|kind|role|function|concern", word):
        return lambda node: next((name for name, types in _LAYERS.items() if node.type in types), "")
    if re.search(r"domain|context|service|team|feature|capabilit|responsib", word):
        owners = _domains(draft, nodes)
        return lambda node: owners.get(node.id, "")
    raise NotUnderstood(f'Grouping works by layer, by type or by domain, not by "{criterion.strip()}".')


def _domains(draft: Draft, nodes: list[Node]) -> dict[str, str]:
    """Each service leads a domain with what only it uses, and with what shares its name."""
    leads = [n for n in nodes if n.type in {"service", "api"} and owner_name(n.label) != n.label]
    owners = {lead.id: owner_name(lead.label) for lead in leads}
    for node in nodes:
        if node.id in owners or node.type in ENTRIES | FRONTS | {"monitoring"}:
            continue
        named = [lead for lead in leads if set(stems(owners[lead.id])) & set(stems(node.label))]
        users = [lead for lead in leads if any(e.source == lead.id for e in draft.into(node.id))]
        feeders = [
            e.source for e in draft.into(node.id) if e.source not in owners or e.source not in {x.id for x in leads}
        ]
        if len(named) == 1:
            owners[node.id] = owners[named[0].id]
        elif len(users) == 1 and not feeders and node.type in STORES | {"worker"}:
            owners[node.id] = owners[users[0].id]
    return {node_id: capital(name) for node_id, name in owners.items()}
