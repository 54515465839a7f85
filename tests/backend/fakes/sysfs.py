"""A piece of Linux's `/sys/class/drm` and `/proc` in a folder of the test's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Sysfs:
    """Cards with their files, and processes with the cards they have open."""

    def __init__(self, folder: Path) -> None:
        self.drm, self.proc = folder / "drm", folder / "proc"
        self.drm.mkdir()
        self.proc.mkdir()

    def card(
        self,
        number: int,
        driver: str,
        *,
        pdev: str = "0000:03:00.0",
        files: Mapping[str, object] | None = None,
        hwmon: Mapping[str, object] | None = None,
    ) -> Path:
        """A card's folder; `files` are below it, `hwmon` are its sensors."""
        path = self.drm / f"card{number}"
        uevent = f"DRIVER={driver}\nPCI_CLASS=30000\nPCI_ID=1002:744C\nPCI_SLOT_NAME={pdev}\n"
        self.write(path, {"device/uevent": uevent, **(files or {})})
        self.write(path / "device" / "hwmon" / "hwmon4", hwmon or {})
        return path

    def write(self, folder: Path, files: Mapping[str, object]) -> None:
        """Write small files as the kernel shows them."""
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"{content}\n")

    def uses(self, pid: int, text: str, number: int = 5) -> None:
        """Let a process have a card open, with these lines in `fdinfo`."""
        folder = self.proc / str(pid)
        (folder / "fd").mkdir(parents=True, exist_ok=True)
        (folder / "fdinfo").mkdir(exist_ok=True)
        link = folder / "fd" / str(number)
        if not link.is_symlink():
            link.symlink_to("/dev/dri/renderD128")
        (folder / "fdinfo" / str(number)).write_text(text)
