"""The world that mischief is done to: a sidecar, its model servers, and bystanders."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tools.loopback import free_port

FAKE_SERVER = Path(__file__).parents[1] / "tools" / "fake_model_server.py"
BACKOFF_INITIAL_S = 0.5
BACKOFF_MAX_S = 2.0
PATIENCE_S = 45.0
STALL_S = 10.0
"""Silence after which the gateway gives an answer up."""


def argv_of(pid: int) -> list[str]:
    """A process's command line; empty when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []


@dataclass
class Endpoint:
    """One supervised model server as the chaos sees it."""

    name: str
    port: int
    busy_until_s: float = 0.0
    why_busy: str = ""
    resets_ms: list[int] = field(default_factory=list)
    """When its budget began anew: a command of ours, or a new sidecar."""
    killed: list[int] = field(default_factory=list)
    """Pids that we killed while it was online and watched."""

    def document(self) -> dict[str, object]:
        """Its entry in the configuration."""
        return {
            "name": self.name,
            "kind": "llamacpp",
            "port": self.port,
            "timeout": 1.0,
            "start_command": [sys.executable, str(FAKE_SERVER), "--port", "${PORT}"],
            "stop": {"grace_s": 1},
            "probes": {"inference": {"timeout_s": 2}},
            "restart": {
                "backoff_initial_s": BACKOFF_INITIAL_S,
                "backoff_max_s": BACKOFF_MAX_S,
                "jitter": 0,
                "budget": 0,
                "stable_after_s": 3600,
            },
        }

    def pids(self) -> list[int]:
        """Its living server processes, found by exact command line."""
        wanted = ["--port", str(self.port)]
        found = []
        for entry in os.listdir("/proc"):  # noqa: PTH208 - hot loop
            if entry.isdigit():
                argv = argv_of(int(entry))
                if str(FAKE_SERVER) in argv and argv[-2:] == wanted:
                    found.append(int(entry))
        return found

    def control(self, fault: str, value: object = None) -> None:
        """Switch a fault of the fake server; a server that does not listen is passed over."""
        body = json.dumps({"fault": fault} | ({} if value is None else {"value": value})).encode()
        url = f"http://127.0.0.1:{self.port}/__control"
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(url, data=body, headers=headers)
        try:
            urllib.request.urlopen(request, timeout=2).close()
        except OSError:
            return


class World:
    """Owns every process it starts and ends each by pid."""

    def __init__(self, folder: Path, endpoints: int) -> None:
        self.folder = folder
        self.port = free_port()
        self.endpoints = [Endpoint(f"model-{n}", free_port()) for n in range(endpoints)]
        self.config = folder / "chaos.json"
        self.doors = {"openai": free_port(), "ollama": free_port()}
        """Ports of the gateway."""
        self.lives = 0
        """How many sidecars there were."""
        self.check_interval_s = 0.5
        self.write_config()
        self.sidecar: subprocess.Popen[bytes] | None = None
        self.sidecar_up = False
        self.bystanders = [self._bystander(endpoint.name) for endpoint in self.endpoints]

    def _bystander(self, name: str) -> subprocess.Popen[bytes]:
        """A process whose command line names an endpoint and its server, and that is not ours."""
        code = "import time; time.sleep(3600)"
        return subprocess.Popen([sys.executable, "-c", code, name, str(FAKE_SERVER)])

    def write_config(self) -> None:
        """Replace the configuration file at one stroke, as editors do."""
        document = {
            "check_interval": self.check_interval_s,
            "endpoints": [endpoint.document() for endpoint in self.endpoints],
            "gateway": {
                "stall_timeout_s": STALL_S,
                "first_byte_timeout_s": STALL_S,
                **{
                    name: {"port": port, "alternative_port": port + 1}
                    for name, port in self.doors.items()
                },
            },
        }
        fresh = self.config.with_suffix(".new")
        fresh.write_text(json.dumps(document))
        fresh.replace(self.config)

    def start_sidecar(self) -> None:
        """Start `serve` and wait until it answers."""
        command = [sys.executable, "-m", "llama_runner_pro", "serve", "--port", str(self.port)]
        command += ["--data-dir", str(self.folder / "data"), "--config", str(self.config)]
        with (self.folder / "output.txt").open("ab") as output:
            self.sidecar = subprocess.Popen(command, stdout=output, stderr=output)
        limit = time.monotonic() + PATIENCE_S
        while self.state_of(self.endpoints[0]) is None:
            if self.sidecar.poll() is not None or time.monotonic() > limit:
                raise AssertionError("the sidecar does not start")
            time.sleep(0.05)
        while any(door["state"] != "open" for door in self.get("/api/gateway")["doors"]):
            if time.monotonic() > limit:
                raise AssertionError("the doors of the gateway do not open")
            time.sleep(0.05)
        self.lives += 1
        self.sidecar_up = True
        for endpoint in self.endpoints:
            endpoint.resets_ms.append(time.time_ns() // 1_000_000)

    def kill_sidecar(self) -> None:
        """SIGKILL, as the out-of-memory killer does it."""
        assert self.sidecar is not None
        self.sidecar_up = False
        self.sidecar.kill()
        self.sidecar.wait()

    def get(self, path: str) -> Any:
        """A JSON answer of the sidecar; raises OSError."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def post(self, path: str) -> None:
        """A command to the sidecar. A refusal (409) is fine: others may have been quicker."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=b"{}", method="POST"
        )
        request.add_header("content-type", "application/json")
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise

    def view(self, endpoint: Endpoint) -> dict[str, Any] | None:
        """The endpoint as the sidecar shows it; None when the sidecar does not answer."""
        try:
            views = self.get("/api/endpoints")["endpoints"]
        except (OSError, ValueError):
            return None
        found: dict[str, Any] = next(view for view in views if view["name"] == endpoint.name)
        return found

    def state_of(self, endpoint: Endpoint) -> str | None:
        """Its state word; None when the sidecar does not answer."""
        view = self.view(endpoint)
        return None if view is None else str(view["state"])

    def end(self) -> int:
        """Stop the sidecar politely; returns its exit code."""
        assert self.sidecar is not None
        self.sidecar.send_signal(signal.SIGTERM)
        try:
            return self.sidecar.wait(12)
        except subprocess.TimeoutExpired:
            self.sidecar.kill()
            self.sidecar.wait()
            return -signal.SIGKILL

    def clean_up(self) -> None:
        """End whatever is left of ours, by pid."""
        if self.sidecar is not None and self.sidecar.poll() is None:
            self.sidecar.kill()
            self.sidecar.wait()
        for endpoint in self.endpoints:
            for pid in endpoint.pids():
                os.kill(pid, signal.SIGKILL)
        for bystander in self.bystanders:
            bystander.kill()
            bystander.wait()
        shutil.rmtree(self.folder / "data", ignore_errors=True)
