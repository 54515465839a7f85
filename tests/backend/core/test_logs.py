"""The human log."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.logs import JsonLines, register_secret, setup_logging
from llama_runner_pro.core.secrets import forget_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG = logging.getLogger("llama_runner_pro.supervision.monitor")


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    undo = setup_logging(tmp_path / "logs")
    yield tmp_path / "logs" / "ai_monitor.log"
    undo()
    forget_secrets()


def test_line_holds_time_with_zone_level_source_and_text(log_file: Path) -> None:
    LOG.warning("demo: online → healing (%s)", "killed")
    stamp, level, source, text = log_file.read_text("utf-8").strip().split(None, 3)
    assert datetime.fromisoformat(stamp).tzinfo is not None
    assert (level, source) == ("WARNING", "supervision.monitor:")
    assert text == "demo: online → healing (killed)"


def test_debug_records_are_left_out_unless_asked_for(tmp_path: Path, log_file: Path) -> None:
    LOG.debug("quiet")
    assert log_file.read_text() == ""
    undo = setup_logging(tmp_path / "verbose", verbose=True)
    LOG.debug("loud")
    undo()
    assert "loud" in (tmp_path / "verbose" / "ai_monitor.log").read_text()


def test_chatter_of_libraries_is_left_out(log_file: Path) -> None:
    logging.getLogger("uvicorn.access").info("GET / 200")
    logging.getLogger("uvicorn.error").warning("trouble")
    assert "GET" not in log_file.read_text()
    assert "trouble" in log_file.read_text()


def _refuse(why: str) -> None:
    raise ValueError(why)


def test_secrets_are_hidden_in_texts_and_tracebacks(log_file: Path) -> None:
    register_secret("hunter2x")
    try:
        _refuse("refused hunter2x, Authorization: Bearer abcdef")
    except ValueError:
        LOG.exception("failed with hunter2x")
    written = log_file.read_text()
    assert "hunter2x" not in written
    assert "abcdef" not in written
    assert "ValueError: refused •••" in written


def test_text_with_line_breaks_cannot_pretend_to_be_a_record(log_file: Path) -> None:
    LOG.info("first\n2026-01-01T00:00:00.000+00:00 ERROR forged\r\x1b[31m\x00 end")
    lines = log_file.read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("    2026-01-01")
    assert re.search(r"[\x00-\x1f]", "".join(lines)) is None


def test_file_and_folder_are_their_owners_only(log_file: Path) -> None:
    assert log_file.stat().st_mode & 0o777 == 0o600
    assert log_file.parent.stat().st_mode & 0o777 == 0o700


def test_console_hears_the_same(tmp_path: Path) -> None:
    console = io.StringIO()
    undo = setup_logging(tmp_path, console=console)
    LOG.info("hello")
    undo()
    assert "monitor: hello" in console.getvalue()


def test_undoing_leaves_logging_as_it_was(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("asyncio").level)
    setup_logging(tmp_path, verbose=True)()
    assert (root.level, list(root.handlers), logging.getLogger("asyncio").level) == before


def test_endless_text_is_cut_and_its_secret_at_the_cut_with_it(log_file: Path) -> None:
    register_secret("hunter2x")
    LOG.info("%s", "x" * 19_996 + "hunter2x" + "y" * 1_000_000)
    written = log_file.read_text()
    assert len(written) < 21_000
    assert "hunt" not in written
    assert "characters in all" in written


def test_full_file_is_rotated_and_five_are_kept(tmp_path: Path) -> None:
    undo = setup_logging(tmp_path, rotate_at_bytes=1_000)
    for _ in range(50):
        LOG.info("a line of some length that fills a file of a thousand bytes quite soon")
    undo()
    files = sorted(tmp_path.iterdir())
    names = ["ai_monitor.log", *(f"ai_monitor.log.{n}" for n in range(1, 6))]
    assert [path.name for path in files] == names
    assert all(path.stat().st_size <= 1_000 for path in files)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)


def test_a_console_can_have_lines_of_json_without_secrets(tmp_path: Path, log_file: Path) -> None:
    register_secret("planted-secret")
    console = io.StringIO()
    undo = setup_logging(tmp_path / "more", console=console, console_lines=JsonLines())
    LOG.warning("two\nlines with planted-secret")
    undo()
    said = json.loads(console.getvalue())
    assert console.getvalue().count("\n") == 1
    assert set(said) == {"t", "level", "logger", "text"}
    assert (said["level"], said["logger"]) == ("WARNING", LOG.name)
    assert said["text"] == "two\nlines with •••"
