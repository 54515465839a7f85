"""What a release says about itself and about the works of others in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.job import JobFailed
from release.licences import listed, problems, refuse
from release.notes import section
from release.parts import Part, library_parts, node_names

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = """# Changelog

Words about the file.

## Unreleased

### Added
- Something new.

## [1.2.0] - 2026-11-01

- The second.

## 1.1.0

- The first.
"""


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.2.0", "- The second."),
        ("1.1.0", "- The first."),
        ("1.3.0", "### Added\n- Something new."),
    ],
)
def test_the_notes_are_the_part_of_the_version(version: str, text: str) -> None:
    assert section(CHANGELOG, version) == text


def test_a_version_that_nothing_is_said_about_is_refused() -> None:
    with pytest.raises(JobFailed, match=r"says nothing about 2\.0\.0"):
        section("# Changelog\n\n## 1.0.0\n\n- It is there.\n", "2.0.0")


@pytest.mark.parametrize(
    "licence",
    ["MIT", "MPL-2.0", "GPL-2.0 OR MIT", "LGPL-3.0", "GPL-3.0-or-later WITH GCC-exception-3.1"],
)
def test_a_licence_that_goes_with_ours_is_no_problem(licence: str) -> None:
    assert problems([Part("one", "1", licence)]) == []


@pytest.mark.parametrize("licence", ["", "UNKNOWN", "GPL-3.0-only", "AGPL-3.0", "GPL-2.0 AND MIT"])
def test_a_licence_that_is_missing_or_reaches_over_to_ours_stops_the_release(licence: str) -> None:
    with pytest.raises(JobFailed, match=r"odd 2"):
        refuse([Part("fine", "1", "MIT"), Part("odd", "2", licence)])


def test_the_list_names_every_part_and_repeats_its_texts() -> None:
    text = listed({"Things": [Part("one", "1.0", "MIT", ("Copyright somebody",))]})
    assert "  one 1.0: MIT" in text
    assert "Copyright somebody" in text


def test_a_shared_library_that_nobody_looked_at_stops_the_release(tmp_path: Path) -> None:
    folder = tmp_path / "_internal"
    folder.mkdir()
    (folder / "libz.so.1").write_bytes(b"")
    (folder / "libpython3.11.so.1.0").write_bytes(b"")
    assert [part.name for part in library_parts(folder.parent)] == ["zlib"]
    (folder / "libreadline.so.8").write_bytes(b"")
    with pytest.raises(JobFailed, match=r"libreadline"):
        refuse(library_parts(folder.parent))


def test_what_the_page_is_bundled_from_is_found_through_the_lock() -> None:
    names = {name.rpartition("@")[0] for name in node_names()}
    assert {"vue", "pinia", "chart.js", "@vue/shared", "electron-updater"} <= names
    assert not {"vite", "vitest", "electron", "typescript"} & names
