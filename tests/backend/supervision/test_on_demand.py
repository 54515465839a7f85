"""Models come and go as the gateway needs them; nobody mistakes that for a fault."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.house import House
from fakes.situations import NOW, OURS, at, probed, waiting, words
from fakes.watching import Watching
from msgspec.structs import replace

from llama_runner_pro.core.errors import Refused, UnknownEndpoint
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.healer import decide

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LATER = replace(OURS, on_demand=True)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[House]:
    house = House(folder)
    task = asyncio.create_task(house.supervisor.run())
    await settle()
    await house.all_online()
    try:
        yield house
    finally:
        task.cancel()
        await asyncio.wait([task])
        house.recovery.shut()


class TestUnload:
    async def test_the_process_ends_and_the_card_says_why(self, tmp_path: Path) -> None:
        async with running(tmp_path) as house:
            view = await house.supervisor.on_demand.unload("a", "unloaded after 5 min")
            assert view.state is State.STOPPED
            assert view.reason == "unloaded after 5 min; loads on demand"
            assert view.incident_id is None
            assert not house.rooms["a"].host.running

    async def test_it_is_neither_healed_nor_started_again(self, tmp_path: Path) -> None:
        async with running(tmp_path) as house:
            await house.supervisor.on_demand.unload("a", "unloaded")
            await house.clock.advance(120)
            assert house.supervisor.view("a").state is State.STOPPED
            assert not house.supervisor.incidents(endpoint="a")

    async def test_it_can_be_started_again(self, tmp_path: Path) -> None:
        async with running(tmp_path) as house:
            await house.supervisor.on_demand.unload("a", "unloaded")
            await house.supervisor.start("a")
            settled = asyncio.create_task(house.supervisor.on_demand.settled("a"))
            await house.clock.advance(1)
            assert (await settled).state is State.ONLINE

    async def test_what_is_not_ours_is_left_alone(self, tmp_path: Path) -> None:
        async with running(tmp_path) as house:
            with pytest.raises(Refused, match="not started from here"):
                await house.supervisor.on_demand.unload("theirs", "unloaded")
            assert not house.supervisor.on_demand.ours("theirs")
            assert house.supervisor.on_demand.ours("a")

    async def test_one_that_does_not_end_is_told(self, tmp_path: Path) -> None:
        async with running(tmp_path) as house:
            house.rooms["a"].host.ignores_asking = house.rooms["a"].host.survives = True
            with pytest.raises(Refused, match="survived being killed"):
                await house.supervisor.on_demand.unload("a", "unloaded")

    async def test_unknown_names_are_told(self, tmp_path: Path) -> None:
        async with running(tmp_path) as house:
            with pytest.raises(UnknownEndpoint):
                house.supervisor.on_demand.spec("x")
            assert house.supervisor.on_demand.spec("a").name == "a"

    def test_stopping_it_by_hand_meanwhile_drops_the_reason(self) -> None:
        unloading = decide(OURS, at(State.ONLINE), e.Command("unload", "idle"), NOW).condition
        stopping = decide(OURS, unloading, e.Command("stop"), NOW).condition
        ended = decide(OURS, stopping, e.StopEnded(stopping.token, True, ""), NOW).condition
        assert (ended.state, ended.reason) == (State.STOPPED, None)


class TestStart:
    async def test_nothing_is_started_before_somebody_asks(self, tmp_path: Path) -> None:
        async with Watching(tmp_path, LATER) as room:
            room.tell("watch")
            await room.pass_time(60)
            assert (room.state, room.views[-1].reason) == (State.STOPPED, "loads on demand")
            assert "start" not in room.host.did
            room.tell("start")
            await room.pass_time(0.1)
            await room.until(lambda: room.monitor.condition.serving)

    async def test_one_that_runs_already_is_watched(self, tmp_path: Path) -> None:
        room = Watching(tmp_path, LATER)
        room.host.found = 4242
        room.prober.by_purpose["first"] = "ok"
        async with room:
            room.tell("watch")
            await room.reached(State.ONLINE)
            assert room.monitor.condition.alive

    async def test_once_it_runs_it_is_healed_like_any_other(self, tmp_path: Path) -> None:
        async with Watching(tmp_path, LATER) as room:
            room.tell("watch")
            await room.pass_time(0.1)
            room.tell("start")
            await room.pass_time(0.1)
            await room.until(lambda: room.monitor.condition.serving)
            room.host.die(signal="SIGKILL")
            await room.pass_time(0.2)
            await room.until(lambda: room.host.did.count("start") == 2)

    def test_an_end_that_nobody_watched_is_no_incident(self) -> None:
        looking = waiting(State.STOPPED, "first", missed=True, alive=False)
        after = decide(LATER, looking, probed("first", "refused"), NOW)
        assert (after.condition.state, words(after)) == (State.STOPPED, "")
        assert not after.condition.missed

    def test_enabling_it_again_starts_nothing(self) -> None:
        off = at(State.DISABLED, summoned=True)
        enabled = decide(LATER, off, e.Command("enable"), NOW).condition
        refused = replace(probed("first", "refused"), token=enabled.token)
        after = decide(LATER, enabled, refused, NOW)
        assert (after.condition.state, words(after)) == (State.STOPPED, "")
