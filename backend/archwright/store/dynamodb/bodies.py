"""Bodies of items: JSON as it is while short, compressed above that, in items of their own when very long.

An item is charged by the kilobyte (a transactional write twice) and holds at most 400 KB. Diagrams, prompts and
replies as JSON shrink to a fifth; below half a kilobyte compression saves no unit and costs readability.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from archwright.diagram.model import Value
from archwright.errors import InvalidRequest
from archwright.store.dynamodb.keys import Key, key

R = TypeVar("R", bound=BaseModel)
Item = dict[str, Any]

READABLE_BYTES = 512
INLINE_BYTES = 64 * 1024
PART_BYTES = 350 * 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as the attribute of an item, and the parts to write before that item when it is very long. Parts are
    never shared: each time that a body is packed they are new ones."""

    value: Item
    parts: tuple[Item, ...] = ()


def pack(body: str | bytes, home: Key) -> Packed:
    """Return the body as it is stored with the item at `home`."""
    raw = body.encode() if isinstance(body, str) else body
    if isinstance(body, str) and len(raw) <= READABLE_BYTES:
        return Packed({"S": body})
    packed = zlib.compress(raw)
    if len(packed) <= INLINE_BYTES:
        return Packed({"B": packed})
    token = uuid4().hex
    chunks = [packed[start : start + PART_BYTES] for start in range(0, len(packed), PART_BYTES)]
    parts = tuple({**_part(home, token, n), "body": {"B": chunk}} for n, chunk in enumerate(chunks))
    return Packed({"M": {"parts": {"N": str(len(parts))}, "token": {"S": token}}}, parts)


def unpack(value: Item, chunks: Sequence[bytes] = ()) -> bytes:
    """Return the body that was packed; `chunks` are the bodies of its parts, in order."""
    if "S" in value:
        return str(value["S"]).encode()
    return zlib.decompress(value["B"] if "B" in value else b"".join(chunks))


def part_keys(value: Item, home: Key) -> tuple[Key, ...]:
    """Return the keys of a packed body's parts, in order."""
    if "M" not in value:
        return ()
    token, count = value["M"]["token"]["S"], int(value["M"]["parts"]["N"])
    return tuple(_part(home, token, n) for n in range(count))


def parts_prefix(sk: str) -> str:
    """Return what the sort keys of the parts of items whose sort keys begin with `sk` begin with."""
    return f"PART#{sk}"


def _part(home: Key, token: str, number: int) -> Key:
    return key(home["PK"]["S"], f"{parts_prefix(home['SK']['S'])}#{token}#{number:03}")


def dump_json(value: Any) -> str:
    """Return JSON that gives back exactly this, also what a model wrote that is not valid Unicode."""
    return json.dumps(value, separators=(",", ":"))


def dump_record(record: BaseModel) -> str:
    return dump_json(record.model_dump())


def load_record(kind: type[R], body: bytes) -> R:
    return kind.model_validate(json.loads(body))


def dump_value(value: Value) -> str:
    """Return a part of a diagram as JSON. Raises InvalidRequest for text that is not valid Unicode."""
    try:
        return value.model_dump_json()
    except PydanticSerializationError as error:
        raise InvalidRequest(f"A property cannot be stored: {error}.") from None
