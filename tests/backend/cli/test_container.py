"""What a first start in a container makes, and tells once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.cli.container import first_words
from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.config.stored import check_with, read_stored
from llama_runner_pro.config.token import read_token

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    paths = DataPaths(tmp_path / "data")
    paths.create()
    return paths


def test_token_and_key_are_told_once(paths: DataPaths) -> None:
    token_words, key_words = first_words(paths, None)
    token = read_token(paths.token_file)
    assert token is not None
    assert token_words.endswith(f": {token}")
    config = read_stored(paths.config_file, check_with()).config
    assert config.gateway.host == "0.0.0.0"
    assert [key_words.endswith(f": {key.secret}") for key in config.gateway.keys] == [True]
    assert first_words(paths, None) == []


def test_only_their_owner_can_read_the_new_configuration(paths: DataPaths) -> None:
    first_words(paths, None)
    assert paths.config_file.stat().st_mode & 0o077 == 0


def test_a_configuration_that_is_there_is_left_alone(paths: DataPaths) -> None:
    paths.config_file.write_text(json.dumps({"endpoints": []}))
    assert len(first_words(paths, None)) == 1
    assert json.loads(paths.config_file.read_text()) == {"endpoints": []}


def test_beside_one_that_was_named_none_is_made(paths: DataPaths, tmp_path: Path) -> None:
    first_words(paths, tmp_path / "given.json")
    assert not paths.config_file.exists()
