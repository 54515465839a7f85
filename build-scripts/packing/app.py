"""Packs the desktop app: electron-builder makes the folder, we make the archives from it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packing import feed
from packing.archive import tar_gz, zip_folder
from packing.deb import HOMEPAGE_SETTING, NOT_PACKED, DebianPackage
from pipeline.job import JobFailed
from places import NODE_MODULES, ROOT, shown

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.command import CommandLog

CONFIG = ROOT / "electron" / "builder.config.cjs"
BUILDER = ("node", str(NODE_MODULES / "electron-builder" / "cli.js"))
NAME = "llama-runner-pro"
SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
FLAGS = {"linux": "--linux", "macos": "--mac", "windows": "--win"}
# What electron-builder makes beside the folder; it fetches the tools for it from the network.
INSTALLERS = {
    "linux": ("AppImage", "rpm"),
    "macos": ("dmg", "zip"),
    "windows": ("nsis", "portable"),
}
FOLDERS = {"linux": "linux", "macos": "mac", "windows": "win"}
MAIN = "dist/electron/main.cjs"


def this_system() -> str:
    """The system as it is called in names of files."""
    found = SYSTEMS.get(sys.platform)
    if found is None:
        raise JobFailed(f"there is no desktop app for {sys.platform}")
    return found


def this_arch() -> str:
    """The processor as it is called in names of files."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x64"


def electron_version(electron: Path) -> str:
    """The version of an unpacked Electron, as its own file says; raises JobFailed."""
    said = electron / "version"
    if not said.is_file():
        raise JobFailed(
            f"{shown(electron)} holds no Electron: the file `version` is missing",
            advice="name the folder that an archive of Electron was unpacked to",
        )
    return said.read_text("utf-8").strip().removeprefix("v")


@dataclass(frozen=True)
class Packing:
    """What to pack and from where; `root` is a project folder with dist/electron and backend."""

    electron: Path
    root: Path = ROOT
    arch: str = ""
    # A build that tests can attach to: Node's inspector works, only the folder is made.
    inspectable: bool = False
    # Everything that electron-builder makes for this system, beside our own archives.
    installers: bool = False

    @property
    def out(self) -> Path:
        """The folder that results lie in."""
        return self.root / "dist" / ("desktop-inspectable" if self.inspectable else "desktop")

    @property
    def unpacked(self) -> Path:
        """The app as a folder that runs."""
        arch = self.arch or this_arch()
        suffix = "" if arch == "x64" else f"-{arch}"
        named = FOLDERS[this_system()] + suffix
        return self.out / (named if this_system() == "macos" else f"{named}-unpacked")

    @property
    def version(self) -> str:
        """The version of the app."""
        found: str = self._manifest()["version"]
        return found

    def _manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "package.json").read_text("utf-8"))
        return found

    def stem(self) -> str:
        """How names of archives begin, and what the folder in them is called."""
        return f"{NAME}-{self.version}-{this_system()}-{self.arch or this_arch()}"

    def run(self, log: CommandLog) -> None:
        """Makes everything; raises JobFailed."""
        for part in (MAIN, "dist/backend"):
            if not (self.root / part).exists():
                raise JobFailed(f"{part} is missing", advice="npm run build-desktop builds it")
        shutil.rmtree(self.out, ignore_errors=True)
        self._build(log)
        # electron-builder's own diary, with paths of this computer in it.
        for diary in self.out.glob("builder-*.y*ml"):
            diary.unlink()
        if not self.inspectable:
            self._archives(log)
            feed.write_feeds(self.out, self.version)
            feed.write_sums(self.out)

    def _build(self, log: CommandLog) -> None:
        version = electron_version(self.electron)
        project = self._stage()
        system = this_system()
        made = INSTALLERS[system] if self.installers else ()
        # Its own names for the folder alone; with a target, the folder comes along.
        targets = made or ("dir",)
        log.run(
            (
                *(*BUILDER, "--projectDir", str(project), "--config", str(CONFIG)),
                *(FLAGS[system], *targets, f"--{self.arch or this_arch()}"),
                *("--publish", "never", f"-c.electronVersion={version}"),
                f"-c.electronDist={self.electron}",
            ),
            {
                "LLAMA_RUNNER_PRO_DIST": str(self.root / "dist"),
                "LLAMA_RUNNER_PRO_ELECTRON_MAJOR": version.split(".")[0],
                "LLAMA_RUNNER_PRO_INSPECTABLE": "1" if self.inspectable else "0",
            },
        )

    def _stage(self) -> Path:
        """Lays the app's own folder out: no package of this one is taken for one of the app."""
        staged = self.root / ".build" / "desktop-app"
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(self.root / "dist" / "electron", staged / "dist" / "electron")
        taken = ("name", "version", "description", "license")
        manifest = {key: value for key, value in self._manifest().items() if key in taken}
        manifest |= {"main": MAIN, "author": {"name": "The LlamaRunner Pro authors"}}
        homepage = os.environ.get(HOMEPAGE_SETTING)
        manifest |= {"homepage": homepage} if homepage else {}
        (staged / "package.json").write_text(json.dumps(manifest, indent=2), "utf-8")
        return staged

    def _archives(self, log: CommandLog) -> None:
        system = this_system()
        if system == "windows":
            zip_folder(self.unpacked, self.out / f"{self.stem()}.zip", self.stem(), NOT_PACKED)
        if system != "linux":
            return
        archive = self.out / f"{self.stem()}.tar.gz"
        tar_gz(self.unpacked, archive, self.stem(), NOT_PACKED)
        package = DebianPackage(self.unpacked, self.version, self.arch or this_arch())
        package.make(log, self.root / ".build" / "desktop-deb", self.out / package.filename)
