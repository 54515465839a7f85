"""Jobs that pack the desktop app when something in it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packing.app import CONFIG, Packing
from packing.deb import PARTS
from pipeline.job import Job, JobFailed
from places import DIST, ROOT, WORKSHOP
from provision import test_electron
from provision.page_parts import packages_digest
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.command import CommandLog

STAMPS = WORKSHOP / "desktop-stamps"
# What decides how the parts are put together.
RECIPES = (CONFIG.parent, PARTS, ROOT / "build-scripts" / "packing")
PAPERS = (ROOT / "LICENSE", ROOT / "CHANGELOG.md", ROOT / "package.json")
NEEDS = ("node", "backend_build", "electron_build")


def electron_for_tests() -> Path:
    """The Electron that the job `test_electron` brought; raises JobFailed."""
    found = test_electron.find()
    if found is None:
        raise JobFailed("there is no Electron to test with", advice=test_electron.ADVICE)
    return found


def _made_from(packing: Packing) -> str:
    folders = (DIST / "electron", DIST / "backend")
    built = [path for folder in folders if folder.is_dir() for path in files_under(folder)]
    recipes = [path for folder in RECIPES for path in folder.iterdir() if path.is_file()]
    facts = (packages_digest(), str(packing.electron), str(packing.installers))
    return digest([*built, *recipes, *PAPERS], *facts)


def _job(name: str, title: str, packing: Callable[[], Packing], *needs: str) -> Job:
    stamp = Stamp(STAMPS / name)

    def run(log: CommandLog) -> None:
        stamp.forget()
        plan = packing()
        plan.run(log)
        stamp.write(_made_from(plan))

    def settled() -> bool:
        try:
            plan = packing()
        except JobFailed:
            # What is to be packed is not there yet; the run says so if it stays away.
            return False
        return plan.unpacked.is_dir() and stamp.says(_made_from(plan))

    return Job(name, title, run, needs=(*NEEDS, *needs), settled=settled)


def packed_desktop(packing: Packing | None = None) -> Job:
    """Makes `dist/desktop`; without `packing` with the Electron to test with."""
    if packing is not None:
        return _job("packed_desktop", "Packed desktop app", lambda: packing)
    return _job(
        "packed_desktop",
        "Packed desktop app",
        lambda: Packing(electron_for_tests()),
        "test_electron",
    )


def inspectable_desktop() -> Job:
    """Makes `dist/desktop-inspectable`, which Playwright can attach to; never a release."""
    return _job(
        "inspectable_desktop",
        "Packed desktop app that tests can look into",
        lambda: Packing(electron_for_tests(), inspectable=True),
        "test_electron",
    )
