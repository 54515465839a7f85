"""A rotated file of lines on disks that are full, and after crashes."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.line_file import LineFile, end_last_line, sync_and_close

if TYPE_CHECKING:
    from pathlib import Path


class FullDisk:
    """A stream that keeps what it is given and refuses to flush until there is room."""

    def __init__(self, path: Path) -> None:
        self._sink = path.open("a", encoding="utf-8")
        self.full = True

    def write(self, text: str) -> int:
        """Into the buffer, as any stream does."""
        return self._sink.write(text)

    def flush(self) -> None:
        """To the disk, when it has room."""
        if self.full:
            raise OSError(28, "No space left on device")
        self._sink.flush()

    def seek(self, offset: int, whence: int) -> int:
        """Rotation asks for the size."""
        return 0

    def tell(self) -> int:
        """Never large enough to be rotated."""
        return 0

    def close(self) -> None:
        """Give the file up."""
        self._sink.close()


def line(text: str) -> logging.LogRecord:
    return logging.LogRecord("recovery", logging.INFO, "", 0, text, None, None)


def test_lines_that_a_full_disk_refused_are_written_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "lines.log"
    file = LineFile(path, encoding="utf-8")
    disk = FullDisk(path)
    real = file.setStream(disk)  # type: ignore[arg-type]  # as much of a stream as logging uses
    assert real is not None
    real.close()
    file.emit(line("one"))
    file.emit(line("two"))
    file.try_again()
    assert file.refused
    assert path.read_text() == ""
    assert caplog.text.count("cannot be written") == 1
    disk.full = False
    file.try_again()
    assert not file.refused
    assert path.read_text() == "one\ntwo\n"
    file.close()


def test_without_trouble_there_is_nothing_to_try_again(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines.log", encoding="utf-8")
    file.emit(line("one"))
    file.try_again()
    assert not file.refused
    file.close()


def test_a_line_that_was_cut_short_gets_its_end(tmp_path: Path) -> None:
    path = tmp_path / "lines.log"
    path.write_text('{"a": 1}\n{"b"')
    end_last_line(path)
    assert path.read_text() == '{"a": 1}\n{"b"\n'


@pytest.mark.parametrize("content", ["", "whole\n"])
def test_a_whole_file_stays_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lines.log"
    path.write_text(content)
    end_last_line(path)
    assert path.read_text() == content


def test_a_missing_file_needs_no_mending(tmp_path: Path) -> None:
    end_last_line(tmp_path / "none.log")
    assert not (tmp_path / "none.log").exists()


def test_syncing_gives_the_descriptor_up(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    sync_and_close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
