"""Sign-in with Clerk, without the network: its tokens are verified with keys that are configured.

Clerk's own verification checks the signature, `azp`, and the times that are there. What it leaves open is closed
here: the token comes in the header alone, and `iss`, `azp`, `exp` and `sub` must be there; a session with a pending
task is no sign-in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archwright.errors import Unauthenticated

_SKEW_MS = 5_000
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Header:
    """A request with nothing but the token, so that no cookie is looked at."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Clerk:
    """`jwt_keys` are public keys as PEM, two while they rotate; `parties` the origins of our editor."""

    publishable_key: str
    issuer: str
    jwt_keys: Sequence[str]
    parties: Sequence[str]

    def owner(self, token: str) -> str:
        reason = "no key is configured"
        for jwt_key in self.jwt_keys:
            payload, reason = _verified(token, jwt_key, self.parties)
            if payload is not None:
                return self._subject(payload)
        raise Unauthenticated(f"The session token is not valid: {reason}.")

    def _subject(self, payload: Mapping[str, Any]) -> str:
        if payload.get("iss") != self.issuer:
            raise Unauthenticated("The session token is of another issuer.")
        if payload.get("azp") not in self.parties:
            raise Unauthenticated("The session token is for another page.")
        if not isinstance(payload.get("exp"), int) or not isinstance(payload.get("sub"), str) or not payload["sub"]:
            raise Unauthenticated("The session token has no end or no person.")
        if payload.get("sts") == "pending":
            raise Unauthenticated("The sign-in is not complete.")
        return str(payload["sub"])


def _verified(token: str, jwt_key: str, parties: Sequence[str]) -> tuple[Mapping[str, Any] | None, str]:
    """Return what the token says when the key has signed it, else None and why not. Asks nobody."""
    from clerk_backend_api.security import AuthenticateRequestOptions, authenticate_request

    options = AuthenticateRequestOptions(
        jwt_key=jwt_key, authorized_parties=list(parties), accepts_token=["session_token"], clock_skew_in_ms=_SKEW_MS
    )
    try:
        state = authenticate_request(_Header({"Authorization": f"Bearer {token}"}), options)
    except Exception as error:  # noqa: BLE001 - whatever a forged token breaks in the library is no sign-in
        return None, type(error).__name__
    if state.is_signed_in and isinstance(state.payload, Mapping):
        return state.payload, ""
    return None, state.reason.value[0] if state.reason else "it was refused"


def split_keys(text: str) -> tuple[str, ...]:
    """Return the PEM blocks in a text; a line break may be written as `\\n`."""
    return tuple(_PEM.findall(text.replace("\\n", "\n")))
