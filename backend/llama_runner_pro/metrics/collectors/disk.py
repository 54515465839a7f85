"""Disk traffic, and how busy the disks are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates, sum_known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment

_FIELDS = (
    Field("disk_read_bytes_per_s", "bytes_per_s", "Disk read", "disk"),
    Field("disk_write_bytes_per_s", "bytes_per_s", "Disk written", "disk"),
    Field("disk_busy_pct", "pct", "Busiest disk", "disk"),
)
_LINUX_DISKS = Path("/sys/block")
_IMAGINED = ("loop", "ram", "zram", "dm-", "md")


class DiskTotals(NamedTuple):
    """Running totals of one disk since boot; `busy_ms` is None where the system does not tell."""

    read_bytes: int
    written_bytes: int
    busy_ms: int | None = None


def read_disks() -> Mapping[str, DiskTotals]:
    """What psutil tells of each disk; empty when the system tells of none."""
    # Without `nowrap`: psutil would hide resets by adding up, and ours are meant to show.
    disks = psutil.disk_io_counters(perdisk=True, nowrap=False)
    return {
        name: DiskTotals(disk.read_bytes, disk.write_bytes, getattr(disk, "busy_time", None))
        for name, disk in (disks or {}).items()
    }


def is_whole_disk(name: str, folder: Path = _LINUX_DISKS) -> bool:
    """Whether it is a disk by itself, on Linux: partitions, volumes and mirrors show the same
    bytes once more."""
    if not folder.is_dir():
        return True
    return (folder / name).is_dir() and not name.startswith(_IMAGINED)


class DiskTrafficSensor:
    """Bytes per second over all disks, and the busiest one; the first read has none."""

    name = "disk"

    def __init__(
        self,
        source: Callable[[], Mapping[str, DiskTotals]] = read_disks,
        is_whole_disk: Callable[[str], bool] = is_whole_disk,
    ) -> None:
        self._source = source
        self._is_whole_disk = is_whole_disk
        self._rates = Rates()
        self._seen: frozenset[str] = frozenset()
        self._chosen: tuple[str, ...] = ()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Read, written and busy."""
        return _FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `SensorMissing` when the system tells of no disk."""
        disks = self._source()
        if disks.keys() != self._seen:
            self._seen = frozenset(disks)
            whole = tuple(name for name in sorted(disks) if self._is_whole_disk(name))
            self._chosen = whole or tuple(sorted(disks))
            self._rates.keep({f"{part}/{d}" for d in self._chosen for part in ("in", "out", "ms")})
        if not self._chosen:
            raise SensorMissing("this system reports no disk activity")
        read, written, busy = [], [], []
        rate, now_s = self._rates.per_second, moment.now_s
        for name in self._chosen:
            disk = disks[name]
            read.append(rate(f"in/{name}", disk.read_bytes, now_s))
            written.append(rate(f"out/{name}", disk.written_bytes, now_s))
            if disk.busy_ms is not None:
                busy.append(rate(f"ms/{name}", disk.busy_ms, now_s))
        absent = {} if busy else {"disk_busy_pct": "this operating system does not tell it"}
        known_busy = [share for share in busy if share is not None]
        return Reading(
            {
                "disk_read_bytes_per_s": sum_known(read),
                "disk_write_bytes_per_s": sum_known(written),
                # Milliseconds per second are tenths of a percent.
                "disk_busy_pct": min(100.0, max(known_busy) / 10.0) if known_busy else None,
            },
            absent,
        )
