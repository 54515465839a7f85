"""A model server that costs almost nothing, as a process of its own.

    python -m tests.bench.upstream PORT

Answers at once; `"stream":true` streams 50 pieces, one every 2 ms; `"slow":true` one every second.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import httptools
import uvloop

PIECES = 50
PACE_S = 0.002
_ANSWER = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"Hello there"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}'
)
_OTHERS = {
    b"/health": b'{"status":"ok"}',
    b"/v1/models": b'{"object":"list","data":[{"id":"bench","object":"model"}]}',
    b"/props": b'{"total_slots":4096,"model_alias":"bench","default_generation_settings":{}}',
    b"/slots": b"[]",
}
_STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
_EVENT = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"bench","choices":'
    b'[{"index":0,"delta":{"content":" hello"},"finish_reason":null}]}\n\n'
)
_PIECE = b"%x\r\n%b\r\n" % (len(_EVENT), _EVENT)
_END = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


def _whole(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


class Connection(asyncio.Protocol):
    """One client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.loop = asyncio.get_running_loop()
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.url = self.body = b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        other = _OTHERS.get(self.url)
        if other is not None:
            self.transport.write(_whole(other))
        elif b'"stream":true' in self.body:
            self.transport.write(_STREAM)
            self.left = PIECES
            self.pace_s = 1.0 if b'"slow":true' in self.body else PACE_S
            self.piece()
        else:
            self.transport.write(_WHOLE)

    def piece(self) -> None:
        if self.transport.is_closing():
            return
        if self.left == 0:
            self.transport.write(_END)
            return
        self.left -= 1
        self.transport.write(_PIECE)
        self.loop.call_later(self.pace_s, self.piece)


_WHOLE = _whole(_ANSWER)


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
