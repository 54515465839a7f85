"""Answers of model servers, as far as other APIs need them."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.chunks import decode_chunk


def test_a_piece_of_a_stream_is_read_and_what_is_unknown_is_passed_over() -> None:
    chunk = decode_chunk(
        b'{"id":"x","created":1.5,"new_field":[1],"choices":[{"index":0,"delta":{"content":"Hi"},'
        b'"finish_reason":null}]}'
    )
    assert chunk.choices[0].delta is not None
    assert chunk.choices[0].delta.content == "Hi"


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_are_found_under_both_names(name: str) -> None:
    chunk = decode_chunk(b'{"choices":[{"delta":{"%s":"hm"}}]}' % name.encode())
    assert chunk.choices[0].delta is not None
    assert chunk.choices[0].delta.thinking == "hm"


@pytest.mark.parametrize("payload", [b"", b"garbage", b"[]", b'{"choices":7}'])
def test_what_is_no_answer_is_a_broken_server(payload: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        decode_chunk(payload)


def test_an_error_inside_a_stream_speaks_for_itself() -> None:
    with pytest.raises(UpstreamBroken, match="out of memory"):
        decode_chunk(b'{"error":{"code":500,"message":"out of memory"}}')


def test_an_error_that_is_the_whole_event_is_one_too() -> None:
    with pytest.raises(UpstreamBroken, match="engine dead"):
        decode_chunk(b'{"object":"error","message":"engine dead","code":500}')


def test_an_answer_of_a_hundred_thousand_brackets_is_a_broken_server() -> None:
    with pytest.raises(UpstreamBroken):
        decode_chunk(b'{"error":' + b"[" * 100_000)


def test_nulls_are_as_good_as_nothing() -> None:
    chunk = decode_chunk(b'{"choices":null,"usage":{"prompt_tokens":1}}')
    assert not chunk.choices
    assert decode_chunk(b'{"choices":[{"index":null}]}').choices
