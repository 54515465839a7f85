"""Waiting is fair, told to the client, and has an end."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import settle
from fakes.servers import GatewayWorld, Told, ask, server

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.core.errors import NotReady, Saturated
from llama_runner_pro.endpoints.states import State

NARROW = GatewaySpec(max_parallel=1)


async def test_a_client_hears_its_place_and_every_change_of_it() -> None:
    async with GatewayWorld(NARROW, server("a")) as world:
        first, told = await world.served("a"), Told()
        second = await world.ask("a")
        await world.ask("a", progress=told)
        first.end("ok")
        await settle()
        second.result().end("ok")
        await settle()
        assert [(one.position, one.text) for one in told.all] == [
            (2, "1 requests are before this one"),
            (1, "waiting for a free slot"),
        ]


async def test_a_trial_that_is_waited_for_is_told() -> None:
    async with GatewayWorld(None, server("a")) as world:
        for _ in range(3):
            (await world.served("a")).end("stalled")
        told = Told()
        await world.ask("a", progress=told)
        assert "tried again in a moment" in told.all[-1].text


async def test_a_server_that_comes_up_by_itself_is_told() -> None:
    async with GatewayWorld(None, server("a"), states={"a": State.HEALING}) as world:
        told = Told()
        await world.ask("a", progress=told)
        assert (told.all[-1].phase, told.all[-1].text) == ("loading", "waiting for a-model")


async def test_waiting_for_a_server_that_never_comes_has_an_end() -> None:
    spec = GatewaySpec(load_timeout_s=30, queue_timeout_s=10)
    async with GatewayWorld(spec, server("a"), states={"a": State.BACKOFF}) as world:
        waiting = await world.ask("a")
        await world.clock.advance(29)
        assert not waiting.done()
        await world.clock.advance(2)
        with pytest.raises(NotReady, match="did not load within 30 s") as told:
            waiting.result()
        assert told.value.retry_after_s


async def test_loading_does_not_count_as_waiting_for_a_turn() -> None:
    spec = GatewaySpec(max_parallel=1, queue_timeout_s=10)
    async with GatewayWorld(spec, server("a"), states={"a": State.LOADING}) as world:
        first, second = await world.ask("a"), await world.ask("a")
        await world.clock.advance(30)
        world.servers.move("a", State.ONLINE)
        await world.clock.advance(9)
        assert not second.done()
        first.result().end("ok")
        await settle()
        assert second.result().load_ms == 30_000
        assert second.result().queue_ms == 9_000


async def test_whoever_was_full_lets_in_again_after_some_have_left() -> None:
    async with GatewayWorld(GatewaySpec(max_parallel=1, queue=1), server("a")) as world:
        await world.served("a")
        waiting = await world.ask("a")
        with pytest.raises(Saturated):
            await world.admit.admit(ask("a"))
        waiting.cancel()
        await settle()
        assert not (await world.ask("a")).done()


async def test_one_that_avoids_a_server_does_not_hold_up_those_behind_it() -> None:
    async with GatewayWorld(None, server("a")) as world:
        (await world.served("a")).end("connect_failed")
        stuck = await world.ask("a", avoid=frozenset("a"))
        other = await world.ask("a")
        assert not stuck.done()
        assert other.done()


async def test_one_behind_may_be_served_by_a_server_that_the_first_avoids() -> None:
    both = ServedModelSpec(name="m", endpoints=("a", "b"))
    spec = GatewaySpec(models=(both,), max_parallel=1)
    async with GatewayWorld(spec, server("a"), server("b")) as world:
        on_a, on_b = await world.served("m"), await world.served("m")
        assert on_b.upstream.endpoint == "b"
        picky = await world.ask("m", avoid=frozenset("a"))
        plain = await world.ask("m")
        on_a.end("ok")
        await settle()
        assert plain.done()
        assert not picky.done()
        on_b.end("ok")
        await settle()
        assert picky.result().upstream.endpoint == "b"


async def test_a_crowd_that_vanishes_leaves_nothing_behind() -> None:
    async with GatewayWorld(NARROW, server("a")) as world:
        first = await world.served("a")
        crowd = [asyncio.create_task(world.admit.admit(ask("a"))) for _ in range(400)]
        await settle()
        for task in crowd:
            task.cancel()
        await settle()
        assert world.admit.waiting == 0
        first.end("client_gone")
        assert world.admit.admit_now(ask("a")) is not None
