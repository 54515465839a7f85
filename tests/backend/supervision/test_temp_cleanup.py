"""What a dead process left behind, and everything else that must stay."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.process.command import Runtime
from llama_runner_pro.supervision.temp_cleanup import clean_up, in_words, temp_patterns

STARTED_MS = 1_700_000_000_000
OLD_S, YOUNG_S = STARTED_MS / 1000 - 60, STARTED_MS / 1000 + 60


def old(path: Path, at_s: float = OLD_S) -> Path:
    """A file from before the start, or from `at_s`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (at_s, at_s))
    return path


def clean(*patterns: object) -> list[Path]:
    return clean_up([str(pattern) for pattern in patterns], older_than_ms=STARTED_MS)


def test_old_files_that_match_go(tmp_path: Path) -> None:
    lock, other = old(tmp_path / "a.lock"), old(tmp_path / "a.txt")
    assert clean(tmp_path / "*.lock") == [lock]
    assert not lock.exists()
    assert other.exists()


def test_a_file_named_without_wildcards_goes(tmp_path: Path) -> None:
    pid_file = old(tmp_path / "server.pid")
    assert clean(pid_file) == [pid_file]


def test_sockets_go_too(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    os.utime(path, (OLD_S, OLD_S))
    assert clean(tmp_path / "*.sock") == [path]


def test_files_that_somebody_used_since_the_start_stay(tmp_path: Path) -> None:
    young = old(tmp_path / "a.lock", YOUNG_S)
    assert clean(tmp_path / "*.lock") == []
    assert young.exists()


def test_folders_stay(tmp_path: Path) -> None:
    folder = tmp_path / "a.lock"
    folder.mkdir()
    os.utime(folder, (OLD_S, OLD_S))
    assert clean(tmp_path / "*.lock") == []


def test_links_are_neither_followed_nor_removed(tmp_path: Path) -> None:
    target = old(tmp_path / "elsewhere" / "precious")
    link = tmp_path / "tmp" / "a.lock"
    link.parent.mkdir()
    link.symlink_to(target)
    assert clean(tmp_path / "tmp" / "*.lock") == []
    assert link.is_symlink()
    assert target.exists()


def test_a_linked_folder_does_not_lead_out(tmp_path: Path) -> None:
    precious = old(tmp_path / "elsewhere" / "a.lock")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "way").symlink_to(tmp_path / "elsewhere")
    assert clean(tmp_path / "tmp" / "*" / "*.lock") == []
    assert precious.exists()


@pytest.mark.parametrize("pattern", ["*.lock", "/*", "/*/x.lock", "a.lock"])
def test_a_pattern_without_a_folder_of_its_own_removes_nothing(pattern: str) -> None:
    assert clean(pattern) == []


def test_dots_lead_nowhere(tmp_path: Path) -> None:
    precious = old(tmp_path / "a.lock")
    (tmp_path / "tmp").mkdir()
    assert clean(f"{tmp_path}/tmp/../*.lock") == []
    assert precious.exists()


def test_missing_folders_are_no_error(tmp_path: Path) -> None:
    assert clean(tmp_path / "no" / "*.lock") == []


def test_placeholders_of_the_home_folder_are_written_out() -> None:
    spec = EndpointSpec(name="e", temp_paths=("${HOME}/a/*", "~/b", "/c/~"))
    runtime = Runtime("python", False, {}, "/home/ann")
    assert temp_patterns(spec, runtime) == ["/home/ann/a/*", "/home/ann/b", "/c/~"]


def test_the_first_three_are_named() -> None:
    assert in_words([]) == "nothing to clean up"
    assert in_words([Path("/a")]) == "removed /a"
    many = [Path(f"/{letter}") for letter in "abcde"]
    assert in_words(many) == "removed /a, /b, /c and 2 more"
