"""Answers that break HTTP itself, over a real socket: a model error, and soon."""

import asyncio

import pytest

from archwright.errors import ModelError
from archwright.model.claude import ClaudeModel
from tests.model.odd import USUAL
from tests.model.requests import reply_from

EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = EVENTS + b"transfer-encoding: chunked\r\n\r\n"
ANSWERS = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\ncontent-ty",
    "a status that is no number": b"HTTP/1.1 OK 200\r\n\r\n",
    "a status beyond all": b"HTTP/1.1 999 Odd\r\ncontent-length: 2\r\n\r\n{}",
    "a header of bytes": b"HTTP/1.1 200 OK\r\ncontent-type: \xff\xfe\r\n\r\nhello",
    "a header that is endless": b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000,
    "chunks of no length": CHUNKED + b"zz\r\nhello\r\n",
    "a chunk that is cut": CHUNKED + b"ffff\r\nevent: ping\r\n",
    "less than its length": EVENTS + b"content-length: 9999\r\n\r\n" + USUAL[:200],
    "no gzip": EVENTS + b"content-encoding: gzip\r\n\r\nthis is no gzip",
    "no brotli": EVENTS + b"content-encoding: br\r\n\r\nthis is no brotli",
    "a redirect to nowhere": b"HTTP/1.1 307 Go\r\nlocation: http://[::1\r\ncontent-length: 0\r\n\r\n",
    "a redirect to another kind": b"HTTP/1.1 307 Go\r\nlocation: ftp://a/b\r\ncontent-length: 0\r\n\r\n",
    "a redirect to itself": b"HTTP/1.1 307 Go\r\nlocation: /v1/messages\r\ncontent-length: 0\r\n\r\n",
    "an error that is deep JSON": b"HTTP/1.1 500 Odd\r\ncontent-type: application/json\r\n\r\n" + b"[" * 100_000,
    "an error in no character set": b"HTTP/1.1 500 Odd\r\ncontent-type: text/html; charset=none\r\n\r\n\xff\xfe\x00",
    "an error that is no gzip": b"HTTP/1.1 500 Odd\r\ncontent-encoding: gzip\r\n\r\nthis is no gzip",
    "an error without a body": b"HTTP/1.1 413 Odd\r\ncontent-length: 0\r\n\r\n",
    "a stream of another protocol": EVENTS + b'\r\ndata: {"choices": [{"delta": {"content": "Hi"}}]}\r\n\r\n',
    "no content": b"HTTP/1.1 204 None\r\n\r\n",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_what_is_no_answer_is_a_model_error(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await asyncio.sleep(0.05)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        model = ClaudeModel("key", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", stall_s=2)
        with pytest.raises(ModelError) as caught:
            await reply_from(model)
        await model.close()
    assert len(caught.value.detail) < 300
    assert "<" not in caught.value.detail
