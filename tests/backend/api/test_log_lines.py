"""What log lines say about themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from llama_runner_pro.api.log_lines import LogFilter, parse_line


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2026-01-31T12:00:00.000+01:00 WARNING supervision.monitor: demo: slow", "warning"),
        ("2026-01-31 12:00:00,123 INFO x: y", "info"),
        ("0.00.123.456 E srv    load_model: failed", "error"),
        ("0.00.123.456 I srv    load_model: fine", "info"),
        ("WARN: low on memory", "warning"),
        ("FATAL no such file", "critical"),
        ("just some text", None),
        ("an ERRORS counter is no level", None),
    ],
)
def test_the_level_is_found_where_there_is_one(text: str, level: str | None) -> None:
    assert parse_line("monitor", text).level == level


def test_the_time_is_found_with_its_zone() -> None:
    line = parse_line("monitor", "2026-01-31T12:00:00.250+01:00 INFO x: y")
    expected = datetime(2026, 1, 31, 11, 0, 0, 250_000, UTC)
    assert line.t_ms == int(expected.timestamp() * 1000)


@pytest.mark.parametrize("text", ["2026-99-31 12:00:00 INFO x", "no time", ""])
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_line("monitor", text).t_ms is None


def test_a_recovery_entry_tells_time_and_failure() -> None:
    failed = parse_line("recovery", '{"incident": "i", "t_ms": 5, "ok": false}')
    fine = parse_line("recovery", '{"t_ms": 6, "ok": true}')
    assert (failed.t_ms, failed.level) == (5, "warning")
    assert (fine.t_ms, fine.level) == (6, "info")


def test_a_damaged_recovery_entry_is_shown_as_it_is() -> None:
    line = parse_line("recovery", '{"t_ms": ')
    assert (line.text, line.t_ms, line.level) == ('{"t_ms": ', None, None)


def test_a_filter_takes_its_level_and_worse() -> None:
    wanted = LogFilter(level="warning")
    assert wanted.passes(parse_line("monitor", "ERROR x"))
    assert wanted.passes(parse_line("monitor", "WARNING x"))
    assert not wanted.passes(parse_line("monitor", "INFO x"))
    assert not wanted.passes(parse_line("monitor", "no level counts as info"))


def test_a_filter_finds_text_whatever_the_case() -> None:
    assert LogFilter(text="DEMO").passes(parse_line("monitor", "INFO demo: online"))
    assert not LogFilter(text="other").passes(parse_line("monitor", "INFO demo: online"))
