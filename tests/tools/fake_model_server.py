"""A real process that looks like llama.cpp's server and fails on demand. Standard library only.

    python fake_model_server.py --port 0 --loading 2 --crash-after 50

Prints `listening HOST:PORT pid PID` on stdout as soon as it accepts connections (and writes the
same line to `--ready-fd`), so that a test waits for an event instead of a time. Faults start as
flags and are switched while it runs:

    POST /__control {"fault": "hang-health"}        also with {"value": ...}; "none" clears all
    POST /__control {"fault": "crash", "value": 3}  at once, with this exit code; or "oom-text"
    POST /__control {"fault": "loaded"}             ends the time of --loading
    GET  /__control                                 pid, counters, faults in force

Control requests are never counted, slowed or hung; all others count for `--crash-after` and
`--hang-after`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from completions import in_chat, in_text, plain
from faults import Faults, arguments, die_of_memory, from_arguments, hang, leave_a_holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from completions import Shape

WORDS = ("Once", " upon", " a", " time", ".")
LOADING = {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}
NO_SUCH_FILE = {"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}
FAILED = {"error": {"code": 500, "message": "decode failed", "type": "server_error"}}


@dataclass
class Server:
    """Everything the connection threads share; `lock` guards the counters."""

    faults: Faults
    model: str
    loading_until_s: float
    port: int = 0
    holder_pid: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    paths: dict[str, int] = field(default_factory=dict)
    received: int = 0
    answered: int = 0
    running: int = 0
    tasks: int = 0
    tokens: int = 0


class Connection:
    """One client connection, kept alive until either side closes it."""

    def __init__(self, server: Server, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.reader = sock.makefile("rb")

    def serve(self) -> None:
        """Answer request after request."""
        try:
            with self.sock, self.reader:
                while (request := self.read()) is not None:
                    self.handle(*request)
        except OSError:
            return

    def read(self) -> tuple[str, str, bytes] | None:
        """Method, path without its query, and body; None when the client has gone."""
        line = self.reader.readline(65_536).split()
        if len(line) < 2:
            return None
        length = 0
        while header := self.reader.readline(65_536).strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return line[0].decode(), line[1].decode().partition("?")[0], self.reader.read(length)

    def handle(self, method: str, path: str, body: bytes) -> None:
        """Count, fail if told to, answer."""
        if path == "/__control":
            self.control(method, body)
            return
        server, faults = self.server, self.server.faults
        with server.lock:
            server.paths[path] = server.paths.get(path, 0) + 1
            server.received += 1
            number = server.received
        if faults.hang_after is not None and number > faults.hang_after:
            hang()
        if faults.hang_health and path == "/health":
            hang()
        if faults.slow:
            time.sleep(faults.slow / 1000)
        self.answer(method, path, body)
        with server.lock:
            server.answered += 1
            done = server.answered
        if faults.crash_after is not None and done >= faults.crash_after:
            os._exit(faults.exit_code)

    def answer(self, method: str, path: str, body: bytes) -> None:
        """The answer llama.cpp would give."""
        if time.monotonic() < self.server.loading_until_s:
            self.send(503, LOADING)
            return
        status = self.server.faults.status
        routes: dict[tuple[str, str], Callable[[], None]] = {
            ("GET", "/health"): lambda: self.send(
                status, {"status": "ok"} if status == 200 else FAILED
            ),
            ("GET", "/v1/models"): self.models,
            ("GET", "/props"): lambda: self.send(
                200, {"total_slots": 1, "model_alias": self.server.model, "model_path": "fake"}
            ),
            ("GET", "/slots"): self.slots,
            ("GET", "/metrics"): self.metrics,
            ("POST", "/completion"): lambda: self.complete(body, plain),
            ("POST", "/v1/completions"): lambda: self.complete(body, in_text),
            ("POST", "/v1/chat/completions"): lambda: self.complete(body, in_chat),
        }
        route = routes.get((method, path))
        if route:
            route()
        else:
            self.send(404, NO_SUCH_FILE)

    def control(self, method: str, body: bytes) -> None:
        """Switch a fault (POST) and say what is in force."""
        server = self.server
        if method == "POST":
            wanted = json.loads(body or b"{}")
            word, value = str(wanted.get("fault")), wanted.get("value")
            if word == "crash":
                os._exit(server.faults.exit_code if value is None else int(value))
            if word == "oom-text":
                die_of_memory()
            try:
                if word == "loaded":
                    server.loading_until_s = 0.0
                else:
                    server.faults.switch(word, value)
            except ValueError as error:
                self.send(400, {"error": str(error)})
                return
        shown = {"pid": os.getpid(), "port": server.port, "holder_pid": server.holder_pid}
        counters = {"received": server.received, "answered": server.answered, "paths": server.paths}
        self.send(200, {**shown, **counters, "faults": server.faults.shown()})

    def models(self) -> None:
        """The model list in OpenAI's shape."""
        entry = {"id": self.server.model, "object": "model", "created": 0, "owned_by": "llamacpp"}
        self.send(200, {"object": "list", "data": [entry]})

    def slots(self) -> None:
        """One slot, with the token counter that proves progress."""
        busy = self.server.running > 0
        token = {"has_next_token": busy, "n_remain": -1, "n_decoded": self.server.tokens}
        slot = {"id": 0, "n_ctx": 2048, "speculative": False, "is_processing": busy}
        self.send(200, [{**slot, "id_task": self.server.tasks, "next_token": [token]}])

    def metrics(self) -> None:
        """The counters and gauges that our parser reads."""
        server = self.server
        rows = (
            ("prompt_tokens_total", "counter", server.received),
            ("tokens_predicted_total", "counter", server.tokens),
            ("tokens_predicted_seconds_total", "counter", server.tokens / 50),
            ("n_decode_total", "counter", server.tokens),
            ("predicted_tokens_seconds", "gauge", 50 if server.tokens else 0),
            ("requests_processing", "gauge", server.running),
            ("requests_deferred", "gauge", 0),
        )
        text = "".join(
            f"# TYPE llamacpp:{name} {kind}\nllamacpp:{name} {value}\n"
            for name, kind, value in rows
        )
        self.send_bytes(200, text.encode(), "text/plain; version=0.0.4")

    def complete(self, body: bytes, shaped: Shape) -> None:
        """A completion, whole or as a stream."""
        if self.server.faults.fail_completions:
            self.send(500, FAILED)
            return
        if self.server.faults.stuck:
            self.count_running(1)
            hang()
        wanted = json.loads(body or b"{}")
        limit = int(wanted.get("max_tokens") or wanted.get("n_predict") or len(WORDS))
        words = [WORDS[at % len(WORDS)] for at in range(limit)]
        if wanted.get("stream"):
            self.stream(words, shaped)
            return
        with self.server.lock:
            self.server.tokens += limit
        self.send(200, shaped("".join(words), limit))

    def stream(self, words: list[str], shaped: Shape) -> None:
        """Server-sent events in chunks; cut off in the middle when told to.

        Counters move before the bytes that show it, so that a client never sees them lag behind.
        """
        cut_at = len(words) // 2 if self.server.faults.truncate_stream else None
        self.count_running(1)
        try:
            kind = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked"
            self.sock.sendall(f"HTTP/1.1 200 OK\r\nServer: llama.cpp\r\n{kind}\r\n\r\n".encode())
            for word in words[:cut_at]:
                with self.server.lock:
                    self.server.tokens += 1
                self.send_chunk(json.dumps(shaped(word, None)))
                time.sleep(self.server.faults.slow / 1000)
        finally:
            self.count_running(-1)
        if cut_at is not None:
            self.sock.shutdown(socket.SHUT_RDWR)
            return
        self.send_chunk("[DONE]")
        self.sock.sendall(b"0\r\n\r\n")

    def count_running(self, change: int) -> None:
        """Streams that /slots and /metrics show as being worked on."""
        with self.server.lock:
            self.server.running += change
            self.server.tasks += change > 0 and self.server.running == 1

    def send_chunk(self, text: str) -> None:
        """One event as one HTTP chunk."""
        event = f"data: {text}\n\n".encode()
        self.sock.sendall(f"{len(event):x}\r\n".encode() + event + b"\r\n")

    def send(self, status: int, value: object) -> None:
        """A JSON answer."""
        self.send_bytes(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def send_bytes(self, status: int, body: bytes, content_type: str) -> None:
        """A complete answer with its length."""
        head = (
            f"HTTP/1.1 {status} Status\r\nServer: llama.cpp\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.sock.sendall(head.encode() + body)


def main() -> None:
    """Start, announce the port, serve for ever."""
    options = arguments()
    on_sigterm = signal.SIG_IGN if options.ignore_sigterm else (lambda *_: os._exit(0))
    signal.signal(signal.SIGTERM, on_sigterm)
    if options.crash_at_start:
        sys.exit(options.exit_code)
    if options.oom_text:
        die_of_memory()
    faults = from_arguments(options)
    faults.take_memory()
    time.sleep(options.startup_delay)
    listener = socket.create_server((options.host, options.port))
    server = Server(faults, options.model, loading_until_s=time.monotonic() + options.loading)
    server.port = listener.getsockname()[1]
    if options.fork_holder:
        server.holder_pid = leave_a_holder(options.fork_holder)
    threading.Thread(target=faults.write_log, daemon=True).start()
    ready = f"listening {options.host}:{server.port} pid {os.getpid()}\n"
    sys.stdout.write(ready)
    sys.stdout.flush()
    if options.ready_fd is not None:
        os.write(options.ready_fd, ready.encode())
        os.close(options.ready_fd)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=Connection(server, sock).serve, daemon=True).start()


if __name__ == "__main__":
    main()
