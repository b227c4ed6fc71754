"""A process that is the API and the worker of the product on AWS, with a web server for the gateway; it prints its
address. `python -m tests.upgrade.cloud`, with the environment of the functions."""

import asyncio
import sys
from typing import Any

import uvicorn

from archwright.jobs.ports import Control
from archwright.queue import sqs
from archwright.settings import Settings
from archwright.wiring import deployed, deployed_app, deployed_runner

_LEFT_S = 600.0


class _Announcing(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


async def _work(settings: Settings) -> None:
    client, running = sqs.connect(), set()
    async with deployed_runner(deployed(settings), "worker") as runner:
        while True:
            answer = await asyncio.to_thread(client.receive_message, QueueUrl=settings.queue_url, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                client.delete_message(QueueUrl=settings.queue_url, ReceiptHandle=message["ReceiptHandle"])
                control = Control(deadline=asyncio.get_running_loop().time() + _LEFT_S)
                running.add(asyncio.create_task(runner.run(message["Body"], control)))


async def _main() -> None:
    settings = Settings()
    server = _Announcing(uvicorn.Config(deployed_app(settings), port=0, log_level="error", lifespan="off"))
    await asyncio.gather(server.serve(), _work(settings))


if __name__ == "__main__":
    asyncio.run(_main())
