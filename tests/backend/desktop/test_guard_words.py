"""What passes between sidecar and guard."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.desktop.guard_words import (
    Begin,
    Dropped,
    Farewell,
    Guarded,
    decoded,
    encoded,
)
from llama_runner_pro.desktop.watchlist import LINE_LIMIT_BYTES
from llama_runner_pro.supervision.process.identity import Identity
from llama_runner_pro.supervision.process.state_file import ProcessRecord

IDENTITY = Identity(pid=7, create_time=1.25, exe="/bin/x", command_hash="h")
RECORD = ProcessRecord(identity=IDENTITY, nonce="n", port=8080)
WORDS = [
    Begin(
        instance="i",
        window=IDENTITY,
        presence_file="/d/run/sidecar.json",
        keep_models=False,
        successor_within_s=15.0,
    ),
    Guarded(name="a/b\nc", record=RECORD),
    Dropped(name="x" * 1000),
    Farewell(leave=True),
]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_each_word_is_one_line_and_understood(word: Begin | Guarded | Dropped | Farewell) -> None:
    line = encoded(word)
    assert line.count(b"\n") == 1
    assert len(line) < LINE_LIMIT_BYTES
    assert decoded(line) == word


@pytest.mark.parametrize("line", [b"", b"{}", b'{"type":"other"}', b'{"type":"guarded"}'])
def test_anything_else_is_an_error(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decoded(line)
