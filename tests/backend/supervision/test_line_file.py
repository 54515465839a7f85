"""A rotated file of lines on disks that are full, and after crashes."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.supervision.line_file import (
    LineFile,
    OnDisk,
    end_last_line,
    sync_and_close,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def line(text: str) -> logging.LogRecord:
    return logging.LogRecord("recovery", logging.INFO, "", 0, text, None, None)


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond `size` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("length", [10, 3_000, 30_000])
def test_lines_that_a_full_disk_refused_are_written_whole_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, length: int
) -> None:
    path = tmp_path / "lines.log"
    file = LineFile(path)
    file.emit(line("first"))
    with disk_with_room_for(6 + length // 2):
        file.emit(line("x" * length))
        file.emit(line("y"))
        file.try_again()
        assert file.refused
        assert path.read_text() == "first\n"
    file.try_again()
    assert not file.refused
    assert path.read_text() == f"first\n{'x' * length}\ny\n"
    assert caplog.text.count("cannot be written") == 1
    file.close()


def test_a_file_that_is_full_is_turned_over(tmp_path: Path) -> None:
    path = tmp_path / "lines.log"
    file = LineFile(path, max_bytes=10, files=1)
    for text in ("one", "two", "three", "four"):
        file.emit(line(text))
    file.close()
    assert path.read_text() == "four\n"
    assert path.with_name("lines.log.1").read_text() == "three\n"


def test_without_trouble_there_is_nothing_to_try_again(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines.log")
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


async def test_a_disk_that_hangs_holds_up_one_for_3_s_and_nobody_after_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked, answers = threading.Semaphore(0), threading.Event()

    def hang(descriptor: int) -> None:
        asked.release()
        answers.wait()
        sync_and_close(descriptor)

    clock, file = FakeClock(), LineFile(tmp_path / "a.log")
    on_disk = OnDisk(clock, hang)
    waiting = asyncio.create_task(on_disk.reached(file))
    await asyncio.to_thread(asked.acquire)
    await clock.advance(3.0)
    await waiting
    await on_disk.reached(file)
    assert caplog.text.count("the disk does not answer") == 1
    answers.set()
    file.close()


async def test_a_disk_that_fails_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(descriptor: int) -> None:
        os.close(descriptor)
        raise OSError(5, "Input/output error")

    file = LineFile(tmp_path / "a.log")
    await OnDisk(FakeClock(), fail).reached(file)
    assert "could not be written safely: [Errno 5] Input/output error" in caplog.text
    file.close()
