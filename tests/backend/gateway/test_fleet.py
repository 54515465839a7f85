"""Slots, breakers and the supervisor hear of every request, exactly once."""

from __future__ import annotations

import pytest
from fakes.servers import GatewayWorld, ask, server

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.endpoints.states import State


async def test_models_on_one_server_have_their_own_slots() -> None:
    models = (
        ServedModelSpec(name="x", endpoints=("o",), upstream_model="x", max_parallel=1),
        ServedModelSpec(name="y", endpoints=("o",), upstream_model="y", max_parallel=1),
    )
    world = GatewayWorld(GatewaySpec(models=models), server("o", kind="ollama", model=None))
    assert world.admit.admit_now(ask("x")) is not None
    assert world.admit.admit_now(ask("x")) is None
    assert world.admit.admit_now(ask("y")) is not None


async def test_a_changed_limit_holds_at_once() -> None:
    world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"))
    async with world:
        await world.served("a")
        waiting = await world.ask("a")
        world.reconfigure(GatewaySpec(max_parallel=2))
        assert (await waiting).upstream.endpoint == "a"


async def test_requests_that_run_outlive_their_endpoint() -> None:
    world = GatewayWorld(None, server("a"))
    lease = await world.served("a")
    (await world.served("a")).end("busy")
    world.admit.endpoint_gone("a")
    lease.end("server_error")
    assert world.admit.models() == []


@pytest.mark.parametrize("asked_s", [None, 5000.0])
async def test_a_busy_server_is_asked_again_within_reason(asked_s: float | None) -> None:
    world = GatewayWorld(None, server("a"))
    async with world:
        (await world.served("a")).end("busy", retry_after_s=asked_s)
        waiting = await world.ask("a")
        await world.clock.advance(1.1 if asked_s is None else 121)
        assert waiting.done()


async def test_conversations_are_forgotten_in_the_end() -> None:
    world = GatewayWorld(
        GatewaySpec(max_parallel=9), server("a", model="m"), server("b", model="m")
    )
    await world.served("m")
    (await world.served("m", affinity=b"first")).end("ok")
    for number in range(5_000):
        lease = world.admit.admit_now(ask("m", affinity=number.to_bytes(4)))
        assert lease is not None
        lease.end("ok")
    lease = world.admit.admit_now(ask("m", affinity=b"first"))
    assert lease is not None
    assert lease.upstream.endpoint == "b", "the one with less to do"


async def test_a_health_check_of_an_unknown_endpoint_is_nothing() -> None:
    world = GatewayWorld(None, server("a"), states={"a": State.ONLINE})
    world.admit.endpoint_heard("z", ok=True)
    assert len(world.admit.models()) == 1


async def test_a_busy_server_is_left_alone_for_as_long_as_it_says() -> None:
    world = GatewayWorld(None, server("a"))
    async with world:
        (await world.served("a")).end("busy", retry_after_s=20)
        waiting = await world.ask("a")
        await world.clock.advance(19)
        assert not waiting.done()
        await world.clock.advance(1.1)
        assert waiting.done()


async def test_a_changed_key_of_a_server_is_sent_with_the_next_request() -> None:
    world = GatewayWorld(None, server("a"))
    for _ in range(2):
        lease = world.admit.admit_now(ask("a"))
        assert lease is not None
        lease.end("ok")
    world.servers.sent = {"authorization": "Bearer new"}
    lease = world.admit.admit_now(ask("a"))
    assert lease is not None
    assert lease.upstream.headers == {"authorization": "Bearer new"}
