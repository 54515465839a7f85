from __future__ import annotations

import random

import pytest

from llama_runner_pro.gateway.gate import LONGEST_HELD_BYTES, EventGate

USAGE = b'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3}}'
TOKEN = b'data: {"choices":[{"delta":{"content":"hi"}}],"usage":null}'
DONE = b"data: [DONE]"


def stream(*events: bytes, end: bytes = b"\n\n") -> bytes:
    return b"".join(event + end for event in events)


def passed(text: bytes, dice: random.Random, *, strip_usage: bool) -> tuple[list[bytes], bytes]:
    """What came out piece by piece, and what was still held at the end."""
    gate, out, at = EventGate(strip_usage=strip_usage), [], 0
    while at < len(text):
        step = dice.choice((1, 2, 3, 20, 90, 400))
        out.append(gate.pass_on(text[at : at + step]))
        at += step
    return out, gate.rest()


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
def test_only_whole_events_pass_and_nothing_is_lost(end: bytes) -> None:
    dice = random.Random(1)
    text = stream(TOKEN, TOKEN, USAGE, b": ping", DONE, end=end) + b"data: half"
    for _ in range(200):
        out, rest = passed(text, dice, strip_usage=False)
        assert b"".join(out) + rest == text
        assert rest == b"data: half"
        assert all(piece.endswith(end) for piece in out if piece)


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
def test_the_chunk_that_only_holds_usage_is_taken_out(end: bytes) -> None:
    dice = random.Random(2)
    text = stream(TOKEN, TOKEN, USAGE, DONE, end=end)
    for _ in range(200):
        out, rest = passed(text, dice, strip_usage=True)
        assert b"".join(out) + rest == stream(TOKEN, TOKEN, DONE, end=end)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(b'data: {"choices":[],"prompt_filter":1}', id="no usage"),
        pytest.param(b'data: {"choices":[],"usage":null}', id="usage is null"),
        pytest.param(
            b'data: {"choices":[{"delta":{"content":"\\"choices\\":[] \\"usage\\""}}]}', id="text"
        ),
        pytest.param(b'data: not JSON "usage" "choices":[]', id="not JSON"),
        pytest.param(b'event: x\ndata: {"choices":[],"usage":{}}', id="named"),
    ],
)
def test_everything_else_stays(event: bytes) -> None:
    assert EventGate(strip_usage=True).pass_on(stream(event)) == stream(event)


def test_a_monstrous_event_passes_in_parts() -> None:
    gate = EventGate(strip_usage=False)
    piece = b"data: " + b"x" * LONGEST_HELD_BYTES
    assert gate.pass_on(piece) == piece
