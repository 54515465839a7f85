"""Answers become Ollama's lines, byte by byte as its clients parse them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.meter import Meter
from llama_runner_pro.gateway.translate.ollama_answer import ChatLines, GenerateLines, Lines

WALL_MS = 1_767_268_800_000
AT = b'"created_at":"2026-01-01T12:00:00.000Z"'
TIMINGS = (
    b'{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2},"timings":{"cache_n":3,'
    b'"prompt_n":2,"prompt_ms":4.5,"predicted_n":2,"predicted_ms":10}}'
)


def chat_lines(clock: FakeClock | None = None) -> ChatLines:
    """A translator whose wall clock stands still."""
    return ChatLines("m:latest", Meter(clock or FakeClock()), lambda: WALL_MS)


def delta(**fields: Any) -> bytes:
    """A piece of a stream."""
    return json.dumps({"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}).encode()


def finish(reason: str = "stop") -> bytes:
    """The last piece with a choice."""
    return json.dumps({"choices": [{"delta": {}, "finish_reason": reason}]}).encode()


def told(lines: Lines, *payloads: bytes) -> list[dict[str, Any]]:
    """Every line of a whole stream, read the way clients do."""
    text = b"".join([*(lines.feed(one) for one in payloads), lines.end()])
    assert text.endswith(b"\n")
    return [json.loads(line) for line in text[:-1].split(b"\n")]


def test_a_chat_is_byte_for_byte_what_ollama_writes() -> None:
    lines = chat_lines()
    assert lines.feed(delta(role="assistant", content="")) == b""
    assert lines.feed(delta(content='Hi "you"')) == (
        b'{"model":"m:latest",'
        + AT
        + b',"message":{"role":"assistant","content":"Hi \\"you\\""},"done":false}\n'
    )
    assert lines.feed(finish()) == b""
    assert lines.feed(TIMINGS) == b""
    assert lines.feed(b"[DONE]") == b""
    assert lines.end() == (
        b'{"model":"m:latest",' + AT + b',"message":{"role":"assistant","content":""},'
        b'"done":true,"done_reason":"stop","prompt_eval_count":5,"prompt_eval_duration":4500000,'
        b'"eval_count":2,"eval_duration":10000000}\n'
    )


def test_a_completion_carries_its_text_in_response() -> None:
    lines = GenerateLines("m", Meter(FakeClock()), lambda: WALL_MS)
    first, last = told(lines, delta(content="Hi"), finish("length"), b"[DONE]")
    assert (first["response"], first["done"]) == ("Hi", False)
    assert (last["response"], last["done"], last["done_reason"]) == ("", True, "length")


def test_plain_completions_and_infill_are_understood_as_well() -> None:
    plain = GenerateLines("m", Meter(FakeClock()), lambda: WALL_MS)
    pieces = told(plain, b'{"choices":[{"text":"a","finish_reason":"stop"}]}', b"[DONE]")
    assert [one["response"] for one in pieces] == ["a", ""]
    infill = GenerateLines("m", Meter(FakeClock()), lambda: WALL_MS)
    end = b'{"content":"","stop":true,"stop_type":"limit"}'
    pieces = told(infill, b'{"content":"b","stop":false}', end)
    assert [one["response"] for one in pieces] == ["b", ""]
    assert pieces[-1]["done_reason"] == "length"


def test_thoughts_stand_beside_the_content() -> None:
    first, second, _ = told(
        chat_lines(), delta(reasoning_content="hm"), delta(content="Yes"), finish()
    )
    assert first["message"] == {"role": "assistant", "content": "", "thinking": "hm"}
    assert second["message"] == {"role": "assistant", "content": "Yes"}


def test_calls_of_tools_come_whole_before_the_last_line() -> None:
    def call(**function: str) -> dict[str, Any]:
        return {"index": 0, "function": function}

    pieces = told(
        chat_lines(),
        delta(tool_calls=[{**call(name="weather", arguments=""), "id": "call_1"}]),
        delta(tool_calls=[call(arguments='{"place":')]),
        delta(tool_calls=[call(arguments='"Rome"}')]),
        finish("tool_calls"),
        b"[DONE]",
    )
    assert len(pieces) == 2
    function = {"index": 0, "name": "weather", "arguments": {"place": "Rome"}}
    assert pieces[0]["message"]["tool_calls"] == [{"id": "call_1", "function": function}]
    assert pieces[0]["done"] is False
    assert (pieces[1]["done"], pieces[1]["done_reason"]) == (True, "stop")


def test_logprobs_keep_what_ollama_tells() -> None:
    token = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": [], "extra": 1}
    choice = {"delta": {"content": "a"}, "logprobs": {"content": [token]}, "finish_reason": "stop"}
    first, _ = told(chat_lines(), json.dumps({"choices": [choice]}).encode())
    del token["extra"]
    assert first["logprobs"] == [token]


@pytest.mark.parametrize("garbage", [{"content": "x"}, {"content": [1, "token", None]}, [1], "x"])
def test_garbage_in_logprobs_spoils_no_answer(garbage: Any) -> None:
    choice = {"delta": {"content": "a"}, "logprobs": garbage, "finish_reason": "stop"}
    first, _ = told(chat_lines(), json.dumps({"choices": [choice]}).encode())
    assert first["message"]["content"] == "a"


async def test_without_counters_the_clock_measures_and_load_is_apart() -> None:
    clock = FakeClock()
    meter = Meter(clock)
    lines = ChatLines("m", meter, lambda: WALL_MS)
    await clock.advance(2)
    meter.ready(1_500)
    lines.feed(delta(content="a"))
    await clock.advance(1)
    lines.feed(delta(content="b"))
    lines.feed(finish())
    last = json.loads(lines.end())
    assert last["load_duration"] == 1_500_000_000
    assert last["prompt_eval_duration"] == 500_000_000
    assert last["eval_duration"] == 1_000_000_000
    assert last["total_duration"] == 3_000_000_000
    assert "eval_count" not in last


def test_a_stream_that_breaks_off_is_not_passed_off_as_whole() -> None:
    lines = chat_lines()
    lines.feed(delta(content="Hi"))
    with pytest.raises(UpstreamBroken, match="too early"):
        lines.end()


def test_an_error_in_the_stream_is_raised() -> None:
    with pytest.raises(UpstreamBroken, match="no memory"):
        chat_lines().feed(b'{"error":{"message":"no memory"}}')


def test_a_whole_answer_is_one_object() -> None:
    body = {
        "choices": [
            {
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": None,
                    "reasoning": "hm",
                    "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
                },
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }
    answer = json.loads(chat_lines().whole(json.dumps(body).encode()))
    assert answer["message"] == {
        "role": "assistant",
        "content": "",
        "thinking": "hm",
        "tool_calls": [{"id": "c", "function": {"index": 0, "name": "f", "arguments": {}}}],
    }
    assert (answer["done"], answer["done_reason"]) == (True, "stop")
    assert (answer["prompt_eval_count"], answer["eval_count"]) == (3, 4)


def test_a_whole_completion_or_infill_is_one_object_too() -> None:
    lines = GenerateLines("m", Meter(FakeClock()), lambda: WALL_MS)
    answer = json.loads(lines.whole(b'{"choices":[{"text":"x","finish_reason":"stop"}]}'))
    assert answer["response"] == "x"
    lines = GenerateLines("m", Meter(FakeClock()), lambda: WALL_MS)
    assert json.loads(lines.whole(b'{"content":"y","stop":true}'))["response"] == "y"


def test_an_answer_without_any_content_is_a_broken_server() -> None:
    with pytest.raises(UpstreamBroken):
        chat_lines().whole(b"{}")
