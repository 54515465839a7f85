"""How fast hangs are healed and models found again, and what watching many endpoints costs."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from tests.bench.rig import PATIENCE_S, Sidecar, sidecar
from tests.bench.table import Row
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

FAKE_SERVER = Path(__file__).parents[1] / "tools" / "fake_model_server.py"
ADOPTIONS = 5
HANGS = 3
MANY = 50
COST_S = 30.0


def measure(model: Path) -> list[Row]:
    """Hang and adoption with the real engine; many endpoints with small servers."""
    endpoint: dict[str, object] = {
        "name": "bench",
        "kind": "embedded",
        "port": free_port(),
        "model_path": str(model),
        # Hangs in a row are the point here, not a crash loop.
        "restart": {"backoff_initial_s": 0},
    }
    with sidecar([endpoint]) as running:
        hangs_s = [_hang(running, after_s) for after_s in range(HANGS)]
        adopted_s = [_adoption(running) for _ in range(ADOPTIONS)]
    return [
        Row(
            *("SIGSTOP while idle → healthy", f"{max(hangs_s):.1f} s", "≤ 20 s + bare start"),
            f"worst of {HANGS}",
        ),
        Row(
            *("kill -9 of the sidecar → adopted", f"{median(adopted_s):.2f} s", "≤ 2 s"),
            f"median of {ADOPTIONS}, with its start",
        ),
        _many(),
    ]


def _hang(running: Sidecar, after_s: float) -> float:
    """Stop it `after_s` into its service: how long that lasts depends on where in the beat."""
    pid = running.wait_state("bench", "online")["process_id"]
    time.sleep(after_s)
    began = time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    _until(lambda: running.endpoint("bench")["process_id"] not in (None, pid))
    running.wait_state("bench", "online")
    return time.monotonic() - began


def _adoption(running: Sidecar) -> float:
    pid = running.wait_state("bench", "online")["process_id"]
    running.process.kill()
    running.process.wait()
    began = time.monotonic()
    running.start()
    found = running.wait_state("bench", "online")
    took = time.monotonic() - began
    if found["process_id"] != pid:
        raise RuntimeError("the model was started anew instead of being adopted")
    return took


def _many() -> Row:
    endpoints = [_small(f"small-{number}") for number in range(MANY)]
    with sidecar(endpoints) as running:
        for endpoint in endpoints:
            running.wait_state(str(endpoint["name"]), "online")
        process = psutil.Process(running.process.pid)
        before, began = process.cpu_times(), time.monotonic()
        time.sleep(COST_S)
        after, took = process.cpu_times(), time.monotonic() - began
    used = after.user + after.system - before.user - before.system
    return Row(f"{MANY} endpoints watched at 5 s", f"{100 * used / took:.2f} % of a core", "≤ 3 %")


def _small(name: str) -> dict[str, object]:
    command = [sys.executable, str(FAKE_SERVER), "--port", "${PORT}"]
    return {"name": name, "kind": "custom", "port": free_port(), "start_command": command}


def _until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError(f"it did not happen within {PATIENCE_S:g} s")
        time.sleep(0.02)
