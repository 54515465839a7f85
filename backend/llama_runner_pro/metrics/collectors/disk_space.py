"""How full the disks are, on the slow lane."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_NO_DISKS = frozenset(
    {"squashfs", "overlay", "tmpfs", "devtmpfs", "ramfs", "iso9660", "udf", "autofs", "erofs"}
)
"""Kinds of file system that never fill up, or show another one once more."""
_SYSTEM_PLACES = ("/boot", "/snap/", "/var/snap/", "/System/Volumes/", "/private/var/vm", "/run/")
_SPACE_REASON = "this disk does not tell its size"


class Mount(NamedTuple):
    """A place where a disk is mounted."""

    device: str
    path: str
    fstype: str


def read_mounts() -> Sequence[Mount]:
    """What psutil lists; network drives are left out, because asking them can hang."""
    return [Mount(part.device, part.mountpoint, part.fstype) for part in psutil.disk_partitions()]


def device_of(path: Path) -> int | None:
    """The number of the file system that holds `path`; None when that cannot be told."""
    try:
        return path.stat().st_dev
    except OSError:
        return None


class DiskSpaceSensor:
    """Use of the system's disk, of the one with our data, and of each other one.

    One disk mounted in several places counts once, under its first place.
    """

    name = "disk_space"

    def __init__(
        self,
        data_dir: Path,
        *,
        root: Path | None = None,
        mounts: Callable[[], Sequence[Mount]] = read_mounts,
        device_of: Callable[[Path], int | None] = device_of,
    ) -> None:
        self._root = root or _system_root()
        self._data_dir = data_dir
        self._mounts = mounts
        self._device_of = device_of
        self._roster = Roster(at_once=16, ever=32)
        self._known: Sequence[tuple[str, str, Path]] = ()
        self._fields: tuple[Field, ...] = ()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Used, total and share for each disk."""
        return self._fields

    def read(self, moment: Moment) -> Reading:
        """Measure once; blocks for as long as a disk hangs."""
        disks = self._disks()
        if disks != self._known:
            self._known = disks
            self._fields = tuple(field for key, label, _ in disks for field in _fields(key, label))
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for key, label, path in disks:
            names = [field.name for field in _fields(key, label)]
            try:
                use = psutil.disk_usage(str(path))
            except OSError as error:
                absent.update(dict.fromkeys(names, error.strerror or str(error)))
                continue
            if use.total <= 0:
                absent.update(dict.fromkeys(names, _SPACE_REASON))
                continue
            values.update(zip(names, (use.percent, use.used, use.total), strict=True))
        return Reading(values, absent)

    def _disks(self) -> list[tuple[str, str, Path]]:
        """Key, label and path, each disk once."""
        seen = {self._device_of(self._root), None}
        disks = [("root", "System disk", self._root)]
        if (device := self._device_of(self._data_dir)) not in seen:
            seen.add(device)
            disks.append(("data", "Data disk", self._data_dir))
        places: list[str] = []
        for mount in self._mounts():
            if mount.fstype in _NO_DISKS or mount.path.startswith(_SYSTEM_PLACES):
                continue
            path = Path(mount.path)
            if (device := self._device_of(path)) not in seen and path.is_dir():
                seen.add(device)
                places.append(mount.path)
        keys = self._roster.choose(places)
        return [*disks, *((f"at_{keys[at]}", f"Disk {at}", Path(at)) for at in keys)]


def _system_root() -> Path:
    return Path(os.environ.get("SYSTEMDRIVE", "C:") + "\\") if psutil.WINDOWS else Path("/")


def _fields(key: str, label: str) -> tuple[Field, ...]:
    return (
        Field(f"disk_{key}_usage_pct", "pct", label, "disk"),
        Field(f"disk_{key}_used_bytes", "bytes", f"{label} used", "disk"),
        Field(f"disk_{key}_total_bytes", "bytes", f"{label} size", "disk"),
    )
