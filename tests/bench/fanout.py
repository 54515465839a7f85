"""A thousand viewers of one sidecar: how late the last ones get a tick, and what each costs.

The viewers live in a process of their own (this module, run as a program), pinned to another core
than the sidecar where there are two. They speak just enough WebSocket to be cheap.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from statistics import median
from typing import Any

import msgpack
import psutil

from tests.bench.rig import sidecar
from tests.bench.table import Row

PROTOCOL = "llama-runner.v1.msgpack"
CLIENTS = 1_000
ATTACKERS = 20
TICKS = 20
_AT_ONCE = 50
_PONG = b"\x8a\x80\x00\x00\x00\x00"
_PING = 9
_ASK = msgpack.packb({"type": "resume", "seq": 0, "since_ms": 1})
_RESUME = bytes([0x82, 0x80 | len(_ASK), 0, 0, 0, 0]) + _ASK
"""Masked with zeros, which is allowed."""


def measure() -> list[Row]:
    """Figures of a sidecar with nothing to watch but this machine and its viewers."""
    return [*_among(attackers=0), *_among(attackers=ATTACKERS)]


def _among(attackers: int) -> list[Row]:
    with sidecar([]) as running:
        process = psutil.Process(running.process.pid)
        cores = process.cpu_affinity()
        if len(cores) > 1:
            process.cpu_affinity(cores[:1])
        time.sleep(3)
        before_bytes = process.memory_info().rss
        command = [sys.executable, "-m", "tests.bench.fanout", str(running.port)]
        command += [str(CLIENTS), str(attackers)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as viewers:
            if len(cores) > 1:
                psutil.Process(viewers.pid).cpu_affinity(cores[1:])
            assert viewers.stdout is not None
            connected = json.loads(viewers.stdout.readline())
            used_s, began = sum(process.cpu_times()[:2]), time.monotonic()
            found = json.loads(viewers.stdout.readline())
            cpu_pct = 100 * (sum(process.cpu_times()[:2]) - used_s) / (time.monotonic() - began)
            after_bytes = process.memory_info().rss
    if attackers:
        what = f"{CLIENTS} viewers, {attackers} stuck, {attackers} flooding"
        remark = f"{found['attacks']} sessions sent away, {cpu_pct:.0f} % of a core"
        return [_p99(what, found, remark)]
    return _rows(connected, found, cpu_pct, after_bytes - before_bytes)


def _p99(what: str, found: dict[str, Any], remark: str) -> Row:
    return Row(f"{what}: p99 delivery", f"{found['p99_ms']:.1f} ms", "≤ 100 ms", remark)


def _rows(
    connected: dict[str, Any], found: dict[str, Any], cpu_pct: float, more_bytes: int
) -> list[Row]:
    what, count = f"{CLIENTS} viewers at 1 Hz", connected["count"]
    remark = f"sample → viewer, {found['ticks']} ticks each; the sidecar on one core"
    return [
        _p99(what, found, remark),
        Row(f"{what}: p99 behind the first", f"{found['behind_ms']:.1f} ms"),
        Row(f"{what}: p50 / worst", f"{found['p50_ms']:.1f} / {found['worst_ms']:.1f} ms"),
        Row(f"{what}: ticks missed", f"{found['missed']} of {found['wanted']}"),
        Row(f"{what}: CPU", f"{cpu_pct:.1f} % of a core"),
        Row(f"{what}: memory of each", f"{more_bytes / max(1, count) / 1000:.1f} kB"),
        Row(f"{what}: until all are in", f"{connected['took_s']:.1f} s", "", f"{count} connected"),
    ]


class _Viewer(asyncio.Protocol):
    """Shakes hands, takes frames, answers pings, and notes when ticks arrive."""

    def __init__(
        self, arrivals: dict[int, list[float]], known: dict[bytes, tuple[int, int]]
    ) -> None:
        self._arrivals, self._known = arrivals, known
        self._buffer, self._open = bytearray(), False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        port = transport.get_extra_info("peername")[1]
        transport.write(
            f"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        arrived_ms = time.time() * 1000
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._open = True
            del self._buffer[: end + 4]
        while frame := self._frame():
            self._take(*frame, arrived_ms)

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set()
        if not self.ready.done():
            self.ready.cancel()

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, head = buffer[1] & 0x7F, 2
        if length > 125:
            head = 4 if length == 126 else 10
            length = int.from_bytes(buffer[2:head], "big")
        if len(buffer) < head + length:
            return None
        found = buffer[0] & 0x0F, bytes(buffer[head : head + length])
        del buffer[: head + length]
        return found

    def _take(self, code: int, payload: bytes, arrived_ms: float) -> None:
        if code == _PING:
            self._transport.write(_PONG)
            return
        if b"tick" not in payload[:16]:
            if b"snapshot" in payload[:20] and not self.ready.done():
                self.ready.set_result(None)
            return
        if payload not in self._known:
            frame = msgpack.unpackb(payload, strict_map_key=False)
            self._known[payload] = frame["seq"], frame["t_ms"]
        seq, t_ms = self._known[payload]
        self._arrivals.setdefault(seq, []).append(arrived_ms - t_ms)


class _Stuck(_Viewer):
    """Reads its first frames and nothing more."""

    def _take(self, code: int, payload: bytes, arrived_ms: float) -> None:
        super()._take(code, payload, arrived_ms)
        if self.ready.done():
            self._transport.pause_reading()


class _Flood(_Viewer):
    """Asks for the whole picture again and again until it is sent away."""

    attacks = 0
    on = True

    def _take(self, code: int, payload: bytes, arrived_ms: float) -> None:
        super()._take(code, payload, arrived_ms)
        if self.ready.done() and not self._transport.is_closing():
            self._transport.write(_RESUME * 10)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        _Flood.attacks += 1


async def _attack(port: int, count: int) -> None:
    """Some that take nothing, and as many that flood and come back when they are sent away."""
    loop = asyncio.get_running_loop()

    async def flood() -> None:
        while _Flood.on:
            _, viewer = await loop.create_connection(lambda: _Flood({}, {}), "127.0.0.1", port)
            with suppress(TimeoutError):
                await asyncio.wait_for(viewer.gone.wait(), 2)
            await asyncio.sleep(0.2)

    for _ in range(count):
        await loop.create_connection(lambda: _Stuck({}, {}), "127.0.0.1", port)
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(flood())


async def watch(port: int, count: int, attackers: int) -> None:
    """Connect everybody, print that, take some ticks, print how late they were."""
    arrivals: dict[int, list[float]] = {}
    known: dict[bytes, tuple[int, int]] = {}
    loop, began = asyncio.get_running_loop(), time.monotonic()
    viewers: list[_Viewer] = []
    while len(viewers) < count:
        some = [
            await loop.create_connection(lambda: _Viewer(arrivals, known), "127.0.0.1", port)
            for _ in range(min(_AT_ONCE, count - len(viewers)))
        ]
        viewers += [viewer for _, viewer in some]
        await asyncio.gather(*(viewer.ready for _, viewer in some))
    _tell({"count": len(viewers), "took_s": time.monotonic() - began})
    async with asyncio.TaskGroup() as group:
        group.create_task(_attack(port, attackers))
        await asyncio.sleep(3)
        arrivals.clear()
        await asyncio.sleep(TICKS)
        _Flood.on = False
    whole = sorted(arrivals)[1:-1]
    late = sorted(ms for seq in whole for ms in arrivals[seq])
    wanted = len(whole) * count
    behind = sorted(ms - min(arrivals[seq]) for seq in whole for ms in arrivals[seq])
    _tell(
        {
            "ticks": len(whole),
            "p50_ms": median(late),
            "p99_ms": late[int(len(late) * 0.99)],
            "worst_ms": late[-1],
            "behind_ms": behind[int(len(behind) * 0.99)],
            "wanted": wanted,
            "missed": wanted - len(late),
            "attacks": _Flood.attacks,
        }
    )


def _tell(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(watch(*(int(word) for word in sys.argv[1:4])))
