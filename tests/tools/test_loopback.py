"""Ports that stay free until they are used."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.tools.loopback import free_port

ROOT = Path(__file__).parents[2]
ASK = "from tests.tools.loopback import free_port; print(*(free_port() for _ in range(300)))"


def test_a_free_port_is_one_that_no_system_hands_out_by_itself() -> None:
    ports = [free_port() for _ in range(500)]
    assert max(ports) < 32_768
    assert min(ports) >= 15_000


def test_a_port_comes_again_late_and_none_that_somebody_holds() -> None:
    ports = [free_port() for _ in range(300)]
    assert len(set(ports)) == 300
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", ports[0]))
        assert ports[0] not in {free_port() for _ in range(800)}


def test_the_port_beside_one_is_not_among_the_next() -> None:
    ports = [free_port() for _ in range(15)]
    assert not {port + 1 for port in ports} & set(ports)


def test_processes_that_run_at_the_same_time_choose_different_ones() -> None:
    theirs = [
        subprocess.Popen(
            [sys.executable, "-c", f"{ASK}; input()"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    chosen: list[str] = []
    try:
        for process in theirs:
            assert process.stdout is not None
            chosen += process.stdout.readline().split()
    finally:
        for process in theirs:
            process.communicate("\n")
    chosen += [str(free_port()) for _ in range(300)]
    assert len(set(chosen)) == len(chosen) == 1_200
