"""Refusals say what happened in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.refusals import ApplyFailed, NotSaved, UnknownBackup, VersionConflict

if TYPE_CHECKING:
    from llama_runner_pro.core.errors import LlamaRunnerError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VersionConflict("v2"), "changed by somebody else"),
        (UnknownBackup("x", ["a"]), "no backup 'x'"),
        (NotSaved("/c.json", "no space left on device"), "/c.json: no space left on device"),
        (ApplyFailed("stopping a", "pid 7 survived"), "stopping a: pid 7 survived"),
    ],
)
def test_each_names_what_it_is_about(error: LlamaRunnerError, words: str) -> None:
    assert words in str(error)
