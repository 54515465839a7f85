"""Answers in pieces, translated or passed on."""

from __future__ import annotations

import pytest
from fakes.surface_world import SSE_HEADERS, FakeReply

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.surfaces.answers import json_answer, passed, translated

PIECES = [b"data: a\n\nda", b"ta: b\n\ndata: c\n\n", b": ping\n\n"]


async def test_events_are_translated_as_they_come_whole() -> None:
    reply = FakeReply(200, SSE_HEADERS, PIECES)
    made = [piece async for piece in translated(reply, lambda one: b"<%s>" % one, lambda: b"!")]
    assert made == [b"<a>", b"<b><c>", b"!"]
    assert reply.closed


async def test_half_an_event_at_the_end_is_a_broken_server() -> None:
    reply = FakeReply(200, SSE_HEADERS, [b"data: a\n\ndata: b"])
    with pytest.raises(UpstreamBroken):
        _ = [piece async for piece in translated(reply, bytes, bytes)]
    assert reply.closed


async def test_a_whole_answer_is_a_stream_of_one() -> None:
    reply = FakeReply(pieces=[b"{", b"}"])
    made = [piece async for piece in translated(reply, bytes, lambda: b"!")]
    assert made == [b"{}!"]


async def test_what_is_passed_on_keeps_type_and_bytes_and_nothing_of_the_connection() -> None:
    headers = {"content-type": "text/x", "server": "s", "retry-after": "3"}
    reply = FakeReply(200, headers, [b"a", b"b"])
    answer = passed(reply)
    assert (answer.media_type, answer.headers) == ("text/x", {"retry-after": "3"})
    assert [piece async for piece in answer.pieces] == [b"a", b"b"]
    assert reply.closed


def test_json_that_is_bytes_already_stays() -> None:
    assert json_answer(b'{"a":1}').body == json_answer({"a": 1}).body
