"""Small values: each is replaced only by one who has read it."""

import asyncio
import time

import pytest

from archwright.errors import VersionMoved
from archwright.store.ports import Store, Versioned


async def test_a_value_is_read_as_it_was_stored_and_dropped(store: Store) -> None:
    assert await store.value("account", "ada") is None
    body = {"text": "Zürich \U0001f6d2", "list": [1, 2.5, None, True], "long": "x" * 100_000}
    await store.put_value("account", "ada", body, 0)
    assert await store.value("account", "ada") == Versioned(body, 1)
    assert await store.value("account", "bob") is None
    assert await store.value("grant", "ada") is None
    await store.drop_value("account", "ada")
    await store.drop_value("account", "ada")
    assert await store.value("account", "ada") is None


async def test_who_has_not_read_the_newest_value_replaces_nothing(store: Store, rival: Store) -> None:
    await store.put_value("account", "ada", {"n": 1}, 0)
    await rival.put_value("account", "ada", {"n": 2}, 1)
    for revision in (0, 1, 3):
        with pytest.raises(VersionMoved):
            await store.put_value("account", "ada", {"n": 9}, revision)
    assert await store.value("account", "ada") == Versioned({"n": 2}, 2)


async def test_a_value_that_was_dropped_begins_anew(store: Store) -> None:
    await store.put_value("account", "ada", {"n": 1}, 0)
    await store.drop_value("account", "ada")
    with pytest.raises(VersionMoved):
        await store.put_value("account", "ada", {"n": 2}, 1)
    await store.put_value("account", "ada", {"n": 3}, 0, time.time() + 60)
    assert await store.value("account", "ada") == Versioned({"n": 3}, 1)


async def test_of_many_who_count_at_once_none_is_lost(store: Store, rival: Store) -> None:
    async def count(client: Store) -> None:
        while True:
            found = await client.value("account", "ada") or Versioned({"n": 0}, 0)
            try:
                return await client.put_value("account", "ada", {"n": found.body["n"] + 1}, found.revision)
            except VersionMoved:
                continue

    await asyncio.gather(*(count(client) for client in (store, rival) for _ in range(15)))
    assert await store.value("account", "ada") == Versioned({"n": 30}, 30)


async def test_what_stands_in_a_name_reaches_no_other_value(store: Store) -> None:
    await store.put_value("a", "b#c", {"n": 1}, 0)
    await store.put_value("a#b", "c", {"n": 2}, 0)
    assert [await store.value("a", "b#c"), await store.value("a#b", "c")] == [
        Versioned({"n": 1}, 1), Versioned({"n": 2}, 1)
    ]  # fmt: skip
