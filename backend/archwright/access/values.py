"""How a stored value is changed by many at once: read, decide, store if nobody was faster."""

from collections.abc import Callable
from typing import TypeVar

from archwright.errors import Unavailable, VersionMoved
from archwright.store.ports import Json, ValueStore

T = TypeVar("T")
_TRIES = 100


async def change_value(
    store: ValueStore, kind: str, id: str, change: Callable[[Json | None], tuple[Json | None, T]],
    expires_at: float | None = None,
) -> T:  # fmt: skip
    """Store what `change` makes of the newest value and return what it says beside. A change to None stores nothing.

    `change` may be asked more than once; what it raises ends it all. Raises Unavailable when others are always faster.
    """
    for _ in range(_TRIES):
        found = await store.value(kind, id)
        body, said = change(found.body if found else None)
        if body is None:
            return said
        try:
            await store.put_value(kind, id, body, found.revision if found else 0, expires_at)
        except VersionMoved:
            continue
        return said
    raise Unavailable("Too many write at once; try again.")
