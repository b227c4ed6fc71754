"""Every error that Archwright raises on purpose.

    ArchwrightError                 500
    ├── InvalidRequest              422  the request makes no sense
    │   ├── OpRefused                    an op that cannot hold against the current state
    │   ├── LimitExceeded                a documented limit, named
    │   ├── UnknownModel  UnknownFormat  UnknownTemplate
    │   └── KeyReused                    one idempotency key, two bodies
    ├── PayloadTooLarge             413
    ├── NotFound                    404
    │   └── UnknownSession  UnknownJob  UnknownChange  UnknownVersion  UnknownGrant  UnknownAssumption
    ├── Unauthenticated             401  who calls is not known
    ├── NotAllowed                  403  a key or share link that does not open this
    ├── BudgetSpent                 402  tokens or dollars are used up; says which, and when they renew
    ├── TooManyRequests             429
    │   └── TooManyJobs
    ├── Conflict                    409
    │   ├── SessionBusy                  carries the active job
    │   ├── NothingToUndo  NothingToRedo
    │   └── JobEnded  NotAwaiting
    ├── Unavailable                 503  the store or the queue does not answer; try again
    ├── WriteRefused                409  a conditional write whose condition failed
    │   ├── VersionMoved                 somebody committed first: read on and try again
    │   ├── LeaseLost                    another holder has the job: stop writing
    │   └── CancelRequested              the job was cancelled: stop writing
    └── ModelError                  502  the model did not give a whole turn
        ├── ModelRetryable               overload, rate limit, network, stall, cut stream
        └── ModelRefused                 wrong key, bad request, unknown model at the provider

Each class knows its HTTP status and its stable problem type; `api/problems.py` is the one handler.
"""

from typing import Any, ClassVar


class ArchwrightError(Exception):
    """The root. `extra` are the members that the problem document carries beside its detail."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something broke on our side"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class InvalidRequest(ArchwrightError):
    status = 422
    type = "invalid-request"
    title = "The request is not valid"


class OpRefused(InvalidRequest):
    """An op against a state where it makes no sense; the detail names what exists."""

    type = "op-refused"
    title = "An op was refused"


class LimitExceeded(InvalidRequest):
    type = "limit-exceeded"
    title = "A limit was exceeded"


class UnknownModel(InvalidRequest):
    type = "unknown-model"
    title = "No such model"


class UnknownFormat(InvalidRequest):
    type = "unknown-format"
    title = "No such format"


class UnknownTemplate(InvalidRequest):
    type = "unknown-template"
    title = "No such template"


class KeyReused(InvalidRequest):
    type = "idempotency-key-reused"
    title = "This idempotency key was used with another body"


class PayloadTooLarge(ArchwrightError):
    status = 413
    type = "payload-too-large"
    title = "The request body is too large"


class NotFound(ArchwrightError):
    status = 404
    type = "not-found"
    title = "Not found"


class UnknownSession(NotFound):
    type = "unknown-session"
    title = "No such session"


class UnknownJob(NotFound):
    type = "unknown-job"
    title = "No such job"


class UnknownChange(NotFound):
    type = "unknown-change"
    title = "No such change"


class UnknownVersion(NotFound):
    type = "unknown-version"
    title = "No such version"


class UnknownGrant(NotFound):
    type = "unknown-grant"
    title = "No such key or share link"


class UnknownAssumption(NotFound):
    type = "unknown-assumption"
    title = "There is no such assumption"


class Unauthenticated(ArchwrightError):
    status = 401
    type = "unauthenticated"
    title = "Sign in first"


class NotAllowed(ArchwrightError):
    status = 403
    type = "not-allowed"
    title = "The key or share link does not open this"


class BudgetSpent(ArchwrightError):
    """`extra`: the `limit`'s name, what is `allowed`, `left`, and when it `renews_at` (None: never)."""

    status = 402
    type = "budget-spent"
    title = "The budget is used up"


class TooManyRequests(ArchwrightError):
    """`extra`: the `limit`'s name, what is `allowed`, `left`, and `retry_after_s`."""

    status = 429
    type = "too-many-requests"
    title = "Too many requests"


class TooManyJobs(TooManyRequests):
    type = "too-many-jobs"
    title = "Too many jobs at once"


class Conflict(ArchwrightError):
    status = 409
    type = "conflict"
    title = "The request conflicts with the current state"


class SessionBusy(Conflict):
    """Another job is active in the session. `extra["job_id"]` and `extra["job"]` (its address) name it."""

    type = "session-busy"
    title = "A job is already active in this session"


class NothingToUndo(Conflict):
    type = "nothing-to-undo"
    title = "There is no change of yours to undo"


class NothingToRedo(Conflict):
    type = "nothing-to-redo"
    title = "There is no undo of yours to redo"


class JobEnded(Conflict):
    type = "job-ended"
    title = "The job has already ended"


class NotAwaiting(Conflict):
    type = "not-awaiting"
    title = "The job is not waiting for an answer"


class Unavailable(ArchwrightError):
    status = 503
    type = "unavailable"
    title = "A part that we depend on does not answer"


class WriteRefused(ArchwrightError):
    status = 409
    type = "write-refused"
    title = "The state changed under the write"


class VersionMoved(WriteRefused):
    type = "version-moved"
    title = "Somebody committed first"


class LeaseLost(WriteRefused):
    type = "lease-lost"
    title = "Another holder has the job"


class CancelRequested(WriteRefused):
    type = "cancel-requested"
    title = "The job was cancelled"


class ModelError(ArchwrightError):
    status = 502
    type = "model-error"
    title = "The model did not answer"


class ModelRetryable(ModelError):
    """Worth another try. `extra["retry_after_s"]` is the provider's wish in seconds, when it gave one."""

    type = "model-unavailable"
    title = "The model is not available now"


class ModelRefused(ModelError):
    """Another try would end the same way: wrong key, bad request, model unknown to the provider."""

    type = "model-refused"
    title = "The model provider refused the request"
