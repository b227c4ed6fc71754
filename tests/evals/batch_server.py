"""A real HTTP server on this machine that speaks the Message Batches API."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Json = dict[str, Any]
_TIME = "2026-11-01T00:00:00Z"


class BatchServer:
    """Answers each request of a batch with `answer(custom_id, params)`, a result of the protocol, in the reverse of
    their order. `polls` is how often a batch is looked at before it has ended; `faults` are the status codes of the
    first looks."""

    def __init__(self, answer: Callable[[str, Json], Json], *, polls: int = 2, faults: tuple[int, ...] = ()) -> None:
        self.batches: list[list[Json]] = []
        self.looks = 0
        self._answer, self._polls, self._faults = answer, polls, list(faults)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "BatchServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def created(self, body: Json) -> tuple[int, bytes]:
        names = [request["custom_id"] for request in body["requests"]]
        if len(set(names)) < len(names) or any(request["params"].get("stream") for request in body["requests"]):
            return 400, _error("invalid_request_error", "names must differ, and nothing is streamed")
        self.batches.append(body["requests"])
        return 200, json.dumps(self._batch()).encode()

    def looked_at(self) -> tuple[int, bytes]:
        self.looks += 1
        if self._faults:
            return self._faults.pop(0), _error("overloaded_error", "Overloaded")
        return 200, json.dumps(self._batch()).encode()

    def results(self) -> tuple[int, bytes]:
        found = [(r["custom_id"], self._answer(r["custom_id"], r["params"])) for r in reversed(self.batches[-1])]
        lines = [json.dumps({"custom_id": name, "result": result}) for name, result in found if result]
        return 200, "\n".join(lines).encode()

    def _batch(self) -> Json:
        ended = self.looks >= self._polls
        counts = dict.fromkeys(("canceled", "errored", "expired", "succeeded"), 0)
        return {
            "id": "msgbatch_1",
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {**counts, "processing": len(self.batches[-1])},
            "created_at": _TIME,
            "expires_at": _TIME,
            "ended_at": _TIME if ended else None,
            "results_url": f"{self.url}/v1/messages/batches/msgbatch_1/results" if ended else None,
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self._send(*server.created(body))

            def do_GET(self) -> None:
                self._send(*(server.results() if self.path.endswith("/results") else server.looked_at()))

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                kind = "application/x-jsonl" if self.path.endswith("/results") else "application/json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None: ...

        return Handler


def succeeded(params: Json, content: list[Json], stop_reason: str = "tool_use") -> Json:
    """The result of a request that was answered."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": params["model"],
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1_000, "output_tokens": 100},
    }
    return {"type": "succeeded", "message": message}


def errored(kind: str, message: str) -> Json:
    """The result of a request that failed."""
    return {"type": "errored", "error": json.loads(_error(kind, message))}


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}, "request_id": None}).encode()
