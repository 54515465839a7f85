"""Freezes the sidecar: one folder that runs without Python, the dashboard and engine inside."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from places import DIST, IS_WINDOWS, LOCKS, ROOT, WORKSHOP, shown, venv_program
from provision.page_parts import page_digest
from provision.python_parts import VERSION
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.command import CommandLog

PROGRAM = "llama-runner-pro-backend.exe" if IS_WINDOWS else "llama-runner-pro-backend"
BACKEND = DIST / "backend"
RECIPE = ROOT / "build-scripts" / "freeze" / "backend.spec"
THIRD_PARTY = ROOT / "build-scripts" / "third_party.py"
ENGINE_SETTING = "LLAMA_RUNNER_PRO_FREEZE_ENGINE"
WORK = WORKSHOP / "freeze"
_SOURCES = (ROOT / "backend" / "llama_runner_pro", RECIPE.parent, THIRD_PARTY.parent / "release")
_LOCKED = (LOCKS / "runtime.txt", LOCKS / "freeze.txt", ROOT / "pyproject.toml")


@dataclass(frozen=True)
class Freeze:
    """One frozen folder: where it goes and whether the embedded engine is inside."""

    target: Path = BACKEND
    engine: bool = True

    @property
    def program(self) -> Path:
        """The program in it."""
        return self.target / PROGRAM

    @property
    def _stamp(self) -> Stamp:
        return Stamp(WORK / "stamps" / digest([], str(self.target)))

    def _wanted(self) -> str:
        sources = [path for folder in _SOURCES for path in files_under(folder)]
        facts = (page_digest(), VERSION, platform.platform(), str(self.engine))
        return digest([*sources, *_LOCKED], *facts)

    def made_from(self) -> str:
        """What the folder was made from; empty before it was made."""
        return self._stamp.path.read_text("ascii") if self._stamp.path.is_file() else ""

    def settled(self) -> bool:
        """True when the folder was made from what lies here now."""
        return self.program.is_file() and self._stamp.says(self._wanted())

    def run(self, log: CommandLog) -> None:
        """Makes the folder anew and puts it in place when it is whole; raises JobFailed."""
        if self.target.exists() and not self.program.is_file() and any(self.target.iterdir()):
            raise JobFailed(
                f"{shown(self.target)} holds something else than a frozen sidecar",
                advice="name an empty folder with --out, or remove what is there",
            )
        wanted = self._wanted()
        self._stamp.forget()
        made = WORK / ("with-engine" if self.engine else "without-engine")
        log.run(
            (
                *(venv_program("python"), "-m", "PyInstaller", "--noconfirm"),
                *("--log-level", "WARN", "--distpath", str(made / "dist")),
                *("--workpath", str(made / "work"), str(RECIPE)),
            ),
            # The same names in the same order give the same archive.
            {ENGINE_SETTING: "1" if self.engine else "0", "PYTHONHASHSEED": "1"},
        )
        # What is handed on carries the licences of all that is in it.
        frozen = made / "dist" / "backend"
        log.run((venv_program("python"), str(THIRD_PARTY), str(frozen)))
        if self.target.exists():
            shutil.rmtree(self.target)
        self.target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(frozen, self.target)
        shutil.rmtree(made)
        self._stamp.write(wanted)


def backend_build(freeze: Freeze | None = None) -> Job:
    """Makes `dist/backend`, or the folder of `freeze`, when something changed."""
    chosen = freeze or Freeze()
    return Job(
        "backend_build",
        "Frozen sidecar" if chosen.engine else "Frozen sidecar without the engine",
        chosen.run,
        needs=("runtime", "package", "freeze", "openmp", "page"),
        settled=chosen.settled,
    )
