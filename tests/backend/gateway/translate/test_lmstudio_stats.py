"""Statistics in OpenAI's answers, as LM Studio puts them there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.chunks import decode_chunk
from llama_runner_pro.gateway.translate.lmstudio_stats import StatsChunks, stats, with_fields
from llama_runner_pro.gateway.translate.meter import Meter

PIECE = b'{"id":"1","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}'
LAST = b'{"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}'
USAGE = b'{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}'


def chunks(*, with_usage: bool = False) -> StatsChunks:
    """A translator that adds the reason."""
    meter = Meter(FakeClock())
    return StatsChunks(meter, lambda reason: {"stats": {"why": reason}}, with_usage=with_usage)


def test_chunks_pass_and_the_last_one_gets_the_statistics() -> None:
    made = chunks()
    assert made.feed(PIECE) == b"data: " + PIECE + b"\n\n"
    assert made.feed(LAST) + made.feed(USAGE) + made.feed(b"[DONE]") == b""
    first, done, _ = made.end().split(b"\n\n")
    told: dict[str, Any] = json.loads(first.removeprefix(b"data: "))
    assert told["choices"][0]["finish_reason"] == "length"
    assert told["stats"] == {"why": "length"}
    assert done == b"data: [DONE]"


def test_the_usage_chunk_is_for_those_who_asked() -> None:
    made = chunks(with_usage=True)
    for payload in (PIECE, LAST, USAGE, b"[DONE]"):
        made.feed(payload)
    assert b"data: " + USAGE + b"\n\n" in made.end()


def test_a_stream_that_breaks_off_is_not_passed_off_as_whole() -> None:
    made = chunks()
    made.feed(PIECE)
    with pytest.raises(UpstreamBroken):
        made.end()
    made.feed(b"[DONE]")
    assert made.end() == b"data: [DONE]\n\n"


def test_progress_of_the_prompt_passes() -> None:
    payload = b'{"choices":[],"prompt_progress":{"total":2,"processed":1}}'
    assert chunks().feed(payload) == b"data: " + payload + b"\n\n"


def test_statistics_are_in_seconds_and_unknown_ones_null() -> None:
    meter = Meter(FakeClock())
    timings = b'{"prompt_n":1,"prompt_ms":250,"predicted_n":10,"predicted_ms":500}'
    meter.told(decode_chunk(b'{"timings":' + timings + b"}"))
    assert stats(meter.measured(), "tool_calls") == {
        "tokens_per_second": 20.0,
        "time_to_first_token": 0.25,
        "generation_time": 0.5,
        "stop_reason": "toolCalls",
    }
    assert stats(Meter(FakeClock()).measured(), "length") == {
        "tokens_per_second": None,
        "time_to_first_token": None,
        "generation_time": None,
        "stop_reason": "maxPredictedTokensReached",
    }


def test_fields_are_added_to_an_object_only() -> None:
    assert json.loads(with_fields(b'{"a":1}', {"b": 2})) == {"a": 1, "b": 2}
    with pytest.raises(UpstreamBroken):
        with_fields(b"[]", {})
    with pytest.raises(UpstreamBroken):
        with_fields(b'{"more":' * 3_000, {})
