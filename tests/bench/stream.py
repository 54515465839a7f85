"""The sidecar's own cost: start, CPU, memory, bytes per tick, and many viewers."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import msgpack
import psutil
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.bench.rig import sidecar
from tests.bench.table import Row
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.rig import Sidecar

PROTOCOL = "llama-runner.v1.msgpack"
STARTS = 5
COST_S = 30.0
CLIENTS = 200
FANOUT_TICKS = 10


def measure(model: Path) -> list[Row]:
    """All figures of a sidecar with one embedded engine."""
    rows = [_first_frame()]
    endpoint: dict[str, object] = {
        "name": "bench",
        "kind": "embedded",
        "port": free_port(),
        "model_path": str(model),
    }
    with sidecar([endpoint]) as running:
        running.wait_state("bench", "online")
        rows += asyncio.run(_cost(running))
        rows.append(asyncio.run(_fanout(running)))
    return rows


def _first_frame() -> Row:
    times = []
    for _ in range(STARTS):
        began = time.monotonic()
        with sidecar([]) as running:
            asyncio.run(_until_snapshot(running.port))
            times.append(time.monotonic() - began)
    return Row(
        "serve → first frame", f"{median(times) * 1000:.0f} ms", "≤ 800 ms", f"{STARTS} starts"
    )


async def _until_snapshot(port: int) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        try:
            async with _session(port) as socket:
                await socket.recv()
                await socket.recv()
                return
        except (OSError, WebSocketException):
            await asyncio.sleep(0.005)
    raise TimeoutError("no first frame within 20 s")


def _session(port: int) -> connect:
    return connect(
        f"ws://127.0.0.1:{port}/metrics",
        subprotocols=[PROTOCOL],  # type: ignore[list-item]  # a NewType over str
        compression=None,
        max_size=None,
    )


async def _cost(running: Sidecar) -> list[Row]:
    process = psutil.Process(running.process.pid)
    async with _session(running.port) as socket:
        sizes = await _tick_sizes(socket, 3)
        with_viewer, sizes = await _cpu_pct(process, _tick_sizes(socket, int(COST_S)))
        rss_mb = process.memory_info().rss / 1e6
    await asyncio.sleep(2)
    without, _ = await _cpu_pct(process, asyncio.sleep(COST_S))
    return [
        Row("CPU at 1 Hz, one viewer", f"{with_viewer:.2f} % of a core", "≤ 1 %", f"{COST_S:g} s"),
        Row("CPU, no viewer", f"{without:.2f} % of a core", "≤ 0.3 %", f"{COST_S:g} s"),
        Row("RSS without the engine", f"{rss_mb:.1f} MB", "≤ 60 MB"),
        Row("bytes per tick, msgpack", f"{median(sizes):.0f} B", "≤ 400 B", f"max {max(sizes)} B"),
    ]


async def _cpu_pct(process: psutil.Process, during: Any) -> tuple[float, Any]:
    before, began = process.cpu_times(), time.monotonic()
    result = await during
    after, took = process.cpu_times(), time.monotonic() - began
    used = after.user + after.system - before.user - before.system
    return 100 * used / took, result


async def _tick_sizes(socket: Any, count: int) -> list[int]:
    """Sizes of the next `count` delta ticks."""
    sizes: list[int] = []
    while len(sizes) < count:
        frame = await socket.recv()
        document = msgpack.unpackb(frame, strict_map_key=False)
        if document["type"] == "tick" and not document.get("full"):
            sizes.append(len(frame))
    return sizes


async def _fanout(running: Sidecar) -> Row:
    """How late the last viewers get a tick, counted from the first viewer's copy of it."""
    arrivals: dict[int, list[float]] = {}

    async def watch() -> None:
        async with _session(running.port) as socket:
            ready.release()
            await everyone.wait()
            seen = 0
            while seen < FANOUT_TICKS:
                frame = await socket.recv()
                arrived = time.monotonic()
                if frame.find(b"tick") < 0 or frame.find(b"tick") > 12:
                    continue
                document = msgpack.unpackb(frame, strict_map_key=False)
                arrivals.setdefault(document["seq"], []).append(arrived)
                seen += 1

    ready, everyone = asyncio.Semaphore(0), asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(watch())
            await ready.acquire()
        everyone.set()
    spreads = [
        arrived - min(times)
        for times in arrivals.values()
        if len(times) >= CLIENTS * 0.9
        for arrived in times
    ]
    spreads.sort()
    p99 = spreads[int(len(spreads) * 0.99)] if spreads else float("nan")
    remark = "behind the first viewer; the clients share the two cores"
    return Row(f"{CLIENTS} viewers, p99 delivery", f"{p99 * 1000:.1f} ms", "≤ 100 ms", remark)
