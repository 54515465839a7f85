"""Where samples and events meet the viewers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from fakes.alerts import alert
from fakes.clock import settle
from fakes.viewer_socket import FakeSocket

from llama_runner_pro.alerts.ports import AlertChanged
from llama_runner_pro.api.codec import JsonCodec, MsgpackCodec
from llama_runner_pro.api.frames import JSON_PROTOCOL, MSGPACK_PROTOCOL
from llama_runner_pro.api.ws.conversation import STUCK_LIMIT_S
from llama_runner_pro.api.ws.hub import Hub
from llama_runner_pro.api.ws.outbox import TICK_DEPTH
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.endpoints.traffic import BreakerView

if TYPE_CHECKING:
    from fakes.api_world import World

    from llama_runner_pro.api.frames import ServerFrame


class CountingCodec(MsgpackCodec):
    """msgpack that counts what it encodes, by type of frame."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: dict[str, int] = {}

    def encode(self, frame: ServerFrame) -> bytes:
        kind = type(frame).__name__
        self.encoded[kind] = self.encoded.get(kind, 0) + 1
        return super().encode(frame)


async def test_a_hundred_viewers_cost_one_encoding_per_tick_event_and_picture(
    world: World,
) -> None:
    codec = CountingCodec()
    hub = Hub(world.deps(), {MSGPACK_PROTOCOL: codec, JSON_PROTOCOL: JsonCodec()})
    world.sampler.tick({"cpu_usage_pct": 1.5})
    sockets = [FakeSocket() for _ in range(100)]
    async with asyncio.TaskGroup() as group:
        for socket in sockets:
            group.create_task(hub.serve(socket, MSGPACK_PROTOCOL))
        await settle()
        assert hub.sessions == 100
        for _ in range(5):
            world.sampler.tick({"cpu_usage_pct": 2.5})
            await settle()
        world.supervisor.move("demo", State.HEALING)
        await settle()
        assert codec.encoded == {"Hello": 100, "Snapshot": 1, "Tick": 5, "Event": 1}
        assert {tuple(socket.kinds()) for socket in sockets} == {
            ("hello", "snapshot", *["tick"] * 5, "event")
        }
        for socket in sockets:
            socket.go()
    assert hub.sessions == 0


async def test_one_stuck_client_delays_nobody_and_is_sent_away_in_the_end(world: World) -> None:
    hub, stuck, other = Hub(world.deps()), FakeSocket(), FakeSocket()
    lost = int(STUCK_LIMIT_S) + 1 - TICK_DEPTH - 1  # one is being sent, and stuck
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(hub.serve(stuck, MSGPACK_PROTOCOL))
        group.create_task(hub.serve(other, MSGPACK_PROTOCOL))
        await settle()
        stuck.stuck()
        for number in range(int(STUCK_LIMIT_S) + 1):
            other.frames()
            world.sampler.tick({"cpu_usage_pct": number + 0.5})
            await settle()
            assert other.kinds() == ["tick"]
            assert not waiting.done()
        assert hub.dropped_frames == lost
        world.sampler.tick({})
        await world.clock.advance(5)
        assert waiting.done()
        assert stuck.aborted
        other.go()
    assert hub.dropped_frames >= lost


async def test_the_sampler_is_told_the_fastest_pace_that_somebody_looks_at(world: World) -> None:
    hub, rich, plain = Hub(world.deps()), FakeSocket(), FakeSocket()
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.serve(plain, None))
        await settle()
        assert world.sampler.demand_s == 2.0
        group.create_task(hub.serve(rich, MSGPACK_PROTOCOL))
        await settle()
        assert world.sampler.demand_s == 1.0
        rich.say({"type": "subscribe", "interval_ms": 200})
        await settle()
        assert world.sampler.demand_s == 0.2
        rich.say({"type": "visible", "visible": False})
        await settle()
        assert world.sampler.demand_s == 2.0
        plain.go()
        await settle()
        assert world.sampler.demand_s is None
        rich.go()
    assert world.sampler.demands == [2.0, 1.0, 0.2, 2.0, None]


async def test_a_plain_client_gets_one_object_every_two_seconds(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 0.5})
    hub, socket = Hub(world.deps()), FakeSocket()
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.serve(socket, None))
        await settle()
        for value in (1.5, 2.5, 3.5, 4.5):
            world.sampler.tick({"cpu_usage_pct": value})
            await settle()
        socket.say_raw("whatever")
        await settle()
        socket.go()
    assert [json.loads(message)["cpuUsage"] for message in socket.sent] == [0.5, 2.5, 4.5]
    assert set(json.loads(socket.sent[0])) == {
        "timestamp", "cpuUsage", "cpuCores", "loadAverage", "memoryUsage", "memoryUsed",
        "memoryAvailable", "gpuUsage", "gpuInfo", "networkStats", "modelMetrics", "apiStats",
    }  # fmt: skip


async def test_everybody_is_told_goodbye_and_newcomers_too(world: World) -> None:
    hub = Hub(world.deps())
    sockets = [FakeSocket() for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.serve(sockets[0], MSGPACK_PROTOCOL))
        group.create_task(hub.serve(sockets[1], None))
        await settle()
        await hub.close()
        group.create_task(hub.serve(sockets[2], MSGPACK_PROTOCOL))
    bye = {"type": "bye", "code": 1001, "reason": "the sidecar is stopping"}
    assert sockets[0].frames()[-1] == sockets[2].frames()[-1] == bye
    assert {socket.closed for socket in sockets} == {(1001, "the sidecar is stopping")}
    assert hub.sessions == 0


async def test_a_snapshot_follows_every_change(world: World) -> None:
    hub = Hub(world.deps())
    codec = hub.codecs[JSON_PROTOCOL]
    before = hub.snapshot(codec, None, 0)
    assert hub.snapshot(codec, None, 0) is before
    world.supervisor.move("demo", State.FAILED)
    after = json.loads(hub.snapshot(codec, None, 0))
    assert after["endpoints"][0]["state"] == "failed"
    assert after["event_seq"] == 1


async def test_alarms_and_breakers_are_told_like_other_events(world: World) -> None:
    hub = Hub(world.deps())
    socket = FakeSocket()
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.serve(socket, JSON_PROTOCOL))
        await settle()
        world.supervisor.move("demo", State.FAILED)
        world.alerts.topic.publish(AlertChanged(alert(), notify=True))
        world.gateway.topic.publish(BreakerView(endpoint="demo", model="demo", state="open"))
        await settle()
        socket.go()
    told = [frame["event"] for frame in socket.frames() if frame["type"] == "event"]
    assert [event["kind"] for event in told] == ["endpoint", "alert", "gateway"]
    assert told[1]["alert"]["title"] == "demo has failed"
