from __future__ import annotations

import sys

import pytest

from llama_runner_pro.gateway.tap import HEAD_BYTES, TAIL_BYTES, Tap


def token(text: bytes = b"x") -> bytes:
    return b'data: {"choices":[{"delta":{"content":"' + text + b'"}}]}\n\n'


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"choices":[{"delta":{"role":"assistant","content":null}}]}',
        b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}',
        b'data: {"type":"message_start","message":{"content":[],"usage":{"input_tokens":3}}}',
        b'data: {"type":"content_block_start","content_block":{"type":"text","text":""}}',
        b": ping",
        b'data: {"choices":[{"delta":{"tool_calls":[]}}]}',
    ],
)
def test_what_holds_no_generated_text_is_not_the_first_token(event: bytes) -> None:
    tap = Tap(streaming=True)
    tap.observe(event + b"\n\n", 1.0)
    tap.observe(token(), 2.0)
    assert tap.first_s == 2.0
    assert tap.pieces == 1


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}',
        b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a"}]}}]}',
        b'data: {"choices":[{"text":"x"}]}',
        b'{"message":{"role":"assistant","content": "x"},"done":false}',
        b'{"response":"x","done":false}',
        b'data: {"type":"response.output_text.delta","delta":"x"}',
        b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}}',
    ],
)
def test_generated_text_is_told_in_the_words_of_every_api(event: bytes) -> None:
    tap = Tap(streaming=True)
    tap.observe(event + b"\n\n", 1.5)
    assert tap.first_s == 1.5


def test_every_event_of_a_piece_counts() -> None:
    tap = Tap(streaming=True)
    thought = b'data: {"choices":[{"delta":{"content":null,"reasoning_content":"hm"}}]}\n\n'
    tap.observe(token() + thought + token(b""), 1.0)
    tap.observe(token(rb"say \"content\":\"\""), 2.0)
    assert tap.pieces == 3


@pytest.mark.parametrize("gap_ms", [0.01, 0.5, 2.0, 17.0, 300.0, 60_000.0])
def test_gaps_are_known_to_four_percent(gap_ms: float) -> None:
    tap = Tap(streaming=True)
    for number in range(101):
        tap.observe(token(), number * gap_ms / 1000)
    p50_ms, p95_ms = tap.gaps()
    assert p50_ms == pytest.approx(gap_ms, rel=0.04, abs=0.002)
    assert p95_ms == p50_ms


def test_percentiles_tell_usual_gaps_from_rare_ones() -> None:
    tap, now_s = Tap(streaming=True), 0.0
    for number in range(200):
        now_s += 0.5 if number % 10 == 9 else 0.01
        tap.observe(token(), now_s)
    p50_ms, p95_ms = tap.gaps()
    assert p50_ms == pytest.approx(10, rel=0.04)
    assert p95_ms == pytest.approx(500, rel=0.04)


def test_without_two_pieces_there_is_no_gap() -> None:
    tap = Tap(streaming=True)
    tap.observe(token(), 1.0)
    assert tap.gaps() == (None, None)


def test_memory_does_not_grow_with_the_answer() -> None:
    tap = Tap(streaming=True)
    for number in range(20_000):
        tap.observe(token(b"word %d" % number), number * 0.001 * (1 + number % 7))
    assert len(tap.head) == HEAD_BYTES
    assert TAIL_BYTES <= len(tap.tail) <= 2 * TAIL_BYTES
    assert tap.tail.endswith(token(b"word 19999"))
    assert sys.getsizeof(tap.tail) < 20_000
    assert tap.bytes_out > 1_000_000
