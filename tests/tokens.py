"""Session tokens as Clerk signs them, and such as it never would."""

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://clerk.example.test"
PAGE = "https://draw.example.test"


@cache
def key(name: str = "first") -> rsa.RSAPrivateKey:
    """A signing key; the same one for the same name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(name: str = "first") -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key(name).public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def token(person: str | None = "user_ada", signed_by: str = "first", kid: str = "ins_1", **claims: Any) -> str:
    """A token of a person; a claim that is None is left out."""
    now = int(time.time())
    usual = {
        "azp": PAGE, "exp": now + 60, "iat": now, "iss": ISSUER, "nbf": now - 10, "sid": "sess_1", "sub": person,
        "v": 2, "jti": "j1", "fva": [0, -1], "sts": "active",
    }  # fmt: skip
    body = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(body, key(signed_by), algorithm="RS256", headers={"kid": kid})


def unsigned() -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': 'ins_1'})}.{_part(_claims())}."


def signed_with_the_public_key() -> str:
    head = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'ins_1'})}.{_part(_claims())}"
    seal = hmac.new(public_key().encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _claims() -> dict[str, Any]:
    now = int(time.time())
    return {"sub": "user_ada", "azp": PAGE, "iss": ISSUER, "iat": now, "exp": now + 60}


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
