"""Texts about processes: who started whom, what they hold open, where they hang. Blocking."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.config.redact import redacted_argv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST_PROCESSES = 64
_MOST_FILES = 400
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PROC_FILES = ("status", "wchan", "stack", "limits", "io", "cgroup", "oom_score")
"""See proc(5). None of them holds an environment or a command line."""


def family(roots: Iterable[int]) -> list[int]:
    """The processes named and all their descendants, parents first; those that run, bounded."""
    found: dict[int, None] = {}
    for pid in roots:
        try:
            process = psutil.Process(pid)
            found[pid] = None
            found |= dict.fromkeys(child.pid for child in process.children(recursive=True))
        except psutil.Error:
            continue
    return list(found)[:_MOST_PROCESSES]


def tree_text(roots: Iterable[int]) -> str:
    """One line per process with its parent, and its command line without secrets."""
    lines = [_line(pid) for pid in family(roots)]
    return "\n".join(lines) + "\n" if lines else "No process was running.\n"


def details_text(roots: Iterable[int]) -> str:
    """For each process: what the kernel says of it, its threads, and its limits."""
    parts = [_kernel_text(pid) for pid in family(roots)]
    return "\n".join(parts) if parts else "No process was running.\n"


def open_text(roots: Iterable[int]) -> str:
    """For each process: open files and sockets."""
    parts = [_open_text(pid) for pid in family(roots)]
    return "\n".join(parts) if parts else "No process was running.\n"


def _line(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            command = _CONTROL.sub(" ", " ".join(redacted_argv(process.cmdline())))
            memory, times = process.memory_info(), process.cpu_times()
            return (
                f"pid {pid}  parent {process.ppid()}  {process.name()}  {process.status()}  "
                f"{process.num_threads()} threads  {memory.rss} bytes resident  "
                f"{times.user + times.system:.2f} s of CPU  {command}"
            )
    except (psutil.Error, OSError) as error:
        return f"pid {pid}: {_why(error)}"


def _kernel_text(pid: int) -> str:
    folder = Path(f"/proc/{pid}")
    if not folder.is_dir():
        return f"== pid {pid}\n{_line(pid)}\n"
    parts = [f"== pid {pid}: {name}\n{_read(folder / name)}" for name in _PROC_FILES]
    parts += [f"== thread {task.name} waits in: {_read(task / 'wchan')}" for task in _tasks(folder)]
    return "\n".join(parts) + "\n"


def _tasks(folder: Path) -> list[Path]:
    try:
        return sorted((folder / "task").iterdir())[:_MOST_PROCESSES]
    except OSError:
        return []


def _open_text(pid: int) -> str:
    lines = [f"== pid {pid}: open files"]
    lines += _listed(lambda: _files(pid))
    lines.append(f"== pid {pid}: sockets")
    lines += _listed(lambda: _sockets(pid))
    return "\n".join(lines) + "\n"


def _files(pid: int) -> Iterator[str]:
    for file in psutil.Process(pid).open_files()[:_MOST_FILES]:
        yield f"{file.fd}  {file.path}"
    folder = Path(f"/proc/{pid}/fd")
    if folder.is_dir():
        yield f"{sum(1 for _ in folder.iterdir())} descriptors in all"


def _sockets(pid: int) -> Iterator[str]:
    for one in psutil.Process(pid).net_connections(kind="all")[:_MOST_FILES]:
        ends = f"{_address(one.laddr)} → {_address(one.raddr)}"
        yield f"{one.fd}  {one.type.name}  {ends}  {one.status}"


def _address(address: object) -> str:
    if isinstance(address, tuple) and len(address) == 2:
        return f"{address[0]}:{address[1]}"
    return str(address or "-")


def _listed(read: Callable[[], Iterator[str]]) -> list[str]:
    try:
        return list(read()) or ["none"]
    except (psutil.Error, OSError) as error:
        return [_why(error)]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        return f"cannot be read: {os.strerror(error.errno) if error.errno else error}"


def _why(error: Exception) -> str:
    if isinstance(error, psutil.NoSuchProcess):
        return "it is gone"
    if isinstance(error, psutil.AccessDenied):
        return "this user may not look at it"
    return f"cannot be read: {error}"
