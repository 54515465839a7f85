"""One sidecar per data folder."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.lock import FolderInUse, hold_folder

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from llama_runner_pro.config.lock import hold_folder
with hold_folder(Path(sys.argv[1]), Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


def held_by_another(lock: Path, presence: Path) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock), str(presence)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_a_second_sidecar_is_refused_and_told_who_has_the_folder(tmp_path: Path) -> None:
    lock, presence = tmp_path / "run" / "lock", tmp_path / "run" / "sidecar.json"
    other = held_by_another(lock, presence)
    try:
        presence.write_text(json.dumps({"pid": 4242, "host": "127.0.0.1", "port": 8585}))
        with (
            pytest.raises(FolderInUse, match=r"pid 4242, http://127\.0\.0\.1:8585/") as refused,
            hold_folder(lock, presence),
        ):
            pass
        assert "--data-dir" in str(refused.value)
    finally:
        other.communicate()


def test_an_unreadable_presence_file_still_gives_a_clear_refusal(tmp_path: Path) -> None:
    lock, presence = tmp_path / "run" / "lock", tmp_path / "run" / "sidecar.json"
    other = held_by_another(lock, presence)
    try:
        presence.write_text("not json")
        with (
            pytest.raises(FolderInUse, match="already uses the data folder"),
            hold_folder(lock, presence),
        ):
            pass
    finally:
        other.communicate()


def test_the_folder_is_free_again_after_the_holder_was_killed(tmp_path: Path) -> None:
    lock, presence = tmp_path / "run" / "lock", tmp_path / "run" / "sidecar.json"
    other = held_by_another(lock, presence)
    other.kill()
    other.communicate()
    with hold_folder(lock, presence):
        assert lock.exists()
