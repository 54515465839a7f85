"""Which steps of the gate say anything on this system, and why the others do not.

On Linux all of them run. The others of our systems leave out what is about Linux, or made of it;
each such step is named with its reason, so that nobody takes it for proven there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gate.steps import Step

WHOLE = "linux"
NAMES: Mapping[str, str] = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}

_DEBIAN = "looks into a Debian package with Debian's own programs"
LINUX_ONLY: Mapping[str, str] = {
    "desktop": "shows the window on Xvfb, with an Electron made for Linux",
    "packaging": _DEBIAN,
    "packed": _DEBIAN,
    "docker": "walks through the Dockerfile in a fresh Debian that root has made",
    "fresh-install": "installs in a fresh Debian that root has made",
    "installers": "tries install.sh with the shells and tools of Debian",
    "install-bat": "tries install.bat in wine; Windows' own cmd is no wine",
    "distribution": "installs from the archive for Linux",
}
NOT_ON_WINDOWS: Mapping[str, str] = {
    "chaos": "kills and freezes processes by signals that Windows does not have",
    "shell": "starts stand-ins for the sidecar by their first line, which Windows does not read",
}


def why_not_here(step: str, system: str = sys.platform) -> str | None:
    """Why a step says nothing on this system; None when it runs here."""
    if system == WHOLE:
        return None
    found = LINUX_ONLY.get(step)
    return NOT_ON_WINDOWS.get(step) if found is None and system == "win32" else found


def split(steps: Sequence[Step], system: str = sys.platform) -> tuple[list[Step], dict[str, str]]:
    """The steps that run here, and the titles of the others with their reasons."""
    here = [step for step in steps if why_not_here(step.job.name, system) is None]
    elsewhere = {
        step.job.title: reason
        for step in steps
        if (reason := why_not_here(step.job.name, system)) is not None
    }
    return here, elsewhere


def is_whole(system: str = sys.platform) -> bool:
    """Whether every test runs on this system, so that one that is skipped is one that is lost."""
    return system == WHOLE
