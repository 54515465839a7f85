"""Models come when they are asked for and go when they are not; never in the middle of work."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import settle
from fakes.servers import GatewayWorld, Told, ask, server

from llama_runner_pro.config.gateway import GatewaySpec, GroupSpec, ServedModelSpec
from llama_runner_pro.core.errors import LoadFailed, NoUpstream
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.loading import PATIENCE_S

ONE = GatewaySpec(max_running=1)
B_OFF = {"b": State.STOPPED}


def pair(gateway: GatewaySpec = ONE, **more: object) -> GatewayWorld:
    """`a` runs, `b` does not."""
    return GatewayWorld(gateway, server("a"), server("b"), states=B_OFF, **more)  # type: ignore[arg-type]


class TestRoom:
    async def test_the_idle_one_goes_and_its_card_says_why(self) -> None:
        async with pair() as world:
            lease = await world.served("b")
            assert world.servers.did == ["stop a: unloaded to make room for b", "start b"]
            assert lease.upstream.endpoint == "b"
            assert world.servers.by_name["a"].state is State.STOPPED

    async def test_one_that_works_is_waited_for_and_the_client_is_told(self) -> None:
        async with pair() as world:
            told = Told()
            working = await world.served("a")
            waiting = await world.ask("b", progress=told)
            assert not world.servers.did
            assert told.all[-1].phase == "evicting"
            assert "waiting for a" in told.all[-1].text
            working.end("ok")
            await settle()
            assert waiting.result().upstream.endpoint == "b"

    async def test_whoever_waits_gets_its_place_though_others_go_on_asking(self) -> None:
        async with pair() as world:
            working = await world.served("a")
            waiting = await world.ask("b")
            again = await world.served("a")
            await world.clock.advance(PATIENCE_S)
            later = await world.ask("a")
            assert not later.done()
            working.end("ok")
            again.end("ok")
            await settle()
            waiting.result().end("ok")
            await settle()
            assert later.result().upstream.endpoint == "a"

    async def test_others_are_let_in_again_when_nobody_waits_any_more(self) -> None:
        async with pair() as world:
            await world.served("a")
            waiting = await world.ask("b")
            await world.clock.advance(PATIENCE_S)
            later = await world.ask("a")
            waiting.cancel()
            await settle()
            assert later.done()

    async def test_pinned_models_stay_and_the_reason_is_said(self) -> None:
        pinned = ServedModelSpec(name="a-model", pinned=True)
        async with pair(GatewaySpec(max_running=1, models=(pinned,))) as world:
            with pytest.raises(LoadFailed, match="only 1 may run at once"):
                await world.admit.admit(ask("b"))

    async def test_what_somebody_else_started_is_never_stopped(self) -> None:
        async with pair(foreign=("a",)) as world:
            with pytest.raises(LoadFailed):
                await world.admit.admit(ask("b"))
            with pytest.raises(NoUpstream, match="not started from here"):
                await world.admit.unload("a")
            assert not world.servers.did

    async def test_what_others_depend_on_is_not_stopped(self) -> None:
        world = GatewayWorld(
            GatewaySpec(max_running=2),
            server("a"),
            server("c", depends_on=("a",)),
            server("b"),
            states=B_OFF,
        )
        async with world:
            await world.served("b")
            assert world.servers.did[0].startswith("stop c")

    async def test_a_group_has_its_own_limit(self) -> None:
        gpu = GroupSpec(name="gpu", endpoints=("b", "c"))
        world = GatewayWorld(
            GatewaySpec(groups=(gpu,)), server("a"), server("b"), server("c"), states=B_OFF
        )
        async with world:
            await world.served("b")
            assert world.servers.did == ["stop c: unloaded to make room for b", "start b"]

    async def test_loads_follow_each_other_and_the_higher_priority_comes_first(self) -> None:
        off = dict.fromkeys("abc", State.STOPPED)
        world = GatewayWorld(GatewaySpec(), server("a"), server("b"), server("c"), states=off)
        world.servers.gates["a"] = asyncio.Event()
        async with world:
            await world.ask("a")
            await world.ask("b")
            await world.ask("c", priority=1)
            assert world.servers.did == ["start a"]
            world.servers.gates["a"].set()
            await settle()
            assert world.servers.did == ["start a", "start c", "start b"]

    async def test_one_that_cannot_be_stopped_is_why_the_other_is_not_loaded(self) -> None:
        async with pair() as world:
            world.servers.stuck["a"] = "pid 7 survived being killed"
            with pytest.raises(LoadFailed, match="pid 7 survived"):
                await world.admit.admit(ask("b"))

    async def test_an_endpoint_that_leaves_the_configuration_ends_its_load(self) -> None:
        async with pair(GatewaySpec()) as world:
            world.servers.gates["b"] = asyncio.Event()
            waiting = await world.ask("b")
            world.admit.endpoint_gone("b")
            await settle()
            with pytest.raises(NoUpstream, match="not watched"):
                waiting.result()
            (await world.served("a")).end("ok")


class TestIdle:
    async def test_what_nobody_asks_for_is_unloaded_and_comes_back_when_needed(self) -> None:
        async with pair(GatewaySpec(ttl_s=300)) as world:
            await world.clock.advance(200)
            (await world.served("a")).end("ok")
            await world.clock.advance(299)
            assert not world.servers.did
            await world.clock.advance(2)
            assert world.servers.did == ["stop a: unloaded after 5 min without requests"]
            (await world.served("a")).end("ok")
            assert world.servers.did[-1] == "start a"

    async def test_a_long_answer_is_not_cut_short(self) -> None:
        async with pair(GatewaySpec(ttl_s=60)) as world:
            lease = await world.served("a")
            await world.clock.advance(600)
            assert not world.servers.did
            lease.end("ok")
            await world.clock.advance(61)
            assert world.servers.did

    async def test_a_request_says_itself_how_long_its_model_stays(self) -> None:
        async with pair(GatewaySpec()) as world:
            (await world.served("a", keep_alive_s=30)).end("ok")
            found = world.admit.find("a")
            assert found is not None
            assert found.expires_ms == world.clock.wall_ms() + 30_000
            await world.clock.advance(31)
            assert world.servers.did == ["stop a: unloaded after 30 s without requests"]

    async def test_negative_is_for_ever_and_zero_at_once(self) -> None:
        async with pair(GatewaySpec(ttl_s=60)) as world:
            (await world.served("a", keep_alive_s=-1)).end("ok")
            await world.clock.advance(600)
            assert not world.servers.did
            (await world.served("a", keep_alive_s=0)).end("ok")
            await settle()
            assert world.servers.did

    async def test_a_time_of_its_own_comes_before_the_common_one(self) -> None:
        own = ServedModelSpec(name="a-model", ttl_s=10), ServedModelSpec(name="b-model", ttl_s=0)
        world = GatewayWorld(GatewaySpec(ttl_s=60, models=own), server("a"), server("b"))
        async with world:
            await world.clock.advance(11)
            assert world.servers.did == ["stop a: unloaded after 10 s without requests"]
            await world.clock.advance(600)
            assert len(world.servers.did) == 1

    async def test_one_that_cannot_be_stopped_is_not_tried_all_the_time(self) -> None:
        async with pair(GatewaySpec(ttl_s=60)) as world:
            world.servers.stuck["a"] = "it will not go"
            await world.clock.advance(61)
            assert len(world.servers.did) == 1

    async def test_a_client_can_have_it_unloaded_once_its_requests_are_done(self) -> None:
        async with pair(GatewaySpec()) as world:
            lease = await world.served("a")
            unloading = asyncio.create_task(world.admit.unload("a"))
            await settle()
            assert not world.servers.did
            lease.end("ok")
            await settle()
            assert (await unloading).state == "not_loaded"
            assert world.servers.did == ["stop a: unloaded on request"]

    async def test_an_unload_that_takes_too_long_is_given_up(self) -> None:
        async with pair(GatewaySpec(queue_timeout_s=5)) as world:
            await world.served("a")
            unloading = asyncio.create_task(world.admit.unload("a"))
            await world.clock.advance(6)
            with pytest.raises(NoUpstream, match="still busy"):
                await unloading
            assert world.admit.admit_now(ask("a")) is not None

    async def test_an_unload_that_fails_is_told(self) -> None:
        async with pair(GatewaySpec()) as world:
            world.servers.stuck["a"] = "it will not go"
            with pytest.raises(NoUpstream, match="it will not go"):
                await world.admit.unload("a")

    async def test_unloading_what_does_not_run_is_nothing(self) -> None:
        async with pair(GatewaySpec()) as world:
            assert (await world.admit.unload("b")).state == "not_loaded"


class TestPreload:
    async def test_it_is_loaded_at_the_start(self) -> None:
        early = ServedModelSpec(name="b-model", preload=True)
        async with pair(GatewaySpec(models=(early,))) as world:
            await settle()
            assert world.servers.did == ["start b"]

    async def test_requests_come_before_it(self) -> None:
        early = ServedModelSpec(name="b-model", preload=True)
        world = pair(GatewaySpec(models=(early,), max_running=1))
        lease = await world.served("a")
        async with world:
            assert not world.servers.did
            lease.end("ok")
            await settle()
            assert world.servers.did[-1] == "start b"

    async def test_one_that_fails_is_not_tried_again(self) -> None:
        early = ServedModelSpec(name="b-model", preload=True)
        world = pair(GatewaySpec(models=(early,)))
        world.servers.fails["b"] = "no file"
        async with world:
            await world.clock.advance(600)
            assert world.servers.did == ["start b"]

    async def test_load_is_a_request_that_asks_for_nothing(self) -> None:
        async with pair(GatewaySpec()) as world:
            assert (await world.admit.load("b", keep_alive_s=60)).state == "loaded"
            assert world.servers.did == ["start b"]
            assert not world.servers.completions


class TestLooking:
    async def test_the_machine_is_looked_at_before_anything_is_stopped(self) -> None:
        async with pair() as world:
            looked: list[list[str]] = []

            async def refresh() -> None:
                looked.append(list(world.servers.did))

            world.gauge.refresh = refresh  # type: ignore[method-assign]
            await world.served("b")
            assert looked[0] == []
            assert world.servers.did[0].startswith("stop a")

    async def test_who_comes_right_after_goes_by_the_same_look(self) -> None:
        off = {"a": State.STOPPED, "b": State.STOPPED}
        async with GatewayWorld(GatewaySpec(), server("a"), server("b"), states=off) as world:
            await world.served("a")
            await world.served("b")
            assert world.gauge.refreshed == 1
            await world.clock.advance(60)
            world.servers.move("a", State.STOPPED)
            await world.served("a")
            assert world.gauge.refreshed == 2
