"""The commit: one transaction over the head, the marker, the change and the elements that it touches.

A change that touches more than a transaction holds is committed without its elements, and the head says that they
are `pending`. From then on the change is made: readers replay it over the elements that do not show it yet. The
elements follow in batches, each of which asks the head that the change is still the pending one, so that whoever
does it, and however often it is begun, the outcome is the same. No other change is committed meanwhile: a writer
who finds one pending finishes it first. Only a change that fits one transaction is checked against its elements.
"""

from contextlib import suppress
from dataclasses import dataclass

from archwright.diagram.change import Change
from archwright.errors import OpRefused, Unavailable, VersionMoved
from archwright.jobs.model import Fence
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed
from archwright.store.dynamodb.effects import EDGE, NODE, Effects, effects_of
from archwright.store.dynamodb.elements import write_effects
from archwright.store.dynamodb.heads import explain_fence, fenced, is_owned, number, unknown
from archwright.store.dynamodb.log import change_item, load_marker, marker_item, read_changes
from archwright.store.dynamodb.table import Refused, Table
from archwright.store.dynamodb.writes import Write, batches, check, fits, put, update
from archwright.store.ports import Marker

_FIRST_ELEMENT = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit ready to be tried. `pending`: the elements follow it."""

    effects: Effects
    writes: tuple[Write, ...]
    bodies: tuple[Packed, ...]
    pending: bool


def append(
    table: Table, session_id: str, owner: str, change: Change, new: Marker, fence: Fence | None
) -> Marker | None:
    draft = _draft(session_id, owner, change, new, fence)
    try:
        table.transact(draft.writes, *draft.bodies)
    except Refused as refusal:
        return _resolve(table, session_id, owner, draft, change, new, fence, refusal)
    except Unavailable:
        written = table.get(keys.marker(session_id, new.change_id))
        if written is None:
            raise
        return load_marker(table, written)
    if draft.pending:
        with suppress(Unavailable):
            _write_out(table, session_id, change.version, draft.effects)
    return None


def _draft(session_id: str, owner: str, change: Change, new: Marker, fence: Fence | None) -> Draft:
    effects = effects_of(change)
    changed, change_body = change_item(session_id, change)
    marked, marker_body = marker_item(session_id, new, change)
    log = (put(marked, "attribute_not_exists(#PK)"), put(changed, "attribute_not_exists(#PK)"))
    elements = list(write_effects(session_id, change.version, effects, as_seen=True))
    writes = (_move_head(session_id, owner, change, effects, fence), *log, *(write for write, _ in elements))
    if fits(writes):
        bodies = (marker_body, change_body, *(body for _, bodies in elements for body in bodies))
        return Draft(effects, writes, bodies, pending=False)
    head = _move_head(session_id, owner, change, effects, fence, pending=True)
    return Draft(effects, (head, *log), (marker_body, change_body), pending=True)


def _move_head(
    session_id: str, owner: str, change: Change, effects: Effects, fence: Fence | None, *, pending: bool = False
) -> Write:
    condition, values = fenced(fence)
    sets = ["#version = :version", "#updated = :at", "#nodes = #nodes + :nodes", "#edges = #edges + :edges"]
    values |= {"version": change.version, "at": change.at, "owner": owner, "before": change.version - 1}
    values |= {"nodes": effects.moved(NODE), "edges": effects.moved(EDGE)}
    if effects.title is not None:
        sets.append("#title = :title")
        values |= {"title": effects.title}
    if pending:
        sets.append("#pending = :version")
    condition += " AND #version = :before AND attribute_not_exists(#pending)"
    return update(keys.head(session_id), f"SET {', '.join(sets)}", condition, **values)


def _resolve(
    table: Table,
    session_id: str,
    owner: str,
    draft: Draft,
    change: Change,
    new: Marker,
    fence: Fence | None,
    refusal: Refused,
) -> Marker:
    """Say what a refused commit means, by what stands in the table: return the marker of the first time, raise the
    condition that does not hold, or the refusal when the commit is worth another try."""
    head, known = _head_and_marker(table, session_id, owner, new.change_id)
    if known is not None:
        return load_marker(table, known)
    explain_fence(head, fence)
    if number(head, "version") != change.version - 1:
        raise VersionMoved(f"The session is at version {number(head, 'version')}, not {change.version - 1}.")
    if "pending" in head:
        roll_forward(table, session_id, number(head, "pending"))
    elif max(refusal.places) >= _FIRST_ELEMENT:
        raise OpRefused(_disagreement(draft.writes[max(refusal.places)])) from None
    raise refusal


def _head_and_marker(table: Table, session_id: str, owner: str, change_id: str) -> tuple[Item, Item | None]:
    """Read both as they were at one moment. Raises UnknownSession."""
    head, known = table.get_together(keys.head(session_id), keys.marker(session_id, change_id))
    if head is None or not is_owned(head, owner):
        raise unknown(session_id)
    return head, known


def _disagreement(write: Write) -> str:
    ((_, body),) = write.items()
    place = (body.get("Key") or body["Item"])["SK"]["S"].removeprefix("EL#")
    stands = "not there" if body["ConditionExpression"].startswith("attribute_exists") else "there already"
    return f"The element '{place}' is {stands}."


def roll_forward(table: Table, session_id: str, version: int) -> None:
    """Write the elements of a change that is committed and pending. Safe to repeat, and for many at once."""
    for change in read_changes(table, keys.session(session_id), version, version):
        _write_out(table, session_id, version, effects_of(change))


def _write_out(table: Table, session_id: str, version: int, effects: Effects) -> None:
    head, still = keys.head(session_id), "#pending = :pending AND attribute_not_exists(#deleted)"
    elements = list(write_effects(session_id, version, effects, as_seen=False))
    table.put_parts(*(body for _, bodies in elements for body in bodies))
    with suppress(Refused):
        for batch in batches([write for write, _ in elements]):
            table.transact([check(head, still, pending=version), *batch])
        table.transact([update(head, "REMOVE #pending", still, pending=version)])


def remember(table: Table, session_id: str, owner: str, new: Marker, fence: Fence | None) -> Marker | None:
    condition, values = fenced(fence)
    marked, body = marker_item(session_id, new)
    permitted = check(keys.head(session_id), condition, owner=owner, **values)
    try:
        table.transact([permitted, put(marked, "attribute_not_exists(#PK)")], body)
    except Refused:
        head, known = _head_and_marker(table, session_id, owner, new.change_id)
        if known is not None:
            return load_marker(table, known)
        explain_fence(head, fence)
        raise
    return None
