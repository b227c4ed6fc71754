"""How often somebody may ask: token buckets in this process, or in the store when many processes answer."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Protocol

from archwright.access.limits import Bucket, take
from archwright.access.values import change_value
from archwright.errors import TooManyRequests
from archwright.store.ports import Json, ValueStore

_KEPT = 10_000
_FULL_S = 60.0
_BLOCKS_A_MINUTE = 30


def network_of(address: str) -> str:
    """Return whom an address counts as: an IPv4 address by itself, one of IPv6 as the network of 64 bits that one
    subscriber has to choose addresses from."""
    try:
        found = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))


class Rates(Protocol):
    async def take(self, who: str, a_minute: int | None) -> None:
        """Count one request of somebody who may make so many a minute; None is no limit.

        Raises TooManyRequests, with the seconds until the next one may be made."""
        ...


class MemoryRates:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    async def take(self, who: str, a_minute: int | None) -> None:
        if a_minute is None:
            return
        bucket, wait_s = take(self._buckets.get(who), a_minute, self._now())
        if bucket is None:
            raise _too_many(who, a_minute, wait_s)
        self._buckets[who] = bucket
        self._buckets.move_to_end(who)
        while len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)


class StoredRates:
    """Takes requests out of the store's buckets in small blocks, so that a poll seldom costs a write; what is left of
    a block when this process ends was counted too much."""

    def __init__(self, store: ValueStore, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._here: OrderedDict[str, int] = OrderedDict()

    async def take(self, who: str, a_minute: int | None) -> None:
        if a_minute is None:
            return
        if self._here.get(who, 0) < 1:
            count = await self._block(who, a_minute)
            self._here[who] = self._here.get(who, 0) + count
        self._here[who] -= 1
        self._here.move_to_end(who)
        while len(self._here) > _KEPT:
            self._here.popitem(last=False)

    async def _block(self, who: str, a_minute: int) -> int:
        """Take a block of requests, or a single one when there are not that many; returns how many it took."""
        now, block = self._now(), max(1, a_minute // _BLOCKS_A_MINUTE)

        def change(body: Json | None) -> tuple[Json | None, tuple[int, float]]:
            known = Bucket.model_validate(body) if body else None
            for count in (block, 1):
                bucket, wait_s = take(known, a_minute, now, count)
                if bucket is not None:
                    return bucket.model_dump(), (count, 0.0)
            return None, (0, wait_s)

        count, wait_s = await change_value(self._store, "bucket", who, change, expires_at=now + 2 * _FULL_S)
        if count == 0:
            raise _too_many(who, a_minute, wait_s)
        return count


def _too_many(who: str, a_minute: int, wait_s: float) -> TooManyRequests:
    whose = who.split(":", 1)[0]
    return TooManyRequests(
        f"A {whose} may make {a_minute} requests a minute; the next one in {wait_s:.1f} s.",
        limit=f"{whose}_requests", allowed=a_minute, left=0, retry_after_s=wait_s,
    )  # fmt: skip
