"""Brings libgomp, the one system library that the embedded engine needs and bare systems lack."""

from __future__ import annotations

import ctypes
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from places import VENV
from provision import debian

if TYPE_CHECKING:
    from pipeline.command import CommandLog

LIBRARY = "libgomp.so.1"
PACKAGE = "libgomp1"
# The engine looks here before it gives up.
OWN_COPY = VENV / "lib" / LIBRARY
ADVICE = (
    f"install the package that holds {LIBRARY} (Debian and Ubuntu: sudo apt install libgomp1; "
    "Fedora: sudo dnf install libgomp), then run it again; what is done already is kept."
)


def present() -> bool:
    """True when the engine will find the library, or does not need it here."""
    if sys.platform != "linux" or OWN_COPY.is_file():
        return True
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


def _get(log: CommandLog) -> None:
    if present():
        return
    if debian.can_install():
        debian.install(log, PACKAGE)
    elif shutil.which("apt-get") and shutil.which("dpkg-deb"):
        _copy_without_root(log)
    if not present():
        raise JobFailed(f"the embedded engine needs {LIBRARY}, which is not installed")


def _copy_without_root(log: CommandLog) -> None:
    """Anybody may download a package and look inside."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        debian.download(log, PACKAGE, folder)
        for archive in folder.glob("*.deb"):
            log.run(["dpkg-deb", "-x", str(archive), str(folder)])
        for library in folder.rglob(f"{LIBRARY}*"):
            if library.is_file() and not library.is_symlink():
                OWN_COPY.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(library, OWN_COPY)


def openmp() -> Job:
    """Makes sure that the engine finds its OpenMP library."""
    return Job(
        "openmp",
        "OpenMP library of the engine",
        _get,
        needs=("venv",),
        settled=present,
        advice=ADVICE,
    )
