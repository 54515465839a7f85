"""Finds a Chromium for the end-to-end tests, or installs Debian's where we may."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from provision import debian

if TYPE_CHECKING:
    from pipeline.command import CommandLog

SETTING = "LLAMA_RUNNER_PRO_CHROMIUM"
ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
USUAL_PLACES = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"%ProgramFiles%\Chromium\Application\chrome.exe",
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
        r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    ),
}


def find() -> str | None:
    """Path of a Chromium, Chrome or Edge on this computer; None when there is none.

    Raises JobFailed when the setting names something that is not there.
    """
    named = os.environ.get(SETTING)
    if named:
        program = shutil.which(named)
        if program is None:
            raise JobFailed(f"{SETTING} names {named}, which is not a program")
        return program
    for name in ON_PATH:
        program = shutil.which(name)
        if program is not None:
            return program
    for place in USUAL_PLACES.get(sys.platform, ()):
        path = Path(os.path.expandvars(place))
        if path.is_file():
            return str(path)
    return None


def _get(log: CommandLog) -> None:
    if not debian.can_install():
        raise JobFailed(
            "the end-to-end tests need a Chromium and found none",
            advice="install one (Debian: sudo apt install chromium; macOS: brew install "
            "--cask chromium; Windows: Edge or Chrome will do) or name its program in "
            f"{SETTING}; without it, run the rest with: npm test -- --only lint,types,"
            "layers,architecture,pytest,vitest",
        )
    # A bare server has no font at all, and a page without letters proves nothing.
    debian.install(log, "chromium", "fonts-liberation")
    if find() is None:
        raise JobFailed("the package chromium brought no program of that name", tail=log.tail())


def chromium() -> Job:
    """Makes sure that there is a Chromium."""
    return Job("chromium", "Chromium", _get, settled=lambda: find() is not None)
