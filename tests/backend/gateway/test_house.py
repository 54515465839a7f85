"""Models run beside each other as far as memory reaches, by what was measured of them."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import settle
from fakes.servers import GIB, GatewayWorld, ask, server

from llama_runner_pro.config.gateway import GatewaySpec
from llama_runner_pro.core.errors import LoadFailed
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.lists import Examined
from llama_runner_pro.gateway.loading import RELEASE_S
from llama_runner_pro.gateway.memory import Learned, MemoryBook, started_as

B_OFF = {"b": State.STOPPED}


def pair(gateway: GatewaySpec, **more: object) -> GatewayWorld:
    """`a` runs, `b` does not."""
    return GatewayWorld(gateway, server("a"), server("b"), states=B_OFF, **more)  # type: ignore[arg-type]


class TestRoom:
    def world(self, free: int) -> GatewayWorld:
        known = {name: Learned(of=started_as(server(name)), memory_bytes=3 * GIB) for name in "ab"}
        spec = GatewaySpec(memory_reserve_bytes=0)
        world = pair(spec, book=MemoryBook(known))
        world.gauge.free = free
        world.gauge.held["a"] = (3 * GIB, None)
        return world

    async def test_beside_each_other_while_both_fit(self) -> None:
        async with self.world(4 * GIB) as world:
            await world.served("b")
            assert world.servers.did == ["start b"]

    async def test_the_next_one_starts_only_when_memory_came_back(self) -> None:
        async with self.world(GIB) as world:
            waiting = await world.ask("b")
            await world.clock.advance(5)
            assert world.servers.did == ["stop a: unloaded to make room for b"]
            world.gauge.free = 4 * GIB
            await world.clock.advance(0.3)
            assert waiting.done()

    async def test_memory_that_does_not_come_back_is_told(self) -> None:
        async with self.world(GIB) as world:
            waiting = await world.ask("b")
            await world.clock.advance(RELEASE_S + 1)
            with pytest.raises(LoadFailed, match=r"memory of a did not come back.*3\.0 GiB"):
                waiting.result()

    async def test_more_go_when_too_little_came_back(self) -> None:
        known = {"b": Learned(of=started_as(server("b")), memory_bytes=3 * GIB)}
        world = GatewayWorld(
            GatewaySpec(memory_reserve_bytes=0),
            server("a"),
            server("c"),
            server("b"),
            states=B_OFF,
            book=MemoryBook(known),
        )
        world.gauge.free = GIB
        world.gauge.held = {"a": (3 * GIB, None), "c": (3 * GIB, None)}
        async with world:
            (await world.served("c")).end("ok")
            waiting = await world.ask("b")
            assert world.servers.did == ["stop a: unloaded to make room for b"]
            await world.clock.advance(RELEASE_S + 1)
            assert world.servers.did[1] == "stop c: unloaded to make room for b"
            world.gauge.free = 4 * GIB
            await world.clock.advance(1)
            assert waiting.done()

    async def test_what_runs_is_measured(self) -> None:
        kept: list[dict[str, Learned]] = []
        world = pair(GatewaySpec(), book=MemoryBook({}, kept.append))
        world.gauge.held["a"] = (2 * GIB, None)
        async with world:
            await world.clock.advance(11)
            assert kept[-1]["a"].memory_bytes == 2 * GIB
            assert world.admit.models()[0].memory_bytes == 2 * GIB

    async def test_graphics_memory_is_learned_from_what_a_load_took(self) -> None:
        world = pair(GatewaySpec())
        world.gauge.free_gpu = 10 * GIB
        world.servers.gates["b"] = asyncio.Event()
        async with world:
            await world.ask("b")
            world.gauge.free_gpu = 7 * GIB
            world.servers.gates["b"].set()
            await settle()
            found = world.admit.find("b")
            assert found is not None
            assert found.gpu_memory_bytes == 3 * GIB


class TestGuess:
    async def test_a_file_that_was_never_loaded_is_judged_by_its_needs(self) -> None:
        async def examine(_: object) -> Examined:
            return Examined(needed_bytes=3 * GIB)

        world = pair(GatewaySpec(memory_reserve_bytes=0), examine=examine)
        world.gauge.free, world.gauge.held["a"] = GIB, (3 * GIB, None)
        async with world:
            waiting = await world.ask("b")
            assert world.servers.did == ["stop a: unloaded to make room for b"]
            await world.clock.advance(RELEASE_S - 1)
            assert not waiting.done(), "its memory may still come back"
            await world.clock.advance(1.5)
            assert waiting.done(), "alone, a guess keeps nobody from being tried"

    async def test_what_was_measured_and_does_not_fit_is_refused(self) -> None:
        known = {"b": Learned(of=started_as(server("b")), memory_bytes=3 * GIB)}
        world = GatewayWorld(GatewaySpec(), server("b"), states=B_OFF, book=MemoryBook(known))
        world.gauge.free = GIB
        async with world:
            with pytest.raises(LoadFailed, match=r"needs about 3\.0 GiB of memory, 1\.0 GiB"):
                await world.admit.admit(ask("b"))
