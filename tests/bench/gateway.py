"""The gateway beside the server behind it: both are asked in turns, and the ratio counts."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil
import uvloop

from tests.bench.hammer import Load, hammer, request_of
from tests.bench.rig import PATIENCE_S, free_port, healthy, sidecar
from tests.bench.table import Row
from tests.bench.upstream import PACE_S, PIECES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.rig import Sidecar

CHAT = (
    b'{"model":"bench","messages":[{"role":"system","content":"You are helpful"},'
    b'{"role":"user","content":"hello there"}],"temperature":0.7}'
)
STREAM = CHAT.replace(b'"temperature"', b'"stream":true,"temperature"')
SLOW = CHAT.replace(b'"temperature"', b'"stream":true,"slow":true,"temperature"')
OLLAMA = CHAT.replace(b',"temperature":0.7', b',"stream":false')
CONNECTIONS, STREAMS, MANY_STREAMS = 32, 64, 500
SECONDS, ROUNDS, FIRST_TOKENS = 4.0, 3, 15
LITELLM_INSTALL_S = 600.0


def measure(model: Path) -> list[Row]:
    """All figures of the gateway, through a whole sidecar."""
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
        rows = _rates(port, openai, ollama)
        rows += _latency(port, openai)
        rows += [_streams(port, openai), _memory(running, openai)]
        rows.append(_first_token(running, openai))
    return rows


@contextmanager
def raw_upstream(port: int) -> Iterator[None]:
    """The cheap model server, while the block runs."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.upstream", str(port)])
    try:
        limit = time.monotonic() + PATIENCE_S
        while not healthy(port):
            if time.monotonic() > limit:
                raise TimeoutError("the cheap model server did not start")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait()


def load(port: int, body: bytes, connections: int, *, pace_s: float = 0.0, path: str = "") -> Load:
    """One round of our own load generator."""
    request = request_of(body, path) if path else request_of(body)
    return uvloop.run(
        hammer(port, request, connections=connections, seconds=SECONDS, pace_s=pace_s)
    )


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
    rows = [
        Row("gateway: share of direct", f"{100 * ours / bare:.1f} %", "≥ 12 %", remark),
        Row(
            "gateway: Ollama from OpenAI",
            f"{100 * native / ours:.0f} %",
            "≥ 50 %",
            f"of passing through: {native:,.0f} requests/s",
        ),
    ]
    other = _litellm(port)
    text = f"{ours / other:.0f} times" if other else "not measured"
    remark = f"LiteLLM: {other:,.0f} requests/s" if other else "LiteLLM could not be installed"
    return [*rows, Row("gateway: against LiteLLM", text, "≥ 5 times", remark)]


def _latency(port: int, openai: int) -> list[Row]:
    alone = [(load(port, CHAT, 1), load(openai, CHAT, 1)) for _ in range(ROUNDS)]
    added_us = median(us.percentile_us(0.5) - bare.percentile_us(0.5) for bare, us in alone)
    # A pause between requests: what is measured is the gateway, not the queue of a full load.
    both = [
        (load(port, CHAT, CONNECTIONS, pace_s=0.01), load(openai, CHAT, CONNECTIONS, pace_s=0.01))
        for _ in range(ROUNDS)
    ]
    p99_us = median(us.percentile_us(0.99) - bare.percentile_us(0.99) for bare, us in both)
    rates = median(us.per_s for _, us in both)
    return [
        Row("gateway: added, p50", f"{added_us:.0f} µs", "≤ 60 µs", "one connection"),
        Row(
            "gateway: added, p99",
            f"{p99_us / 1000:.2f} ms",
            "≤ 2 ms",
            f"{CONNECTIONS} connections, {rates:,.0f} requests/s",
        ),
    ]


def _streams(port: int, openai: int) -> Row:
    pairs = [(load(port, STREAM, STREAMS), load(openai, STREAM, STREAMS)) for _ in range(ROUNDS)]
    share = median(us.per_s / bare.per_s for bare, us in pairs)
    what = f"{STREAMS} streams of {PIECES} pieces every {PACE_S * 1000:g} ms"
    return Row("gateway: streams, of direct", f"{100 * share:.0f} %", "≥ 95 %", what)


def _memory(running: Sidecar, openai: int) -> Row:
    process = psutil.Process(running.process.pid)
    load(openai, STREAM, MANY_STREAMS)
    before = process.memory_info().rss

    async def hold() -> int:
        streams = []
        for _ in range(MANY_STREAMS):
            reader, writer = await asyncio.open_connection("127.0.0.1", openai)
            writer.write(request_of(SLOW))
            streams.append((reader, writer))
        for reader, _ in streams:
            await reader.readuntil(b"hello")
        await asyncio.sleep(5)
        held = process.memory_info().rss
        for _, writer in streams:
            writer.transport.abort()
        return held

    grown = asyncio.run(hold()) - before
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


def _litellm(port: int) -> float | None:
    """Requests per second through LiteLLM's proxy in front of the same server; None without it."""
    with tempfile.TemporaryDirectory(prefix="llama-runner-litellm-") as name:
        folder = Path(name)
        python = folder / "venv" / "bin" / "python"
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
            install = [str(python), "-m", "pip", "install", "-q", "litellm[proxy]"]
            subprocess.run(install, check=True, timeout=LITELLM_INSTALL_S, capture_output=True)
        except (subprocess.SubprocessError, OSError):
            return None
        settings = folder / "config.yaml"
        where = f"http://127.0.0.1:{port}/v1"
        route = {"model": "openai/bench", "api_base": where, "api_key": "none"}
        settings.write_text(
            json.dumps({"model_list": [{"model_name": "bench", "litellm_params": route}]})
        )
        proxy = free_port()
        command = [str(python.with_name("litellm")), "--config", str(settings)]
        command += ["--host", "127.0.0.1", "--port", str(proxy)]
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            return rate(proxy, CHAT) if _answers(proxy) else None
        finally:
            process.terminate()
            process.wait()


def _answers(port: int) -> bool:
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False
