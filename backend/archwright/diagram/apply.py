"""Apply ops as callers write them: validate each against the newest state, cascade, or refuse with reasons."""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from archwright.diagram.model import (
    ELEMENTS_MAX,
    NESTING_MAX,
    OPS_MAX,
    PLACE_MAX,
    Diagram,
    Edge,
    Node,
    Point,
    Section,
    Size,
)
from archwright.diagram.ops import (
    AddEdgeInput,
    AddNodeInput,
    DeleteEdgeInput,
    DeleteNodeInput,
    DeleteSectionInput,
    EdgeDraft,
    EdgePatch,
    NodeDraft,
    NodePatch,
    OpInput,
    SetSectionInput,
    SetTitleInput,
    UpdateEdgeInput,
    UpdateNodeInput,
)
from archwright.errors import LimitExceeded, OpRefused

_LISTED = 30


def apply(diagram: Diagram, ops: Sequence[OpInput], limit: int = OPS_MAX) -> Diagram:
    """Return the diagram after all of the ops.

    Raises OpRefused when any of them makes no sense; its `extra["refused"]` has `{index, op, reason}` for each
    such op. Raises LimitExceeded above `limit` ops or 10,000 elements.
    """
    if len(ops) > limit:
        raise LimitExceeded(f"A change holds at most {limit} ops; this one has {len(ops)}.", limit=limit)
    refused: list[dict[str, Any]] = []
    for index, op in enumerate(ops):
        try:
            diagram = apply_op(diagram, op)
        except OpRefused as error:
            refused.append({"index": index, "op": op.op, "reason": error.detail})
    if refused:
        raise OpRefused(" ".join(f"Op {r['index']} ({r['op']}): {r['reason']}" for r in refused), refused=refused)
    if diagram.size() > ELEMENTS_MAX:
        raise LimitExceeded(f"A session holds at most {ELEMENTS_MAX:,} elements.", limit=ELEMENTS_MAX)
    return diagram


def apply_op(diagram: Diagram, op: OpInput) -> Diagram:
    """Return the diagram after one op. Raises OpRefused, whose detail names what exists."""
    match op:
        case AddNodeInput():
            return _add_node(diagram, op.node)
        case UpdateNodeInput():
            return _update_node(diagram, op.id, op.set)
        case DeleteNodeInput():
            return delete_node(diagram, op.id)
        case AddEdgeInput():
            return _add_edge(diagram, op.edge)
        case UpdateEdgeInput():
            return _update_edge(diagram, op.id, op.set)
        case DeleteEdgeInput():
            edge = _edge(diagram, op.id)
            return diagram.replace(edges={key: e for key, e in diagram.edges.items() if key != edge.id})
        case SetSectionInput():
            return _set_section(diagram, op)
        case DeleteSectionInput():
            return _delete_section(diagram, op.slug)
        case SetTitleInput():
            return diagram.replace(title=op.title)


def slug(text: str, taken: Collection[str]) -> str:
    """Return an id made from the text that is not taken yet."""
    stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "node"
    if stem not in taken:
        return stem
    return next(name for n in range(2, len(taken) + 3) if (name := f"{stem}-{n}") not in taken)


def edge_id(source: str, target: str, taken: Collection[str]) -> str:
    """Return the name of a new edge: `source--target`, numbered when that is taken."""
    stem = f"{source[:45]}--{target[:45]}"
    if stem not in taken:
        return stem
    return next(name for n in range(2, len(taken) + 3) if (name := f"{stem}-{n}") not in taken)


def existing(ids: Collection[str], wanted: str | None = None) -> str:
    """Say which ids exist, the closest to the wanted one first, so that a caller can correct itself."""
    if not ids:
        return "none exist yet"
    close = get_close_matches(wanted, ids, n=3, cutoff=0.6) if wanted and len(ids) <= 1_000 else []
    rest = [i for i in list(ids)[:_LISTED] if i not in close]
    more = f" and {len(ids) - len(close) - len(rest)} more" if len(ids) > len(close) + len(rest) else ""
    return f"existing: {', '.join([*close, *rest])}{more}"


def _node(diagram: Diagram, node_id: str) -> Node:
    if node_id not in diagram.nodes:
        raise OpRefused(f"There is no node '{node_id}'; {existing(diagram.nodes, node_id)}.")
    return diagram.nodes[node_id]


def _edge(diagram: Diagram, wanted: str) -> Edge:
    if wanted not in diagram.edges:
        raise OpRefused(f"There is no edge '{wanted}'; {existing(diagram.edges, wanted)}.")
    return diagram.edges[wanted]


def _add_node(diagram: Diagram, draft: NodeDraft) -> Diagram:
    node_id = draft.id or slug(draft.label, diagram.nodes)
    if node_id in diagram.nodes:
        raise OpRefused(f"The id '{node_id}' is taken by the node \"{diagram.nodes[node_id].label}\".")
    node = Node(
        **draft.model_dump(include={"type", "label", "technology", "description", "parent", "properties"}),
        id=node_id,
        position=draft.position or Point(x=0, y=0),
        size=(draft.size or Size(width=0, height=0)) if draft.type == "group" else Size(width=0, height=0),
        pinned=draft.position is not None if draft.pinned is None else draft.pinned,
    )
    check_parent(diagram, node)
    return diagram.with_node(node)


def _update_node(diagram: Diagram, node_id: str, patch: NodePatch) -> Diagram:
    node = _node(diagram, node_id)
    fields = {name: getattr(patch, name) for name in patch.model_fields_set}
    if "position" in fields:
        fields.setdefault("pinned", True)
    changed = node.model_copy(update=fields)
    if changed.type != "group" and any(diagram.children(node_id)):
        raise OpRefused(f"The group '{node_id}' has members; only a group can. Move them out first.")
    if "parent" in fields or "type" in fields:
        check_parent(diagram, changed)
    return diagram.with_node(changed)


def check_parent(diagram: Diagram, node: Node) -> None:
    """Refuse the node's parent when it is no group, lies inside the node, or makes groups nest too deep.

    Raises OpRefused, whose detail names the groups that exist.
    """
    parent = node.parent
    if parent is None:
        return
    if parent == node.id:
        raise OpRefused(f"The node '{node.id}' cannot be its own parent.")
    if parent not in diagram.nodes or diagram.nodes[parent].type != "group":
        groups = [n.id for n in diagram.nodes.values() if n.type == "group" and n.id != node.id]
        raise OpRefused(f"The parent '{parent}' is no group; groups: {existing(groups, parent)}.")
    above = [parent, *(group.id for group in diagram.ancestors(parent))]
    if node.id in above:
        raise OpRefused(f"The group '{parent}' lies inside '{node.id}': the parents would form a cycle.")
    if len(above) + _height(diagram, node) > NESTING_MAX:
        raise OpRefused(f"Groups nest at most {NESTING_MAX} deep.")


def _height(diagram: Diagram, node: Node) -> int:
    """How many levels of groups the node itself spans."""
    if node.type != "group":
        return 0
    return 1 + max((_height(diagram, child) for child in diagram.children(node.id)), default=0)


def delete_node(diagram: Diagram, node_id: str) -> Diagram:
    """Return the diagram without a node and every edge that touched it; children move to its parent.

    Raises OpRefused, whose detail lists the ids that exist.
    """
    node = _node(diagram, node_id)
    return diagram.replace(
        nodes={
            key: n.model_copy(update={"parent": node.parent}) if n.parent == node_id else n
            for key, n in diagram.nodes.items()
            if key != node_id
        },
        edges={key: e for key, e in diagram.edges.items() if node_id not in (e.source, e.target)},
    )


def _check_ends(diagram: Diagram, source: str, target: str) -> None:
    missing = [end for end in dict.fromkeys((source, target)) if end not in diagram.nodes]
    if missing:
        names = " and ".join(f"'{end}'" for end in missing)
        raise OpRefused(f"The edge's end {names} does not exist; {existing(diagram.nodes, missing[0])}.")


def _add_edge(diagram: Diagram, draft: EdgeDraft) -> Diagram:
    wanted = draft.id or edge_id(draft.source, draft.target, diagram.edges)
    if wanted in diagram.edges:
        taken = diagram.edges[wanted]
        raise OpRefused(f"The id '{wanted}' is taken by the edge {taken.source} -> {taken.target}.")
    _check_ends(diagram, draft.source, draft.target)
    fields = draft.model_dump(include={"source", "target", "label", "kind", "properties"})
    return diagram.with_edge(Edge(**fields, id=wanted))


def _update_edge(diagram: Diagram, wanted: str, patch: EdgePatch) -> Diagram:
    edge = _edge(diagram, wanted)
    changed = edge.model_copy(update={name: getattr(patch, name) for name in patch.model_fields_set})
    _check_ends(diagram, changed.source, changed.target)
    return diagram.with_edge(changed)


def _set_section(diagram: Diagram, op: SetSectionInput) -> Diagram:
    old = diagram.sections.get(op.slug)
    last = max((section.position for section in diagram.sections.values()), default=-1)
    position = op.position if op.position is not None else old.position if old else last + 1
    try:
        section = Section(slug=op.slug, title=op.title, body=op.body, position=position)
    except ValidationError as error:
        raise OpRefused(f"The section '{op.slug}': {error.errors()[0]['msg']}.") from None
    placed = diagram if op.position is None else _make_room(diagram, section)
    return placed.replace(sections={**placed.sections, op.slug: section})


def _make_room(diagram: Diagram, section: Section) -> Diagram:
    """Return the diagram with a section's place free: what stands there goes one down, and so on as far as needed."""
    free, moved = section.position + 1, dict[str, Section]()
    for other in diagram.document():
        if other.slug == section.slug or other.position < section.position:
            continue
        if other.position >= free:
            break
        moved[other.slug] = other.model_copy(update={"position": free})
        free += 1
    if free - 1 > PLACE_MAX:
        raise OpRefused(f"The section '{section.slug}': there is no room from place {section.position} on.")
    return diagram.replace(sections={**diagram.sections, **moved})


def _delete_section(diagram: Diagram, wanted: str) -> Diagram:
    if wanted not in diagram.sections:
        raise OpRefused(f"There is no section '{wanted}'; {existing(diagram.sections, wanted)}.")
    return diagram.replace(sections={key: s for key, s in diagram.sections.items() if key != wanted})
