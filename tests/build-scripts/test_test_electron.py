"""Finding an Electron, and finding the file system in an AppImage."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from pipeline.job import JobFailed
from provision.test_electron import SETTING, find, squashfs_offset

if TYPE_CHECKING:
    from pathlib import Path

HEADERS_AT, HEADER_BYTES, HEADERS = 4096, 64, 3


def appimage(folder: Path, *, magic: bytes = b"hsqs", elf: bytes = b"\x7fELF\x02") -> Path:
    """A file laid out as an AppImage is: a program, its section headers, a file system."""
    head = bytearray(HEADERS_AT + HEADERS * HEADER_BYTES)
    head[: len(elf)] = elf
    struct.pack_into("<Q", head, 0x28, HEADERS_AT)
    struct.pack_into("<HH", head, 0x3A, HEADER_BYTES, HEADERS)
    # The magic word inside of the program is none.
    head[100:104] = b"hsqs"
    path = folder / "Some.AppImage"
    path.write_bytes(bytes(head) + magic + b"the rest")
    return path


def test_the_file_system_begins_where_the_program_ends(tmp_path: Path) -> None:
    assert squashfs_offset(appimage(tmp_path)) == HEADERS_AT + HEADERS * HEADER_BYTES


@pytest.mark.parametrize(
    ("change", "words"),
    [({"magic": b"xxxx"}, "holds no squashfs"), ({"elf": b"\x7fELF\x01"}, "is no AppImage")],
)
def test_something_else_is_refused(tmp_path: Path, change: dict[str, bytes], words: str) -> None:
    with pytest.raises(JobFailed, match=words):
        squashfs_offset(appimage(tmp_path, **change))


def test_a_file_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "Cut.AppImage"
    path.write_bytes(b"\x7fELF\x02")
    with pytest.raises(JobFailed, match="is no AppImage"):
        squashfs_offset(path)


def test_a_folder_that_somebody_names_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path))
    with pytest.raises(JobFailed, match="is not a folder with an Electron"):
        find()
    (tmp_path / "version").write_text("45.4.1", "ascii")
    program = tmp_path / "electron"
    program.write_text("#!/bin/sh\n", "ascii")
    program.chmod(0o755)
    assert find() == tmp_path
