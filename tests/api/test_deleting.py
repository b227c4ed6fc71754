"""A DELETE that was cut is gone on with when it comes again."""

import httpx2
import pytest

from archwright.errors import UnknownSession
from archwright.store.ports import Head
from archwright.store.sqlite import SqliteStore


async def test_a_session_whose_head_is_being_removed_can_be_deleted_again(
    api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = f"/sessions/{(await api.post('/sessions', json={'title': 'Going'})).json()['id']}"

    async def going(self: SqliteStore, session_id: str, owner: str) -> Head:
        raise UnknownSession(f"There is no session '{session_id}'.")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "head", going)
        assert (await api.delete(session)).status_code == 204
    assert (await api.get(session)).status_code == 404
    assert (await api.delete(session)).status_code == 404
