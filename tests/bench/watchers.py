"""Other monitors on the same machine, in the same run: what one viewer at 1 Hz costs each."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgpack
import psutil
from websockets.asyncio.client import connect

from tests.bench.rig import as_users_have, free_port, sidecar
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WATCHED_S = 30
WARM_S = 10
_PATIENCE_S = 60.0
_NETDATA_CONF = """[directories]
    cache = {folder}/cache
    lib = {folder}/lib
    log = {folder}/log
[web]
    bind to = 127.0.0.1
    default port = {port}
[cloud]
    enabled = no
[statsd]
    enabled = no
"""


def measure() -> list[Row]:
    """Ours first, then each that can be had."""
    return [*_ours(), *_glances(), *_netdata()]


def _ours() -> list[Row]:
    with sidecar([]) as running:

        async def watch() -> list[int]:
            sizes: list[int] = []
            address = f"ws://127.0.0.1:{running.port}/metrics"
            protocol = ["llama-runner.v1.msgpack"]
            async with connect(
                address,
                subprotocols=protocol,  # type: ignore[arg-type]  # a NewType over str
                compression=None,
                max_size=None,
            ) as socket:
                end = time.monotonic() + WATCHED_S
                while time.monotonic() < end:
                    frame = await socket.recv()
                    document = msgpack.unpackb(frame, strict_map_key=False)
                    if document["type"] == "tick" and not document["full"]:
                        sizes.append(len(frame))
            return sizes

        time.sleep(WARM_S)
        return _rows("LlamaRunner Pro", running.process.pid, lambda: asyncio.run(watch()), "≤ 1 %")


def _glances() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder = Path(name)
        python = folder / "venv" / "bin" / "python"
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
            install = [str(python), "-m", "pip", "install", "-q", "glances[web]"]
            subprocess.run(install, check=True, capture_output=True)
        except subprocess.CalledProcessError:
            return [Row("Glances", "not measured", "", "pip install glances[web] failed")]
        port = free_port()
        argv = [str(python.with_name("glances")), "-w", "-B", "127.0.0.1", "-p", str(port)]
        argv += ["-t", "1", "--disable-autodiscover", "--disable-check-update"]
        with _running(argv) as pid:
            return _polled("Glances", pid, f"http://127.0.0.1:{port}/api/4/all")


def _netdata() -> list[Row]:
    program = shutil.which("netdata") or shutil.which("netdata", path="/usr/sbin")
    if program is None:
        return [Row("netdata", "not measured", "", "apt install netdata")]
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        for part in ("cache", "lib", "log"):
            (folder / part).mkdir()
            (folder / part).chmod(0o777)
        conf = folder / "netdata.conf"
        conf.write_text(_NETDATA_CONF.format(folder=folder, port=port))
        with _running([program, "-D", "-c", str(conf), "-P", str(folder / "pid")]) as pid:
            address = f"http://127.0.0.1:{port}/api/v1/allmetrics?format=json"
            return _polled("netdata", pid, address)


def _polled(name: str, pid: int, address: str) -> list[Row]:
    limit = time.monotonic() + _PATIENCE_S
    while True:
        try:
            _fetch(address)
            break
        except OSError:
            if time.monotonic() > limit:
                return [Row(name, "not measured", "", "it did not answer within a minute")]
            time.sleep(0.2)
    time.sleep(WARM_S)

    def watch() -> list[int]:
        sizes, due = [], time.monotonic()
        for _ in range(WATCHED_S):
            sizes.append(_fetch(address))
            due += 1
            time.sleep(max(0.0, due - time.monotonic()))
        return sizes

    return _rows(name, pid, watch)


def _fetch(address: str) -> int:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return len(answer.read())


def _rows(name: str, pid: int, watch: Callable[[], list[int]], asked: str = "") -> list[Row]:
    before, began = _used_s(pid), time.monotonic()
    sizes = watch()
    share = 100 * (_used_s(pid) - before) / (time.monotonic() - began)
    rss_mb = sum(one.memory_info().rss for one in _tree(pid)) / 1e6
    return [
        Row(f"{name}: CPU, a viewer at 1 Hz", f"{share:.2f} % of a core", asked, "whole tree"),
        Row(f"{name}: RSS", f"{rss_mb:.1f} MB", "≤ 70 MB" if asked else "", "whole tree"),
        Row(
            f"{name}: bytes per update",
            f"{median(sizes) / 1000:.2f} kB",
            "≤ 0.4 kB" if asked else "",
            f"{len(sizes)} updates",
        ),
    ]


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _used_s(pid: int) -> float:
    """Processor time of a tree, with children that have ended already."""
    total = 0.0
    for one in _tree(pid):
        times = one.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def _running(argv: list[str]) -> Iterator[int]:
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=as_users_have()
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
