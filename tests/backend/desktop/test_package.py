"""No model outlives sidecar and window; one that a next sidecar can find again goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.desktop_window import PREFIX, DesktopWindow, end_fakes
from fakes.running_sidecar import fake_endpoint, until

from tests.tools.loopback import alive

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
WINDOW_PROCESS = Path(__file__).parents[2] / "tools" / "window_process.py"


def test_when_window_and_sidecar_are_killed_the_models_end(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one"), fake_endpoint("kept", on_exit="keep")]}
    (tmp_path / "config.json").write_text(json.dumps(document))
    window = subprocess.Popen(
        [sys.executable, str(WINDOW_PROCESS), str(tmp_path)], stdout=subprocess.PIPE
    )
    with window:
        assert window.stdout is not None
        said = json.loads(window.stdout.readline().decode().removeprefix(PREFIX))
        try:
            one, kept = until(lambda: pids_of(tmp_path, "one", "kept"))
            os.kill(window.pid, signal.SIGSTOP)
            os.kill(said["pid"], signal.SIGKILL)
            os.kill(window.pid, signal.SIGKILL)
            until(lambda: not alive(one))
            assert alive(kept)
        finally:
            window.kill()
            end_fakes(tmp_path)


def test_a_killed_window_takes_sidecar_and_models_along(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"endpoints": [fake_endpoint("one")]}))
    window = subprocess.Popen(
        [sys.executable, str(WINDOW_PROCESS), str(tmp_path)], stdout=subprocess.PIPE
    )
    with window:
        assert window.stdout is not None
        said = json.loads(window.stdout.readline().decode().removeprefix(PREFIX))
        try:
            (one,) = until(lambda: pids_of(tmp_path, "one"))
            window.kill()
            until(lambda: not alive(said["pid"]) and not alive(one))
        finally:
            window.kill()
            end_fakes(tmp_path)
    assert not (tmp_path / "run" / "sidecar.json").exists()


def test_the_next_sidecar_finds_the_models_of_a_killed_one(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one")]}
    # It waits for its first line: a busy machine starts no program in the 15 s that a guard waits.
    patient = {"LLAMA_RUNNER_PRO_HANDSHAKE_WITHIN_S": "300"}
    with (
        DesktopWindow(tmp_path, env=patient) as second,
        DesktopWindow(tmp_path, document=document) as window,
    ):
        window.shake()
        pid = window.online("one")
        guard = guard_of(window)
        window.kill()
        second.shake()
        assert second.online("one") == pid
        until(lambda: not alive(guard))
        assert alive(pid)


def test_a_guard_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path) as window:
        window.shake()
        guard = guard_of(window)
        os.kill(guard, signal.SIGKILL)
        assert until(lambda: guard_of(window) not in (None, guard))


def test_it_goes_with_a_sidecar_that_ends_as_it_should(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path) as window:
        window.shake()
        guard = guard_of(window)
        window.say({"command": "shutdown", "keep_models": False, "deadline_ms": 50_000})
        assert window.process.wait(60) == 0
        until(lambda: not alive(guard))


def pids_of(folder: Path, *names: str) -> list[int] | None:
    """The recorded processes of these endpoints, once all are."""
    records = json.loads((folder / "run" / "processes.json").read_bytes())["processes"]
    return [records[name]["identity"]["pid"] for name in names]


def guard_of(window: DesktopWindow) -> int:
    """The process id of the guard that a sidecar has started."""

    def found() -> int | None:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if stat[1] == str(window.process.pid) and b"guard" in words and alive(int(entry.name)):
                return int(entry.name)
        return None

    pid: int = until(found)
    return pid
