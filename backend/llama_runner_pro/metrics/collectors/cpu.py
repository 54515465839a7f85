"""Processor use, in total and per core, and load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import psutil

from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_SYSTEM_PARTS = ("system", "irq", "softirq", "interrupt", "dpc")
_GUEST_PARTS = frozenset({"guest", "guest_nice"})
"""Linux counts these inside `user` and `nice` already."""
_LOAD_FIELDS = ("load_1m", "load_5m", "load_15m")
_SHARE_LABELS = {
    "cpu_user_pct": "CPU in programs",
    "cpu_system_pct": "CPU in the system",
    "cpu_iowait_pct": "CPU waiting for disks",
    "cpu_steal_pct": "CPU taken by other virtual machines",
}


class CpuSource(Protocol):
    """Where processor times come from."""

    def core_times(self) -> Sequence[Mapping[str, float]]:
        """Seconds spent per state and core since boot."""
        ...

    def load(self) -> tuple[float, float, float] | None:
        """Load over 1, 5 and 15 min; None where the system has no such thing."""
        ...


class PsutilCpu:
    """Processor times from psutil.

    Not `psutil.cpu_percent`: it keeps one hidden baseline per calling thread.
    """

    def core_times(self) -> Sequence[Mapping[str, float]]:
        """Seconds spent per state and core since boot."""
        return [times._asdict() for times in psutil.cpu_times(percpu=True)]

    def load(self) -> tuple[float, float, float] | None:
        """The kernel's load; psutil's imitation on Windows starts with invented zeros."""
        return None if psutil.WINDOWS else psutil.getloadavg()


class CpuSensor:
    """Shares of processor time since the read before; the first read has none."""

    name = "cpu"

    def __init__(self, source: CpuSource | None = None) -> None:
        self._source = source or PsutilCpu()
        self._before = self._source.core_times()
        self._primed = False
        self._fields = self._declare()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Total, shares, each core and load."""
        return self._fields

    def read(self, moment: Moment) -> Reading:
        """Measure once."""
        now = self._source.core_times()
        before, self._before = self._before, now
        values: dict[str, Value] = {"cpu_cores": len(now)}
        told = now[0].keys() if now else ()
        absent = {
            f"cpu_{state}_pct": "this operating system does not tell it"
            for state in ("iowait", "steal")
            if state not in told
        }
        if self._primed and len(before) == len(now):
            values.update(_shares(before, now))
        self._primed = True
        load = self._source.load()
        if load is None:
            absent |= dict.fromkeys(_LOAD_FIELDS, "this operating system has no load average")
        else:
            values.update(zip(_LOAD_FIELDS, load, strict=True))
        return Reading(values, absent)

    def _declare(self) -> tuple[Field, ...]:
        cores = [
            Field(f"cpu_core{n}_usage_pct", "pct", f"Core {n}", "cpu_cores")
            for n in range(len(self._before))
        ]
        shares = [Field(name, "pct", label, "cpu") for name, label in _SHARE_LABELS.items()]
        load = [Field(name, "ratio", f"Load {name[5:-1]} min", "cpu") for name in _LOAD_FIELDS]
        return (
            Field("cpu_usage_pct", "pct", "CPU", "cpu"),
            *shares,
            *cores,
            Field("cpu_cores", "count", "CPU cores", "cpu"),
            *load,
        )


def _shares(
    before: Sequence[Mapping[str, float]], now: Sequence[Mapping[str, float]]
) -> dict[str, Value]:
    """Percentages over all cores and for each core."""
    deltas = [_delta(old, new) for old, new in zip(before, now, strict=True)]
    values: dict[str, Value] = {
        f"cpu_core{n}_usage_pct": _busy_pct(delta) for n, delta in enumerate(deltas)
    }
    total = {part: sum(delta[part] for delta in deltas) for part in deltas[0]} if deltas else {}
    values["cpu_usage_pct"] = _busy_pct(total)
    values["cpu_user_pct"] = _part_pct(total, ("user", "nice"))
    values["cpu_system_pct"] = _part_pct(total, _SYSTEM_PARTS)
    values["cpu_iowait_pct"] = _part_pct(total, ("iowait",))
    values["cpu_steal_pct"] = _part_pct(total, ("steal",))
    return values


def _delta(old: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    """Growth per state. Linux lets some of these counters go back a little: that counts as 0."""
    return {
        part: max(0.0, new[part] - old.get(part, 0.0)) for part in new if part not in _GUEST_PARTS
    }


def _busy_pct(delta: Mapping[str, float]) -> float | None:
    elapsed_s = sum(delta.values())
    if elapsed_s <= 0:
        return None
    idle_s = delta.get("idle", 0.0) + delta.get("iowait", 0.0)
    return 100.0 * (elapsed_s - idle_s) / elapsed_s


def _part_pct(delta: Mapping[str, float], parts: Sequence[str]) -> float | None:
    elapsed_s = sum(delta.values())
    present = [delta[part] for part in parts if part in delta]
    if elapsed_s <= 0 or not present:
        return None
    return 100.0 * sum(present) / elapsed_s
