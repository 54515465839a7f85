"""The gateway beside the server behind it: both are asked in turns, and the ratio counts."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

import psutil
import uvloop

from tests.bench.hammer import NO_PAUSE, Load, Pause, hammer, request_of
from tests.bench.rig import PATIENCE_S, free_port, healthy, sidecar
from tests.bench.table import Row
from tests.bench.upstream import PACE_S, PIECES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.rig import Sidecar

CHAT = (
    b'{"model":"bench","messages":[{"role":"system","content":"You are helpful"},'
    b'{"role":"user","content":"hello there"}],"temperature":0.7}'
)
STREAM = CHAT.replace(b'"temperature"', b'"stream":true,"temperature"')
SLOW = CHAT.replace(b'"temperature"', b'"stream":true,"slow":true,"temperature"')
OLLAMA = CHAT.replace(b',"temperature":0.7', b',"stream":false')
CONNECTIONS, STREAMS, MANY_STREAMS = 32, 64, 500
SECONDS, ROUNDS, FIRST_TOKENS = 3.0, 3, 15
PAUSE, IN_STEP = Pause(0.01), Pause(0.01, in_step=True)


def measure(model: Path) -> Iterator[Row]:
    """All figures of the gateway, through a whole sidecar, each as soon as it is known."""
    port, openai, ollama = free_port(), free_port(), free_port()
    endpoints: list[dict[str, object]] = [
        {"name": "bench", "kind": "llamacpp", "url": f"http://127.0.0.1:{port}"},
        {"name": "demo", "kind": "embedded", "port": free_port(), "model_path": str(model)},
    ]
    doors = {
        "max_parallel": 4096,
        "openai": {"port": openai, "alternative_port": free_port()},
        "ollama": {"port": ollama, "alternative_port": free_port()},
    }
    with raw_upstream(port), sidecar(endpoints, gateway=doors) as running:
        running.wait_state("bench", "online")
        running.wait_state("demo", "online")
        # The first, while the sidecar has not held a stream yet.
        yield _memory(running, openai)
        yield from _rates(port, openai, ollama)
        with bare_splice(port) as (splice, bare):
            yield _cost(running, openai, splice, bare)
            yield from _latency(port, openai, bare)
        yield _streams(port, openai)
        yield _first_token(running, openai)


@contextmanager
def raw_upstream(port: int) -> Iterator[None]:
    """The cheap model server, while the block runs."""
    with _beside("tests.bench.upstream", port):
        limit = time.monotonic() + PATIENCE_S
        while not healthy(port):
            if time.monotonic() > limit:
                raise TimeoutError("the cheap model server did not start")
            time.sleep(0.02)
        yield


@contextmanager
def _beside(module: str, *ports: int) -> Iterator[psutil.Process]:
    """A program of the bench, while the block runs."""
    process = subprocess.Popen([sys.executable, "-m", module, *map(str, ports)])
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def load(
    port: int, body: bytes, connections: int, *, pause: Pause = NO_PAUSE, path: str = ""
) -> Load:
    """One round of our own load generator."""
    request = request_of(body, path) if path else request_of(body)
    return uvloop.run(hammer(port, request, connections=connections, seconds=SECONDS, pause=pause))


def rate(port: int, body: bytes, path: str = "/v1/chat/completions") -> float:
    """Requests per second at 32 connections; by wrk when it is installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return load(port, body, CONNECTIONS, path=path).per_s
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        text = json.dumps(body.decode())
        script.write(f'wrk.method = "POST"\nwrk.body = {text}\n')
        script.write('wrk.headers["Content-Type"] = "application/json"\n')
        script.flush()
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS:.0f}s", "-s", script.name]
        command.append(f"http://127.0.0.1:{port}{path}")
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise RuntimeError(told)
    found = re.search(r"Requests/sec:\s*([\d.]+)", told)
    if found is None:
        raise RuntimeError(told)
    return float(found[1])


def _rates(port: int, openai: int, ollama: int) -> list[Row]:
    direct, through, translated = [], [], []
    for _ in range(ROUNDS):
        direct.append(rate(port, CHAT))
        through.append(rate(openai, CHAT))
        translated.append(rate(ollama, OLLAMA, "/api/chat"))
    ours, bare, native = median(through), median(direct), median(translated)
    remark = f"{ours:,.0f} of {bare:,.0f} requests/s"
    return [
        Row("gateway: share of direct", f"{100 * ours / bare:.1f} %", "≥ 12 %", remark),
        Row(
            "gateway: Ollama from OpenAI",
            f"{100 * native / ours:.0f} %",
            "≥ 50 %",
            f"of passing through: {native:,.0f} requests/s",
        ),
    ]


@contextmanager
def bare_splice(port: int) -> Iterator[tuple[psutil.Process, int]]:
    """The least that a gateway in Python costs, and its port, while the block runs."""
    bare_port = free_port()
    with _beside("tests.bench.splice", bare_port, port) as bare:
        _wait_until_it_listens(bare_port)
        yield bare, bare_port


def _cost(running: Sidecar, openai: int, bare: psutil.Process, bare_port: int) -> Row:
    """Processor time, which depends less than others on what else the machine does."""
    sidecar_process = psutil.Process(running.process.pid)
    pairs = [(_cpu_us(sidecar_process, openai), _cpu_us(bare, bare_port)) for _ in range(ROUNDS)]
    ours_us, bare_us = (median(column) for column in zip(*pairs, strict=True))
    return Row(
        "gateway: processor time per request",
        f"{ours_us / bare_us:.1f} times",
        "",
        f"{ours_us:.0f} µs; a bare splice in Python takes {bare_us:.0f} µs",
    )


def _wait_until_it_listens(port: int) -> None:
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


def _cpu_us(process: psutil.Process, port: int) -> float:
    before = process.cpu_times()
    asked = load(port, CHAT, CONNECTIONS)
    after = process.cpu_times()
    used_s = after.user + after.system - before.user - before.system
    return used_s / len(asked.latencies_s) * 1e6


def _latency(port: int, openai: int, bare: int) -> list[Row]:
    """What the gateway adds, and beside it what a bare splice adds: this machine's floor."""
    ports = (port, openai, bare)
    alone = [[load(one, CHAT, 1) for one in ports] for _ in range(ROUNDS)]
    # A pause between requests: what is measured is the gateway, not the queue of a full load.
    many = [[load(one, CHAT, CONNECTIONS, pause=PAUSE) for one in ports] for _ in range(ROUNDS)]
    # And the queue of those who all ask in the same moment.
    queue = [[load(one, CHAT, CONNECTIONS, pause=IN_STEP) for one in ports] for _ in range(ROUNDS)]
    rates = median(us.per_s for _, us, _ in many)
    ours_us, floor_us = (_added_us(alone, which, 0.5) for which in (1, 2))
    at_32 = f"{CONNECTIONS} connections"
    return [
        Row(
            "gateway: added, p50",
            f"{ours_us:.0f} µs",
            "≤ 60 µs",
            f"one connection; a bare splice adds {floor_us:.0f} µs",
        ),
        _tail("gateway: added, p99", many, f"{at_32}, {rates:,.0f} requests/s"),
        _tail("gateway: added, p99, in step", queue, f"{at_32}, all in the same moment"),
    ]


def _tail(name: str, rounds: list[list[Load]], what: str) -> Row:
    ours_ms, floor_ms = (_added_us(rounds, which, 0.99) / 1000 for which in (1, 2))
    remark = f"{what}; a bare splice adds {floor_ms:.2f} ms"
    return Row(name, f"{ours_ms:.2f} ms", "≤ 2 ms", remark)


def _added_us(rounds: list[list[Load]], which: int, share: float) -> float:
    return median(one[which].percentile_us(share) - one[0].percentile_us(share) for one in rounds)


def _streams(port: int, openai: int) -> Row:
    pairs = [(load(port, STREAM, STREAMS), load(openai, STREAM, STREAMS)) for _ in range(ROUNDS)]
    share = median(us.per_s / bare.per_s for bare, us in pairs)
    what = f"{STREAMS} streams of {PIECES} pieces every {PACE_S * 1000:g} ms"
    return Row("gateway: streams, of direct", f"{100 * share:.0f} %", "≥ 95 %", what)


def _memory(running: Sidecar, openai: int) -> Row:
    process = psutil.Process(running.process.pid)

    async def hold(count: int) -> int:
        streams = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", openai)
            writer.write(request_of(SLOW))
            streams.append((reader, writer))
        for reader, _ in streams:
            await reader.readuntil(b"hello")
        await asyncio.sleep(3)
        held = process.memory_info().rss
        for _, writer in streams:
            writer.transport.abort()
        return held

    # One stream has what is there once imported and made; the others come on top of it.
    before = asyncio.run(hold(1))
    grown = asyncio.run(hold(MANY_STREAMS)) - before
    each = f"{grown / MANY_STREAMS / 1000:.1f} kB"
    return Row("gateway: memory per stream", each, "≤ 40 kB", f"{MANY_STREAMS} streams at once")


def _first_token(running: Sidecar, openai: int) -> Row:
    engine = int(running.endpoint("demo")["port"])
    body = json.dumps(
        {
            "model": "demo",
            "stream": True,
            "max_tokens": 4,
            "messages": [{"role": "user", "content": "Say a word."}],
        }
    ).encode()

    async def first(port: int) -> float:
        one = await hammer(port, request_of(body), connections=1, seconds=0)
        return one.first_s[0]

    direct, through = [], []
    for _ in range(FIRST_TOKENS):
        direct.append(uvloop.run(first(engine)))
        through.append(uvloop.run(first(openai)))
    added_ms = (median(through) - median(direct)) * 1000
    remark = f"real model, direct {median(direct) * 1000:.1f} ms"
    return Row("gateway: first token later by", f"{added_ms:.2f} ms", "≤ 3 ms", remark)
