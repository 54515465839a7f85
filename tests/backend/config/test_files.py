"""Small files that survive, and are survived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from llama_runner_pro.config.files import read_or_set_aside, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


class Shape(msgspec.Struct):
    count: int


@pytest.mark.parametrize("lasting", [True, False])
def test_written_file_is_read_by_its_owner_only_and_leaves_nothing_beside_it(
    tmp_path: Path, lasting: bool
) -> None:
    path = tmp_path / "run" / "file.json"
    write_atomically(path, b'{"count": 1}', lasting=lasting)
    write_atomically(path, b'{"count": 2}', lasting=lasting)
    assert read_or_set_aside(path, Shape) == Shape(2)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["file.json"]


def test_failed_write_leaves_the_old_content_and_no_remains(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.mkdir()
    (path / "in the way").touch()
    with pytest.raises(OSError, match="directory"):
        write_atomically(path, b"new")
    assert [found.name for found in tmp_path.iterdir()] == ["file.json"]


def test_missing_file_is_none(tmp_path: Path) -> None:
    assert read_or_set_aside(tmp_path / "none.json", Shape) is None


@pytest.mark.parametrize("content", [b"", b'{"cou', b'{"count": "x"}', b"\xff\xfe", b"[]"])
def test_damaged_file_is_kept_aside_and_said(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    assert read_or_set_aside(path, Shape) is None
    assert not path.exists()
    assert (tmp_path / "file.json.damaged").read_bytes() == content
    assert "kept as file.json.damaged" in caplog.text
