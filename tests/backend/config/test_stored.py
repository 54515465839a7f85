"""A configuration and the file it comes from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.stored import check_with, read_stored, written
from llama_runner_pro.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHECK = check_with()


def test_without_a_file_nothing_is_configured() -> None:
    stored = read_stored(None, CHECK)
    assert (stored.document, stored.content, stored.path) == ({}, None, None)
    assert stored.config.endpoints == ()


def test_the_document_stays_as_the_user_wrote_it(write: Callable[[object], Path]) -> None:
    document = {"endpoints": [{"name": "a", "port": 1}], "check_interval": 7}
    stored = read_stored(write(document), CHECK)
    assert stored.document == document
    assert list(stored.document) == ["endpoints", "check_interval"]
    assert not stored.older


def test_an_older_file_is_told_in_our_words(write: Callable[[object], Path]) -> None:
    older = {"models": {"a": {"port": 1, "status": "online"}}, "check_interval": 7}
    stored = read_stored(write(older), CHECK)
    assert stored.older
    assert stored.document == {"check_interval": 7, "endpoints": [{"name": "a", "port": 1}]}


def test_the_demo_runs_but_is_in_no_document(write: Callable[[object], Path]) -> None:
    check = check_with(demo=True, demo_model=write({}).parent / "m.gguf", demo_port=9)
    stored = read_stored(write({"endpoints": []}), check)
    assert [spec.name for spec in stored.config.endpoints] == ["demo"]
    assert stored.document == {"endpoints": []}


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_link_is_followed_to_its_file(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text('{"endpoints": []}')
    (tmp_path / "link.json").symlink_to(real)
    assert read_stored(tmp_path / "link.json", CHECK).path == real


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_stored(tmp_path / "none.json", CHECK)


def test_what_is_written_reads_back_whole() -> None:
    document = {"endpoints": [{"name": "größe 😀 \u202eab\u202c\\\"'", "port": 1}]}
    assert json.loads(written(document)) == document
    assert written(document).endswith(b"}\n")
