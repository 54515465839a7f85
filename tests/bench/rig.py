"""A real sidecar in a folder of its own, as the measurements need it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llama_runner_pro.supervision.process.command import LARGE_PAGES
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60.0


def healthy(port: int) -> bool:
    """One look at a llama.cpp server's health."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_healthy(port: int) -> float:
    """Monotonic time at which the server was first seen healthy; looks every 2 ms."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        if healthy(port):
            return time.monotonic()
        time.sleep(0.002)
    raise TimeoutError(f"nothing healthy on port {port} within {PATIENCE_S:g} s")


def engine_command(model: Path, port: int) -> list[str]:
    """The embedded engine as the sidecar starts it."""
    program = [sys.executable, "-P", "-m", "llama_runner_pro.engine"]
    return [*program, "--model", str(model), "--host", "127.0.0.1", "--port", str(port)]


def as_users_have() -> dict[str, str]:
    """The environment without what only build machines set: compiled bytecode is kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def as_engines_have() -> dict[str, str]:
    """The environment in which the sidecar starts its engine, for engines started by others."""
    return {**as_users_have(), **dict([LARGE_PAGES])}


class Sidecar:
    """A running sidecar and how to talk to it."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._config = config
        self.start()

    def start(self) -> None:
        """Start it, for the first time or after its end."""
        command = [str(Path(sys.executable).with_name("llama-runner-pro")), "serve"]
        command += ["--port", str(self.port), "--data-dir", str(self.folder)]
        command += ["--config", str(self._config)]
        with (self.folder / "stdout.txt").open("ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, start_new_session=True, env=as_users_have()
            )

    def get(self, path: str) -> Any:
        """A JSON answer of its API."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def endpoint(self, name: str) -> dict[str, Any]:
        """One model as the API shows it."""
        models: dict[str, Any] = self.get("/api/ai-monitor/status")["data"]["models"]
        found: dict[str, Any] = models[name]
        return found

    def wait_state(self, name: str, state: str) -> dict[str, Any]:
        """Wait until an endpoint is in `state`.

        Raises:
            TimeoutError: it is not within `PATIENCE_S`.
            RuntimeError: the sidecar ended; with what it said last.
        """
        limit = time.monotonic() + PATIENCE_S
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "stdout.txt").read_text()[-2000:])
            try:
                found = self.endpoint(name)
            except (urllib.error.URLError, OSError):
                found = {}
            if found.get("state") == state:
                return found
            time.sleep(0.02)
        raise TimeoutError(f"{name} is not {state} within {PATIENCE_S:g} s")


@contextmanager
def sidecar(
    endpoints: list[dict[str, object]], *, gateway: dict[str, object] | None = None
) -> Iterator[Sidecar]:
    """Run a sidecar over these endpoints and stop it afterwards. Without a gateway unless told."""
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder = Path(name)
        config = folder / "config.json"
        config.write_text(
            json.dumps({"endpoints": endpoints, "gateway": gateway or {"enabled": False}})
        )
        running = Sidecar(folder, config)
        try:
            yield running
        finally:
            running.process.send_signal(signal.SIGTERM)
            try:
                running.process.wait(15)
            except subprocess.TimeoutExpired:
                running.process.kill()
                running.process.wait()
