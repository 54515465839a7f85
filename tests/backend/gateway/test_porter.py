"""What is loaded and unloaded reaches whoever can do it, and what it holds is learned."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import settle
from fakes.hosts import FakeOllama
from fakes.servers import GIB, GatewayWorld, Told, server

from llama_runner_pro.core.errors import LoadFailed
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.porter import FOLLOW_S


async def test_a_server_goes_through_the_supervisor_and_its_cards_share_is_learned() -> None:
    world = GatewayWorld(None, server("a"), states={"a": State.STOPPED})
    world.gauge.free_gpu = 8 * GIB
    start = world.servers.ensure_ready

    async def filling(name: str, deadline_s: float) -> object:
        world.gauge.free_gpu = 5 * GIB
        return await start(name, deadline_s)

    world.servers.ensure_ready = filling  # type: ignore[method-assign, assignment]
    async with world:
        await world.served("a")
        seen = world.admit.find("a")
        assert seen is not None
        assert seen.gpu_memory_bytes == 3 * GIB


async def test_who_waits_hears_how_far_the_load_is_until_it_ends() -> None:
    world = GatewayWorld(None, server("a"), states={"a": State.STOPPED})
    world.servers.gates["a"] = gate = asyncio.Event()
    told = Told()
    async with world:
        waiting = await world.ask("a", progress=told)
        for ratio in (0.1, 0.424, 0.424, None):
            world.gauge.ratios = {} if ratio is None else {"a": ratio}
            await world.clock.advance(FOLLOW_S)
        heard = [(one.text, one.ratio, one.position) for one in told.all]
        assert heard[-2:] == [("loading a (10%)", 0.1, 1), ("loading a (42%)", 0.42, 1)]
        gate.set()
        await settle()
        assert waiting.result().upstream.endpoint == "a"
        world.gauge.ratios = {"a": 0.9}
        await world.clock.advance(5 * FOLLOW_S)
        assert len(told.all) == len(heard)


async def test_a_model_within_a_server_goes_by_command() -> None:
    host = FakeOllama("m")
    spec = server("o", kind="ollama", model=None, start_command=None)
    async with GatewayWorld(None, spec, http=host) as world:
        await world.served("m")
        assert host.commands() == ["/api/generate"]
        assert world.servers.did == []


async def test_a_command_that_fails_is_told_as_it_is() -> None:
    host = FakeOllama("m")
    spec = server("o", kind="ollama", model=None, start_command=None)
    async with GatewayWorld(None, spec, http=host) as world:
        host.fails["m"] = "no such layer"
        with pytest.raises(LoadFailed, match="o: no such layer"):
            await world.admit.load("m")
