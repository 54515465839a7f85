"""Brings what packages are looked at with: checkers of scripts and menu entries."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from provision import debian

if TYPE_CHECKING:
    from pipeline.command import CommandLog

# Program -> Debian package that brings it.
PROGRAMS = {
    "dash": "dash",
    "desktop-file-validate": "desktop-file-utils",
    "dpkg-deb": "dpkg",
    "readelf": "binutils",
    "shellcheck": "shellcheck",
}


def missing() -> list[str]:
    """The programs that are not here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _get(log: CommandLog) -> None:
    if not debian.can_install():
        raise JobFailed(
            f"the tests of the packages need {', '.join(missing())}",
            advice="Debian: sudo apt install " + " ".join(PROGRAMS.values()) + "; without them, "
            "run the rest: npm test -- --list names it",
        )
    debian.install(log, *(PROGRAMS[name] for name in missing()))
    if missing():
        raise JobFailed(f"the packages brought no {', '.join(missing())}", tail=log.tail())


def packaging_tools() -> Job:
    """Makes sure that everything is here to look at packages with."""
    return Job(
        "packaging_tools",
        "Tools to look at packages with",
        _get,
        settled=lambda: not missing(),
    )
