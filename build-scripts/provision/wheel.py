"""Makes the Python package: a wheel and a source distribution, the dashboard inside."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING

from packing.archive import source_time_s
from pipeline.job import Job, JobFailed
from places import DIST, LOCKS, ROOT, venv_program
from provision.page_parts import page_digest
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.command import CommandLog

PACKAGES = DIST / "python"
_STAMP = Stamp(PACKAGES / ".stamp")
_SOURCES = ("backend", "build-scripts", "docs", "electron", "installers", "tests")
_FILES = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "package.json")


def version() -> str:
    """The project's version."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return found


def wheel() -> Path:
    """The wheel that was made."""
    return PACKAGES / f"llama_runner_pro-{version()}-py3-none-any.whl"


def source_distribution() -> Path:
    """The source distribution that was made."""
    return PACKAGES / f"llama_runner_pro-{version()}.tar.gz"


def _wanted() -> str:
    files = [path for name in _SOURCES for path in files_under(ROOT / name)]
    files += [*(ROOT / name for name in _FILES), LOCKS / "build.txt", LOCKS / "release.txt"]
    return digest(files, page_digest())


def _settled() -> bool:
    made = wheel().is_file() and source_distribution().is_file()
    return made and _STAMP.says(_wanted())


def _build(log: CommandLog) -> None:
    wanted, python = _wanted(), venv_program("python")
    shutil.rmtree(PACKAGES, ignore_errors=True)
    # The tools are those of the lock; hatchling makes the same bytes from the same sources.
    env = {"SOURCE_DATE_EPOCH": str(source_time_s())}
    log.run((python, "-m", "build", "--no-isolation", "--outdir", str(PACKAGES), str(ROOT)), env)
    made = (wheel(), source_distribution())
    missing = [path.name for path in made if not path.is_file()]
    if missing:
        raise JobFailed(f"the build made no {' and no '.join(missing)}", tail=log.tail())
    log.run((python, "-m", "twine", "check", "--strict", *map(str, made)))
    _STAMP.write(wanted)


def wheel_build() -> Job:
    """Makes `dist/python` when something changed; twine must have nothing to say about it."""
    return Job(
        "wheel_build",
        "Wheel and source distribution",
        _build,
        needs=("build", "runtime", "package", "release", "page"),
        settled=_settled,
    )
