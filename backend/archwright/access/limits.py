"""What people may use: requests a minute, jobs at once, tokens and dollars. All pure.

An account counts what was used; a job reserves the most that it may use before it starts, and what it did use is
settled after. So jobs that run at once can together not go beyond a limit.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

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
    """What was set aside for a job of a session, `at` a time (seconds since the epoch).

    `used_tokens` and `used_usd` are what of the job is counted already. A job that is `waiting` for a person holds
    nothing, and stands here so that the rest is counted once when it ends."""

    session_id: str
    at: float
    used_tokens: int = 0
    used_usd: float = 0.0
    waiting: bool = False


class Account(Record):
    """What a user used on `day`, or a session (day is empty) ever. `reserved`: what each active job may still use."""

    day: str = ""
    tokens: Count = 0
    cost_usd: float = 0.0
    jobs: int = 0
    reserved: dict[str, Reserved] = Field(default_factory=dict)

    @property
    def running(self) -> int:
        """How many jobs run, or are on their way."""
        return sum(not one.waiting for one in self.reserved.values())


class Bucket(Record):
    """A token bucket: so many requests are left as of `at` (seconds since the epoch)."""

    left: float
    at: float


Unit = Literal["usd", "tokens"]
_HELD: dict[Unit, str] = {"usd": "cost_usd", "tokens": "tokens"}


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
    counted = pause(account, job_id, tokens, cost_usd)
    return release(counted.model_copy(update={"jobs": account.jobs + 1}), job_id)


def pause(account: Account, job_id: str, tokens: int, cost_usd: float) -> Account:
    """Return the account with what a job used so far counted, and nothing set aside for it while it waits."""
    held = account.reserved.get(job_id)
    if held is None:
        return account
    counted = account.model_copy(
        update={
            "tokens": account.tokens + tokens - held.used_tokens,
            "cost_usd": account.cost_usd + cost_usd - held.used_usd,
        }
    )
    waits = Reserved(
        tokens=0, cost_usd=0.0, session_id=held.session_id, at=held.at, used_tokens=tokens, used_usd=cost_usd,
        waiting=True,
    )  # fmt: skip
    return reserve(counted, job_id, waits)


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
    return f"{_day_after(day)}T00:00:00Z"


def _day_after(day: str) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()


def renewal(account: Account, unit: Unit, allowed: float) -> tuple[str, str | None]:
    """Say of a limit of which nothing is left why that is and what gives some back; and return the time at which
    there is some again at the latest, None when no time brings it."""
    used = account.tokens if unit == "tokens" else account.cost_usd
    held = [amount for one in account.reserved.values() if (amount := getattr(one, _HELD[unit]))]
    by_time = renews_at(account.day) if account.day and (not held or sum(held) < allowed) else None
    if used >= allowed and by_time:
        return f"is used; it renews at {by_time}", by_time
    if not held:
        return "is used, and does not renew", None
    later = f", at the latest at {by_time}" if by_time else ""
    ends = (
        "a job that runs, and free again when it ends"
        if len(held) == 1
        else (f"{len(held)} jobs that run, and free again when they end")
    )
    return f"is used, or reserved by {ends}{later}", by_time
