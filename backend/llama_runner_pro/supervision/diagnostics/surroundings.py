"""Texts about the machine and about ourselves. Blocking."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import psutil

from llama_runner_pro.core.frozen import is_frozen

NVIDIA_SMI_WITHIN_S = 1.8
_KERNEL_FILES = (
    "/proc/meminfo",
    "/proc/loadavg",
    "/proc/pressure/memory",
    "/proc/pressure/cpu",
    "/proc/pressure/io",
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory.events",
)
_TAIL_BYTES = 200_000


def machine_text(data_folder: Path) -> str:
    """Memory, disk, load and the system's versions."""
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    lines = [
        f"system: {platform.platform()}",
        f"processor: {platform.machine()}, {os.cpu_count()} cores",
        f"memory: {memory.total} bytes, {memory.available} available",
        f"swap: {swap.total} bytes, {swap.used} used",
        f"data folder's disk: {_disk(data_folder)}",
    ]
    for name in _KERNEL_FILES:
        try:
            lines.append(f"== {name}\n{Path(name).read_text('utf-8', 'replace')}")
        except OSError:
            continue
    return "\n".join(lines) + "\n"


def versions_text(version: str) -> str:
    """Ours, Python's, and those of all installed packages."""
    installed = sorted(
        {f"{one.metadata['Name']} {one.version}" for one in distributions()}, key=str.lower
    )
    head = [f"llama-runner-pro {version}", f"Python {sys.version}", f"frozen: {is_frozen()}"]
    return "\n".join([*head, "", *installed]) + "\n"


def nvidia_smi_text(program: str = "nvidia-smi") -> str:
    """What NVIDIA's own tool reports, where it is installed."""
    found = shutil.which(program)
    if found is None:
        return f"{program} is not installed.\n"
    try:
        result = subprocess.run(
            [found, "-q"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=NVIDIA_SMI_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{program} -q did not end within {NVIDIA_SMI_WITHIN_S:g} s.\n"
    text = (result.stdout + result.stderr).decode("utf-8", "replace")
    return f"{program} -q ended with {result.returncode}\n{text}"


def tail_text(path: Path, *, limit_bytes: int = _TAIL_BYTES) -> str:
    """The last whole lines of a log, or why there are none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - limit_bytes)
            file.seek(start)
            content = file.read(limit_bytes)
    except FileNotFoundError:
        return "There is no such log.\n"
    if start > 0:
        content = content.partition(b"\n")[2]
    return content.decode("utf-8", "replace")


def _disk(folder: Path) -> str:
    try:
        use = shutil.disk_usage(folder)
    except OSError as error:
        return f"unknown: {error.strerror or error}"
    return f"{use.total} bytes, {use.free} free"
