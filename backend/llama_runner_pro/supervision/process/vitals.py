"""What a process tree uses. Blocking: call in a thread."""

from __future__ import annotations

import contextlib

import psutil

from llama_runner_pro.supervision.process.identity import Identity, same_life


def rss_bytes(identity: Identity | None) -> int | None:
    """Resident memory of that very process; None when it is gone or cannot be read."""
    if identity is None or not same_life(identity):
        return None
    try:
        return int(psutil.Process(identity.pid).memory_info().rss)
    except psutil.Error:
        return None


def cpu_s_and_pids(identity: Identity | None) -> tuple[float | None, list[int]]:
    """Of that process and all below it: processor time used, in seconds, and who they are.

    None and nobody when it is gone.
    """
    if identity is None or not same_life(identity):
        return None, []
    total = 0.0
    try:
        root = psutil.Process(identity.pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.Error:
        return None, []
    for process in tree:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total, [process.pid for process in tree]
