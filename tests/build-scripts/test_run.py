"""The launcher: finds Python, hands over, passes signals and exit codes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

NODE = shutil.which("node") or "node"
ANSWERS = """\
import signal, sys

# Blocked until waited for, so that no signal comes between "up" and the waiting.
awaited = {signal.SIGTERM, signal.SIGINT}
signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
print("up", flush=True)
print(signal.Signals(signal.sigwait(awaited)).name, flush=True)
sys.exit(5)
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A folder with the launcher and tasks of the test's own."""
    shutil.copy(ROOT / "build-scripts" / "run.mjs", tmp_path)
    (tmp_path / "seven.py").write_text("import sys; print(sys.argv[1:]); sys.exit(7)", "utf-8")
    (tmp_path / "answers.py").write_text(ANSWERS, "utf-8")
    return tmp_path


def launch(tasks: Path, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    """Runs the launcher to its end with a PATH of the test's choice."""
    return subprocess.run(
        [NODE, str(tasks / "run.mjs"), *arguments],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def running(tasks: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """A launcher with its task up and waiting."""
    env = {"PATH": str(Path(sys.executable).parent)}
    command = [NODE, str(tasks / "run.mjs"), name]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "up\n"
        yield launcher


def test_arguments_and_the_exit_code_go_through(tasks: Path) -> None:
    done = launch(tasks, "seven", "--port", "9000", path=str(Path(sys.executable).parent))
    assert done.stdout == "['--port', '9000']\n"
    assert done.returncode == 7


@pytest.mark.skipif(os.name == "nt", reason="needs_posix: Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_task_and_its_own_exit_code_comes_back(
    tasks: Path, number: signal.Signals
) -> None:
    with running(tasks, "answers") as launcher:
        launcher.send_signal(number)
        output, _ = launcher.communicate(timeout=120)
    assert output == f"{number.name}\n"
    assert launcher.returncode == 5


@pytest.mark.skipif(os.name == "nt", reason="needs_posix: Windows has no such signals")
def test_the_task_is_stopped_when_npm_and_its_shell_are_gone(tasks: Path) -> None:
    env = {"PATH": f"{Path(sys.executable).parent}:/bin:/usr/bin", "npm_lifecycle_event": "start"}
    # The second command keeps the shell from becoming the launcher, as npm's shell does.
    line = f"{NODE} {tasks / 'run.mjs'} answers; true"
    with subprocess.Popen(
        ["sh", "-c", line], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "up\n"
        shell.kill()
        # The pipe ends only when the launcher and its task are gone as well.
        assert shell.stdout.read() == "SIGTERM\n"


def test_without_python_it_says_how_to_get_one(tasks: Path) -> None:
    done = launch(tasks, "seven", path=str(tasks))
    assert done.returncode == 69
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr


def test_an_old_python_is_named_and_not_used(tasks: Path) -> None:
    old = tasks / "python3"
    old.write_text("#!/bin/sh\necho 3.9.2\n", "utf-8")
    old.chmod(0o755)
    done = launch(tasks, "seven", path=str(tasks))
    assert done.returncode == 69
    assert "python3 is 3.9.2" in done.stderr


@pytest.mark.parametrize("name", ["nonsense", "../seven", ""])
def test_an_unknown_task_is_refused(tasks: Path, name: str) -> None:
    done = launch(tasks, name, path=str(Path(sys.executable).parent))
    assert done.returncode == 64
    assert "There is no task" in done.stderr
