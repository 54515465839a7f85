"""Packs the frozen sidecar alone, for computers without a desktop."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from packing.app import this_arch, this_system
from packing.archive import tar_gz, zip_folder
from pipeline.job import Job
from places import DIST, ROOT, WORKSHOP
from provision.frozen import BACKEND, Freeze
from provision.stamps import Stamp, digest
from provision.wheel import version

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.command import CommandLog

HEADLESS = DIST / "headless"
_STAGED = WORKSHOP / "headless"
_STAMP = Stamp(HEADLESS / ".stamp")


def stem() -> str:
    """The archive's name without its ending; its one folder is called so as well."""
    return f"llama-runner-pro-headless-{version()}-{this_system()}-{this_arch()}"


def archive() -> Path:
    """The archive that was made; Windows opens .zip by itself."""
    return HEADLESS / f"{stem()}{'.zip' if this_system() == 'windows' else '.tar.gz'}"


def _linked(source: str, target: str) -> None:
    """A second name for the file instead of a copy, where the disk can do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _wanted() -> str:
    return digest([ROOT / "LICENSE"], stem(), Freeze().made_from())


def _pack(_log: CommandLog) -> None:
    wanted = _wanted()
    shutil.rmtree(_STAGED, ignore_errors=True)
    shutil.rmtree(HEADLESS, ignore_errors=True)
    _STAGED.mkdir(parents=True)
    HEADLESS.mkdir(parents=True)
    shutil.copytree(BACKEND, _STAGED / "backend", symlinks=True, copy_function=_linked)
    shutil.copy2(ROOT / "LICENSE", _STAGED)
    pack = zip_folder if this_system() == "windows" else tar_gz
    pack(_STAGED, archive(), stem())
    shutil.rmtree(_STAGED)
    _STAMP.write(wanted)


def headless_archive() -> Job:
    """Makes `dist/headless/llama-runner-pro-headless-…` when the frozen sidecar changed."""
    return Job(
        "headless_archive",
        "Archive of the sidecar alone",
        _pack,
        needs=("backend_build",),
        settled=lambda: archive().is_file() and _STAMP.says(_wanted()),
    )
