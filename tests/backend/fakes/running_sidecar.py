"""A real sidecar process for tests, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.tools.loopback import alive, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FAKE_SERVER = Path(__file__).parents[2] / "tools" / "fake_model_server.py"
PATIENCE_S = 120.0
FROM_SOURCE = (sys.executable, "-m", "llama_runner_pro")


def fake_endpoint(name: str, *flags: str, **more: object) -> dict[str, object]:
    """An endpoint whose process is the fake model server."""
    command = [sys.executable, str(FAKE_SERVER), "--port", "${PORT}", *flags]
    return {
        "name": name,
        "kind": "llamacpp",
        "port": free_port(),
        "start_command": command,
        "stop": {"grace_s": 2},
        **more,
    }


def until(condition: Callable[[], Any], within_s: float = PATIENCE_S) -> Any:
    """Wait for something that other processes do; returns the condition's value."""
    limit_s = time.monotonic() + within_s
    while time.monotonic() < limit_s:
        try:
            found = condition()
        except (OSError, KeyError):
            found = None
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class RunningSidecar:
    """Starts `serve` as users do and talks to it over HTTP."""

    def __init__(
        self,
        folder: Path,
        document: object,
        *flags: str,
        gateway: bool = False,
        program: Sequence[str] = FROM_SOURCE,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`gateway`: open its doors, where the document says. `env`: instead of our own."""
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "given.json"
        config.write_text(json.dumps(document))
        self.folder, self.port = folder, free_port()
        self._output = folder / "output.txt"
        command = [*program, "serve", "--port", str(self.port)]
        command += ["--data-dir", str(folder), "--config", str(config), *flags]
        command += [] if gateway else ["--no-gateway"]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(command, env=env, stdout=output, stderr=output)

    def __enter__(self) -> RunningSidecar:
        """Wait until it answers."""
        until(lambda: self.process.poll() is not None or self.get("/api/health"))
        assert self.process.poll() is None, self.output
        return self

    def __exit__(self, *_: object) -> None:
        """End it and what it started, however the test went."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        for record in self.recorded().values():
            pid = record["identity"]["pid"]
            if alive(pid) and str(FAKE_SERVER) in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)

    @property
    def output(self) -> str:
        """What it printed."""
        return self._output.read_text()

    def recorded(self) -> dict[str, Any]:
        """The processes it noted down."""
        try:
            document = json.loads((self.folder / "run" / "processes.json").read_bytes())
        except OSError:
            return {}
        found: dict[str, Any] = document["processes"]
        return found

    def get(self, path: str) -> Any:
        """A JSON answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return json.load(answer)

    @property
    def token(self) -> str:
        """What lets a caller change the configuration."""
        return (self.folder / "run" / "token").read_text().strip()

    def post(self, path: str, body: object | None = None, token: str | None = None) -> Any:
        """A JSON answer to a command."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=data or b"",
            method="POST",
            headers={} if body is None else {"content-type": "application/json"},
        )
        if body is None:
            request.add_unredirected_header("content-type", "application/json")
        if token is not None:
            request.add_unredirected_header("authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def model(self, name: str) -> dict[str, Any]:
        """One endpoint as the status call shows it."""
        found: dict[str, Any] = self.get("/api/ai-monitor/status")["data"]["models"][name]
        return found

    def wait_state(self, name: str, state: str) -> dict[str, Any]:
        """Wait until an endpoint is in `state`; returns how it is shown then."""
        found: dict[str, Any] = until(
            lambda: shown if (shown := self.model(name))["state"] == state else None
        )
        return found
