"""The frozen sidecar: its size, and how soon it is there beside the same from its sources."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

BACKEND = Path(__file__).resolve().parents[2] / "dist" / "backend"
PROGRAM = BACKEND / "llama-runner-pro-backend"
MEBIBYTE = 1024 * 1024
ROUNDS = 7
FROM_SOURCE = (sys.executable, "-m", "llama_runner_pro")


def measure() -> list[Row]:
    """Needs `dist/backend`, which `npm run build:backend` makes."""
    if not PROGRAM.is_file():
        raise SystemExit("There is no frozen sidecar to measure. First: npm run build:backend")
    programs = {"frozen": (str(PROGRAM),), "plain": FROM_SOURCE}
    # One of each to warm the disk cache up; then in turns, so that a busy moment hits both.
    rounds = [
        {name: _ready_s(program) for name, program in programs.items()} for _ in range(ROUNDS + 1)
    ][1:]
    frozen, plain = (median(one[name] for one in rounds) for name in programs)
    whole, engine = _size_bytes(BACKEND), _size_bytes(BACKEND / "_internal" / "xllamacpp")
    return [
        Row(
            "frozen sidecar: spawned → ready",
            f"{frozen * 1000:.0f} ms",
            "≤ 600 ms",
            f"median of {ROUNDS}; from sources {plain * 1000:.0f} ms",
        ),
        Row(
            "frozen sidecar, without and with the engine",
            f"{(whole - engine) / MEBIBYTE:.0f} MiB, {whole / MEBIBYTE:.0f} MiB",
            "≤ 60 MiB",
        ),
    ]


def _size_bytes(folder: Path) -> int:
    found = (path for path in folder.rglob("*") if not path.is_symlink() and path.is_file())
    return sum(path.stat().st_size for path in found)


def _ready_s(program: Sequence[str]) -> float:
    """Seconds from the start of the program to the line that says where it is."""
    with tempfile.TemporaryDirectory() as folder:
        words = ("serve", "--port", "0", "--no-gateway", "--data-dir", str(Path(folder)))
        began = time.monotonic()
        process = subprocess.Popen([*program, *words], stdout=subprocess.PIPE, encoding="utf-8")
        try:
            if process.stdout is None:
                raise RuntimeError("the program has no output")
            for line in process.stdout:
                if "is running" in line:
                    return time.monotonic() - began
            raise RuntimeError(f"{program[0]} ended before it was ready")
        finally:
            process.terminate()
            process.wait(20)
