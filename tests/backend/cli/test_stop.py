"""`stop`: the sidecar of a data folder is gone when it returns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from fakes.desktop_window import DesktopWindow
from fakes.running_sidecar import RunningSidecar, fake_endpoint, until

from tests.tools.loopback import alive

if TYPE_CHECKING:
    from pathlib import Path


def stop(folder: Path, *words: str, within_s: str = "60") -> subprocess.CompletedProcess[str]:
    """Run `stop` to its end."""
    command = [sys.executable, "-m", "llama_runner_pro", "stop", "--data-dir", str(folder)]
    return subprocess.run(
        [*command, "--timeout-s", within_s, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def stopped(folder: Path, *words: str) -> str:
    """What it prints when it is done; a busy machine may need more than one try."""
    done: subprocess.CompletedProcess[str] = until(
        lambda: None if (told := stop(folder, *words)).returncode else told
    )
    return done.stdout


def test_it_ends_sidecar_and_models(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("one")]}) as sidecar:
        pid = sidecar.wait_state("one", "online")["process_id"]
        assert stopped(tmp_path) == "Stopped.\n"
        assert sidecar.process.wait(60) == 0
        assert not alive(pid)
        again = stop(tmp_path)
    assert again.returncode == 0
    assert "No sidecar runs" in again.stdout


def test_models_can_be_left_running(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("one")]}) as sidecar:
        pid = sidecar.wait_state("one", "online")["process_id"]
        stopped(tmp_path, "--keep-models")
        assert alive(pid)


def test_it_ends_the_sidecar_of_the_desktop_app(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path) as window:
        window.shake()
        stopped(tmp_path)
        window.event("stopped")
        assert window.process.wait(60) == 0


def test_where_nothing_runs_all_is_well(tmp_path: Path) -> None:
    done = stop(tmp_path / "none")
    assert done.returncode == 0
    assert str(tmp_path / "none") in done.stdout


def test_one_that_hangs_is_told(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        sidecar.process.send_signal(signal.SIGSTOP)
        done = stop(tmp_path, within_s="3")
        sidecar.process.send_signal(signal.SIGCONT)
    assert done.returncode == 69
    assert f"(pid {sidecar.process.pid})" in done.stderr


def test_somebody_who_only_looks_like_it_is_not_ended(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        presence = tmp_path / "run" / "sidecar.json"
        document = json.loads(presence.read_bytes()) | {"pid": os.getpid()}
        presence.write_text(json.dumps(document))
        assert stop(tmp_path).returncode == 69
        assert sidecar.process.poll() is None


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    assert stop(tmp_path, within_s="0").returncode == 64
    assert stop(tmp_path, within_s="nan").returncode == 64
