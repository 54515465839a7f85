"""Several endpoints together: commands by name, monitoring as a whole, the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.children import until
from fakes.clock import settle
from fakes.house import House

from llama_runner_pro.core.errors import Refused, UnknownEndpoint
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.events import MonitoringChanged
from llama_runner_pro.supervision.port_taken import port_held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    run = asyncio.create_task(house.supervisor.run())
    await settle()
    await house.all_online()
    yield house
    run.cancel()
    await asyncio.wait([run])
    house.recovery.shut()


class TestReading:
    async def test_views_come_in_the_order_of_the_configuration(self, house: House) -> None:
        assert [view.name for view in house.supervisor.views()] == ["a", "b", "theirs"]
        assert house.supervisor.view("b").state is State.ONLINE

    async def test_an_unknown_name_is_told_with_the_known_ones(self, house: House) -> None:
        with pytest.raises(UnknownEndpoint) as caught:
            house.supervisor.view("c")
        assert caught.value.known == ["a", "b", "theirs"]

    async def test_collectors_learn_what_is_ready_and_its_process(self, house: House) -> None:
        house.rooms["b"].prober.by_purpose["startup"] = "refused"
        house.rooms["b"].host.die(code=1)
        await house.rooms["b"].reached(State.HEALING)
        targets = {target.name: target for target in house.supervisor.targets()}
        assert (targets["a"].ready, targets["a"].pid) == (True, 101)
        assert not targets["b"].ready
        assert targets["theirs"].pid is None

    async def test_the_newest_check_of_any_endpoint_is_told(self, house: House) -> None:
        await house.clock.advance(5.0)
        assert house.supervisor.last_check_ms == house.clock.wall_ms()

    async def test_incidents_are_found_by_endpoint_and_by_id(self, house: House) -> None:
        house.rooms["a"].host.die(code=1)
        await house.rooms["a"].reached(State.HEALING)
        incident = house.supervisor.incidents(endpoint="a")[0]
        assert house.supervisor.incident(incident.id) == incident
        assert house.supervisor.incidents(endpoint="b") == []
        assert house.supervisor.incident("unknown") is None

    async def test_the_configuration_is_handed_through(self, house: House) -> None:
        assert house.supervisor.config_document() == {"endpoints": ["a", "b", "theirs"]}


class TestSwitches:
    async def test_monitoring_goes_off_and_on_once_each(self, house: House) -> None:
        assert not await house.supervisor.start_monitoring()
        assert await house.supervisor.stop_monitoring()
        assert not await house.supervisor.stop_monitoring()
        assert not house.supervisor.monitoring_active
        assert await house.supervisor.start_monitoring()
        told = [news.active for news in house.news if isinstance(news, MonitoringChanged)]
        assert told == [False, True]

    async def test_with_monitoring_off_models_keep_running_unchecked(self, house: House) -> None:
        await house.supervisor.stop_monitoring()
        await settle()
        asked = len(house.rooms["a"].prober.asked)
        await house.clock.advance(60.0)
        assert len(house.rooms["a"].prober.asked) == asked
        assert house.rooms["a"].host.running

    async def test_disable_and_enable_are_remembered(self, house: House) -> None:
        view = await house.supervisor.disable("a")
        assert (view.state, view.enabled) == (State.DISABLED, False)
        assert house.saved[-1] == ({"a": False, "b": True, "theirs": True}, False)
        await house.supervisor.enable("a")
        assert house.saved[-1][0]["a"]

    async def test_a_disable_in_the_middle_of_a_start_is_remembered_as_one(
        self, house: House
    ) -> None:
        house.rooms["a"].host.gate = asyncio.Event()
        house.rooms["a"].host.die(code=1)
        await house.rooms["a"].until(lambda: house.rooms["a"].host.did.count("start") == 2)
        view = await house.supervisor.disable("a")
        assert (view.state, view.enabled) == (State.STOPPING, False)
        assert not house.saved[-1][0]["a"]

    async def test_debug_mode_is_remembered_and_told(self, house: House) -> None:
        await house.supervisor.set_debug(True)
        await house.supervisor.set_debug(True)
        assert house.supervisor.debug_mode
        assert [debug for _, debug in house.saved] == [True]
        assert house.news[-1] == MonitoringChanged(active=True, debug_mode=True)

    async def test_a_full_disk_takes_no_choice_back(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        house.disk_full = True
        assert (await house.supervisor.disable("a")).state is State.DISABLED
        assert "will not survive a restart: no space left" in caplog.text
        assert house.supervisor.unkept == "no space left on device"

    async def test_a_choice_that_a_full_disk_refused_is_kept_once_there_is_room(
        self, house: House
    ) -> None:
        house.disk_full = True
        await house.supervisor.disable("a")
        house.disk_full = False
        await house.clock.advance(2.0)
        await until(lambda: house.saved)
        assert not house.saved[-1][0]["a"]
        await until(lambda: house.supervisor.unkept is None)


class TestCommands:
    async def test_stop_start_and_restart_by_name(self, house: House) -> None:
        room = house.rooms["a"]
        await house.supervisor.stop("a")
        await room.reached(State.STOPPED)
        await house.supervisor.start("a")
        await room.reached(State.STARTING)
        await house.clock.advance(0.1)
        await room.reached(State.ONLINE)
        await house.supervisor.restart("a")
        await room.until(lambda: room.host.incarnation == 3)

    async def test_what_makes_no_sense_is_refused(self, house: House) -> None:
        with pytest.raises(Refused, match="already running"):
            await house.supervisor.start("a")
        with pytest.raises(UnknownEndpoint):
            await house.supervisor.stop("c")


class TestHeal:
    async def test_all_heals_what_is_unhealthy_and_nothing_else(self, house: House) -> None:
        await house.fail("a")
        outcome = await house.healed(house.supervisor.heal(None, emergency=False))
        assert outcome == {"a": ("failed", "failed", False)}
        assert house.rooms["b"].host.did == ["look", "start"]

    async def test_an_emergency_heals_everything_that_is_unhealthy_at_once(
        self, house: House
    ) -> None:
        for name in ("a", "b"):
            await house.fail(name)
        house.rooms["a"].host.start_fails = []
        house.rooms["b"].host.start_fails = []
        operation = house.supervisor.heal(None, emergency=True)
        for name in ("a", "b"):
            await house.rooms[name].until(lambda n=name: house.rooms[n].host.running)
        await house.clock.advance(0.1)
        outcome = await house.healed(operation)
        assert outcome == dict.fromkeys(("a", "b"), ("failed", "online", True))

    async def test_what_cannot_be_healed_is_told_beside_the_rest(self, house: House) -> None:
        house.rooms["theirs"].prober.verdict = "refused"
        for _ in range(3):
            await house.clock.advance(5.0)
        await house.rooms["theirs"].reached(State.OFFLINE)
        operation = house.supervisor.heal(None, emergency=False)
        outcome = await house.healed(operation)
        assert outcome == {"theirs": ("offline", "offline", False)}
        assert "no start command" in operation.results[0].detail

    async def test_a_repair_that_runs_is_joined(self, house: House) -> None:
        room = house.rooms["a"]
        room.prober.by_purpose["startup"] = "refused"
        room.host.die(code=1)
        await room.until(lambda: room.host.incarnation == 2)
        operation = house.supervisor.heal(None, emergency=False)
        room.prober.by_purpose["startup"] = "ok"
        await house.clock.advance(0.1)
        assert await house.healed(operation) == {"a": ("healing", "online", True)}

    async def test_one_by_name_is_refused_with_the_reason(self, house: House) -> None:
        with pytest.raises(Refused, match="no start command"):
            house.supervisor.heal("theirs", emergency=False)
        with pytest.raises(UnknownEndpoint):
            house.supervisor.heal("c", emergency=False)

    async def test_an_operation_is_found_by_its_id_until_a_hundred_came_after(
        self, house: House
    ) -> None:
        first = house.supervisor.heal(None, emergency=False)
        assert house.supervisor.operation(first.id) is first
        for _ in range(100):
            house.supervisor.heal(None, emergency=False)
        assert house.supervisor.operation(first.id) is None

    async def test_before_it_runs_nothing_can_be_healed(self, tmp_path: Path) -> None:
        house = House(tmp_path)
        with pytest.raises(RuntimeError, match="does not run yet"):
            house.supervisor.heal("a", emergency=False)
        house.recovery.shut()


class TestLife:
    async def test_a_bug_in_one_monitor_stops_neither_it_nor_the_others(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        house.rooms["a"].prober.breaks = ZeroDivisionError("a bug")
        await house.clock.advance(5.0)
        assert "watching a stopped unexpectedly" in caplog.text
        await house.clock.advance(6.0)
        for name in ("a", "b"):
            room = house.rooms[name]
            room.host.die(signal="SIGKILL")
            await room.until(lambda r=room: r.host.incarnation == 2)

    async def test_outputs_are_tended_every_two_seconds(self, house: House) -> None:
        await house.clock.advance(2.0)
        async with asyncio.timeout(60):
            await house.all_tended.wait()
        assert house.tended == ["a", "b", "theirs"]

    async def test_the_end_stops_what_we_started_and_leaves_the_rest(self, house: House) -> None:
        house.kept = {"b"}
        async with asyncio.timeout(60):
            await house.supervisor.shutdown(8.0)
        assert not house.rooms["a"].host.running
        assert house.rooms["b"].host.running
        assert "stop" not in house.rooms["theirs"].host.did
        assert house.hurried == [4.0, 4.0, 4.0]
        await house.clock.advance(600.0)
        assert house.rooms["a"].host.did == ["look", "start", "stop"]

    async def test_the_end_stops_a_disabled_process_of_ours_too(self, house: House) -> None:
        await house.supervisor.disable("a")
        await house.supervisor.shutdown(8.0)
        assert not house.rooms["a"].host.running

    async def test_the_end_can_leave_all_of_them_running(self, house: House) -> None:
        await house.supervisor.shutdown(8.0, keep=True)
        assert house.rooms["a"].host.running
        assert house.rooms["b"].host.running

    async def test_the_end_waits_no_longer_than_its_deadline(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        house.rooms["a"].host.gate = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(house.supervisor.shutdown(8.0))
            await house.clock.advance(8.1)
        assert "some processes did not end within 8 s" in caplog.text


class TestProposals:
    async def test_a_proposal_is_handed_to_the_configuration(self, house: House) -> None:
        room = house.rooms["a"]
        room.host.start_fails = [port_held(8080, "nginx (pid 9)", 8087)]
        room.host.die(code=1)
        await room.reached(State.FAILED)
        proposal = house.supervisor.view("a").proposal
        assert proposal is not None
        assert proposal.port == 8087
        await house.supervisor.accept_proposal("a")
        assert house.accepted == [("a", {"port": 8087})]

    async def test_where_nothing_is_proposed_nothing_is_accepted(self, house: House) -> None:
        with pytest.raises(Refused, match="nothing proposed"):
            await house.supervisor.accept_proposal("b")
        with pytest.raises(UnknownEndpoint):
            await house.supervisor.accept_proposal("c")
        assert house.accepted == []

    async def test_errors_of_clients_reach_their_endpoint(self, house: House) -> None:
        for name in ("a", "nobody") * 3:
            house.supervisor.completed(name, ok=False)
        await house.rooms["a"].reached(State.DEGRADED)
        assert house.supervisor.view("a").reason == "3 completions in a row failed"
        assert house.supervisor.view("b").state is State.ONLINE
