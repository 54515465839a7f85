"""Our own files and the clock, judged from measured values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from llama_runner_pro.doctor.folders import (
    Private,
    clock,
    data_folder_writable,
    disk_space,
    permissions,
)

FOLDER = Path("/srv/data")
NOW_S = datetime(2026, 6, 1, tzinfo=UTC).timestamp()


def test_a_folder_that_cannot_be_written_fails_with_the_reason() -> None:
    finding = data_folder_writable(FOLDER, "Read-only file system", exists=True)
    assert finding.level == "fail"
    assert "Read-only file system" in finding.what
    assert finding.where == str(FOLDER)


def test_a_folder_that_is_not_there_yet_is_well() -> None:
    assert data_folder_writable(FOLDER, None, exists=False).level == "ok"
    assert data_folder_writable(FOLDER, None, exists=True).level == "ok"


def test_a_token_that_others_can_read_fails_and_a_folder_is_warned_of() -> None:
    token = Private(FOLDER / "run" / "token", 0o644, secret=True)
    folder = Private(FOLDER, 0o755, secret=False)
    private = Private(FOLDER / "config.json", 0o600, secret=False)
    failed, warned = permissions([token, folder, private])
    assert (failed.level, failed.where) == ("fail", str(token.path))
    assert (warned.level, warned.where) == ("warn", str(FOLDER))
    assert failed.fix == f"chmod go-rwx {token.path}"


def test_files_that_only_we_can_read_are_well() -> None:
    (finding,) = permissions([Private(FOLDER, 0o700, secret=False)])
    assert (finding.id, finding.level) == ("token-permissions", "ok")


@pytest.mark.parametrize(
    ("free_bytes", "level"), [(5_000_000_000, "ok"), (900_000_000, "warn"), (10_000_000, "fail")]
)
def test_a_full_disk_fails(free_bytes: int, level: str) -> None:
    assert disk_space(FOLDER, free_bytes).level == level


@pytest.mark.parametrize("year", [1970, 2001, 2150])
def test_a_clock_that_was_never_set_fails(year: int) -> None:
    finding = clock(datetime(year, 1, 2, tzinfo=UTC).timestamp(), None)
    assert finding.level == "fail"
    assert str(year) in finding.what


def test_a_clock_that_was_set_back_is_warned_of() -> None:
    finding = clock(NOW_S, NOW_S + 7200)
    assert finding.level == "warn"
    assert "7200 s in the future" in finding.what
    assert clock(NOW_S, NOW_S + 60).level == "ok"
    assert clock(NOW_S, NOW_S - 1e6).level == "ok"
