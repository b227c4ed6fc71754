"""Who holds leases on this machine, and which of them are gone.

Each process holds a lock on a file of its own for as long as it lives. The kernel frees the lock when the
process ends, however it ends, so a file that can be locked belongs to a dead holder. A process that is only
stopped (SIGSTOP) still lives, and only the lease's end frees its jobs.
"""

import time
from pathlib import Path

from filelock import FileLock, Timeout

from archwright.ids import new_id

_FORGET_S = 600


class Holder:
    """This process's name as a holder of leases, alive until `close` or the process's end."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.name = new_id("run")
        self._lock = FileLock(directory / self.name)
        self._lock.acquire(timeout=5)

    def dead(self) -> tuple[str, ...]:
        """Return the names of holders on this machine whose process is gone."""
        return tuple(path.name for path in self._directory.iterdir() if path.name != self.name and _is_dead(path))

    def close(self) -> None:
        self._lock.release()


def _is_dead(path: Path) -> bool:
    """Whether nobody holds the file. Files of the long dead, whose leases have run out, are removed."""
    try:
        age = time.time() - path.stat().st_mtime
        with FileLock(path, timeout=0):
            if age > _FORGET_S:
                path.unlink(missing_ok=True)
            return True
    except (Timeout, FileNotFoundError):
        return False
