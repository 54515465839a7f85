from __future__ import annotations

import pytest

from llama_runner_pro.gateway.tap import Tap
from llama_runner_pro.gateway.tap_numbers import Numbers, numbers_of, said_error

TIMINGS = (
    b'"timings":{"cache_n":4,"prompt_n":8,"prompt_ms":4.0,"predicted_n":5,"predicted_ms":20.0}'
)
USAGE = (
    b'"usage":{"prompt_tokens":12,"completion_tokens":5,'
    b'"prompt_tokens_details":{"cached_tokens":4}}'
)


def numbers(*pieces: bytes, streaming: bool = True, every_s: float = 0.1) -> Numbers:
    tap = Tap(streaming=streaming)
    for number, piece in enumerate(pieces):
        tap.observe(piece, number * every_s)
    return numbers_of(tap)


def token(text: bytes = b"x") -> bytes:
    return b'data: {"choices":[{"delta":{"content":"' + text + b'"}}]}\n\n'


@pytest.mark.parametrize("streaming", [True, False])
def test_timings_are_trusted_most(streaming: bool) -> None:
    body = b'{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":99},' + TIMINGS + b"}"
    found = numbers(body, streaming=streaming)
    assert found == Numbers(
        source="timings",
        prompt_tokens=12,
        cached_tokens=4,
        generated_tokens=5,
        prompt_tokens_per_s=2000.0,
        generation_tokens_per_s=250.0,
        finish_reason="stop",
    )


def test_ollamas_counters_give_no_prompt_speed() -> None:
    found = numbers(
        b'{"message":{"content":"x"},"done":false}\n',
        b'{"done":true,"done_reason":"length","prompt_eval_count":30,"prompt_eval_duration":5000,'
        b'"eval_count":10,"eval_duration":2000000000}\n',
    )
    assert (found.source, found.prompt_tokens, found.generated_tokens) == ("ollama", 30, 10)
    assert found.generation_tokens_per_s == 5.0
    assert found.prompt_tokens_per_s is None
    assert found.finish_reason == "length"


def test_lm_studios_stats_are_taken_as_they_are() -> None:
    found = numbers(
        b'{"choices":[{"finish_reason":"stop"}],' + USAGE + b',"stats":{"tokens_per_second":42.5,'
        b'"time_to_first_token":0.25,"generation_time":1.0,"stop_reason":"eosFound"}}',
        streaming=False,
    )
    assert found.source == "lmstudio"
    assert found.generation_tokens_per_s == 42.5
    assert found.ttft_ms == 250.0
    assert (found.prompt_tokens, found.generated_tokens) == (12, 5)


def test_usage_is_timed_by_our_own_clock() -> None:
    found = numbers(token(), token(), token(), b'data: {"choices":[],' + USAGE + b"}\n\n")
    assert (found.source, found.prompt_tokens, found.cached_tokens) == ("usage", 12, 4)
    assert found.generation_tokens_per_s == pytest.approx(4 / 0.2)


def test_anthropics_usage_stands_at_both_ends() -> None:
    found = numbers(
        b'data: {"message":{"usage":{"input_tokens":25,"output_tokens":1}}}\n\n',
        *[b'data: {"delta":{"type":"text_delta","text":"' + b"x" * 900 + b'"}}\n\n'] * 20,
        b'data: {"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}\n\n',
    )
    assert (found.prompt_tokens, found.generated_tokens) == (25, 15)
    assert found.finish_reason == "end_turn"


def test_usage_at_the_end_of_a_large_event_is_found() -> None:
    text = b"x" * 100_000
    found = numbers(
        b'data: {"type":"response.completed","response":{"output":"' + text + b'",'
        b'"usage":{"input_tokens":7,"output_tokens":9,"input_tokens_details":{"cached_tokens":2}},'
        b'"user":null}}\n\n'
    )
    assert (found.prompt_tokens, found.generated_tokens, found.cached_tokens) == (7, 9, 2)


def test_pieces_are_counted_when_nothing_better_is_known_and_say_so() -> None:
    found = numbers(token(), token(), token())
    assert (found.source, found.generated_tokens) == ("chunks", 3)
    assert found.prompt_tokens is None


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b'{"usage":null}', b'{"usage":"much"}', b"\xff\xfe", b'{"timings":{}}'),
        b'{"more":' * 3_000,
    ],
)
def test_unknown_stays_unknown(body: bytes) -> None:
    found = numbers(body, streaming=False)
    assert found.prompt_tokens is None
    assert found.generated_tokens is None
    assert found.generation_tokens_per_s is None


def test_text_that_looks_like_counts_is_no_count() -> None:
    text = rb"\"usage\":{\"prompt_tokens\":1} \"timings\":{\"predicted_n\":1}"
    found = numbers(token(text))
    assert (found.source, found.prompt_tokens) == ("chunks", None)


def test_times_of_zero_give_no_speed() -> None:
    found = numbers(b'{"timings":{"predicted_n":1,"predicted_ms":0}}')
    assert found.generation_tokens_per_s is None


@pytest.mark.parametrize(
    ("end", "failed"),
    [
        (b'data: {"error":{"message":"x"}}\n\n', True),
        (b'event: error\ndata: {"type":"error","error":{"message":"x"}}\n\n', True),
        (b'error: {"error":{"message":"x"}}\n\n', True),
        (b'{"error":"x"}\n', True),
        (b'data: {"choices":[{"delta":{"content":"{\\"error\\":{"}}]}\n\n', False),
        (b"data: [DONE]\n\n", False),
    ],
)
def test_an_error_in_a_stream_is_seen(end: bytes, failed: bool) -> None:
    tap = Tap(streaming=True)
    tap.observe(token(), 0.0)
    tap.observe(end, 1.0)
    assert said_error(tap) is failed
