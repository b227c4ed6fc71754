"""Where each thing lives in the table: PK says whose it is, SK what it is and in which order.

Parts of a key that come from a caller are escaped, so that none can reach beside its place, and hashed when they
are long, since a key holds at most 1,024 bytes.
"""

import hashlib
from typing import Any
from urllib.parse import quote

Key = dict[str, Any]

HEAD = "HEAD"
META = "META"
BY_OWNER = "GSI1"
ACTIVE = "ACTIVE"
_LONGEST = 250
_LAST = "\U0010ffff"


def part(text: str) -> str:
    """Return the text as a part of a key. Order is kept among texts of letters, digits and `_.-~`."""
    escaped = quote(text, safe="", errors="surrogatepass")
    if len(escaped) <= _LONGEST:
        return escaped
    return "%~" + hashlib.sha256(escaped.encode()).hexdigest()


def key(pk: str, sk: str) -> Key:
    return {"PK": {"S": pk}, "SK": {"S": sk}}


def session(session_id: str) -> str:
    return f"SES#{part(session_id)}"


def job(job_id: str) -> str:
    return f"JOB#{part(job_id)}"


def owner_index(owner: str) -> str:
    return f"USER#{part(owner)}"


def head(session_id: str) -> Key:
    return key(session(session_id), HEAD)


def meta(job_id: str) -> Key:
    return key(job(job_id), META)


def change(session_id: str, version: int) -> Key:
    return key(session(session_id), change_sk(version))


def change_sk(version: int) -> str:
    return f"CH#{version:012}"


def element(session_id: str, kind: str, element_id: str) -> Key:
    """`kind` is N (node), E (edge) or S (section)."""
    return key(session(session_id), f"EL#{kind}#{part(element_id)}")


def marker(session_id: str, change_id: str) -> Key:
    return key(session(session_id), f"ID#{part(change_id)}")


def message(session_id: str, message_id: str) -> Key:
    return key(session(session_id), f"MSG#{part(message_id)}")


def job_of_session(session_id: str, job_id: str) -> Key:
    """Names a job in its session's partition, so that deleting the session finds it."""
    return key(session(session_id), f"JOB#{part(job_id)}")


def turn(job_id: str, number: int) -> Key:
    return key(job(job_id), f"TURN#{number:06}")


def checkpoint(job_id: str, namespace: str, checkpoint_id: str) -> Key:
    return key(job(job_id), f"CP#{part(checkpoint_id)}#{part(namespace)}#C")


def pending_write(job_id: str, namespace: str, checkpoint_id: str, task_id: str, index: int) -> Key:
    place = f"CP#{part(checkpoint_id)}#{part(namespace)}"
    return key(job(job_id), f"{place}#W#{part(task_id)}#{index}")


def idempotency(owner: str, name: str) -> Key:
    return key(f"IDEM#{part(owner)}", part(name))


def value(kind: str, id: str) -> Key:
    return key(f"VAL#{part(kind)}#{part(id)}", META)


def after(prefix: str) -> str:
    """Return a bound above every key that begins with this."""
    return prefix + _LAST
