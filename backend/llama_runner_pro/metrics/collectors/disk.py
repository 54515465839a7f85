"""Disk traffic at every tick, and disk space on the slow lane."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_TRAFFIC_FIELDS = (
    Field("disk_read_bytes_per_s", "bytes_per_s", "Disk read", "disk"),
    Field("disk_write_bytes_per_s", "bytes_per_s", "Disk written", "disk"),
)


def read_traffic() -> tuple[int, int] | None:
    """Bytes read and written since boot by all disks; None when the system tells of no disk."""
    # Without `nowrap`: psutil would hide resets by adding up, and ours are meant to show.
    totals = psutil.disk_io_counters(nowrap=False)
    return None if totals is None else (totals.read_bytes, totals.write_bytes)


class DiskTrafficSensor:
    """Bytes per second over all disks; the first read has none."""

    name = "disk"

    def __init__(self, source: Callable[[], tuple[int, int] | None] = read_traffic) -> None:
        self._source = source
        self._rates = Rates()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Read and written."""
        return _TRAFFIC_FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `SensorMissing` when the system tells of no disk."""
        totals = self._source()
        if totals is None:
            raise SensorMissing("this system reports no disk activity")
        read_bytes, write_bytes = totals
        rate = self._rates.per_second
        return Reading(
            {
                "disk_read_bytes_per_s": rate("read", read_bytes, moment.now_s),
                "disk_write_bytes_per_s": rate("write", write_bytes, moment.now_s),
            }
        )


class DiskSpaceSensor:
    """Use of the system's disk, and of the one with our data when that is another."""

    name = "disk_space"

    def __init__(self, mounts: Sequence[tuple[str, str, Path]]) -> None:
        self._mounts = tuple(mounts)
        self._fields = tuple(
            field for key, label, _ in self._mounts for field in _space_fields(key, label)
        )

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Used, total and share for each mount."""
        return self._fields

    def read(self, moment: Moment) -> Reading:
        """Measure once; blocks for as long as a network mount hangs."""
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for key, label, path in self._mounts:
            try:
                use = psutil.disk_usage(str(path))
            except OSError as error:
                names = [field.name for field in _space_fields(key, label)]
                absent.update(dict.fromkeys(names, error.strerror or str(error)))
                continue
            values[f"disk_{key}_usage_pct"] = use.percent
            values[f"disk_{key}_used_bytes"] = use.used
            values[f"disk_{key}_total_bytes"] = use.total
        return Reading(values, absent)


def mounts_of_interest(data_dir: Path) -> list[tuple[str, str, Path]]:
    """Key, label and path of the disks to watch."""
    root = Path(os.environ.get("SYSTEMDRIVE", "C:") + "\\") if psutil.WINDOWS else Path("/")
    mounts = [("root", "System disk", root)]
    try:
        apart = data_dir.stat().st_dev != root.stat().st_dev
    except OSError:
        apart = False
    return [*mounts, ("data", "Data disk", data_dir)] if apart else mounts


def _space_fields(key: str, label: str) -> tuple[Field, ...]:
    return (
        Field(f"disk_{key}_usage_pct", "pct", label, "disk"),
        Field(f"disk_{key}_used_bytes", "bytes", f"{label} used", "disk"),
        Field(f"disk_{key}_total_bytes", "bytes", f"{label} size", "disk"),
    )
