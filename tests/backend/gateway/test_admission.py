"""Requests find a server, wait for one, or are told why not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.servers import GatewayWorld, Told, ask, server

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.core.errors import (
    BreakerOpen,
    LoadFailed,
    ModelNotFound,
    NotReady,
    NoUpstream,
    Saturated,
)
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Ending

OFF = {"a": State.STOPPED, "b": State.STOPPED, "c": State.STOPPED}


class TestAtOnce:
    async def test_a_ready_server_takes_it_without_waiting(self) -> None:
        world = GatewayWorld(None, server("a"))
        lease = world.admit.admit_now(ask("A-Model:latest"))
        assert lease is not None
        assert (lease.upstream.endpoint, lease.upstream.model) == ("a", "a-model")
        assert str(lease.upstream.origin) == "http://127.0.0.1:8000"
        assert (lease.queue_ms, lease.load_ms) == (0, 0)

    async def test_the_name_of_an_endpoint_is_a_name_of_its_model(self) -> None:
        world = GatewayWorld(None, server("a"))
        assert world.admit.admit_now(ask("a")) is not None

    async def test_an_unknown_name_says_what_there_is(self) -> None:
        world = GatewayWorld(None, server("a"))
        with pytest.raises(ModelNotFound, match="a-model"):
            world.admit.admit_now(ask("gpt-4"))
        with pytest.raises(ModelNotFound):
            await world.admit.admit(ask("gpt-4"))

    async def test_a_full_server_has_it_wait_and_the_first_to_come_is_the_first_served(
        self,
    ) -> None:
        world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"))
        async with world:
            first = await world.served("a")
            second, third = await world.ask("a"), await world.ask("a", priority=1)
            assert world.admit.admit_now(ask("a")) is None
            await world.clock.advance(2)
            first.end("ok")
            await settle()
            assert third.done()
            assert not second.done()
            third.result().end("ok")
            await settle()
            assert second.result().queue_ms == 2000

    async def test_ending_twice_gives_one_slot_back(self) -> None:
        world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"))
        async with world:
            first = await world.served("a")
            first.end("ok")
            await world.served("a")
            first.end("ok")
            assert world.admit.admit_now(ask("a")) is None

    async def test_a_client_that_leaves_the_queue_leaves_nothing_behind(self) -> None:
        world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"))
        async with world:
            first = await world.served("a")
            second, third = await world.ask("a"), await world.ask("a")
            second.cancel()
            await settle()
            assert world.admit.waiting == 1
            first.end("ok")
            await settle()
            third.result().end("ok")
            assert world.admit.admit_now(ask("a")) is not None

    async def test_a_client_that_leaves_in_the_moment_it_is_served_gives_its_slot_back(
        self,
    ) -> None:
        world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"))
        async with world:
            first = await world.served("a")
            second = await world.ask("a")
            first.end("ok")
            second.cancel()
            await settle()
            assert second.cancelled()
            assert world.admit.admit_now(ask("a")) is not None

    async def test_too_many_that_wait_are_turned_away_with_a_time(self) -> None:
        world = GatewayWorld(GatewaySpec(max_parallel=1, queue=1), server("a"))
        async with world:
            await world.served("a")
            await world.ask("a")
            with pytest.raises(Saturated) as told:
                await world.admit.admit(ask("a"))
            assert told.value.retry_after_s is not None

    async def test_waiting_for_a_turn_has_an_end(self) -> None:
        world = GatewayWorld(GatewaySpec(max_parallel=1, queue_timeout_s=30), server("a"))
        async with world:
            await world.served("a")
            second = await world.ask("a")
            await world.clock.advance(31)
            with pytest.raises(NotReady, match="did not get its turn within 30 s"):
                second.result()

    async def test_a_conversation_stays_where_it_was(self) -> None:
        both = ServedModelSpec(name="m", endpoints=("a", "b"))
        world = GatewayWorld(GatewaySpec(models=(both,)), server("a"), server("b"))
        await world.served("m")
        second = await world.served("m", affinity=b"x")
        assert second.upstream.endpoint == "b"
        assert (await world.served("m")).upstream.endpoint == "a"
        assert (await world.served("m", affinity=b"x")).upstream.endpoint == "b"


class TestFailing:
    async def test_three_failures_open_the_breaker_and_requests_wait_for_a_trial(self) -> None:
        world = GatewayWorld(None, server("a"))
        async with world:
            for _ in range(3):
                (await world.served("a")).end("server_error")
            assert world.servers.completions == [("a", False)] * 3
            assert world.admit.breakers.views()[0].state == "open"
            waiting, other = await world.ask("a"), await world.ask("a")
            assert not waiting.done()
            await world.clock.advance(5.1)
            waiting.result().end("ok")
            await settle()
            assert other.done()

    async def test_a_trial_that_brings_forth_an_answer_lets_the_others_in(self) -> None:
        world = GatewayWorld(None, server("a"))
        async with world:
            for _ in range(3):
                (await world.served("a")).end("cut_off")
            world.admit.endpoint_heard("a", ok=True)
            trial = await world.served("a")
            other = await world.ask("a")
            assert not other.done()
            trial.began()
            await settle()
            assert other.done()
            trial.end("cut_off")
            trial.began()
            view = world.admit.breakers.views()[0]
            assert (view.state, view.failures) == ("closed", 1)

    async def test_a_passing_health_check_brings_the_trial_forward(self) -> None:
        world = GatewayWorld(None, server("a"))
        async with world:
            for _ in range(3):
                (await world.served("a")).end("server_error")
            waiting = await world.ask("a")
            world.admit.endpoint_heard("a", ok=False)
            await settle()
            assert not waiting.done()
            world.admit.endpoint_heard("a", ok=True)
            await settle()
            assert waiting.done()

    async def test_a_new_process_gets_a_trial_at_once(self) -> None:
        world = GatewayWorld(None, server("a"))
        async with world:
            for _ in range(3):
                (await world.served("a")).end("cut_off")
            world.servers.move("a", State.HEALING)
            waiting = await world.ask("a")
            world.servers.move("a", State.ONLINE, incarnation=2)
            await settle()
            assert waiting.result().upstream.incarnation == 2

    async def test_what_was_closed_by_hand_is_refused_at_once(self) -> None:
        world = GatewayWorld(None, server("a"))
        world.admit.breakers.command("a", "a-model", "force_open")
        with pytest.raises(BreakerOpen, match="by hand"):
            await world.admit.admit(ask("a"))

    @pytest.mark.parametrize("ending", ["client_gone", "refused", "unauthorized", "loading"])
    async def test_what_says_nothing_about_the_server_is_not_told(self, ending: Ending) -> None:
        world = GatewayWorld(None, server("a"))
        for _ in range(5):
            (await world.served("a")).end(ending)
        assert not world.servers.completions
        assert world.admit.breakers.views()[0].state == "closed"

    async def test_another_server_takes_over_what_failed_on_the_first(self) -> None:
        both = ServedModelSpec(name="m", endpoints=("a", "b"))
        world = GatewayWorld(GatewaySpec(models=(both,)), server("a"), server("b"))
        first = await world.served("m")
        first.end("connect_failed")
        again = await world.served("m", avoid=frozenset({"a"}))
        assert again.upstream.endpoint == "b"

    async def test_the_only_server_is_waited_for_until_something_is_heard_of_it(self) -> None:
        world = GatewayWorld(None, server("a"))
        async with world:
            (await world.served("a")).end("connect_failed")
            again = await world.ask("a", avoid=frozenset({"a"}))
            assert not again.done()
            world.servers.move("a", State.HEALING)
            world.servers.move("a", State.ONLINE, incarnation=2)
            await settle()
            assert again.done()

    async def test_a_restart_is_waited_for(self) -> None:
        world = GatewayWorld(None, server("a"), states={"a": State.BACKOFF})
        async with world:
            waiting = await world.ask("a")
            await world.clock.advance(3)
            world.servers.move("a", State.ONLINE)
            await settle()
            assert waiting.result().load_ms == 3000
            assert waiting.result().queue_ms == 0


class TestOnDemand:
    async def test_a_model_that_does_not_run_is_loaded_once_for_all(self) -> None:
        world = GatewayWorld(None, server("a"), states=OFF)
        world.servers.gates["a"] = asyncio.Event()
        async with world:
            told = Told()
            first = await world.ask("a", progress=told)
            second = await world.ask("a", progress=told)
            assert world.servers.did == ["start a"]
            assert {(one.phase, one.position) for one in told.all} >= {
                ("loading", 1),
                ("loading", 2),
            }
            world.servers.gates["a"].set()
            await settle()
            assert first.done()
            assert second.done()

    async def test_a_load_goes_on_when_nobody_waits_any_more(self) -> None:
        world = GatewayWorld(None, server("a"), states=OFF)
        world.servers.gates["a"] = asyncio.Event()
        async with world:
            first = await world.ask("a")
            first.cancel()
            await settle()
            world.servers.gates["a"].set()
            await settle()
            assert world.admit.waiting == 0
            await world.served("a")
            assert world.servers.did == ["start a"]

    async def test_a_failed_load_is_not_repeated_before_its_time(self) -> None:
        world = GatewayWorld(None, server("a"), states=OFF)
        world.servers.fails["a"] = "there is no model file"
        async with world:
            for wait_s in (10, 20, 40, 80, 160, 300, 300):
                first = await world.ask("a")
                with pytest.raises(LoadFailed, match="there is no model file") as told:
                    first.result()
                assert told.value.retry_after_s == wait_s
                await world.clock.advance(wait_s - 1)
                with pytest.raises(LoadFailed):
                    await world.admit.admit(ask("a"))
                await world.clock.advance(1)
            assert len(world.servers.did) == 7

    async def test_success_forgives(self) -> None:
        world = GatewayWorld(None, server("a"), states=OFF)
        world.servers.fails["a"] = "no memory"
        async with world:
            await world.ask("a")
            world.servers.move("a", State.ONLINE)
            await world.served("a")
            world.servers.move("a", State.FAILED, reason="died five times")
            with pytest.raises(LoadFailed, match="died five times") as told:
                await world.admit.admit(ask("a"))
            assert told.value.retry_after_s == 10

    async def test_what_is_disabled_stays_so(self) -> None:
        world = GatewayWorld(None, server("a"), states={"a": State.DISABLED})
        async with world:
            with pytest.raises(NoUpstream, match="enable it first"):
                await world.admit.admit(ask("a"))
            assert not world.admit.models()

    async def test_what_we_cannot_start_is_said_so(self) -> None:
        spec = server("a", start_command=None)
        world = GatewayWorld(None, spec, states={"a": State.OFFLINE})
        async with world:
            with pytest.raises(NoUpstream, match="not answering"):
                await world.admit.admit(ask("a"))
