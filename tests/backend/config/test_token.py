"""The access token's file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.token import ensure_token, read_token

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def test_there_is_one_after_the_first_start_and_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "run" / "token"
    assert read_token(path) is None
    token = ensure_token(path)
    assert len(token) == 43  # 32 bytes
    assert ensure_token(path) == token
    assert read_token(path) == token


def test_no_two_are_alike(tmp_path: Path) -> None:
    assert ensure_token(tmp_path / "a") != ensure_token(tmp_path / "b")


@posix
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    ensure_token(tmp_path / "token")
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@posix
def test_one_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token = ensure_token(path)
    path.chmod(0o644)
    assert ensure_token(path) != token
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"a" * 43 + b" " + b"b" * 43])
def test_a_damaged_one_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    assert read_token(path) is None
    assert len(ensure_token(path)) == 43
