"""A viewer that speaks a subprotocol, over an in-memory connection."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from fakes.clock import settle
from fakes.viewer_socket import FakeSocket

from llama_runner_pro.api.frames import MSGPACK_PROTOCOL
from llama_runner_pro.api.ws.hub import Hub
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.model import Field

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fakes.api_world import World


@asynccontextmanager
async def connected(world: World) -> AsyncIterator[FakeSocket]:
    """A client of a fresh hub that has seen its first frames."""
    hub, socket = Hub(world.deps()), FakeSocket()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(hub.serve(socket, MSGPACK_PROTOCOL))
        await settle()
        yield socket
        socket.unstuck()
        socket.go()
        await settle()
        assert serving.done()


async def said(socket: FakeSocket, frame: dict[str, Any]) -> list[dict[str, Any]]:
    """What a client gets in answer to a frame."""
    await settle()
    socket.frames()
    socket.say(frame)
    await settle()
    return socket.frames()


async def test_a_session_begins_with_hello_and_the_whole_picture(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 1.5}, {"gpu": "no driver"})
    world.sampler.tick({"cpu_usage_pct": 2.5}, {"gpu": "no driver"})
    async with connected(world) as socket:
        hello, snapshot = socket.frames()
    assert (hello["type"], hello["wire_version"], hello["instance"]) == ("hello", 1, "instance-1")
    assert [field["name"] for field in hello["fields"]][:2] == ["cpu_usage_pct", "load_1m"]
    assert hello["absent"] == {"gpu": "no driver"}
    assert (snapshot["type"], snapshot["seq"]) == ("snapshot", 2)
    assert snapshot["values"][1] == 2.5
    assert snapshot["history"]["columns"][1] == [1.5, 2.5]
    assert [one["name"] for one in snapshot["endpoints"]] == ["demo", "org/model"]


async def test_before_the_first_tick_the_picture_is_empty_but_true(world: World) -> None:
    async with connected(world) as socket:
        _, snapshot = socket.frames()
        world.sampler.tick({"cpu_usage_pct": 1.5})
        await settle()
        (tick,) = socket.frames()
    assert (snapshot["seq"], snapshot["values"]) == (0, {})
    assert (tick["seq"], tick["full"], tick["values"][1]) == (1, False, 1.5)


async def test_ticks_are_deltas_one_after_the_other(world: World) -> None:
    async with connected(world) as socket:
        socket.frames()
        for value in (1.5, 1.5, 2.5):
            world.sampler.tick({"cpu_usage_pct": value})
            await settle()
        ticks = socket.frames()
    assert [tick["seq"] for tick in ticks] == [1, 2, 3]
    assert [tick["values"].get(1) for tick in ticks] == [1.5, None, 2.5]
    assert not any(tick["full"] for tick in ticks)


async def test_a_client_that_fell_back_gets_the_gap_and_a_full_tick(world: World) -> None:
    async with connected(world) as socket:
        socket.frames()
        socket.stuck()
        for value in range(6):
            world.sampler.tick({"cpu_usage_pct": value + 0.5, "memory_used_bytes": 7})
            await settle()
        socket.unstuck()
        await settle()
        frames = socket.frames()
    assert [frame["type"] for frame in frames] == ["tick", "gap", "tick", "tick"]
    assert frames[1] == {"type": "gap", "stream": "tick", "from": 2, "to": 4}
    assert (frames[2]["seq"], frames[2]["full"]) == (5, True)
    assert frames[2]["values"][3] == 7
    assert (frames[3]["seq"], frames[3]["full"]) == (6, False)


async def test_events_are_sent_as_they_happen_and_numbered(world: World) -> None:
    async with connected(world) as socket:
        socket.frames()
        world.supervisor.move("demo", State.HEALING)
        world.supervisor.move("demo", State.ONLINE)
        await settle()
        events = socket.frames()
    assert [event["seq"] for event in events] == [1, 2]
    assert [event["event"]["endpoint"]["state"] for event in events] == ["healing", "online"]


async def test_no_event_is_lost_by_a_client_that_is_slow(world: World) -> None:
    async with connected(world) as socket:
        socket.frames()
        socket.stuck()
        for _ in range(450):
            world.supervisor.move("demo", State.HEALING)
            world.supervisor.move("demo", State.ONLINE)
        await settle()
        socket.unstuck()
        await settle()
        events = socket.frames()
    assert [event["seq"] for event in events] == list(range(1, 901))


async def test_events_beyond_a_thousand_leave_a_gap_that_is_told(world: World) -> None:
    async with connected(world) as socket:
        socket.frames()
        socket.stuck()
        for _ in range(1200):
            world.supervisor.move("demo", State.ONLINE)
        await settle()
        socket.unstuck()
        await settle()
        gap, *events = socket.frames()
    assert gap == {"type": "gap", "stream": "event", "from": 1, "to": 200}
    assert [event["seq"] for event in events] == list(range(201, 1201))


async def test_only_chosen_groups_are_sent(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 1.5, "memory_used_bytes": 7})
    async with connected(world) as socket:
        answer = await said(socket, {"type": "subscribe", "groups": ["memory"]})
        world.sampler.tick({"cpu_usage_pct": 9.5, "memory_used_bytes": 8})
        await settle()
        (tick,) = socket.frames()
    assert [(one["seq"], one["full"], one["values"]) for one in answer] == [(1, True, {3: 7})]
    assert tick["values"] == {3: 8}


async def test_a_slower_pace_means_fewer_and_full_ticks(world: World) -> None:
    async with connected(world) as socket:
        await said(socket, {"type": "subscribe", "interval_ms": 3000})
        for _ in range(7):
            world.sampler.tick({"cpu_usage_pct": 1.5})
            await settle()
        frames = socket.frames()
    assert [(frame["type"], frame["seq"], frame["full"]) for frame in frames] == [
        ("tick", 1, True),
        ("tick", 4, True),
        ("tick", 7, True),
    ]
    assert world.sampler.demands[:2] == [1.0, 3.0]


async def test_a_hidden_page_gets_no_ticks_but_every_event(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 1.5})
    async with connected(world) as socket:
        await said(socket, {"type": "visible", "visible": False})
        assert world.sampler.demand_s is None
        world.sampler.tick({"cpu_usage_pct": 2.5})
        world.sampler.tick({"cpu_usage_pct": 3.5})
        world.supervisor.move("demo", State.HEALING)
        await settle()
        assert socket.kinds() == ["event"]
        gap, tick = await said(socket, {"type": "visible", "visible": True})
        assert world.sampler.demand_s == 1.0
    assert gap == {"type": "gap", "stream": "tick", "from": 2, "to": 2}
    assert (tick["seq"], tick["full"], tick["values"][1]) == (3, True, 3.5)


async def test_a_page_that_was_hidden_between_two_ticks_missed_nothing(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 1.5})
    async with connected(world) as socket:
        await said(socket, {"type": "visible", "visible": False})
        assert await said(socket, {"type": "visible", "visible": True}) == []
        world.sampler.tick({"cpu_usage_pct": 2.5})
        await settle()
        (tick,) = socket.frames()
    assert (tick["full"], tick["values"]) == (False, {1: 2.5})


async def test_resuming_brings_missed_events_and_the_hole_in_history(world: World) -> None:
    hub = Hub(world.deps())
    world.supervisor.move("demo", State.HEALING)
    world.supervisor.move("demo", State.ONLINE)
    times = [world.sampler.tick({"cpu_usage_pct": value}).wall_ms for value in (1.5, 2.5, 3.5)]
    socket = FakeSocket()
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.serve(socket, MSGPACK_PROTOCOL))
        frames = await said(socket, {"type": "resume", "seq": 1, "since_ms": times[0]})
        socket.go()
    assert [frame["type"] for frame in frames] == ["event", "snapshot"]
    assert frames[0]["seq"] == 2
    assert frames[1]["event_seq"] == 2
    assert frames[1]["history"]["columns"][1] == [2.5, 3.5]


async def test_resuming_from_before_our_memory_tells_the_gap(world: World) -> None:
    hub = Hub(world.deps())
    for _ in range(1100):
        world.supervisor.move("demo", State.ONLINE)
    socket = FakeSocket()
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.serve(socket, MSGPACK_PROTOCOL))
        frames = await said(socket, {"type": "resume", "seq": 50})
        socket.go()
    assert frames[0] == {"type": "gap", "stream": "event", "from": 51, "to": 100}
    assert len(frames) == 1 + 1000 + 1


async def test_resuming_from_another_life_of_the_sidecar_just_brings_the_picture(
    world: World,
) -> None:
    async with connected(world) as socket:
        frames = await said(socket, {"type": "resume", "seq": 10_000})
    assert [frame["type"] for frame in frames] == ["snapshot"]


async def test_a_new_field_is_declared_before_its_first_value(world: World) -> None:
    async with connected(world) as socket:
        socket.frames()
        world.catalogue.declare([Field("endpoint/demo/rss_bytes", "bytes", "RSS", "endpoint")])
        world.sampler.tick({"endpoint/demo/rss_bytes": 7})
        world.sampler.tick({"endpoint/demo/rss_bytes": 8})
        await settle()
        frames = socket.frames()
    assert [frame["type"] for frame in frames] == ["fields", "tick", "tick"]
    assert frames[0]["fields"][-1]["id"] == 5
    assert frames[1]["values"][5] == 7


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\xc1", 1008),
        (msgpack.packb({"type": "launch"}), 1008),
        (msgpack.packb({"type": "subscribe", "interval_ms": 5}), 1008),
        ("text", 1008),
        (b"x" * 4097, 1009),
    ],
)
async def test_a_broken_frame_ends_its_own_session_with_a_reason(
    world: World, message: bytes | str, code: int
) -> None:
    hub, broken, other = Hub(world.deps()), FakeSocket(), FakeSocket()
    async with asyncio.TaskGroup() as group:
        ended = group.create_task(hub.serve(broken, MSGPACK_PROTOCOL))
        group.create_task(hub.serve(other, MSGPACK_PROTOCOL))
        await settle()
        broken.say_raw(message)
        await settle()
        assert ended.done()
        bye = broken.frames()[-1]
        assert (bye["type"], bye["code"]) == ("bye", code)
        assert bye["reason"]
        assert broken.closed == (code, bye["reason"])
        other.frames()
        world.sampler.tick({"cpu_usage_pct": 1.5})
        await settle()
        assert other.kinds() == ["tick"]
        other.go()


async def test_an_acknowledgement_needs_no_answer(world: World) -> None:
    async with connected(world) as socket:
        assert await said(socket, {"type": "ack", "seq": 5}) == []


@pytest.mark.parametrize(
    ("frame", "enough"),
    [
        ({"type": "resume", "seq": 0, "since_ms": 5}, 5),
        ({"type": "subscribe", "groups": ["cpu"]}, 100),
        ({"type": "ack", "seq": 1}, 4_000),
    ],
)
async def test_a_client_may_ask_for_much_but_not_without_end(
    world: World, frame: dict[str, Any], enough: int
) -> None:
    async with connected(world) as socket:
        for _ in range(enough):
            socket.say(frame)
        await settle()
        assert socket.closed is None
        await world.clock.advance(10.0)
        for _ in range(enough + 1):
            socket.say(frame)
        await settle()
        assert socket.closed == (1008, "too many frames in a short time")
