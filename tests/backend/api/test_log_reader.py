"""Logs from their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.api.log_lines import LogFilter
from llama_runner_pro.api.log_reader import (
    FOLLOW_LIMIT_BYTES,
    LINE_LIMIT_BYTES,
    LogReader,
    UnknownLogSource,
    lines_backwards,
)

if TYPE_CHECKING:
    from pathlib import Path

ALL = LogFilter()


@pytest.fixture
def logs(tmp_path: Path) -> LogReader:
    return LogReader(
        monitor=tmp_path / "monitor.log",
        recovery=tmp_path / "recovery.log",
        endpoint_log=lambda name: tmp_path / f"{name}.txt",
        endpoint_names=lambda: ["demo"],
    )


def texts(logs: LogReader, count: int, wanted: LogFilter = ALL) -> list[str]:
    """The end of the monitor's log."""
    return [line.text for line in logs.tail("monitor", count, wanted).lines]


def test_the_newest_lines_come_oldest_first(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log").write_text("one\ntwo\nthree\n")
    assert texts(logs, 2) == ["two", "three"]
    assert logs.tail("monitor", 2, ALL).truncated
    assert not logs.tail("monitor", 3, ALL).truncated


def test_a_last_line_without_end_counts(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log").write_text("one\ntwo")
    assert texts(logs, 5) == ["one", "two"]


def test_empty_lines_are_lines(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("\n\na\n")
    assert list(lines_backwards(tmp_path / "x", 1000)) == [b"a", b"", b""]


def test_lines_that_span_blocks_arrive_whole(logs: LogReader, tmp_path: Path) -> None:
    lines = [f"{number}-" + "x" * 5000 for number in range(60)]
    (tmp_path / "monitor.log").write_text("\n".join(lines) + "\n")
    assert texts(logs, 100) == lines


def test_rotated_files_are_reached(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log.1").write_text("older\nold\n")
    (tmp_path / "monitor.log").write_text("new\n")
    assert texts(logs, 2) == ["old", "new"]


def test_a_filter_searches_further_back(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log").write_text("ERROR bad\n" + "INFO fine\n" * 50)
    assert texts(logs, 3, LogFilter(level="error")) == ["ERROR bad"]
    assert texts(logs, 3, LogFilter(text="BAD")) == ["ERROR bad"]


def test_further_lines_of_a_record_share_its_level(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log").write_text("INFO a\nERROR b\n    Traceback\n    more\nINFO c\n")
    wanted = LogFilter(level="error")
    assert texts(logs, 9, wanted) == ["ERROR b", "    Traceback", "    more"]
    follower = logs.follow("monitor", wanted)
    with (tmp_path / "monitor.log").open("a") as file:
        file.write("ERROR d\n    Traceback\nINFO e\n    quiet\n")
    assert [line.text for line in follower.read()[0]] == ["ERROR d", "    Traceback"]


def test_a_missing_file_has_no_lines(logs: LogReader) -> None:
    assert logs.tail("recovery", 10, ALL).lines == []
    assert logs.tail("demo", 10, ALL).lines == []


def test_an_unknown_log_is_refused_with_the_known_ones(logs: LogReader) -> None:
    for name in ("../monitor", "monitor.log", "nope", ""):
        with pytest.raises(UnknownLogSource, match="monitor, recovery, demo"):
            logs.tail(name, 1, ALL)


def test_a_very_long_line_is_cut_and_says_so(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log").write_text("x" * 300_000 + "\nend\n")
    long, end = texts(logs, 5)
    assert len(long) < LINE_LIMIT_BYTES + 100
    assert long.endswith("more bytes)")
    assert end == "end"


def test_bytes_that_are_no_text_are_marked(logs: LogReader, tmp_path: Path) -> None:
    (tmp_path / "monitor.log").write_bytes(b"a\xffb\r\n")
    assert texts(logs, 1) == ["a\ufffdb"]


def test_a_follower_hands_over_what_is_appended(logs: LogReader, tmp_path: Path) -> None:
    path = tmp_path / "monitor.log"
    path.write_text("before\n")
    follower = logs.follow("monitor", ALL)
    assert follower.read() == ([], 0)
    with path.open("a") as file:
        file.write("one\ntw")
    assert [line.text for line in follower.read()[0]] == ["one"]
    with path.open("a") as file:
        file.write("o\n")
    assert [line.text for line in follower.read()[0]] == ["two"]


def test_a_follower_survives_both_ways_of_rotation(logs: LogReader, tmp_path: Path) -> None:
    path = tmp_path / "monitor.log"
    path.write_text("a long line before\n")
    follower = logs.follow("monitor", ALL)
    path.rename(tmp_path / "monitor.log.1")
    path.write_text("renamed\n")
    assert [line.text for line in follower.read()[0]] == ["renamed"]
    with path.open("r+") as file:
        file.truncate(0)
        file.write("cut\n")
    assert [line.text for line in follower.read()[0]] == ["cut"]


def test_a_follower_waits_for_a_file_that_is_not_there_yet(logs: LogReader, tmp_path: Path) -> None:
    follower = logs.follow("demo", ALL)
    assert follower.read() == ([], 0)
    (tmp_path / "demo.txt").write_text("born\n")
    assert [line.text for line in follower.read()[0]] == ["born"]


def test_a_follower_that_cannot_keep_up_skips_and_says_how_much(
    logs: LogReader, tmp_path: Path
) -> None:
    path = tmp_path / "monitor.log"
    path.write_text("")
    follower = logs.follow("monitor", ALL)
    path.write_text("x" * 99 + "\n" + "y" * 99 + "\n" + "z" * (FOLLOW_LIMIT_BYTES - 1) + "\n")
    lines, skipped_bytes = follower.read()
    assert skipped_bytes == 200
    assert len(lines) == 1
