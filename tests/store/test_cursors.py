"""Cursors come back as they were given out; everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.errors import InvalidRequest
from archwright.store.cursors import decode_cursor, encode_cursor


@given(st.text(), st.lists(st.text()))
def test_a_cursor_gives_back_its_parts(kind: str, parts: list[str]) -> None:
    cursor = encode_cursor(kind, *parts)
    assert decode_cursor(kind, cursor) == tuple(parts)
    assert cursor.isascii()
    assert "=" not in cursor


@given(st.text() | st.text(alphabet="abcDEF019-_="))
def test_a_text_that_no_list_gave_out_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        decode_cursor("sessions", text)


def test_a_cursor_of_another_list_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match="it is of messages, not of sessions"):
        decode_cursor("sessions", encode_cursor("messages", "msg_1"))
