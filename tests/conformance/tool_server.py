"""A server that speaks OpenAI's API and always calls the first tool it is given.

Small real models rarely call tools, so this one stands in for a large one. Arguments come in
pieces, as real servers send them; with the tool's answer in hand it says that answer.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECES = ('{"city":', ' "Rome"}')


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Health, and one model."""
        self.reply(
            {"status": "ok", "object": "list", "data": [{"id": "caller", "object": "model"}]}
        )

    def do_POST(self) -> None:
        """A chat."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message, reason = answer_to(body)
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": reason}
            self.reply(envelope([choice], "chat.completion"))
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for delta in deltas(message):
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            self.event(envelope([choice], "chat.completion.chunk"))
        last = {"index": 0, "delta": {}, "finish_reason": reason}
        self.event(envelope([last], "chat.completion.chunk"))
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def event(self, body: dict[str, Any]) -> None:
        """One event of a stream."""
        self.wfile.write(b"data: " + json.dumps(body).encode() + b"\n\n")

    def reply(self, body: dict[str, Any]) -> None:
        """A whole answer."""
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def answer_to(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A call, or what the tool said."""
    last = body["messages"][-1]
    if last["role"] == "tool" or not body.get("tools"):
        return {"role": "assistant", "content": f"It is {last['content']}."}, "stop"
    name = body["tools"][0]["function"]["name"]
    function = {"name": name, "arguments": "".join(PIECES)}
    call = {"id": "call_1", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"


def deltas(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The message in pieces."""
    if not message.get("tool_calls"):
        return [{"role": "assistant", "content": ""}, {"content": message["content"]}]
    call = {**message["tool_calls"][0], "index": 0}
    first = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
    rest = [{"index": 0, "function": {"arguments": piece}} for piece in PIECES]
    return [
        {"role": "assistant", "content": None},
        *({"tool_calls": [one]} for one in (first, *rest)),
    ]


def envelope(choices: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Around every answer."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    told = {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "caller", "choices": choices}
    return {**told, "usage": usage} if kind == "chat.completion" else told


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
