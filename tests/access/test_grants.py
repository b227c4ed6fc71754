"""Keys and share links: valid until they expire or are revoked, and of one owner."""

from pathlib import Path

import pytest

from archwright.access.grants import GRANTS_MAX, Grants
from archwright.errors import LimitExceeded, UnknownGrant
from archwright.store.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore.open(tmp_path / "grants.db")


async def test_a_grant_ends_when_its_time_has_come(store: SqliteStore) -> None:
    clock = [1_000.0]
    grants = Grants(store, lambda: clock[0])
    grant, secret = await grants.issue("ada", "share", session_id="ses_1", expires_at=1_060.0)
    assert secret is not None and await grants.find(secret) == grant
    clock[0] = 1_060.0
    assert await grants.find(secret) is None
    assert await grants.list("ada", "share") == ()


async def test_only_the_owner_revokes_a_grant(store: SqliteStore) -> None:
    grants = Grants(store)
    grant, secret = await grants.issue("ada", "key", name="script")
    for owner, kind in (("eve", "key"), ("ada", "share")):
        with pytest.raises(UnknownGrant):
            await grants.revoke(owner, kind, grant.id)  # type: ignore[arg-type]
    assert await grants.find(secret or "") == grant
    await grants.revoke("ada", "key", grant.id)
    assert await grants.find(secret or "") is None


async def test_secrets_cannot_be_guessed_and_are_not_too_many(store: SqliteStore) -> None:
    grants = Grants(store)
    issued = [await grants.issue("ada", "share", session_id="ses_1") for _ in range(GRANTS_MAX)]
    assert len({secret for _, secret in issued}) == GRANTS_MAX
    assert all(len(secret or "") == len("aws_") + 22 for _, secret in issued)  # 128 bits
    with pytest.raises(LimitExceeded):
        await grants.issue("ada", "key")
