"""Reading and rotating a file that another process appends to."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from fakes.children import until

from llama_runner_pro.core.secrets import forget_secrets, register_secret
from llama_runner_pro.supervision.process.output import EndpointOutput, LogTail

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.children import Launcher


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "demo.log"


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def test_only_what_is_new_is_returned(log: Path) -> None:
    tail = LogTail(log)
    append(log, b"one\ntwo\n")
    assert tail.read_new() == ["one", "two"]
    assert tail.read_new() == []
    append(log, b"three\n")
    assert tail.read_new() == ["three"]
    assert tail.last(2) == ["two", "three"]


def test_unfinished_line_is_shown_last_and_returned_once_complete(log: Path) -> None:
    tail = LogTail(log)
    append(log, b"one\nhalf")
    assert tail.read_new() == ["one"]
    assert tail.last(5) == ["one", "half"]
    append(log, b" done\n")
    assert tail.read_new() == ["half done"]


def test_missing_file_has_no_lines(log: Path) -> None:
    tail = LogTail(log)
    assert tail.read_new() == []
    assert tail.last(5) == []
    assert tail.last(0) == []


def test_only_the_last_lines_are_kept(log: Path) -> None:
    tail = LogTail(log, lines=3)
    append(log, b"".join(b"%d\n" % n for n in range(10)))
    tail.read_new()
    assert tail.last(99) == ["7", "8", "9"]


def test_line_without_an_end_is_cut_to_a_bounded_length(log: Path) -> None:
    tail = LogTail(log, line_bytes=10)
    append(log, b"x" * 5_000)
    tail.read_new()
    append(log, b"y" * 5_000)
    tail.read_new()
    assert tail.last(1) == ["x" * 10]
    append(log, b"\nnext\n")
    assert tail.read_new() == ["x" * 10, "next"]


def test_flood_is_skipped_but_for_its_end(log: Path) -> None:
    tail = LogTail(log)
    append(log, b"first\n" + b"flood flood\n" * 100_000 + b"last\n")
    lines = tail.read_new()
    assert lines[-1] == "last"
    assert set(lines[:-1]) == {"flood flood"}
    assert tail.skipped_bytes > 500_000


def test_flood_without_line_ends_is_kept_in_bounds(log: Path) -> None:
    tail = LogTail(log, line_bytes=100)
    append(log, b"z" * 2_000_000)
    assert tail.read_new() == []
    assert tail.last(1) == ["z" * 100]


def test_file_cut_by_somebody_is_read_from_its_start(log: Path) -> None:
    tail = LogTail(log)
    append(log, b"before the cut\n")
    tail.read_new()
    log.write_bytes(b"after\n")
    assert tail.read_new() == ["after"]
    assert tail.last(2) == ["before the cut", "after"]


def test_colours_control_characters_and_broken_bytes_do_no_harm(log: Path) -> None:
    tail = LogTail(log)
    append(log, b"\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07\xff\ttab\r\n")
    assert tail.read_new() == ["red \ufffd\ttab"]


def test_new_process_starts_with_an_empty_tail(log: Path) -> None:
    tail = LogTail(log)
    append(log, b"of the earlier process\n")
    tail.read_new()
    tail.start_at_end()
    assert tail.last(9) == []
    append(log, b"of the new one\n")
    assert tail.read_new() == ["of the new one"]


def test_rotation_keeps_the_end_and_the_numbered_copies(log: Path) -> None:
    output = EndpointOutput(log, rotate_at_bytes=10)
    for content in (b"aaaaaaaaa\n", b"bbbbbbbbb\n", b"ccccccccc\n", b"ddddddddd\n"):
        append(log, content)
        output.refresh()
    assert log.read_bytes() == b""
    names = sorted(path.name for path in log.parent.iterdir())
    assert names == ["demo.log", "demo.log.1", "demo.log.2", "demo.log.3"]
    assert log.with_name("demo.log.1").read_bytes() == b"ddddddddd\n"
    assert log.with_name("demo.log.3").read_bytes() == b"bbbbbbbbb\n"
    assert output.tail.last(4) == ["aaaaaaaaa", "bbbbbbbbb", "ccccccccc", "ddddddddd"]


def test_rotated_copy_is_bounded_however_large_the_file_has_grown(log: Path) -> None:
    output = EndpointOutput(log, rotate_at_bytes=1_000)
    append(log, b"x" * 50_000 + b"end")
    output.refresh()
    copy = log.with_name("demo.log.1")
    assert copy.stat().st_size == 1_000
    assert copy.read_bytes().endswith(b"end")
    assert copy.stat().st_mode & 0o777 == 0o600


def test_log_is_cut_even_when_no_copy_can_be_made(
    log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.with_name("demo.log.2").touch()
    log.with_name("demo.log.3").mkdir()
    output = EndpointOutput(log, rotate_at_bytes=10)
    append(log, b"much too long a line\n")
    output.refresh()
    assert log.stat().st_size == 0
    assert "cannot be rotated" in caplog.text


async def test_child_goes_on_at_the_new_end_after_a_rotation(launcher: Launcher) -> None:
    process, _ = await launcher.fake_server("--endless-log", "2000")
    output = EndpointOutput(process.log_path, rotate_at_bytes=2_000)
    await until(lambda: output.refresh() and process.log_path.with_name("child-0.log.1").exists())
    await until(lambda: process.log_path.stat().st_size > 0)
    assert b"\0" not in process.log_path.read_bytes()
    await until(output.refresh)
    assert "endless log line" in output.tail.last(1)[0]


def test_each_line_is_returned_once_to_one_of_several_threads(log: Path) -> None:
    output = EndpointOutput(log)
    append(log, b"".join(b"%d\n" % n for n in range(300)))
    with ThreadPoolExecutor(8) as pool:
        found = [
            line for lines in pool.map(lambda _: output.refresh(), range(40)) for line in lines
        ]
    assert found == output.tail.last(999) == [str(n) for n in range(300)]


def test_descriptor_count_stays_the_same(log: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count, not paths
    output = EndpointOutput(log, rotate_at_bytes=5)
    for _ in range(20):
        append(log, b"123456\n")
        output.refresh()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_registered_secret_never_leaves_the_log_file(tmp_path: Path) -> None:
    path = tmp_path / "one.log"
    path.write_text("connecting with s3cr3t-value now\n")
    register_secret("s3cr3t-value")
    try:
        tail = LogTail(path)
        tail.read_new()
        assert tail.last(1) == ["connecting with ••• now"]
    finally:
        forget_secrets()
