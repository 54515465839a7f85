from __future__ import annotations

import random

import pytest

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.ndjson import LineSplitter

TEXT = b'{"a":1}\r\n\n  \n{"b":2}\n{"c":3}'


def test_lines_come_out_whole_however_the_bytes_are_cut() -> None:
    dice = random.Random(3)
    for _ in range(200):
        splitter, found, at = LineSplitter(), [], 0
        while at < len(TEXT):
            step = dice.choice((1, 2, 5, 40))
            found += splitter.feed(TEXT[at : at + step])
            at += step
        assert found == [b'{"a":1}', b'{"b":2}']
        assert splitter.end() == [b'{"c":3}']
        assert splitter.end() == []


def test_a_line_without_end_is_given_up() -> None:
    splitter = LineSplitter(limit_bytes=10)
    with pytest.raises(UpstreamBroken):
        splitter.feed(b"x" * 11)
