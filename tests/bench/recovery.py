"""From `kill -9` of the engine to its first healthy answer, beside a bare start of the same."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.rig import as_engines_have, engine_command, sidecar, wait_healthy
from tests.bench.table import Row
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 10


def measure(model: Path) -> tuple[list[Row], float]:
    """Alternate bare starts and healed kills, so that both see the same machine.

    Returns the rows and the bare start's seconds, for other ratios of the same run.
    """
    port = free_port()
    bare: list[float] = []
    healed: list[float] = []
    online: list[float] = []
    endpoint = {
        "name": "bench",
        "kind": "embedded",
        "port": port,
        "model_path": str(model),
        # Ten kills in a row are the point here, not a crash loop.
        "restart": {"backoff_initial_s": 0, "budget": 0},
    }
    with sidecar([endpoint]) as running:
        for _ in range(ROUNDS):
            bare.append(_bare_start(model))
            pid = running.wait_state("bench", "online")["process_id"]
            began = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            _wait_gone(pid)
            healed.append(wait_healthy(port) - began)
            running.wait_state("bench", "online")
            online.append(time.monotonic() - began)
    ratio = median(healed) / median(bare)
    rows = [
        Row("bare start of the engine", f"{median(bare) * 1000:.0f} ms", "", f"median of {ROUNDS}"),
        Row("kill -9 → healthy", f"{median(healed) * 1000:.0f} ms", "", f"median of {ROUNDS}"),
        Row("kill -9 → healthy / bare start", f"{ratio:.2f}", "≤ 1.15", ""),
        Row(
            *("kill -9 → online, a token generated", f"{median(online) * 1000:.0f} ms", ""),
            f"median of {ROUNDS}",
        ),
    ]
    return rows, median(bare)


def _bare_start(model: Path) -> float:
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        engine_command(model, port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=as_engines_have(),
    )
    try:
        return wait_healthy(port) - began
    finally:
        process.kill()
        process.wait()


def _wait_gone(pid: int) -> None:
    """Wait for the kill to take effect, so that the dying engine is not taken for the new one."""
    while True:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - hot loop
                if stat.read().rpartition(")")[2].split()[0] in "ZX":
                    return
        except OSError:
            return
