"""What a session consists of beside its log: its head, diagram and conversation, and how it is removed."""

import time
from itertools import islice

from archwright.diagram.model import Diagram
from archwright.errors import Unavailable
from archwright.jobs.model import Fence, Message
from archwright.store.cursors import decode_cursor, encode_cursor
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import Item, Packed, dump_record, load_record, pack
from archwright.store.dynamodb.elements import diagram_of, read_elements
from archwright.store.dynamodb.heads import (
    explain_fence,
    fenced,
    is_owned,
    load_head,
    number,
    read_head,
    unknown,
)
from archwright.store.dynamodb.log import read_changes
from archwright.store.dynamodb.table import Refused, Table
from archwright.store.dynamodb.writes import Write, check, update
from archwright.store.ports import Head, Page

_TRIES = 100
_LAGGING_S = 0.005


def head(table: Table, session_id: str, owner: str) -> Head:
    return load_head(read_head(table, session_id, owner))


def list_sessions(table: Table, owner: str, cursor: str | None, limit: int) -> Page[Head]:
    """The order comes from the index, which may lag behind by moments; what is shown is read from the heads."""
    pk, high = keys.owner_index(owner), keys.after("")
    if cursor is not None:
        created, session_id = decode_cursor("sessions", cursor)
        high = _before(f"{created}#{session_id}")
    low = " "
    index = table.query(pk, low, high, backwards=True, limit=limit + 1, index=keys.BY_OWNER)
    wanted = list(islice(index, limit + 1))
    found = table.get_many([{"PK": one["PK"], "SK": one["SK"]} for one in wanted[:limit]])
    heads = (found.get((one["PK"]["S"], one["SK"]["S"])) for one in wanted[:limit])
    items = tuple(load_head(one) for one in heads if one is not None and is_owned(one, owner))
    if len(wanted) <= limit:
        return Page(items, None)
    return Page(items, encode_cursor("sessions", *wanted[limit - 1]["GSI1SK"]["S"].split("#", 1)))


def _before(sk: str) -> str:
    """Return a bound below this sort key and above every one that is smaller."""
    return sk[:-1] + chr(ord(sk[-1]) - 1) + "\U0010ffff"


def load(table: Table, session_id: str, owner: str) -> tuple[Head, Diagram]:
    """The elements are read while others write. What a change after the first look at the head did is replayed from
    the log over the elements that were read before it."""
    before = read_head(table, session_id, owner)
    shown = number(before, "pending") - 1 if "pending" in before else number(before, "version")
    elements, newest = read_elements(table, session_id)
    after = _head_at(table, session_id, owner, newest)
    version = number(after, "version")
    missing = tuple(read_changes(table, keys.session(session_id), shown + 1, version))
    return load_head(after), diagram_of(after["title"]["S"], elements, missing)


def _head_at(table: Table, session_id: str, owner: str, version: int) -> Item:
    """Return the head, of this version or a later one: the items of a transaction may be seen one after the other."""
    for _ in range(_TRIES):
        found = read_head(table, session_id, owner)
        if number(found, "version") >= version:
            return found
        time.sleep(_LAGGING_S)
    raise Unavailable(f"The head of the session '{session_id}' lags behind its elements.")


def delete_session(table: Table, session_id: str, owner: str) -> None:
    """Mark the head, so that no write holds any more; remove the jobs, then the rest, and the head last. What was
    interrupted is finished by a repeat."""
    mark = "SET #deleted = :yes REMOVE #GSI1PK, #GSI1SK"
    try:
        table.transact([update(keys.head(session_id), mark, "#owner = :owner", yes=True, owner=owner)])
    except Refused:
        raise unknown(session_id) from None
    pk = keys.session(session_id)
    for pointer in table.query(pk, "JOB#", keys.after("JOB#")):
        job_id = pointer["id"]["S"]
        table.delete_all([keys.meta(job_id)])
        table.delete_range(keys.job(job_id), " ", keys.after(""))
    everything = table.query(pk, " ", keys.after(""), only=("PK", "SK"))
    table.delete_all([one for one in everything if one["SK"]["S"] != keys.HEAD])
    table.delete_all([keys.head(session_id)])


def insert_message(session_id: str, message: Message) -> tuple[Write, Packed]:
    """Return the write of a message, which leaves one that is stored already as it is; and its body, whose parts go
    first."""
    home = keys.message(session_id, message.id)
    body = pack(dump_record(message), home)
    return update(home, "SET #body = if_not_exists(#body, :body)", body=body.value), body


def add_message(table: Table, session_id: str, owner: str, message: Message, fence: Fence | None) -> None:
    condition, values = fenced(fence, cancelled_too=True)
    write, body = insert_message(session_id, message)
    try:
        table.transact([check(keys.head(session_id), condition, owner=owner, **values), write], body)
    except Refused:
        explain_fence(read_head(table, session_id, owner), fence, cancelled_too=True)
        raise


def messages(table: Table, session_id: str, owner: str, cursor: str | None, limit: int) -> Page[Message]:
    read_head(table, session_id, owner)
    low = "MSG#"
    if cursor is not None:
        (last,) = decode_cursor("messages", cursor)
        low = keys.message(session_id, last)["SK"]["S"] + "\0"
    found = table.query(keys.session(session_id), low, keys.after("MSG#"), limit=limit + 1)
    read = list(islice(found, limit + 1))
    items = tuple(load_record(Message, table.body(one)) for one in read[:limit])
    return Page(items, encode_cursor("messages", items[-1].id) if len(read) > limit else None)


def recent_messages(table: Table, session_id: str, owner: str, limit: int) -> tuple[Message, ...]:
    read_head(table, session_id, owner)
    found = table.query(keys.session(session_id), "MSG#", keys.after("MSG#"), backwards=True, limit=limit)
    read = list(islice(found, limit))
    return tuple(load_record(Message, table.body(one)) for one in reversed(read))
