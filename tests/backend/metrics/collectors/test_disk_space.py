from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.disk_space import (
    DiskSpaceSensor,
    Mount,
    device_of,
    read_mounts,
)
from llama_runner_pro.metrics.collectors.sensor import Moment

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """Folders that stand for disks; `on` tells which disk a folder is on."""

    def __init__(self, folder: Path) -> None:
        self.root, self.data = folder, folder / "data"
        self.data.mkdir()
        self.mounts: list[Mount] = []
        self.on: dict[Path, int] = {}

    def mount(self, name: str, device: int, fstype: str = "ext4") -> str:
        """Mount a disk below the root."""
        path = self.root / name
        path.mkdir(parents=True)
        self.on[path] = device
        self.mounts.append(Mount("/dev/x", str(path), fstype))
        return str(path)

    def sensor(self) -> DiskSpaceSensor:
        """A sensor that sees these disks."""
        return DiskSpaceSensor(
            self.data,
            root=self.root,
            mounts=lambda: self.mounts,
            device_of=lambda path: self.on.get(path, 1),
        )


def labels(sensor: DiskSpaceSensor) -> list[str]:
    sensor.read(Moment(0.0))
    names = [field for field in sensor.fields(()) if field.name.endswith("_usage_pct")]
    return [field.label for field in names]


def test_the_system_disk_tells_its_use(tmp_path: Path) -> None:
    sensor = Machine(tmp_path).sensor()
    values = sensor.read(Moment(0.0)).values
    assert {field.name for field in sensor.fields(())} == values.keys()
    total, used = values["disk_root_total_bytes"], values["disk_root_used_bytes"]
    assert total is not None
    assert used is not None
    assert 0 < used <= total


def test_the_data_folder_is_shown_only_when_it_is_on_another_disk(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert labels(machine.sensor()) == ["System disk"]
    machine.on[machine.data] = 2
    assert labels(machine.sensor()) == ["System disk", "Data disk"]


def test_every_other_disk_is_shown_once(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    models = machine.mount("models", 7)
    machine.mount("again", 7)
    machine.mount("same_as_root", 1)
    sensor = machine.sensor()
    assert labels(sensor) == ["System disk", f"Disk {models}"]
    assert any(name.endswith("models_usage_pct") for name in sensor.read(Moment(1.0)).values)


def test_packages_mounted_as_disks_are_left_out(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.mount("snap", 8, "squashfs")
    machine.mounts.append(Mount("/dev/y", "/boot/efi", "vfat"))
    assert labels(machine.sensor()) == ["System disk"]


def test_a_disk_that_was_unplugged_takes_its_fields_along(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.mount("stick", 9)
    sensor = machine.sensor()
    assert len(labels(sensor)) == 2
    before = sensor.fields(())
    sensor.read(Moment(1.0))
    assert sensor.fields(()) is before
    machine.mounts.clear()
    assert labels(sensor) == ["System disk"]


def test_a_disk_that_cannot_be_asked_does_not_hide_the_others(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.on[machine.data] = 2
    machine.data.rmdir()
    reading = machine.sensor().read(Moment(0.0))
    assert "disk_root_usage_pct" in reading.values
    assert reading.absent.keys() == {
        "disk_data_usage_pct",
        "disk_data_used_bytes",
        "disk_data_total_bytes",
    }
    assert reading.absent["disk_data_usage_pct"]


def test_a_data_folder_that_does_not_exist_yet_is_left_out(tmp_path: Path) -> None:
    sensor = DiskSpaceSensor(tmp_path / "later", mounts=list)
    assert labels(sensor) == ["System disk"]
    assert device_of(tmp_path / "later") is None


def test_this_machine_lists_its_mounts() -> None:
    assert all(mount.path for mount in read_mounts())
