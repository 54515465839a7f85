"""The frozen sidecar in a folder with a difficult name, and one of it that runs."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from fakes.receivers import HttpReceiver
from fakes.running_sidecar import FAKE_SERVER, RunningSidecar, free_port

from llama_runner_pro.engine.demo import demo_model_path
from provision.frozen import BACKEND, PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

HARD_NAME = "Jörg Ł (x86)"
LIBRARIES_OF_THE_USER = "/nowhere/libraries"
# The fake server needs a Python; the frozen program gets one only as an endpoint's command.
OUTER_SCRIPT = """#!/bin/sh
env > "$1"
exec "$2" "$3" --port "$4"
"""


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@dataclass(frozen=True)
class Installed:
    """The frozen program as somebody installed it."""

    folder: Path
    env: dict[str, str]

    @property
    def program(self) -> Path:
        """What is run."""
        return self.folder / "backend" / PROGRAM

    def processes(self) -> list[psutil.Process]:
        """All that run the program from this folder."""
        found = []
        for process in psutil.process_iter(["exe"]):
            exe = process.info["exe"]
            if exe and Path(exe).is_relative_to(self.folder):
                found.append(process)
        return found


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The program below a folder with spaces, brackets and letters beyond ASCII."""
    folder = tmp_path_factory.mktemp("frozen") / HARD_NAME
    home = folder / "home"
    home.mkdir(parents=True)
    shutil.copytree(BACKEND, folder / "backend", symlinks=True, copy_function=_linked)
    # No Python on the PATH, no locale, and a library path that is the user's own.
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LD_LIBRARY_PATH": LIBRARIES_OF_THE_USER}
    return Installed(folder, env | {"LC_ALL": "C"})


@dataclass(frozen=True)
class Running:
    """A frozen sidecar, the engine's port, and what an outer program was started with."""

    sidecar: RunningSidecar
    engine_port: int
    outer_env: Path
    webhook: HttpReceiver


@pytest.fixture(scope="session")
def running(installed: Installed) -> Iterator[Running]:
    """One that serves the demo model in its engine, and a server of somebody else."""
    script = installed.folder / "outer server.sh"
    script.write_text(OUTER_SCRIPT)
    outer_env, engine_port, webhook = installed.folder / "env.txt", free_port(), HttpReceiver()
    webhook.open()
    document = {
        "alerts": {
            "channels": [
                {"name": "hook", "kind": "apprise", "url": f"json://127.0.0.1:{webhook.port}/in"}
            ]
        },
        "endpoints": [
            {
                "name": "demo",
                "kind": "embedded",
                "model_path": str(demo_model_path()),
                "port": engine_port,
            },
            {
                "name": "outer",
                "kind": "llamacpp",
                "port": free_port(),
                "start_command": [
                    *("/bin/sh", str(script), str(outer_env)),
                    *(sys.executable, str(FAKE_SERVER), "${PORT}"),
                ],
                "stop": {"grace_s": 2},
            },
        ],
    }
    sidecar = RunningSidecar(
        installed.folder / "data Ω",
        document,
        program=(str(installed.program),),
        env=installed.env,
    )
    with sidecar:
        yield Running(sidecar, engine_port, outer_env, webhook)
    webhook.close()
