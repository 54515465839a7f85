"""Whatever a request holds is given back once, however often it is said that it ended."""

from __future__ import annotations

from fakes.hosts import FakeOllama
from fakes.servers import GatewayWorld, server

from llama_runner_pro.config.gateway import GatewaySpec


async def test_a_second_end_is_nothing() -> None:
    world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"))
    async with world:
        lease = await world.served("a")
        lease.end("ok")
        lease.end("server_error")
        assert world.servers.completions == [("a", True)]
        other = await world.served("a")
        other.end("client_gone")


async def test_a_model_within_a_server_is_idle_again_as_well() -> None:
    host = FakeOllama("m")
    host.loaded = ["m"]
    spec = server("o", kind="ollama", model=None, start_command=None)
    async with GatewayWorld(None, spec, http=host) as world:
        lease = await world.served("m")
        seen = world.admit.find("m")
        assert seen is not None
        assert seen.in_flight == 1
        lease.end("ok")
        await world.admit.unload("m")
        assert host.loaded == []
