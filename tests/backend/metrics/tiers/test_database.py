"""The file, and files that are none of ours."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.metrics.tiers.database import (
    Unusable,
    file_bytes,
    open_reader,
    open_writer,
    set_aside,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "history.db"


def test_a_new_file_belongs_to_its_owner_alone(path: Path) -> None:
    open_writer(path).close()
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert file_bytes(path) > 0


def test_it_opens_again_with_what_was_in_it(path: Path) -> None:
    connection = open_writer(path)
    connection.execute("INSERT INTO layout (series) VALUES (x'01')")
    connection.close()
    again = open_writer(path)
    assert again.execute("SELECT count(*) FROM layout").fetchone() == (1,)
    again.close()


def test_a_reader_sees_what_is_committed_and_cannot_write(path: Path) -> None:
    writer = open_writer(path)
    reader = open_reader(path)
    writer.execute("INSERT INTO layout (series) VALUES (x'01')")
    assert reader.execute("SELECT count(*) FROM layout").fetchone() == (1,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM layout")
    reader.close()
    writer.close()


@pytest.mark.parametrize("begun", [False, True])
def test_a_file_that_is_just_being_made_is_not_there_yet_for_a_reader(
    path: Path, begun: bool
) -> None:
    path.parent.mkdir()
    path.touch()
    if begun:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    with pytest.raises(sqlite3.OperationalError, match="being made"):
        open_reader(path)


def test_rubbish_is_unusable(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 1_000)
    with pytest.raises(Unusable):
        open_writer(path)


def test_a_damaged_page_is_found_when_the_file_is_opened(path: Path) -> None:
    connection = open_writer(path)
    for at in range(2_000):
        connection.execute(
            "INSERT INTO layout (series) VALUES (?)", (os.urandom(64) + bytes([at % 256]),)
        )
    connection.close()
    content = bytearray(path.read_bytes())
    content[20_000:60_000] = b"\x55" * 40_000
    path.write_bytes(content)
    with pytest.raises(Unusable):
        open_writer(path)


@pytest.mark.parametrize(
    ("pragma", "words"), [("user_version = 99", "layout 99"), ("application_id = 5", "else")]
)
def test_a_file_of_the_future_or_of_something_else_is_unusable(
    path: Path, pragma: str, words: str
) -> None:
    connection = open_writer(path)
    connection.execute(f"PRAGMA {pragma}")
    connection.close()
    with pytest.raises(Unusable, match=words):
        open_writer(path)


def test_setting_aside_keeps_the_file_and_what_belongs_to_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"a")
    path.with_name("history.db-wal").write_bytes(b"b")
    name = set_aside(path, "20260131")
    assert name == "history-unusable-20260131.db"
    assert sorted(one.name for one in path.parent.iterdir()) == [name, f"{name}-wal"]
