"""Other supervisors with the same engine on the same machine, in the same run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from tests.bench.rig import as_engines_have, engine_command, wait_healthy
from tests.bench.table import Row
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 10


def measure(model: Path, bare_s: float) -> list[Row]:
    """Each peer that is installed: kill -9 of its engine → healthy, beside a bare start."""
    return [_supervisord(model, bare_s), _monit(model, bare_s)]


def _supervisord(model: Path, bare_s: float) -> Row:
    program = shutil.which("supervisord", path=str(Path(sys.executable).parent)) or shutil.which(
        "supervisord"
    )
    what = "supervisord: kill -9 → healthy / bare"
    if program is None:
        return Row(what, "not measured", "", "pip install supervisor")
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder, port = Path(name), free_port()
        command = " ".join(engine_command(model, port))
        (folder / "supervisord.conf").write_text(
            f"[supervisord]\nnodaemon=true\nlogfile={folder}/log\npidfile={folder}/pid\n"
            f"childlogdir={folder}\n[program:engine]\ncommand={command}\nautorestart=true\n"
        )
        argv = [program, "-c", str(folder / "supervisord.conf")]
        with _running(argv):
            return _row(what, port, bare_s)


def _monit(model: Path, bare_s: float) -> Row:
    program, what = shutil.which("monit"), "monit, 1 s cycle: kill -9 → healthy / bare"
    if program is None:
        return Row(what, "not measured", "", "apt install monit")
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder, port = Path(name), free_port()
        command = " ".join(engine_command(model, port))
        start = folder / "start"
        start.write_text(
            f"#!/bin/sh\n{command} >/dev/null 2>&1 </dev/null &\necho $! > {folder}/engine.pid\n"
        )
        start.chmod(0o700)
        control = folder / "monitrc"
        control.write_text(
            f"set daemon 1\nset logfile {folder}/log\nset pidfile {folder}/monit.pid\n"
            f"set idfile {folder}/id\nset statefile {folder}/state\n"
            f'check process engine with pidfile {folder}/engine.pid\n  start program = "{start}"\n'
        )
        control.chmod(0o600)
        try:
            with _running([program, "-I", "-c", str(control)]):
                return _row(what, port, bare_s)
        finally:
            _kill_holder(port)


@contextmanager
def _running(argv: list[str]) -> Iterator[None]:
    """A peer in the foreground, ended by pid; it ends its engine by itself."""
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=as_engines_have()
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _row(what: str, port: int, bare_s: float) -> Row:
    wait_healthy(port)
    times = []
    for _ in range(ROUNDS):
        # Long enough to count as up for every peer.
        time.sleep(2)
        pid = _holder(port)
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}/exe").exists():
            time.sleep(0.001)
        times.append(wait_healthy(port) - began)
    return Row(what, f"{median(times) / bare_s:.2f}", "", f"median of {ROUNDS}")


def _holder(port: int) -> int:
    for connection in psutil.net_connections(kind="tcp"):
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        if listens and connection.pid:
            return int(connection.pid)
    raise RuntimeError(f"nobody listens on port {port}")


def _kill_holder(port: int) -> None:
    try:
        os.kill(_holder(port), signal.SIGKILL)
    except RuntimeError:
        return
