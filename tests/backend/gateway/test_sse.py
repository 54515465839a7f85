from __future__ import annotations

import random

import pytest

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.sse import SseEvent, SseSplitter

TEXT = (
    b"\xef\xbb\xbf: a comment\n\n"
    b"data: one\n\n"
    b"event: named\r\ndata:two\r\ndata: lines\r\n\r\n"
    b"id: 7\nretry: 10\n\n"
    b'data: {"a": "x: y"}\r\r'
    b"data\n\n"
    b"data: last\n\n"
    b"data: unfinished"
)
EVENTS = [
    SseEvent(None, b"one"),
    SseEvent(b"named", b"two\nlines"),
    SseEvent(None, b'{"a": "x: y"}'),
    SseEvent(None, b""),
    SseEvent(None, b"last"),
]


def test_events_come_out_whole_and_without_comments() -> None:
    splitter = SseSplitter()
    assert splitter.feed(TEXT) == EVENTS
    assert splitter.rest == b"data: unfinished"


def test_it_does_not_matter_how_the_bytes_are_cut() -> None:
    dice = random.Random(7)
    for _ in range(300):
        splitter, found, at = SseSplitter(), [], 0
        while at < len(TEXT):
            step = dice.choice((1, 1, 2, 3, 7, 50))
            found += splitter.feed(TEXT[at : at + step])
            at += step
        assert found == EVENTS


def test_an_event_without_end_is_given_up() -> None:
    splitter = SseSplitter(limit_bytes=100)
    for _ in range(25):
        assert splitter.feed(b"data") == []
    with pytest.raises(UpstreamBroken):
        splitter.feed(b"data")
