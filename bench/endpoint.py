"""An endpoint on loopback that answers Converse, Retrieve and an item of DynamoDB: the caller is measured."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from local.emulator.bedrock.streaming import events, frames

ANSWER = (
    "A kit can be booked up to 84 days before the first day on the hill. For the same evening, bookings are taken "
    "until 16:30 as long as the kit is on the depot's shelf."
)
PASSAGE = "Members book a kit in the app, at the desk or by telephone, and get a code for the locker wall. " * 8
PASSAGES = 5

_CONVERSE = {
    "metrics": {"latencyMs": 1},
    "output": {"message": {"role": "assistant", "content": [{"text": ANSWER}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 512, "outputTokens": 64, "totalTokens": 576},
}
_RETRIEVE = {
    "retrievalResults": [
        {
            "content": {"text": PASSAGE, "type": "TEXT"},
            "location": {"s3Location": {"uri": f"s3://documents/guide-{index}.md"}, "type": "S3"},
            "metadata": {"x-amz-bedrock-kb-source-uri": f"s3://documents/guide-{index}.md"},
            "score": round(0.9 - 0.07 * index, 2),
        }
        for index in range(PASSAGES)
    ]
}


def _http(status: bytes, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(content))
    return head + content


_RESPONSES = {b"converse": _http(b"200 OK", _CONVERSE), b"retrieve": _http(b"200 OK", _RETRIEVE)}
_STREAM = b"".join(frames.event(name, content) for name, content in events.events(_CONVERSE))
_RESPONSES[b"converse-stream"] = (
    b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (frames.CONTENT_TYPE.encode(), len(_STREAM))
) + _STREAM
# DynamoDB's path: the secret by which answers are bound to who asked.
_RESPONSES[b""] = _http(b"200 OK", {"Item": {"hex": {"S": "5e" * 32}}})
_UNKNOWN = _http(b"404 Not Found", {"message": "this endpoint knows converse and retrieve"})


class _Connection(asyncio.Protocol):
    """One keep-alive connection, whose responses come after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next_request()) is not None:
            operation = request.split(b" ", 2)[1].rpartition(b"/")[2]
            response = _RESPONSES.get(operation, _UNKNOWN)
            if self._seconds:
                asyncio.get_running_loop().call_later(self._seconds, self._transport.write, response)
            else:
                self._transport.write(response)

    def _next_request(self) -> bytes | None:
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return None
        _, found, after = head.lower().partition(b"content-length:")
        length = int(after.split(b"\r\n", 1)[0]) if found else 0
        if len(rest) < length:
            return None
        self._received = rest[length:]
        return head


async def _serve(ready: Connection, seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(seconds), "127.0.0.1", 0)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run(ready: Connection, seconds: float) -> None:
    asyncio.run(_serve(ready, seconds))


@contextmanager
def endpoint(seconds: float = 0.0) -> Iterator[str]:
    """The endpoint's URL, while its process runs; it answers after so many seconds."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, seconds), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}"
    finally:
        process.terminate()
        process.join()
