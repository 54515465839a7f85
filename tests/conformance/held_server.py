"""A server that thinks for ever when told to, and counts those who told it so and have gone.

    python held_server.py PORT [loading]

A chat without the words "think for ever", such as a health check's, is answered at once.
With `loading` its health stays at 503 until `POST /opened`. `GET /counts` tells how many endless
chats `began` and how many of them were `given_up`: closed from the other side.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 400.0
LOCK = threading.Lock()
COUNTS = {"began": 0, "given_up": 0}
OPENED = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Health, the counts, one model."""
        if self.path == "/counts":
            with LOCK:
                self.reply(200, COUNTS)
        elif self.path == "/health":
            self.reply(200 if OPENED.is_set() else 503, {})
        else:
            self.reply(200, {"object": "list", "data": [{"id": "held", "object": "model"}]})

    def do_POST(self) -> None:
        """A chat, perhaps without an end."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/opened":
            OPENED.set()
            self.reply(200, {})
            return
        if b"think for ever" not in body:
            message = {"role": "assistant", "content": "."}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.reply(200, {"object": "chat.completion", "choices": [choice]})
            return
        with LOCK:
            COUNTS["began"] += 1
        self.connection.settimeout(PATIENCE_S)
        # Nothing more is sent on this connection, so what can be read is its end.
        try:
            gone = self.connection.recv(1) == b""
        except ConnectionResetError:
            gone = True
        with LOCK:
            COUNTS["given_up"] += gone
        self.close_connection = True

    def reply(self, status: int, body: object) -> None:
        """A whole answer."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


if __name__ == "__main__":
    if sys.argv[2:] != ["loading"]:
        OPENED.set()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
