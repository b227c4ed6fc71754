"""A real HTTP server on this machine that speaks the Messages API and plays a script of replies and faults.

In a test: `with ClaudeServer([Step.says("Done.")]) as server: ClaudeModel("key", server.url)`.
As a process: `python -m tests.claude_server --port 0 --script file.json` (a list of steps, see
`archwright.model.scripted.Step`), or `--planner` to answer with the offline planner. It writes one line,
`listening on http://127.0.0.1:PORT`.
"""

import argparse
import asyncio
import contextlib
import json
import socket
import struct
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from archwright.model.protocol import Body, ProtocolViolation
from archwright.model.scripted import Player, Script, ScriptEnded, Step, error_answer, events_of, fault_bytes

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ClaudeServer:
    """Serves on a thread of its own while the `with` block lasts.

    `requests` are the bodies that came, `headers` their headers; `violations` says what a client did against the
    protocol (with `strict`, such a request is answered with 400, as the real API does). With `key`, another key
    is answered with 401.
    """

    def __init__(self, script: Script, *, strict: bool = True, key: str | None = None, port: int = 0) -> None:
        self._player = Player(script, strict=strict)
        self._key = key
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()
        self.headers: list[dict[str, str]] = []
        self.violations: list[str] = []
        self.url = ""

    @property
    def requests(self) -> list[Body]:
        return self._player.requests

    def __enter__(self) -> "ClaudeServer":
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def serve_forever(self) -> None:
        """Wait until the thread ends, which it does with the process."""
        self._thread.join()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    async def _stop(self) -> None:
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await _read(reader)) is not None:
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, request: _Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        step = self._step_for(request)
        if step.status != 200:
            await _send(writer, step.status, step.headers, error_answer(step))
            return
        await asyncio.sleep(step.first_s)
        await _send_head(writer, 200, {"content-type": "text/event-stream", **step.headers, **_CHUNKED})
        for part in await events_of(step, json.loads(request.body), len(self.requests)):
            await asyncio.sleep(step.pause_s)
            await _send_chunk(writer, part)
        await _end(step, reader, writer)

    def _step_for(self, request: _Request) -> Step:
        if (request.method, request.path) != ("POST", "/v1/messages"):
            return Step(status=404, error="not_found_error", message=f"no such address: {request.path}")
        if self._key is not None and self._key not in _keys_in(request.headers):
            return Step(status=401, error="authentication_error", message="invalid x-api-key")
        self.headers.append(request.headers)
        try:
            return self._player.take(json.loads(request.body))
        except (ProtocolViolation, ScriptEnded, ValueError) as error:
            self.violations.append(str(error))
            return Step(status=400, error="invalid_request_error", message=str(error))


_CHUNKED = {"transfer-encoding": "chunked"}


def _keys_in(headers: dict[str, str]) -> tuple[str, str]:
    return headers.get("x-api-key", ""), headers.get("authorization", "").removeprefix("Bearer ")


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    """The next request of a connection, or None when the client has left."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = first.split(" ", 2)
    return _Request(method, target.partition("?")[0], headers, body)


async def _send(writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: bytes) -> None:
    kept = {"content-type": "application/json", "content-length": str(len(body))}
    await _send_head(writer, status, {**kept, **headers})
    writer.write(body)
    await writer.drain()


async def _send_head(writer: asyncio.StreamWriter, status: int, headers: dict[str, str]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} Status\r\nrequest-id: req_script\r\n{lines}\r\n".encode("latin-1"))
    await writer.drain()


async def _send_chunk(writer: asyncio.StreamWriter, part: bytes) -> None:
    if part:
        writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        await writer.drain()


async def _end(step: Step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End the answer as the step's fault says: cleanly, never, or with a reset."""
    if step.fault == "stall":
        await reader.read()
        return
    if step.fault == "reset":
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        writer.transport.abort()
        raise ConnectionResetError
    await _send_chunk(writer, fault_bytes(step))
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def planned(body: Body) -> Step:
    from archwright.model.offline import reply

    answer = reply(body)
    return Step(content=tuple(answer.content), stop_reason=answer.stop_reason)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--key", help="the only key that is accepted")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--script", type=Path, help="a JSON file with a list of steps")
    source.add_argument("--planner", action="store_true", help="answer with the offline planner")
    options = parser.parse_args()
    script: Script = planned if options.planner else _script_in(options.script)
    with contextlib.suppress(KeyboardInterrupt), ClaudeServer(script, key=options.key, port=options.port) as server:
        sys.stdout.write(f"listening on {server.url}\n")
        sys.stdout.flush()
        server.serve_forever()


def _script_in(file: Path) -> list[Step]:
    return [Step.from_json(values) for values in json.loads(file.read_text())]


if __name__ == "__main__":
    main()
