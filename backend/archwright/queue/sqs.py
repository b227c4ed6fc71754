"""The queue on SQS: a standard queue, whose messages are ids alone. The owner is the message group, so that one
owner's many jobs do not hold up another's."""

import asyncio
import hashlib
import math
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from botocore.session import get_session  # type: ignore[import-untyped]

from archwright.errors import Unavailable

LONGEST_DELAY_S = 900
THREADS = 4
_GROUP = re.compile(r"[!-~]{1,128}")


def connect(region: str | None = None, endpoint: str | None = None) -> Any:
    """Return a client of SQS, which repeats a call twice: an id that arrives twice does no harm. Without arguments
    the surroundings say which region, which address and whose credentials."""
    config = Config(
        connect_timeout=2.0,
        read_timeout=5.0,
        max_pool_connections=THREADS,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    return get_session().create_client("sqs", region_name=region, endpoint_url=endpoint, config=config)


class SqsQueue:
    """A `Queue` over the SQS queue at this address; `client` is one that `connect` made."""

    def __init__(self, url: str, client: Any) -> None:
        self._url = url
        self._client = client
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sqs")

    async def send(self, job_id: str, owner: str, delay_s: float = 0) -> None:
        """Raises Unavailable. A delay counts in whole seconds, rounded up, and is at most 15 minutes."""
        try:
            await asyncio.wrap_future(self._threads.submit(self._send, job_id, owner, delay_s))
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SQS does not take the job '{job_id}': {error}.") from error
        except RuntimeError as error:
            raise Unavailable("The queue is closed.") from error

    def _send(self, job_id: str, owner: str, delay_s: float) -> None:
        delay = min(LONGEST_DELAY_S, max(0, math.ceil(delay_s)))
        self._client.send_message(
            QueueUrl=self._url, MessageBody=job_id, MessageGroupId=_group(owner), DelaySeconds=delay
        )

    async def close(self) -> None:
        """Finish what was begun. Safe to repeat."""
        await asyncio.to_thread(self._threads.shutdown)


def _group(owner: str) -> str:
    """Return the owner as a message group: as it is, or hashed when SQS would not take it."""
    if _GROUP.fullmatch(owner):
        return owner
    return hashlib.sha256(owner.encode(errors="surrogatepass")).hexdigest()
