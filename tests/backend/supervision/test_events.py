"""How an end is told to people."""

from __future__ import annotations

import pytest

from llama_runner_pro.supervision.events import Exited


@pytest.mark.parametrize(
    ("exited", "words"),
    [
        (Exited(1, None, "SIGKILL"), "killed by SIGKILL"),
        (Exited(1, 66, None), "exited with code 66"),
        (Exited(1, 0, None), "exited with code 0"),
        (Exited(1, None, None), "ended"),
        (Exited(1, 1, None, "no such file"), "exited with code 1: no such file"),
    ],
)
def test_an_end_in_words(exited: Exited, words: str) -> None:
    assert exited.words == words
