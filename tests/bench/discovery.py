"""How long a look at this computer takes: as it is, and crowded with sockets that say nothing."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.rig import sidecar
from tests.bench.table import Row
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.rig import Sidecar

ROUNDS = 10
SILENT = 200


def measure(model: Path) -> list[Row]:
    """Ask a running sidecar, which watches one embedded engine, to look."""
    endpoint: dict[str, object] = {
        "name": "bench",
        "kind": "embedded",
        "port": free_port(),
        "model_path": str(model),
    }
    with sidecar([endpoint]) as running:
        running.wait_state("bench", "online")
        usual = median(_look_s(running) for _ in range(ROUNDS))
        with ExitStack() as crowd:
            for _ in range(SILENT):
                crowd.enter_context(socket.create_server(("127.0.0.1", 0)))
            crowded = max(_look_s(running) for _ in range(3))
    return [
        Row("discovery", f"{usual * 1000:.0f} ms", "≤ 3 s", f"median of {ROUNDS}"),
        Row(f"discovery, {SILENT} silent sockets", f"{crowded * 1000:.0f} ms", "≤ 3 s", "max of 3"),
    ]


def _look_s(running: Sidecar) -> float:
    began = time.monotonic()
    found = running.get("/api/discover")["found"]
    took_s = time.monotonic() - began
    if not any(server["configured_as"] == "bench" for server in found):
        raise RuntimeError("the look did not find the engine that the sidecar watches")
    return took_s
