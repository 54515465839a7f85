"""Frames as bytes."""

from __future__ import annotations

import json

import msgpack
import pytest

from llama_runner_pro.api.codec import JsonCodec, MalformedFrame, MsgpackCodec, all_codecs
from llama_runner_pro.api.frames import Ack, Event, HeartbeatEvent, Resume, Tick
from llama_runner_pro.endpoints.ports import Heartbeat
from llama_runner_pro.endpoints.states import State

TICK = Tick(seq=7, t_ms=1_700_000_000_123, values={1: 12.3, 2: 137_438_953_473, 3: None})


def unpacked(message: bytes) -> dict[str, object]:
    """A msgpack frame."""
    found: dict[str, object] = msgpack.unpackb(message, strict_map_key=False)
    return found


def test_msgpack_samples_are_float32_and_whole_numbers_stay_exact() -> None:
    frame = unpacked(MsgpackCodec().encode(TICK))
    assert frame["type"] == "tick"
    assert frame["t_ms"] == 1_700_000_000_123
    values = frame["values"]
    assert isinstance(values, dict)
    assert values[1] == pytest.approx(12.3, rel=1e-6)
    assert values[2] == 137_438_953_473
    assert values[3] is None


def test_msgpack_keeps_full_precision_outside_of_samples() -> None:
    beat = Heartbeat(t_ms=1, ok=True, state=State.ONLINE, response_ms=12.3)
    event = Event(seq=1, t_ms=1, event=HeartbeatEvent(name="demo", heartbeat=beat))
    frame = unpacked(MsgpackCodec().encode(event))
    assert frame["event"]["heartbeat"]["response_ms"] == 12.3  # type: ignore[index]


def test_json_frames_are_text_with_string_keys() -> None:
    frame = json.loads(JsonCodec().encode(TICK))
    assert frame["values"] == {"1": 12.3, "2": 137_438_953_473, "3": None}


def test_a_steady_tick_of_thirty_fields_takes_at_most_400_bytes() -> None:
    values = {key: 12_345.6 if key % 2 else 9_876_543_210 for key in range(100, 130)}
    message = MsgpackCodec().encode(Tick(seq=100_000, t_ms=1_700_000_000_123, values=values))
    assert len(message) <= 400


def test_client_frames_are_read_in_both_codecs() -> None:
    assert MsgpackCodec().decode(msgpack.packb({"type": "ack", "seq": 3})) == Ack(seq=3)
    assert JsonCodec().decode('{"type": "resume", "seq": 3}') == Resume(seq=3, since_ms=0)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xc1",
        msgpack.packb({"type": "launch"}),
        msgpack.packb({"seq": 1}),
        msgpack.packb({"type": "ack", "seq": -1}),
        msgpack.packb({"type": "ack", "seq": 1, "more": 1}),
        msgpack.packb([1, 2]),
        '{"type": "ack", "seq": 1}',
        b"\x81\xa4type\xa2\xff\xff",
        b"\x82\xa1x" + b"\x91" * 4000 + b"\xc0\xa4type\xa3ack",
    ],
)
def test_anything_else_is_malformed_for_msgpack(message: bytes | str) -> None:
    with pytest.raises(MalformedFrame):
        MsgpackCodec().decode(message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        '{"type": "subscribe", "interval_ms": 1}',
        b"\xff",
        '{"x": ' + "[" * 2000 + "]" * 2000 + "}",
    ],
)
def test_anything_else_is_malformed_for_json(message: bytes | str) -> None:
    with pytest.raises(MalformedFrame):
        JsonCodec().decode(message)


def test_codecs_are_found_by_their_subprotocol() -> None:
    assert {name: codec.subprotocol for name, codec in all_codecs().items()} == {
        "llama-runner.v1.msgpack": "llama-runner.v1.msgpack",
        "llama-runner.v1.json": "llama-runner.v1.json",
    }
