"""Stamps: what makes a step be done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from places import ROOT
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a source, a nested source, and things that were built."""
    (tmp_path / "src").mkdir()
    (tmp_path / "dist").mkdir()
    (tmp_path / "a.ts").write_text("a", "utf-8")
    (tmp_path / "src" / "b.ts").write_text("b", "utf-8")
    (tmp_path / "dist" / "built.js").write_text("c", "utf-8")
    return tmp_path


def test_built_files_are_no_sources(folder: Path) -> None:
    assert files_under(folder) == [folder / "a.ts", folder / "src" / "b.ts"]


def test_a_stamp_says_what_was_written_until_it_is_forgotten(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "deep" / "stamp")
    assert not stamp.says("x")
    stamp.write("x")
    assert stamp.says("x")
    assert not stamp.says("y")
    stamp.forget()
    assert not stamp.says("x")


def test_the_digest_follows_contents_facts_and_missing_files() -> None:
    present, missing = ROOT / "pyproject.toml", ROOT / "no-such-file"
    digests = {
        digest([present], "3.11"),
        digest([present], "3.12"),
        digest([missing], "3.11"),
        digest([present, missing], "3.11"),
        digest([], "3.11"),
    }
    assert len(digests) == 5
    assert digest([present], "3.11") == digest([present], "3.11")


def test_a_changed_file_changes_the_digest(folder: Path) -> None:
    before = digest(files_under(folder))
    (folder / "src" / "b.ts").write_text("B", "utf-8")
    assert digest(files_under(folder)) != before
