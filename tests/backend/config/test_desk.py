"""Writing the file, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.config.archive import Archive
from llama_runner_pro.config.desk import Desk
from llama_runner_pro.config.stored import check_with, read_stored
from llama_runner_pro.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

CHECK = check_with()
OLDER = b'{"models": []}'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "config.json", Archive(tmp_path / "backups"), FakeClock())


def test_undoing_a_first_write_leaves_no_file(desk: Desk) -> None:
    undo = desk.write(read_stored(None, CHECK), b"{}")
    assert desk.default.read_bytes() == b"{}"
    undo()
    assert not desk.default.exists()


def test_undoing_puts_the_content_back_and_forgets_the_backup(desk: Desk) -> None:
    desk.default.write_bytes(b'{"endpoints": []}')
    undo = desk.write(read_stored(desk.default, CHECK), b"{}")
    assert [one.content for one in desk.archive.all()] == [b'{"endpoints": []}']
    undo()
    assert desk.default.read_bytes() == b'{"endpoints": []}'
    assert desk.archive.all() == []


def test_an_older_file_and_what_its_successor_replaces_are_both_kept(
    desk: Desk, tmp_path: Path
) -> None:
    older = tmp_path / "ai_monitor_config.json"
    older.write_bytes(OLDER)
    desk.default.write_bytes(b'{"endpoints": []}')
    stored = read_stored(older, CHECK)
    assert desk.target(stored) == desk.default
    desk.write(stored, b"{}")
    assert older.read_bytes() == OLDER
    assert [one.content for one in desk.archive.all()] == [b'{"endpoints": []}', OLDER]


def test_a_file_that_was_there_and_is_gone_is_an_error(desk: Desk) -> None:
    nothing = read_stored(None, CHECK)
    assert desk.read(nothing) is None
    desk.default.write_bytes(b"{}")
    assert desk.read(nothing) == b"{}"
    stored = read_stored(desk.default, CHECK)
    desk.default.unlink()
    with pytest.raises(ConfigError, match="does not exist"):
        desk.read(stored)


def test_only_older_files_need_a_note(desk: Desk, tmp_path: Path) -> None:
    assert desk.note(read_stored(None, CHECK)) is None
    older = tmp_path / "ai_monitor_config.json"
    older.write_bytes(OLDER)
    assert str(older) in (desk.note(read_stored(older, CHECK)) or "")
