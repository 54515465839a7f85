"""Encoding at most once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llama_runner_pro.api.codec import JsonCodec
from llama_runner_pro.api.frames import Event, MonitoringEvent
from llama_runner_pro.api.ws.tick import SharedFrame, SharedTick, wanted

if TYPE_CHECKING:
    from llama_runner_pro.api.frames import ServerFrame


class CountingCodec(JsonCodec):
    """JSON that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode(self, frame: ServerFrame) -> str:
        self.encoded += 1
        return super().encode(frame)


def shared(plain: Any = dict) -> SharedTick:
    """Three fields in two groups; one changed."""
    return SharedTick(
        seq=2,
        previous_seq=1,
        t_ms=2000,
        at_s=2.0,
        fields_version=1,
        values={1: 5.5, 2: 7, 3: None},
        changed={1: 5.5},
        group_of={1: "cpu", 2: "memory", 3: "cpu"},
        plain=plain,
    )


def test_the_same_form_is_encoded_once_for_everybody() -> None:
    codec, tick = CountingCodec(), shared()
    messages = {tick.encoded(codec, None, full=False) for _ in range(1000)}
    assert len(messages) == 1
    assert codec.encoded == 1


def test_each_form_holds_what_it_should() -> None:
    codec, tick = CountingCodec(), shared()
    delta = json.loads(tick.encoded(codec, None, full=False))
    full = json.loads(tick.encoded(codec, None, full=True))
    cpu = json.loads(tick.encoded(codec, frozenset({"cpu"}), full=True))
    assert (delta["values"], delta["full"]) == ({"1": 5.5}, False)
    assert (full["values"], full["full"]) == ({"1": 5.5, "2": 7, "3": None}, True)
    assert cpu["values"] == {"1": 5.5, "3": None}
    assert codec.encoded == 3


def test_the_plain_message_is_made_once_and_only_when_somebody_wants_it() -> None:
    made: list[int] = []
    tick = shared(lambda: made.append(1) or {"cpuUsage": 5.5})
    assert made == []
    assert json.loads(tick.plain()) == json.loads(tick.plain()) == {"cpuUsage": 5.5}
    assert made == [1]


def test_an_event_is_encoded_once_per_codec() -> None:
    codec = CountingCodec()
    event = SharedFrame(Event(seq=1, t_ms=1, event=MonitoringEvent(active=True, debug_mode=False)))
    assert event.encoded(codec) is event.encoded(codec)
    assert codec.encoded == 1


def test_details_come_only_to_those_who_ask_for_them_by_name() -> None:
    tick = SharedTick(
        seq=2,
        previous_seq=1,
        t_ms=2000,
        at_s=2.0,
        fields_version=1,
        values={1: 5, 2: 7, 3: 9},
        changed={1: 5, 2: 7, 3: 9},
        group_of={1: "cpu", 2: "cpu_cores", 3: "network_interfaces"},
        plain=dict,
    )
    assert tick.values(None) == {1: 5}
    assert tick.values(frozenset({"cpu", "cpu_cores"})) == {1: 5, 2: 7}
    assert wanted("network_interfaces", frozenset({"network_interfaces"}))
    assert not wanted("network_interfaces", None)
