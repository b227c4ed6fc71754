"""Calls to one table: consistent reads, transactions that happen once, and what is worth another try."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    HTTPClientError,
)

from archwright.errors import InvalidRequest, Unavailable
from archwright.store.dynamodb.bodies import Item, Packed, part_keys, unpack
from archwright.store.dynamodb.keys import Key
from archwright.store.dynamodb.writes import Values, Write, delete, expressions

PATIENCE_S = 15.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.004, 0.4
_BATCH_ITEMS = 25
_GET_ITEMS = 100
_IN_PROGRESS = "TransactionInProgressException"
_CONDITION = "ConditionalCheckFailed"
_INVALID = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"})
_NOT_AT_HAND = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
    }
)
_WORTH_ANOTHER_TRY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        _IN_PROGRESS,
    }
)


class Refused(Exception):
    """A transaction that wrote nothing because conditions failed: those of the writes at these places."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(places)
        self.places = tuple(places)


class PartsGone(Exception):
    """The parts of a body were replaced while it was read: read its item again."""


@dataclass(slots=True)
class Silences:
    """Whether a request got no answer, so that it may have taken effect all the same. Its token must be kept then:
    with another one it might take effect twice."""

    heard: bool = False


class Table:
    """One table, for many threads. Every read is consistent and sees what was acknowledged before it began.

    Each method raises Unavailable when DynamoDB gave no answer for `patience_s`.
    """

    def __init__(self, client: Any, name: str, patience_s: float = PATIENCE_S) -> None:
        self.client = client
        self.name = name
        self._patience_s = patience_s

    def get(self, key: Key, *attributes: str) -> Item | None:
        """Return the item, or these attributes of it."""
        wanted = expressions({}, ProjectionExpression=", ".join(f"#{name}" for name in attributes))
        found: Item | None = self._call("get_item", Key=key, ConsistentRead=True, **wanted).get("Item")
        return found

    def get_together(self, *keys: Key) -> list[Item | None]:
        """Return items as they were at one moment, between transactions and never within one."""
        reads = [{"Get": {"TableName": self.name, "Key": key}} for key in keys]
        pauses = _pauses(self._patience_s)
        while True:
            try:
                answer = self._request("transact_get_items", {"TransactItems": reads})
                return [response.get("Item") for response in answer["Responses"]]
            except self.client.exceptions.TransactionCanceledException as error:
                next_pause(pauses, error)

    def get_many(self, keys: Sequence[Key]) -> dict[tuple[str, str], Item]:
        """Return those of the items that exist, by PK and SK."""
        found: dict[tuple[str, str], Item] = {}
        pauses = _pauses(self._patience_s)
        waiting = list(keys)
        while waiting:
            request = {self.name: {"Keys": waiting[:_GET_ITEMS], "ConsistentRead": True}}
            answer = self._call("batch_get_item", named=False, RequestItems=request)
            for one in answer["Responses"].get(self.name, ()):
                found[one["PK"]["S"], one["SK"]["S"]] = one
            left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            waiting = left + waiting[_GET_ITEMS:]
            pauses = self._after(left, pauses)
        return found

    def query(
        self,
        pk: str,
        low: str,
        high: str,
        *,
        backwards: bool = False,
        limit: int | None = None,
        where: str = "",
        only: Sequence[str] = (),
        index: str | None = None,
        values: Values | None = None,
    ) -> Iterator[Item]:
        """Yield the items of a partition between two sort keys, both included, page by page as they are asked for.

        `limit` is how many are read at a time, before `where` drops any. Through an index the read is not
        consistent.
        """
        prefix = index or ""
        request: dict[str, Any] = {
            "ScanIndexForward": not backwards,
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            **({"Limit": limit} if limit is not None else {}),
            **expressions(
                {"pk": pk, "low": low, "high": high, **(values or {})},
                KeyConditionExpression=f"#{prefix}PK = :pk AND #{prefix}SK BETWEEN :low AND :high",
                FilterExpression=where,
                ProjectionExpression=", ".join(f"#{name}" for name in only),
            ),
        }
        while True:
            answer = self._call("query", **request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def transact(self, writes: Sequence[Write], *bodies: Packed) -> None:
        """Make all of the writes, or none; exactly once, though an answer may be lost on the way. The parts of the
        bodies that they name go first.

        Raises Refused when conditions failed, and InvalidRequest for what no item can hold.
        """
        self.put_parts(*bodies)
        named = [{kind: {"TableName": self.name, **body} for kind, body in write.items()} for write in writes]
        try:
            self._transact(named)
        except Refused:
            self.delete_all([key_of(part) for body in bodies for part in body.parts])
            raise

    def _transact(self, writes: Sequence[Write]) -> None:
        pauses, silences = _pauses(self._patience_s), Silences()
        token = str(uuid4())
        while True:
            try:
                self._request("transact_write_items", {"TransactItems": writes, "ClientRequestToken": token}, silences)
                return
            except self.client.exceptions.TransactionCanceledException as error:
                _explain(error)
                next_pause(pauses, error)
            if not silences.heard:
                token = str(uuid4())

    def put(self, item: Item) -> None:
        self._call("put_item", Item=item)

    def put_parts(self, *bodies: Packed) -> None:
        """Write the parts of bodies, one by one: nobody sees them before an item names them."""
        for body in bodies:
            for part in body.parts:
                self.put(part)

    def delete_all(self, keys: Sequence[Key]) -> None:
        """Delete the items, in no order; safe to repeat."""
        pauses = _pauses(self._patience_s)
        waiting: list[Any] = [{"DeleteRequest": delete(key)["Delete"]} for key in keys]
        while waiting:
            answer = self._call("batch_write_item", named=False, RequestItems={self.name: waiting[:_BATCH_ITEMS]})
            left = answer.get("UnprocessedItems", {}).get(self.name, [])
            waiting = left + waiting[_BATCH_ITEMS:]
            pauses = self._after(left, pauses)

    def delete_range(self, pk: str, low: str, high: str) -> None:
        """Delete every item of a partition between two sort keys."""
        self.delete_all([key_of(one) for one in self.query(pk, low, high, only=("PK", "SK"))])

    def body(self, item: Item, name: str = "body") -> bytes:
        """Return a packed body of an item that was read, with its parts. Raises PartsGone."""
        keys = part_keys(item[name], key_of(item))
        found = self.get_many(keys) if keys else {}
        if len(found) < len(keys):
            raise PartsGone(item["SK"]["S"])
        return unpack(item[name], [found[key["PK"]["S"], key["SK"]["S"]]["body"]["B"] for key in keys])

    def _after(self, left: Sequence[Any], pauses: Iterator[float]) -> Iterator[float]:
        """Pause when a batch was not done whole; return the pauses to go on with."""
        if not left:
            return _pauses(self._patience_s)
        next_pause(pauses, None)
        return pauses

    def _call(self, operation: str, *, named: bool = True, **request: Any) -> Any:
        return self._request(operation, {**({"TableName": self.name} if named else {}), **request})

    def _request(self, operation: str, request: dict[str, Any], silences: Silences | None = None) -> Any:
        """Repeat the same request until it is answered. Safe for every operation used here: reads, writes of whole
        items, deletions, and transactions, whose token makes them happen once."""
        pauses = _pauses(self._patience_s)
        while True:
            try:
                return getattr(self.client, operation)(**request)
            except (HTTPClientError, ClientError) as error:
                _raise_unless_it_passes(error)
                if silences is not None and _may_have_happened(error):
                    silences.heard = True
                next_pause(pauses, error)
            except BotoCoreError as error:
                raise Unavailable(f"DynamoDB cannot be asked: {error}.") from error


def key_of(item: Item) -> Key:
    return {"PK": item["PK"], "SK": item["SK"]}


def next_pause(pauses: Iterator[float], error: Exception | None) -> None:
    """Wait a little before the next try. Raises Unavailable when patience is at its end."""
    pause = next(pauses, None)
    if pause is None:
        raise Unavailable(f"DynamoDB does not answer: {error or 'it is too busy'}.") from error
    time.sleep(pause)


def _pauses(patience_s: float) -> Iterator[float]:
    """Yield pauses in seconds, each time longer and by chance, so that writers who met part."""
    deadline, longest = time.monotonic() + patience_s, _FIRST_PAUSE_S
    while time.monotonic() < deadline:
        yield random.uniform(0, longest)
        longest = min(_LONGEST_PAUSE_S, longest * 2)


def _raise_unless_it_passes(error: Exception) -> None:
    """Raise the refusal of a request that another try would not change."""
    if not isinstance(error, ClientError):
        return
    if _code(error) in _NOT_AT_HAND:
        raise Unavailable(f"DynamoDB refuses: {error}.") from error
    if _code(error) not in _WORTH_ANOTHER_TRY and _status(error) < 500:
        raise error


def _may_have_happened(error: Exception) -> bool:
    """Whether the request may have taken effect though it failed: no answer came, or one that does not know."""
    return not isinstance(error, ClientError) or _status(error) >= 500 or _code(error) == _IN_PROGRESS


def _code(error: ClientError) -> str:
    code: str = error.response["Error"]["Code"]
    return code


def _status(error: ClientError) -> int:
    status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status


def _explain(error: ClientError) -> None:
    """Raise what a cancelled transaction means; return when it only met another one or too much traffic."""
    reasons = error.response.get("CancellationReasons", [])
    failed = [place for place, reason in enumerate(reasons) if reason.get("Code") == _CONDITION]
    if failed:
        raise Refused(failed) from None
    for reason in reasons:
        if reason.get("Code") in _INVALID:
            raise InvalidRequest(f"The change cannot be stored: {reason.get('Message')}") from error
