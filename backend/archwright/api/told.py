"""Which callers were told how a job ended, so that one who polls with a version alone is told once."""

from collections import OrderedDict

Caller = tuple[str, str, str]
"""Owner, address and the program's name: as much as is known of one who sends no ETag."""

_MOST = 10_000


class Told:
    """Kept by this process alone. What is long ago is forgotten: then a caller is told again, which does no harm."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Caller, str, int], None] = OrderedDict()

    def knows(self, caller: Caller, job_id: str, rev: int) -> bool:
        return (caller, job_id, rev) in self._known

    def tell(self, caller: Caller, job_id: str, rev: int) -> None:
        self._known[caller, job_id, rev] = None
        self._known.move_to_end((caller, job_id, rev))
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
