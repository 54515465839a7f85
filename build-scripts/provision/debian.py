"""Installs missing parts of the operating system where we may: on Debian's family, as root."""

from __future__ import annotations

import os
import shutil
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.command import CommandLog

# Two jobs may want a package at the same time; apt serves one at a time.
_ONE_AT_A_TIME = threading.Lock()


def can_install() -> bool:
    """Whether apt-get is here and we are root."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and shutil.which("apt-get") is not None


def install(log: CommandLog, *packages: str) -> None:
    """Installs packages of the distribution; raises JobFailed when apt-get does."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with _ONE_AT_A_TIME:
        log.run(["apt-get", "update"], quiet)
        log.run(["apt-get", "install", "--yes", "--no-install-recommends", *packages], quiet)


def download(log: CommandLog, package: str, folder: Path) -> None:
    """Puts the package's file into `folder` and installs nothing; raises JobFailed."""
    with _ONE_AT_A_TIME:
        if can_install():
            log.run(["apt-get", "update"], {"DEBIAN_FRONTEND": "noninteractive"})
        # apt-get downloads into the folder it is started in.
        log.run(["env", f"--chdir={folder}", "apt-get", "download", package])
