"""`npm run build-desktop` where there is nothing to pack."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from places import ROOT
from provision import shipped_electron

if TYPE_CHECKING:
    from pathlib import Path

# Nobody listens on this port: what is to be fetched from there cannot be.
NOWHERE = "http://127.0.0.1:9/"


def build(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command."""
    script = ROOT / "build-scripts" / "build_desktop.py"
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_where_electron_cannot_be_downloaded_one_line_says_what_to_do(tmp_path: Path) -> None:
    said = build(ELECTRON_MIRROR=NOWHERE, electron_config_cache=str(tmp_path))
    assert said.returncode == 69
    assert said.stderr.count("\n") == 1
    assert shipped_electron.version() in said.stderr
    assert "--electron-dist DIR" in said.stderr


def test_a_folder_without_an_electron_is_refused(tmp_path: Path) -> None:
    said = build("--electron-dist", str(tmp_path))
    assert said.returncode == 64
    assert said.stderr.count("\n") == 1
    assert str(tmp_path) in said.stderr


def test_one_electron_at_a_time(tmp_path: Path) -> None:
    said = build("--electron-dist", str(tmp_path), "--test-electron")
    assert said.returncode != 0
    assert "not allowed with" in said.stderr
