"""Starts the real engine as a process and talks to it, for the tests of `engine/`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 120.0
STOP_S = 120.0
POLL_S = 0.01


class Engine:
    """One engine process and a plain HTTP client for it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    def request(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """One exchange on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            headers = {"Content-Type": "application/json", "Origin": "http://evil.example"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            assert answer.headers["Access-Control-Allow-Origin"] == ""
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def wait_for_status(self, wanted: int) -> str:
        """Ask /health until it gives this status; the body of that answer."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.left()
            try:
                status, body = self.request("GET", "/health")
            except (OSError, HTTPException):
                status, body = 0, ""
            if status == wanted:
                return body
            time.sleep(POLL_S)
        raise AssertionError(f"/health did not give {wanted} in {PATIENCE_S} s")

    def first_answer(self) -> tuple[int, str]:
        """Status and body of the first answer to /health."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.left()
            try:
                return self.request("GET", "/health")
            except (OSError, HTTPException):
                time.sleep(POLL_S)
        raise AssertionError(f"/health did not answer in {PATIENCE_S} s")

    def wait_until_ready(self) -> None:
        """Wait for the line that says that stop signals are handled from now on."""
        self.wait_for_log("engine is ready: ")

    def wait_for_log(self, text: str) -> None:
        """Wait until the log holds this text."""
        deadline_s = time.monotonic() + PATIENCE_S
        while text not in self.log.read_text():
            assert self.process.poll() is None, self.left()
            assert time.monotonic() < deadline_s
            time.sleep(POLL_S)

    def left(self) -> tuple[int, str]:
        """Exit code and log of the process, which must end by itself now."""
        return self.process.wait(STOP_S), self.log.read_text()


@contextmanager
def engine(
    model: Path, *flags: str, port: int | None = None, library: Path | None = None
) -> Iterator[Engine]:
    """The process, started by its argument list; killed at the end whatever happens.

    `library` is a folder with another xllamacpp than the installed one.
    """
    port = port or free_port()
    argv = [sys.executable, "-m", "llama_runner_pro.engine", "--model", str(model)]
    with (
        NamedTemporaryFile() as log,
        subprocess.Popen(
            [*argv, "--port", str(port), "--ctx-size", "512", *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=os.environ | ({"PYTHONPATH": str(library)} if library else {}),
        ) as process,
    ):
        try:
            yield Engine(process, port, Path(log.name))
        finally:
            process.kill()


def chat(**more: object) -> dict[str, object]:
    """A one-question chat."""
    return {"messages": [{"role": "user", "content": "Say hi."}], **more}


def raw_chat(**more: object) -> bytes:
    """The same as a whole request, for a socket of the test's own."""
    body = json.dumps(chat(**more)).encode()
    head = f"Host: x\r\nConnection: close\r\nContent-Length: {len(body)}"
    return f"POST /v1/chat/completions HTTP/1.1\r\n{head}\r\n\r\n".encode() + body
