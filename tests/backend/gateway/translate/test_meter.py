"""Counts and times come from the source that deserves most trust."""

from __future__ import annotations

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.gateway.translate.chunks import decode_chunk
from llama_runner_pro.gateway.translate.meter import Meter


def test_llama_cpps_own_timings_win_and_cached_tokens_count_as_prompt() -> None:
    meter = Meter(FakeClock())
    meter.told(
        decode_chunk(
            b'{"usage":{"prompt_tokens":1,"completion_tokens":1},"timings":{"cache_n":90,'
            b'"prompt_n":10,"prompt_ms":20.5,"predicted_n":50,"predicted_ms":1000}}'
        )
    )
    measured = meter.measured()
    assert (measured.prompt_tokens, measured.prompt_ms) == (100, 20.5)
    assert (measured.generated_tokens, measured.generation_ms) == (50, 1000)
    assert measured.tokens_per_s == pytest.approx(50)


async def test_without_timings_usage_counts_and_the_clock_measures() -> None:
    clock = FakeClock()
    meter = Meter(clock)
    await clock.advance(3)
    meter.ready(2_000)
    meter.token()
    await clock.advance(4)
    meter.token()
    await clock.advance(1)
    meter.told(decode_chunk(b'{"usage":{"prompt_tokens":7,"completion_tokens":9}}'))
    measured = meter.measured()
    assert (measured.prompt_tokens, measured.generated_tokens) == (7, 9)
    assert measured.load_ms == pytest.approx(2_000)
    assert measured.prompt_ms == measured.first_token_ms == pytest.approx(1_000)
    assert measured.generation_ms == pytest.approx(4_000)
    assert measured.total_ms == pytest.approx(8_000)
    assert measured.tokens_per_s == pytest.approx(2)


def test_what_nobody_told_is_unknown() -> None:
    measured = Meter(FakeClock()).measured()
    assert measured.prompt_tokens is None
    assert measured.generated_tokens is None
    assert measured.first_token_ms is None
    assert measured.tokens_per_s is None
