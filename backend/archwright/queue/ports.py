"""What Archwright needs of a queue: carry a job's id to a worker, at least once, and nothing else."""

from typing import Protocol


class Queue(Protocol):
    async def send(self, job_id: str, owner: str, delay_s: float = 0) -> None:
        """Carry the id to some worker. The job is stored before; a lost message is repaired by a poll or sweep."""
        ...
