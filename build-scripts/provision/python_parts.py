"""Jobs that make `.venv` and put the locked Python packages into it."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from places import LOCKS, ROOT, VENV, venv_program
from provision import debian
from provision.openmp import openmp
from provision.stamps import Stamp, digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.command import CommandLog

STAMPS = VENV / ".stamps"
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
# A virtual environment holds the path it was made at, so a moved checkout needs a new one.
MADE_FOR = f"{VERSION} {platform.machine()} {VENV}"
ONLINE = (
    "check that this computer is online and that pip reaches its package index "
    "(a proxy goes into HTTPS_PROXY, a mirror into pip's own settings), then run it again; "
    "what is done already is kept."
)


def _make_venv(log: CommandLog) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        _get_ensurepip(log)
    if VENV.exists():
        shutil.rmtree(VENV)
    base = getattr(sys, "_base_executable", "") or sys.executable
    log.run([base, "-m", "venv", str(VENV)])
    Stamp(STAMPS / "venv").write(digest([], MADE_FOR))


def _get_ensurepip(log: CommandLog) -> None:
    """Debian splits the part of Python that makes environments off into its own package."""
    package = f"python{VERSION}-venv"
    if not debian.can_install():
        raise JobFailed(
            f"this Python {VERSION} comes without its venv and ensurepip parts",
            advice=f"install them, on Debian and Ubuntu with: sudo apt install {package}",
        )
    log.note(f"Installing {package}: this Python comes without ensurepip.")
    debian.install(log, package)


def _venv_settled() -> bool:
    has_python = shutil.which(venv_program("python")) is not None
    return has_python and Stamp(STAMPS / "venv").says(digest([], MADE_FOR))


def _pip(log: CommandLog, *arguments: str) -> None:
    python = venv_program("python")
    # Warnings about pip's own age are no help here, and nothing is asked of a person.
    quiet = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
    log.run([python, "-m", "pip", "install", *quiet, *arguments])


def _from_lock(lock: str, title: str, *options: str, after: Sequence[str] = ()) -> Job:
    """A job that installs exactly what a lock file names, each file checked by its hash."""
    path = LOCKS / f"{lock}.txt"
    stamp = Stamp(STAMPS / lock)
    wanted = digest([path], MADE_FOR)

    def run(log: CommandLog) -> None:
        stamp.forget()
        _pip(log, "--no-deps", "--require-hashes", *options, "--requirement", str(path))
        stamp.write(wanted)

    return Job(
        name=lock,
        title=title,
        run=run,
        needs=("venv",),
        after=tuple(after),
        settled=lambda: stamp.says(wanted),
        advice=ONLINE,
    )


def _own_package() -> Job:
    stamp = Stamp(STAMPS / "package")
    wanted = digest([ROOT / "pyproject.toml"], MADE_FOR)

    def run(log: CommandLog) -> None:
        stamp.forget()
        _pip(log, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        stamp.write(wanted)

    return Job(
        name="package",
        title="LlamaRunner Pro itself",
        run=run,
        needs=("venv", "build"),
        # One pip at a time in one environment.
        after=("runtime", "demo"),
        settled=lambda: stamp.says(wanted),
    )


def python_jobs(*, with_dev: bool) -> list[Job]:
    """Everything Python, in order; `with_dev` adds what the gate needs."""
    jobs = [
        Job("venv", f"Python {VERSION} environment", _make_venv, settled=_venv_settled),
        _from_lock("build", "Build tools"),
        # GPUtil comes as source only: it is built with the tools just installed, by hash.
        _from_lock(
            "runtime",
            "Server and embedded engine",
            *("--use-pep517", "--no-build-isolation"),
            after=("build",),
        ),
        _from_lock("demo", "Demo model (98 MB)", after=("build", "runtime")),
        _own_package(),
        openmp(),
    ]
    if with_dev:
        earlier = ("build", "runtime", "demo", "package")
        jobs += [
            _from_lock("dev", "Python test tools", after=earlier),
            _from_lock("servers", "Model servers to test with (68 MB)", after=(*earlier, "dev")),
            _from_lock("clients", "Clients to test with", after=(*earlier, "dev", "servers")),
        ]
    return jobs


def freezing_tools() -> Job:
    """What freezes the sidecar; strictly after the other packages, as pip serves one at a time."""
    earlier = ("build", "runtime", "demo", "package", "dev", "servers", "clients")
    return _from_lock("freeze", "Tools that freeze the sidecar", after=earlier)


def release_tools() -> Job:
    """What makes and checks the files of a release."""
    earlier = ("build", "runtime", "demo", "package", "dev", "servers", "clients", "freeze")
    return _from_lock("release", "Tools that make a release", after=earlier)
