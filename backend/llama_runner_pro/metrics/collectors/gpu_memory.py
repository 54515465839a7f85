"""Whose graphics memory it is: per-process figures of the cards, added up per endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail

_PID_NAMESPACE = Path("/proc/self/ns/pid")
_FIRST_PID_NAMESPACE = 0xEFFFFFFC
"""The inode of the namespace a Linux machine starts with (kernel, include/linux/proc_ns.h)."""
_NOT_TOLD = "the graphics driver does not tell the memory of single processes"
_CONTAINED = "inside a container the graphics driver does not tell which process is whose"


def sees_all_pids(namespace: Path = _PID_NAMESPACE) -> bool:
    """Whether pids that a driver reports mean the same to us; in a container they need not."""
    try:
        return namespace.stat().st_ino == _FIRST_PID_NAMESPACE
    except OSError:
        return True  # no Linux, no namespaces


def memory_of_tree(
    pids: Iterable[int], details: Sequence[GpuDetail], *, all_pids: bool
) -> tuple[int | None, str]:
    """Bytes that these processes hold on all cards, or None and the reason.

    A process that a card does not list holds nothing there, provided that the card lists
    everybody by pids that we understand.
    """
    wanted = set(pids)
    found: list[int] = []
    reason = ""
    for detail in details:
        if detail.memory_of is None:
            reason = detail.reasons.get("processes", _NOT_TOLD)
            continue
        shares = [detail.memory_of[pid] for pid in wanted & detail.memory_of.keys()]
        if None in shares:
            reason = _NOT_TOLD
        elif not shares and detail.everyone and not all_pids:
            reason = _CONTAINED
        found += [share for share in shares if share is not None]
    if sum(found) == 0 and reason:
        return None, reason
    return sum(found), ""
