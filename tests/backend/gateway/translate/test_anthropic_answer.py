"""Answers become Anthropic's messages and events, in the order its clients need."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.anthropic_answer import (
    MessageEvents,
    stop_reason,
    whole_message,
)
from llama_runner_pro.gateway.translate.meter import Meter


def delta(reason: str | None = None, **fields: Any) -> bytes:
    """A piece of a stream."""
    choice = {"index": 0, "delta": fields, "finish_reason": reason}
    return json.dumps({"id": "chatcmpl-7", "choices": [choice]}).encode()


USAGE = b'{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}'


def events(*payloads: bytes) -> list[dict[str, Any]]:
    """Every event of a whole stream; its name must be its type."""
    made = MessageEvents("m", Meter(FakeClock()))
    text = b"".join([*(made.feed(one) for one in payloads), made.end()])
    found = []
    for block in text.decode().removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


def test_a_text_is_byte_for_byte_what_anthropic_writes() -> None:
    made = MessageEvents("m", Meter(FakeClock()))
    assert made.feed(delta(content='"Hi"')) == (
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_7",'
        b'"type":"message","role":"assistant","model":"m","stop_reason":null,'
        b'"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0},"content":[]}}\n\n'
        b'event: ping\ndata: {"type":"ping"}\n\n'
        b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
        b'"content_block":{"type":"text","text":""}}\n\n'
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        b'"delta":{"type":"text_delta","text":"\\"Hi\\""}}\n\n'
    )
    assert made.feed(delta("stop")) == b""
    assert made.feed(USAGE) == b""
    assert made.feed(b"[DONE]") == b""
    assert made.end() == (
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
        b'"stop_sequence":null},"usage":{"input_tokens":5,"output_tokens":2}}\n\n'
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )


def test_an_answer_without_a_word_is_a_whole_message() -> None:
    assert [one["type"] for one in events(b"[DONE]")] == [
        "message_start",
        "ping",
        "message_delta",
        "message_stop",
    ]


def test_calls_without_an_index_are_told_apart() -> None:
    def call(**more: Any) -> dict[str, Any]:
        return {"id": more["name"], "function": {**more, "arguments": "{}"}}

    told = events(delta("stop", tool_calls=[call(name="a"), call(name="b")]))
    blocks = [one["content_block"] for one in told if one["type"] == "content_block_start"]
    assert [one["name"] for one in blocks] == ["a", "b"]
    # The server called it an end like any other.
    assert told[-2]["delta"]["stop_reason"] == "tool_use"


def test_the_text_that_ended_an_answer_is_told_where_the_server_tells_it() -> None:
    last = {"index": 0, "delta": {}, "finish_reason": "stop", "stop_reason": "END"}
    told = events(delta(content="a"), json.dumps({"choices": [last]}).encode())
    assert told[-2]["delta"] == {"stop_reason": "stop_sequence", "stop_sequence": "END"}


def test_tokens_from_the_cache_are_counted_apart() -> None:
    timings = {"cache_n": 31, "prompt_n": 1, "predicted_n": 2, "predicted_ms": 1}
    told = events(delta("stop", content="a"), json.dumps({"timings": timings}).encode())
    assert told[-2]["usage"] == {
        "input_tokens": 1,
        "cache_read_input_tokens": 31,
        "output_tokens": 2,
    }


def test_thoughts_text_and_calls_are_blocks_one_after_the_other() -> None:
    def call(index: int, **more: Any) -> bytes:
        return delta(tool_calls=[{"index": index, **more}])

    told = events(
        delta(reasoning_content="hm"),
        delta(content="Well"),
        call(0, id="c0", function={"name": "a", "arguments": ""}),
        call(0, function={"arguments": '{"x":'}),
        call(0, function={"arguments": "1}"}),
        call(1, id="c1", function={"name": "b", "arguments": {"y": 2}}),
        delta("tool_calls"),
    )
    assert [(one["type"], one.get("index")) for one in told] == [
        ("message_start", None),
        ("ping", None),
        ("content_block_start", 0),
        ("content_block_delta", 0),
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_delta", 1),
        ("content_block_stop", 1),
        ("content_block_start", 2),
        ("content_block_delta", 2),
        ("content_block_delta", 2),
        ("content_block_stop", 2),
        ("content_block_start", 3),
        ("content_block_delta", 3),
        ("content_block_stop", 3),
        ("message_delta", None),
        ("message_stop", None),
    ]
    assert told[2]["content_block"]["type"] == "thinking"
    assert told[8]["content_block"] == {"type": "tool_use", "id": "c0", "name": "a", "input": {}}
    pieces = [one["delta"]["partial_json"] for one in told[9:11]]
    assert json.loads("".join(pieces)) == {"x": 1}
    assert told[13]["delta"]["partial_json"] == '{"y":2}'
    assert told[-2]["delta"]["stop_reason"] == "tool_use"


def test_pieces_of_an_earlier_call_cannot_be_told_and_break_the_answer() -> None:
    made = MessageEvents("m", Meter(FakeClock()))
    for index in (0, 1):
        made.feed(delta(tool_calls=[{"index": index, "id": "c", "function": {"name": "a"}}]))
    with pytest.raises(UpstreamBroken):
        made.feed(delta(tool_calls=[{"index": 0, "function": {"arguments": "x"}}]))


def test_a_stream_that_breaks_off_is_not_passed_off_as_whole() -> None:
    made = MessageEvents("m", Meter(FakeClock()))
    made.feed(delta(content="Hi"))
    with pytest.raises(UpstreamBroken):
        made.end()


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("tool_calls", "tool_use"),
        ("content_filter", "refusal"),
        (None, "end_turn"),
        ("odd", "end_turn"),
    ],
)
def test_the_end_has_anthropics_word(reason: str | None, wanted: str) -> None:
    assert stop_reason(reason) == wanted


def test_a_whole_answer_is_one_message() -> None:
    function = {"name": "f", "arguments": '{"x":1}'}
    message = {
        "content": "Hi",
        "reasoning_content": "hm",
        "tool_calls": [{"id": "c", "function": function}],
    }
    body = {
        "id": "chatcmpl-7",
        "choices": [{"message": message, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }
    made = json.loads(whole_message(json.dumps(body).encode(), "m", Meter(FakeClock())))
    assert made["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "text", "text": "Hi"},
        {"type": "tool_use", "id": "c", "name": "f", "input": {"x": 1}},
    ]
    assert (made["id"], made["stop_reason"]) == ("msg_7", "max_tokens")
    assert made["usage"] == {"input_tokens": 3, "output_tokens": 4}
    with pytest.raises(UpstreamBroken):
        whole_message(b"{}", "m", Meter(FakeClock()))
