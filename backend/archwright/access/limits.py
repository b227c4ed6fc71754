"""What people may use: requests a minute, jobs at once, tokens and dollars. All pure.

An account counts what was used; a job reserves the most that it may use before it starts, and what it did use is
settled after. So jobs that run at once can together not go beyond a limit.
"""

from datetime import UTC, datetime, timedelta

from pydantic import Field

from archwright.jobs.model import Allowance, Count, Record


class Limits(Record):
    """None is no limit. Requests are by the minute, of a user and of an address; dollars and output tokens are of a
    session over its life and of a user in a day (UTC)."""

    user_requests: int | None = None
    address_requests: int | None = None
    active_jobs: int | None = None
    session_tokens: int | None = None
    session_usd: float | None = None
    day_tokens: int | None = None
    day_usd: float | None = None


class Reserved(Allowance):
    """What was set aside for a job of a session, `at` a time (seconds since the epoch)."""

    session_id: str
    at: float


class Account(Record):
    """What a user used on `day`, or a session (day is empty) ever. `reserved`: what each active job may still use."""

    day: str = ""
    tokens: Count = 0
    cost_usd: float = 0.0
    jobs: int = 0
    reserved: dict[str, Reserved] = Field(default_factory=dict)


class Bucket(Record):
    """A token bucket: so many requests are left as of `at` (seconds since the epoch)."""

    left: float
    at: float


def on_day(account: Account | None, day: str) -> Account:
    """Return the account as it stands on a day; what runs over midnight stays reserved."""
    if account is None:
        return Account(day=day)
    return account if account.day == day else Account(day=day, reserved=account.reserved)


def left_of(account: Account, tokens: int | None, usd: float | None) -> Allowance:
    """Return how much of these limits is neither used nor reserved; None is no limit."""
    held = account.reserved.values()
    return Allowance(
        tokens=None if tokens is None else max(0, tokens - account.tokens - sum(one.tokens or 0 for one in held)),
        cost_usd=None if usd is None else max(0.0, usd - account.cost_usd - sum(one.cost_usd or 0.0 for one in held)),
    )


def reserve(account: Account, job_id: str, held: Reserved) -> Account:
    """Return the account with the most that a job may use set aside."""
    return account.model_copy(update={"reserved": {**account.reserved, job_id: held}})


def settle(account: Account, job_id: str, tokens: int, cost_usd: float) -> Account:
    """Return the account with what the job used in place of what it had reserved; once settled, it stays so."""
    if job_id not in account.reserved:
        return account
    return Account(
        day=account.day, tokens=account.tokens + tokens, cost_usd=account.cost_usd + cost_usd, jobs=account.jobs + 1,
        reserved={known: held for known, held in account.reserved.items() if known != job_id},
    )  # fmt: skip


def release(account: Account, job_id: str) -> Account:
    """Return the account without what a job that never started had reserved."""
    kept = {known: held for known, held in account.reserved.items() if known != job_id}
    return account.model_copy(update={"reserved": kept})


def take(bucket: Bucket | None, a_minute: int, now: float, count: int = 1) -> tuple[Bucket | None, float]:
    """Take so many requests out of a bucket that holds a minute's worth and fills steadily.

    Returns the bucket afterwards and 0, or None and the seconds until they may be taken.
    """
    full = float(a_minute)
    left = full if bucket is None else min(full, bucket.left + max(0.0, now - bucket.at) * full / 60)
    if left < count:
        return None, (count - left) * 60 / full
    return Bucket(left=left - count, at=now), 0.0


def today(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def renews_at(day: str) -> str:
    """Return when a day's limits begin anew: the next midnight, UTC."""
    return f"{(datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()}T00:00:00Z"
