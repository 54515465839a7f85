"""Backups: the last five, whatever happens to their folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.archive import Archive

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_five_are_kept_newest_first(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "backups")
    ids = [archive.put(f"{number}".encode(), 1_700_000_000_000 + number) for number in range(7)]
    kept = archive.all()
    assert [one.id for one in kept] == ids[:1:-1]
    assert [one.content for one in kept] == [b"6", b"5", b"4", b"3", b"2"]
    assert kept[0].saved_ms == 1_700_000_000_006


def test_the_order_holds_when_the_clock_is_set_back(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.put(b"first", 1_700_000_000_900)
    archive.put(b"second", 1_700_000_000_100)
    assert [one.content for one in archive.all()] == [b"second", b"first"]


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert Archive(tmp_path / "nowhere").all() == []


def test_files_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config-mine.json").write_text("mine")
    archive = Archive(tmp_path)
    for number in range(8):
        archive.put(b"x", 1_700_000_000_000 + number)
    assert (tmp_path / "config-mine.json").read_text() == "mine"
    assert len(archive.all()) == 5


def test_one_can_be_dropped_and_dropping_it_again_is_no_error(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    backup_id = archive.put(b"x", 1_700_000_000_000)
    archive.drop(backup_id)
    archive.drop(backup_id)
    assert archive.all() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_can_read_one(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "backups")
    backup_id = archive.put(b"secret", 1_700_000_000_000)
    path = tmp_path / "backups" / f"{backup_id}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
