"""Finding the children of a process without looking at every process of the machine."""

from __future__ import annotations

from pathlib import Path

import psutil

_PROC = Path("/proc")


def descendant_pids(root_pid: int) -> list[int]:
    """The pids of all children, their children and so on; empty when there are none.

    Linux lists the children of each thread (proc(5), `task/*/children`), at about 10 µs per
    thread of the tree. Elsewhere psutil has to read every process there is, some 15 µs each.
    """
    if not _lists_children(root_pid):
        return _by_walking(root_pid)
    found: list[int] = []
    seen = {root_pid}
    waiting = [root_pid]
    while waiting:
        fresh = [pid for pid in _children(waiting.pop()) if pid not in seen]
        seen.update(fresh)
        found += fresh
        waiting += fresh
    return found


def _lists_children(pid: int) -> bool:
    return (_PROC / str(pid) / "task" / str(pid) / "children").exists()


def _children(pid: int) -> list[int]:
    pids: list[int] = []
    try:
        for task in (_PROC / str(pid) / "task").iterdir():
            pids += map(int, (task / "children").read_text().split())
    except OSError:
        return pids  # it ended while we looked: what was read so far is all there is
    return pids


def _by_walking(root_pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(root_pid).children(recursive=True)]
    except psutil.Error:
        return []
