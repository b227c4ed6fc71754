"""Small JSON values, each replaced only by one who has read it."""

import json
import math

from archwright.errors import VersionMoved
from archwright.store.dynamodb import keys
from archwright.store.dynamodb.bodies import dump_json, pack
from archwright.store.dynamodb.heads import number
from archwright.store.dynamodb.table import Refused, Table
from archwright.store.dynamodb.writes import delete, item, put
from archwright.store.ports import Json, Versioned


def value(table: Table, kind: str, id: str) -> Versioned | None:
    found = table.get(keys.value(kind, id))
    return Versioned(json.loads(table.body(found)), number(found, "revision")) if found else None


def put_value(table: Table, kind: str, id: str, body: Json, revision: int, expires_at: float | None) -> None:
    home = keys.value(kind, id)
    packed = pack(dump_json(body), home)
    expires = None if expires_at is None else math.ceil(expires_at)
    stored = item(home, body=packed.value, revision=revision + 1, expires=expires)
    fresh = put(stored, "attribute_not_exists(#PK)")
    follows = put(stored, "#revision = :read", read=revision)
    try:
        table.transact([follows if revision else fresh], packed)
    except Refused:
        raise VersionMoved(f"The {kind} '{id}' was stored by somebody else.") from None


def drop_value(table: Table, kind: str, id: str) -> None:
    table.transact([delete(keys.value(kind, id))])
