"""Cursors of paged lists: opaque to the caller, and refused when they are not ours."""

import base64
import binascii
import hashlib
import json

from archwright.errors import InvalidRequest


def encode_cursor(kind: str, *parts: str) -> str:
    """Return a cursor for a list of this kind that goes on after the item that the parts name."""
    body = json.dumps([kind, *parts], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(body) + body).decode().rstrip("=")


def decode_cursor(kind: str, cursor: str) -> tuple[str, ...]:
    """Return the parts of a cursor of this kind. Raises InvalidRequest for anything else."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    check, body = raw[:6], raw[6:]
    if not body or check != _check(body):
        raise InvalidRequest("The cursor is not one that this list gave out.")
    found, *parts = json.loads(body)
    if found != kind:
        raise InvalidRequest(f"The cursor belongs to another list: it is of {found}, not of {kind}.")
    return tuple(parts)


def _check(body: bytes) -> bytes:
    """Tells an accident from a cursor of ours. No secret: a cursor only says where in one's own list to go on."""
    return hashlib.blake2b(body, digest_size=6).digest()
