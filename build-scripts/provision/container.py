"""Makes the container's image as a folder, so that it can be tried without a container engine."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from containers.image import Settings, Walk
from pipeline.job import Job, JobFailed
from places import LOCKS, PAGE, ROOT
from provision import debian
from provision.install_tools import fresh_root
from provision.stamps import Stamp, digest, files_under
from provision.test_electron import cache_folder

if TYPE_CHECKING:
    from pipeline.command import CommandLog

ADVICE = (
    "walking the Dockerfile needs root on Debian's family, for changed roots and mounts; without "
    "that, leave out the step named docker: npm test -- --list names the others"
)
_FILES = ("Dockerfile", ".dockerignore", "package.json", "package-lock.json", "pyproject.toml")


def folder() -> Path:
    """Where root and settings of the image lie."""
    return cache_folder() / "container"


def image_root() -> Path:
    """The image's files."""
    return folder() / "root"


def image_settings() -> Settings:
    """How the image is run."""
    return Settings.read(folder() / "settings.json")


def _stamp() -> Stamp:
    return Stamp(folder() / ".made-from")


def _wanted() -> str:
    sources = [*files_under(ROOT / "backend"), *files_under(PAGE), *files_under(LOCKS)]
    own = files_under(ROOT / "build-scripts" / "containers")
    return digest([*sources, *own, *(ROOT / name for name in _FILES)])


def _make(log: CommandLog) -> None:
    if not debian.can_install():
        raise JobFailed("the Dockerfile cannot be walked here", advice=ADVICE)
    wanted = _wanted()
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="making-") as name:
        made = Path(name) / "container"
        made.mkdir()
        root, settings = Walk(ROOT, fresh_root(), Path(name), log).image()
        root.rename(made / "root")
        settings.write(made / "settings.json")
        shutil.rmtree(folder(), ignore_errors=True)
        made.rename(folder())
    _stamp().write(wanted)


def container_image() -> Job:
    """Walks through the Dockerfile (some minutes, 1 GB while it lasts)."""
    return Job(
        "container_image",
        "The container's image",
        _make,
        needs=("fresh_debian",),
        settled=lambda: image_root().is_dir() and _stamp().says(_wanted()),
        advice=ADVICE,
    )
