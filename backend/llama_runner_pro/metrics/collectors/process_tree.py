"""Processor and memory use of each endpoint's whole process tree."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
from msgspec import Struct

from llama_runner_pro.metrics.collectors.descendants import descendant_pids
from llama_runner_pro.metrics.collectors.sensor import TargetFields
from llama_runner_pro.metrics.model import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment, Parts
    from llama_runner_pro.metrics.model import Field, Value

REFRESH_S = 5.0
"""Members of a tree and their open files are looked up again after this time."""

_PARTS: Parts = {
    "cpu_pct": ("pct", "CPU (100 % is one core)", "gauge"),
    "rss_bytes": ("bytes", "Memory", "gauge"),
    "threads": ("count", "Threads", "gauge"),
    "fds": ("count", "Open files", "gauge"),
    "uptime_s": ("s", "Running for", "gauge"),
}


class TreeUse(Struct):
    """Sums over one tree. `cpu_pct` needs two looks, `fds` the right to see them.

    `uptime_s` is the age of its root in whole seconds, as of the last look at the members.
    """

    cpu_pct: float | None
    rss_bytes: int
    threads: int
    fds: int | None
    uptime_s: int | None


class ProcessTreeSensor:
    """One tree per endpoint whose process we know."""

    name = "process_tree"

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self._wall_ms = wall_ms
        self._trees: dict[str, _Tree] = {}
        self._fields = TargetFields("endpoint", _PARTS)
        self.members: Mapping[str, frozenset[int]] = {}
        """The pids of each endpoint's tree as of the last read; replaced, never altered."""

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """CPU, memory, threads, open files and age for each endpoint."""
        return self._fields.of(targets)

    def read(self, moment: Moment) -> Reading:
        """Measure all trees once."""
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for target in moment.targets:
            prefix = f"endpoint/{target.name}"
            use = self._measure(target, moment.now_s)
            if use is None:
                reason = "not running" if target.pid is None else "its process has ended"
                absent.update({f"{prefix}/{part}": reason for part in _PARTS})
                continue
            values[f"{prefix}/cpu_pct"] = use.cpu_pct
            values[f"{prefix}/rss_bytes"] = use.rss_bytes
            values[f"{prefix}/threads"] = use.threads
            values[f"{prefix}/fds"] = use.fds
            values[f"{prefix}/uptime_s"] = use.uptime_s
            if use.fds is None:
                absent[f"{prefix}/fds"] = "the operating system does not let this user count them"
        for name in self._trees.keys() - {target.name for target in moment.targets}:
            del self._trees[name]
        self.members = {name: tree.pids for name, tree in self._trees.items()}
        return Reading(values, absent)

    def _measure(self, target: MetricTarget, now_s: float) -> TreeUse | None:
        if target.pid is None:
            self._trees.pop(target.name, None)
            return None
        tree = self._trees.get(target.name)
        if tree is None or tree.root_pid != target.pid:
            tree = self._trees[target.name] = _Tree(target.pid, self._wall_ms)
        return tree.measure(now_s)


class _Tree:
    """The members of one tree, and how much processor time each had used at the last look."""

    def __init__(self, root_pid: int, wall_ms: Callable[[], int]) -> None:
        self.root_pid = root_pid
        self._wall_ms = wall_ms
        self._members: dict[int, psutil.Process] = {}
        self._cpu_s: dict[int, float] = {}
        self._fds: int | None = None
        self._uptime_s: int | None = None
        self._refresh_at_s = float("-inf")
        self._measured_s: float | None = None

    @property
    def pids(self) -> frozenset[int]:
        """Its members."""
        return frozenset(self._members)

    def measure(self, now_s: float) -> TreeUse | None:
        """Sum over all members; None when the root is gone."""
        if now_s >= self._refresh_at_s:
            self._refresh()
            self._refresh_at_s = now_s + REFRESH_S
        cpu_s: dict[int, float] = {}
        rss_bytes = threads = 0
        for pid, process in list(self._members.items()):
            try:
                # Not in `oneshot()`: for three values it costs more than it saves.
                times = process.cpu_times()
                rss_bytes += process.memory_info().rss
                threads += process.num_threads()
            except psutil.Error:
                del self._members[pid]
                self._refresh_at_s = now_s
            else:
                cpu_s[pid] = times.user + times.system
        cpu_pct = self._cpu_pct(cpu_s, now_s)
        if self.root_pid not in self._members:
            return None
        return TreeUse(cpu_pct, rss_bytes, threads, self._fds, self._uptime_s)

    def _cpu_pct(self, cpu_s: dict[int, float], now_s: float) -> float | None:
        """Growth over the members known at both looks; None at the first look."""
        before, self._cpu_s = self._cpu_s, cpu_s
        last_s, self._measured_s = self._measured_s, now_s
        if last_s is None or now_s <= last_s:
            return None
        grown_s = sum(max(0.0, cpu_s[pid] - before[pid]) for pid in cpu_s.keys() & before.keys())
        return 100.0 * grown_s / (now_s - last_s)

    def _refresh(self) -> None:
        """Look up the members again; a pid that another process took over starts anew."""
        members: dict[int, psutil.Process] = {}
        for pid in [self.root_pid, *descendant_pids(self.root_pid)]:
            known = self._members.get(pid)
            with suppress(psutil.Error):
                same = known is not None and known.is_running()
                members[pid] = known if known is not None and same else psutil.Process(pid)
                if not same:
                    self._cpu_s.pop(pid, None)
        self._members = members
        self._fds = _open_files(members.values())
        root = members.get(self.root_pid)
        if root is not None:
            with suppress(psutil.Error):
                age_s = self._wall_ms() / 1000 - root.create_time()
                self._uptime_s = max(0, int(age_s))


def _open_files(members: Iterable[psutil.Process]) -> int | None:
    """Sum of open files, or of handles on Windows; None when one member hides them."""
    total = 0
    for process in members:
        try:
            if sys.platform == "win32":
                total += process.num_handles()
            else:
                total += process.num_fds()
        except psutil.AccessDenied:
            return None
        except psutil.Error:
            continue
    return total
