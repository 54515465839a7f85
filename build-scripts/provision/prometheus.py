"""Finds Prometheus and promtool for the tests, or unpacks Debian's beside the project.

Unpacked, not installed: installing the package would start a service on the computer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from places import WORKSHOP
from provision import debian

if TYPE_CHECKING:
    from pipeline.command import CommandLog

SETTING = "LLAMA_RUNNER_PRO_PROMETHEUS"
"""A folder that holds both programs."""
PROGRAMS = ("prometheus", "promtool")
PACKAGE = "prometheus"
OWN_COPY = WORKSHOP / "prometheus"


def find() -> Path | None:
    """The folder that holds both programs; None when there is none on this computer.

    Raises JobFailed when the setting names a folder without them.
    """
    named = os.environ.get(SETTING)
    if named:
        if not _holds_both(Path(named)):
            raise JobFailed(
                f"{SETTING} names {named}, which does not hold {' and '.join(PROGRAMS)}"
            )
        return Path(named)
    on_path = shutil.which(PROGRAMS[0])
    for folder in (Path(on_path).parent if on_path else None, OWN_COPY):
        if folder is not None and _holds_both(folder):
            return folder
    return None


def can_fetch() -> bool:
    """Whether this is a system of Debian's family; nobody needs to be root to unpack."""
    return all(shutil.which(program) for program in ("apt-get", "dpkg-deb"))


def _holds_both(folder: Path) -> bool:
    return all(shutil.which(program, path=str(folder)) for program in PROGRAMS)


def _get(log: CommandLog) -> None:
    if not can_fetch():
        log.note("No Prometheus here: the tests against a real one are left out, and named.")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # As root, apt-get downloads as a user that must be allowed to write here.
        folder.chmod(0o777)
        debian.download(log, PACKAGE, folder)
        for archive in folder.glob("*.deb"):
            log.run(["dpkg-deb", "-x", str(archive), str(folder)])
        OWN_COPY.mkdir(parents=True, exist_ok=True)
        for program in PROGRAMS:
            unpacked = folder / "usr" / "bin" / program
            if not unpacked.is_file():
                raise JobFailed(f"the package {PACKAGE} holds no {program}", tail=log.tail())
            shutil.copy2(unpacked, OWN_COPY / program)


def prometheus() -> Job:
    """Makes sure that there is a Prometheus, where one can be had."""
    return Job(
        "prometheus",
        "Prometheus to test with (20 MB)",
        _get,
        settled=lambda: find() is not None,
        advice=f"install one, or name a folder with prometheus and promtool in {SETTING}",
    )
