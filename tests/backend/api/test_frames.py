"""The frames of the stream, as the design of the wire has them."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from llama_runner_pro.api.frames import (
    JSON_PROTOCOL,
    MSGPACK_PROTOCOL,
    WIRE_VERSION,
    ClientFrame,
    EventBody,
    Gap,
    ServerFrame,
    Subscribe,
)


def test_protocols_carry_the_wire_version() -> None:
    for name in (MSGPACK_PROTOCOL, JSON_PROTOCOL):
        assert name.startswith(f"llama-runner.v{WIRE_VERSION}.")


def test_every_frame_is_told_by_its_type() -> None:
    types = [frame.__struct_config__.tag for frame in get_args(ServerFrame)]
    assert types == ["hello", "fields", "snapshot", "tick", "event", "gap", "bye"]
    types = [frame.__struct_config__.tag for frame in get_args(ClientFrame)]
    assert types == ["subscribe", "visible", "ack", "resume"]


def test_every_event_is_told_by_its_kind() -> None:
    kinds = [event.__struct_config__.tag for event in get_args(EventBody)]
    endpoints = ["endpoint", "endpoint_gone", "incident", "heartbeat", "monitoring"]
    assert kinds == [*endpoints, "config", "alert", "delivery", "gateway"]
    assert {event.__struct_config__.tag_field for event in get_args(EventBody)} == {"kind"}


def test_a_gap_says_from_and_to() -> None:
    gap = msgspec.to_builtins(Gap(stream="tick", from_seq=1, to_seq=2))
    assert gap == {"type": "gap", "stream": "tick", "from": 1, "to": 2}


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "subscribe", "interval_ms": 99},
        {"type": "subscribe", "interval_ms": 60_001},
        {"type": "subscribe", "groups": ["x"] * 65},
        {"type": "subscribe", "color": "red"},
        {"type": "visible"},
        {"type": "resume"},
        {"type": "resume", "seq": -1},
        {"type": "tick", "seq": 1},
    ],
)
def test_clients_may_not_say_anything_else(frame: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(frame, ClientFrame)  # type: ignore[call-overload]


def test_a_subscription_to_everything_names_nothing() -> None:
    found = msgspec.convert({"type": "subscribe"}, ClientFrame)  # type: ignore[call-overload]
    assert found == Subscribe(groups=None, interval_ms=None)
