"""The queue of one process: ids in memory. The store is the durable part, so a lost id is found by a scan."""

import asyncio


class LocalQueue:
    """An id that waits already is not queued twice."""

    def __init__(self) -> None:
        self._ids: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()

    async def send(self, job_id: str, owner: str, delay_s: float = 0) -> None:
        if delay_s > 0:
            asyncio.get_running_loop().call_later(delay_s, self._put, job_id)
        else:
            self._put(job_id)

    def _put(self, job_id: str) -> None:
        if job_id not in self._waiting:
            self._waiting.add(job_id)
            self._ids.put_nowait(job_id)

    async def receive(self) -> str:
        """Wait for the next id."""
        job_id = await self._ids.get()
        self._waiting.discard(job_id)
        return job_id
