"""The desktop window's part, played by a test: starts the real sidecar and talks to it by pipes."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.running_sidecar import FAKE_SERVER, PATIENCE_S

from tests.tools.loopback import alive

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "@llama-runner-pro "
TOKEN = "0123456789abcdef" * 4
NONCE = "fedcba9876543210" * 4


def first_line(folder: Path, **more: object) -> dict[str, object]:
    """What the window says first, as it should be."""
    return {
        "protocol": 1,
        "token": TOKEN,
        "nonce": NONCE,
        "data_dir": str(folder),
        "port": 0,
        "strict_port": False,
        "parent_pid": os.getpid(),
        "keep_models": False,
        **more,
    }


def right_proof() -> str:
    """What only somebody who read token and nonce can tell."""
    return hmac.new(TOKEN.encode(), NONCE.encode(), hashlib.sha256).hexdigest()


class DesktopWindow:
    """One start of `serve --desktop`."""

    def __init__(
        self,
        folder: Path,
        *flags: str,
        document: object = None,
        env: Mapping[str, str] | None = None,
        gateway: bool = False,
    ) -> None:
        """Nothing is said yet. `document` is the configuration, none by default."""
        folder.mkdir(parents=True, exist_ok=True)
        if document is not None:
            (folder / "config.json").write_text(json.dumps(document))
        self.folder = folder
        words = [sys.executable, "-m", "llama_runner_pro", "serve", "--desktop", *flags]
        words += [] if gateway else ["--no-gateway"]
        self._errors = folder / f"stderr-{time.monotonic_ns()}.txt"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(os.environ) | dict(env or {}),
            )
        self.lines: list[str] = []
        self.port = 0
        self.listening: dict[str, Any] = {}
        self._heard: queue.Queue[str | None] = queue.Queue()
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()

    def __enter__(self) -> DesktopWindow:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind, however the test went."""
        self.close()
        if self.process.poll() is None:
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._ear.join(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        end_fakes(self.folder)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.decode())
            self._heard.put(self.lines[-1])
        self._heard.put(None)

    def say(self, *what: object) -> None:
        """One or more lines; bytes go out as they are."""
        assert self.process.stdin is not None
        for one in what:
            line = one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n"
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(line)
                self.process.stdin.flush()

    def close(self) -> None:
        """Write no more, as a window that is gone."""
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()

    def event(self, name: str) -> dict[str, Any]:
        """The next event of that name; those before it are passed over."""
        while (line := self._heard.get(timeout=PATIENCE_S)) is not None:
            assert line.startswith(PREFIX), line
            event: dict[str, Any] = json.loads(line.removeprefix(PREFIX))
            if event["event"] == name:
                return event
        raise AssertionError(f"no event {name!r}; stdout: {self.lines}; stderr: {self.errors}")

    def shake(self, **more: object) -> dict[str, Any]:
        """Say the first line and wait until it is ready; returns what it said of itself."""
        self.say(first_line(self.folder, **more))
        self.listening = self.event("listening")
        self.port = self.listening["port"]
        self.event("ready")
        return self.listening

    def refused(self, *said: object) -> tuple[int, str]:
        """Say these lines; the code and the words with which it ends."""
        self.say(*said)
        fatal = self.event("fatal")
        assert self.process.wait(PATIENCE_S) == fatal["code"]
        return fatal["code"], fatal["text"]

    @property
    def errors(self) -> str:
        """What it wrote to standard error."""
        return self._errors.read_text()

    def call(
        self, path: str, body: object | None = None, *, token: str = TOKEN, method: str = ""
    ) -> tuple[int, Any]:
        """Status and JSON of a request that shows `token`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method or ("GET" if body is None else "POST"),
            headers={"content-type": "application/json"} if body is not None else {},
        )
        request.add_unredirected_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def online(self, name: str) -> int:
        """Wait until a model serves; its process id."""
        limit_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < limit_s:
            model = self.call("/api/ai-monitor/status")[1]["data"]["models"][name]
            if model["state"] == "online":
                pid: int = model["process_id"]
                return pid
            time.sleep(0.02)
        raise AssertionError("it did not come online")

    def kill(self) -> None:
        """SIGKILL to the sidecar alone."""
        self.process.kill()
        self.process.wait()


def end_fakes(folder: Path) -> None:
    """Kill fake model servers that were started from this folder and are still there."""
    try:
        records = json.loads((folder / "run" / "processes.json").read_bytes())["processes"]
    except (OSError, ValueError):
        return
    for record in records.values():
        pid = record["identity"]["pid"]
        if alive(pid) and str(FAKE_SERVER) in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
