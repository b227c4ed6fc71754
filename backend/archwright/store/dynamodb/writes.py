"""The writes of a transaction, as DynamoDB takes them. In expressions every attribute is written `#name`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archwright.store.dynamodb.keys import Key

Write = dict[str, dict[str, Any]]
Values = Mapping[str, Any]

TRANSACTION_ITEMS = 100
TRANSACTION_BYTES = 3_500_000
"""A transaction holds 4 MB; what is above this is left for names and expressions."""

_NAME = re.compile(r"#(\w+)")


def attribute(value: Any) -> dict[str, Any]:
    """Return a Python value as an attribute; a dict is one already."""
    match value:
        case dict():
            return value
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": repr(value)}
        case bytes():
            return {"B": value}
        case str():
            return {"S": value}
        case _:
            return {"L": [attribute(one) for one in value]}


def item(key: Key, **attributes: Any) -> dict[str, Any]:
    """Return an item; attributes that are None are left out."""
    return key | {name: attribute(value) for name, value in attributes.items() if value is not None}


def put(item: Mapping[str, Any], condition: str = "", **values: Any) -> Write:
    """Write the whole item. `values` are the condition's, without their colons."""
    return {"Put": {"Item": dict(item), **expressions(values, ConditionExpression=condition)}}


def update(key: Key, change: str, condition: str = "", **values: Any) -> Write:
    """Change some attributes of the item, or make it."""
    return {"Update": {"Key": key, **expressions(values, UpdateExpression=change, ConditionExpression=condition)}}


def delete(key: Key) -> Write:
    return {"Delete": {"Key": key}}


def check(key: Key, condition: str, **values: Any) -> Write:
    """Write nothing, but let the transaction hold only with the condition."""
    return {"ConditionCheck": {"Key": key, **expressions(values, ConditionExpression=condition)}}


def expressions(values: Values, **texts: str) -> dict[str, Any]:
    """Return the expressions that are not empty, with the names and values that they use."""
    used = {kind: text for kind, text in texts.items() if text}
    names = {name for text in used.values() for name in _NAME.findall(text)}
    request: dict[str, Any] = dict(used)
    if names:
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in sorted(names)}
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": attribute(value) for name, value in values.items()}
    return request


def fits(writes: Sequence[Write]) -> bool:
    """Whether one transaction can hold the writes."""
    return len(writes) <= TRANSACTION_ITEMS and sum(map(_weight, writes)) <= TRANSACTION_BYTES


def batches(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Yield the writes in batches that a transaction holds beside one more."""
    batch: list[Write] = []
    weight = 0
    for write in writes:
        heavy = _weight(write)
        if batch and (len(batch) == TRANSACTION_ITEMS - 1 or weight + heavy > TRANSACTION_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(write)
        weight += heavy
    if batch:
        yield batch


def _weight(value: Any) -> int:
    """Return about how many bytes a part of a request is on the wire."""
    match value:
        case dict():
            return sum(len(name) + 6 + _weight(one) for name, one in value.items())
        case bytes():
            return len(value) * 4 // 3 + 4
        case str():
            return len(json.dumps(value))
        case list() | tuple():
            return sum(map(_weight, value))
    return 8
