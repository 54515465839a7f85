"""Endpoints that come, change and go while everything runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.house import House
from msgspec.structs import replace

from llama_runner_pro.config.refusals import ApplyFailed
from llama_runner_pro.endpoints.spec import EndpointSpec, RestartSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.events import EndpointRemoved
from llama_runner_pro.supervision.pace import CHECKS_PER_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def living(folder: Path) -> AsyncIterator[House]:
    """A house whose endpoints are all online."""
    house = House(folder)
    task = asyncio.create_task(house.supervisor.run())
    try:
        await house.all_online()
        yield house
    finally:
        task.cancel()
        await asyncio.wait([task])
        house.recovery.shut()


def specs(house: House, *names: str) -> list[EndpointSpec]:
    """Those of the endpoints that are watched, or a new one's."""
    known = {name: room.monitor.spec for name, room in house.rooms.items()}
    return [known.get(name, EndpointSpec(name=name, port=9000)) for name in names]


async def reshaped(house: House, *wanted: EndpointSpec, switched: tuple[str, ...] = ()) -> None:
    async with asyncio.timeout(60):
        await house.supervisor.reshape(wanted, switched)
    await settle()


async def test_what_did_not_change_keeps_its_monitor_and_its_process(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        room = house.rooms["a"]
        await reshaped(house, *specs(house, "a", "b", "theirs"))
        assert house.supervisor.view("a").state is State.ONLINE
        assert house.rooms["a"] is room
        assert room.host.did.count("start") == 1
        assert "stop" not in room.host.did


async def test_a_new_endpoint_is_started_and_watched(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        await reshaped(house, *specs(house, "a", "new", "b", "theirs"))
        assert [view.name for view in house.supervisor.views()] == ["a", "new", "b", "theirs"]
        await house.clock.advance(0.1)
        await house.rooms["new"].reached(State.ONLINE)


async def test_while_nothing_is_watched_a_new_one_waits(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        await house.supervisor.stop_monitoring()
        await reshaped(house, *specs(house, "a", "new"))
        assert house.supervisor.view("new").state is State.STOPPED
        assert house.rooms["new"].host.did == []


async def test_one_that_goes_is_stopped_and_its_going_is_told(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        host = house.rooms["b"].host
        await reshaped(house, *specs(house, "a", "theirs"))
        assert not host.running
        assert [view.name for view in house.supervisor.views()] == ["a", "theirs"]
        assert [target.name for target in house.supervisor.targets()] == ["a", "theirs"]
        gone = [news for news in house.news if isinstance(news, EndpointRemoved)]
        assert gone == [EndpointRemoved("b")]


async def test_one_that_is_to_be_kept_runs_on_when_it_goes(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        house.kept.add("b")
        host = house.rooms["b"].host
        await reshaped(house, *specs(house, "a"))
        assert host.running
        assert "stop" not in host.did


async def test_what_was_never_ours_is_left_alone_when_it_goes(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        host = house.rooms["theirs"].host
        await reshaped(house, *specs(house, "a", "b"))
        assert "stop" not in host.did


async def test_an_incident_does_not_stay_open_when_its_endpoint_goes(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        await house.fail("a")
        house.rooms["b"].prober.by_purpose["startup"] = "refused"
        house.rooms["b"].host.die(code=1)
        await house.rooms["b"].reached(State.HEALING)
        await reshaped(house, *specs(house, "theirs"))
        assert all(one.closed_ms is not None for one in house.supervisor.incidents())
        assert len(house.supervisor.incidents()) == 2


async def test_another_command_replaces_the_process(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        old = house.rooms["a"]
        (spec,) = specs(house, "a")
        await reshaped(house, replace(spec, env={"A": "1"}), *specs(house, "b", "theirs"))
        assert not old.host.running
        assert house.rooms["a"] is not old
        await house.clock.advance(0.1)
        await house.rooms["a"].reached(State.ONLINE)
        assert not [news for news in house.news if isinstance(news, EndpointRemoved)]


async def test_one_that_was_stopped_on_request_stays_stopped(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        await house.supervisor.stop("a")
        await house.rooms["a"].reached(State.STOPPED)
        (spec,) = specs(house, "a")
        await reshaped(house, replace(spec, env={"A": "1"}))
        await house.clock.advance(60)
        assert house.supervisor.view("a").state is State.STOPPED
        assert "start" not in house.rooms["a"].host.did


async def test_other_settings_leave_the_process_alone(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        room = house.rooms["a"]
        (spec,) = specs(house, "a")
        changed = replace(spec, restart=RestartSpec(budget=9), model="tiny")
        await reshaped(house, changed, *specs(house, "b", "theirs"))
        assert room.monitor.spec == changed
        assert house.supervisor.view("a").model == "tiny"
        assert room.host.running
        assert "stop" not in room.host.did


async def test_the_switch_in_the_file_is_obeyed_and_remembered(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        (spec,) = specs(house, "a")
        rest = specs(house, "b", "theirs")
        await reshaped(house, replace(spec, enabled=False), *rest, switched=("a",))
        assert house.supervisor.view("a").enabled is False
        assert house.saved[-1][0]["a"] is False
        await reshaped(house, spec, *rest, switched=("a",))
        assert house.supervisor.view("a").enabled is True


async def test_one_that_was_switched_off_stays_off_whatever_changes(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        (spec,) = specs(house, "a")
        await house.supervisor.disable("a")
        await reshaped(house, replace(spec, restart=RestartSpec(budget=9)))
        assert house.supervisor.view("a").enabled is False
        await reshaped(house, replace(spec, env={"A": "1"}))
        assert house.supervisor.view("a").state is State.DISABLED
        await reshaped(house, replace(spec, env={"A": "2"}), switched=("a",))
        assert house.supervisor.view("a").enabled is True


async def test_one_that_does_not_end_undoes_the_change(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        house.rooms["a"].host.ignores_asking = True
        house.rooms["a"].host.survives = True
        with pytest.raises(ApplyFailed) as failed:
            await reshaped(house, *specs(house, "theirs"))
        assert failed.value.step == "stopping a"
        assert "survived" in failed.value.reason
        assert [view.name for view in house.supervisor.views()] == ["a", "b", "theirs"]
        await house.clock.advance(1)
        await house.rooms["b"].reached(State.ONLINE)
        assert not [news for news in house.news if isinstance(news, EndpointRemoved)]


async def test_a_stop_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        house.rooms["a"].host.gate = asyncio.Event()
        change = asyncio.create_task(house.supervisor.reshape(specs(house, "b", "theirs"), ()))
        await house.clock.advance(20)
        with pytest.raises(ApplyFailed, match="did not end within 20 s"):
            await change
        house.rooms["a"].host.gate.set()


async def test_very_many_are_looked_at_bit_by_bit(tmp_path: Path) -> None:
    house = House(tmp_path, more=2 * CHECKS_PER_S)
    rooms = list(house.rooms.values())

    def watched() -> int:
        return sum(room.monitor.condition.watching for room in rooms)

    task = asyncio.create_task(house.supervisor.run())
    await settle()
    seen = [watched()]
    for _ in range(2):
        await house.clock.advance(1.0)
        seen.append(watched())
    task.cancel()
    await asyncio.wait([task])
    house.recovery.shut()
    assert seen == [CHECKS_PER_S, 2 * CHECKS_PER_S, len(rooms)]
