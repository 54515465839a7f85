"""The supervisor does what the gateway asks, and the gateway hears what it does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.house import House
from fakes.servers import FakeGauge, ask
from msgspec.structs import replace

from llama_runner_pro.config.model import Config
from llama_runner_pro.core.errors import LoadFailed, Refused, StartFailed, UnknownEndpoint
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.admission import Admit
from llama_runner_pro.wiring.servers import SupervisedServers, tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.gateway.ports import Servers
    from llama_runner_pro.supervision.condition import Policy


class Wired:
    """A supervisor over three endpoints, and the gateway's view of it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.servers: Servers = SupervisedServers(house.supervisor, house.clock)
        specs = tuple(EndpointSpec(name=name, port=8080) for name in ("a", "b"))
        self.admit = Admit(Config(endpoints=specs), self.servers, FakeGauge(), house.clock)
        house.supervisor.topic.listen(lambda news: tell(self.admit, news))

    async def until(self, done: Callable[[], object]) -> None:
        """Let time pass until something holds; the disk takes its own."""
        async with asyncio.timeout(60):
            while not done():
                await self.house.clock.advance(0.1)
                await asyncio.sleep(0.001)

    async def ready(self, name: str, deadline_s: float = 60) -> EndpointView:
        """Have it started."""
        task = asyncio.create_task(self.servers.ensure_ready(name, deadline_s))
        await self.until(task.done)
        return task.result()


def _asked(policy: Policy) -> Policy:
    return replace(policy, inference=True)


@asynccontextmanager
async def wired(folder: Path) -> AsyncIterator[Wired]:
    house = House(folder)
    task = asyncio.create_task(house.supervisor.run())
    await settle()
    try:
        yield Wired(house)
    finally:
        task.cancel()
        await asyncio.wait([task])
        house.recovery.shut()


class TestReady:
    async def test_what_serves_already_is_not_touched(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            assert (await world.ready("a")).state is State.ONLINE
            assert world.house.rooms["a"].host.did.count("start") == 1

    async def test_what_was_stopped_by_hand_is_started(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            await world.house.supervisor.stop("a")
            await settle()
            assert (await world.ready("a")).state is State.ONLINE

    async def test_a_stop_that_runs_is_waited_for(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            host = world.house.rooms["a"].host
            host.gate = asyncio.Event()
            await world.house.supervisor.stop("a")
            task = asyncio.create_task(world.servers.ensure_ready("a", 60))
            await settle()
            host.gate.set()
            await world.until(task.done)
            assert task.result().state is State.ONLINE

    async def test_what_is_disabled_stays_so(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.supervisor.disable("a")
            with pytest.raises(LoadFailed, match="enable it first"):
                await world.ready("a")

    async def test_a_start_that_cannot_work_is_told_as_on_its_card(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            await world.house.supervisor.stop("a")
            await settle()
            error = StartFailed("there is no model file", "Download it.", final=True)
            world.house.rooms["a"].host.start_fails = [error]
            with pytest.raises(LoadFailed, match=r"there is no model file\. Download it\."):
                await world.ready("a")

    async def test_a_wait_between_two_attempts_is_not_cut_short(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            room = world.house.rooms["a"]
            room.host.start_fails = [StartFailed("the port is taken")] * 2
            room.prober.verdict = "refused"
            room.host.die()
            await world.until(lambda: room.monitor.condition.state is State.BACKOFF)
            begun = room.host.did.count("start")
            task = asyncio.create_task(world.servers.ensure_ready("a", 60))
            await settle()
            assert room.monitor.condition.state is State.BACKOFF
            assert room.host.did.count("start") == begun
            room.prober.verdict = "ok"
            await world.until(task.done)
            assert task.result().state is State.ONLINE

    async def test_waiting_has_an_end_and_the_start_goes_on(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            world.house.rooms["a"].prober.verdict = "loading"
            with pytest.raises(LoadFailed, match="not ready within 5 s"):
                await world.ready("a", 5)
            world.house.rooms["a"].prober.verdict = "ok"
            await world.until(lambda: world.house.supervisor.view("a").state is State.ONLINE)

    async def test_what_it_depends_on_comes_first(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.supervisor.reshape(
                [
                    EndpointSpec(name="a", port=8080),
                    EndpointSpec(name="b", port=8081, depends_on=("a",)),
                ],
                (),
            )
            for name in ("a", "b"):
                world.house.rooms[name].prober.by_purpose["first"] = "refused"
            view = await world.ready("b")
            assert view.state is State.ONLINE
            assert world.house.supervisor.view("a").state is State.ONLINE


class TestRest:
    async def test_only_what_is_ours_is_unloaded(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            assert [world.servers.ours(name) for name in ("a", "theirs", "x")] == [
                True,
                False,
                False,
            ]
            await world.servers.unload("a", "unloaded to make room")
            assert world.house.supervisor.view("a").state is State.STOPPED
            with pytest.raises(Refused):
                await world.servers.unload("theirs", "unloaded")
            with pytest.raises(UnknownEndpoint):
                await world.servers.unload("x", "unloaded")

    async def test_headers_of_unknown_endpoints_are_none(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            assert world.servers.headers("x") == {}
            assert world.servers.headers("a") is world.servers.headers("a")
            assert len(world.servers.views()) == 3


class TestTogether:
    async def test_three_failed_completions_lead_to_a_probe_and_a_repair(
        self, tmp_path: Path
    ) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            room = world.house.rooms["a"]
            room.monitor.adjust(room.monitor.spec, _asked(room.monitor.policy))
            room.prober.by_purpose["verify"] = "timeout"
            for _ in range(3):
                lease = world.admit.admit_now(ask("a"))
                assert lease is not None
                lease.end("no_first_byte")
            assert world.admit.breakers.views()[0].state == "open"
            await world.until(lambda: room.monitor.condition.incarnation == 2)
            assert "verify" in room.prober.asked
            await world.until(lambda: room.monitor.condition.serving)
            summary = world.house.supervisor.incidents(endpoint="a")[0].summary
            assert summary == "3 completions in a row failed"
            assert world.admit.breakers.views()[0].state == "half_open"

    async def test_a_passing_health_check_is_heard_of(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            for _ in range(3):
                lease = world.admit.admit_now(ask("a"))
                assert lease is not None
                lease.end("server_error")
            assert world.admit.breakers.views()[0].state == "open"
            await world.house.clock.advance(5)
            assert world.admit.breakers.views()[0].state == "half_open"

    async def test_an_endpoint_that_is_gone_is_gone_here_too(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as world:
            await world.house.all_online()
            assert len(world.admit.models()) == 2
            await world.house.supervisor.reshape([world.house.supervisor.on_demand.spec("b")], ())
            assert [one.name for one in world.admit.models()] == ["b"]
