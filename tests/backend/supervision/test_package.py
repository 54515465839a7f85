"""What people do to an endpoint: switch it off and on, stop, heal, look at it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.watching import OURS, Watching
from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Watching]:
    async with Watching(tmp_path) as watching:
        yield watching


class TestSwitchedOff:
    async def test_disable_leaves_the_process_and_enable_finds_it_again(
        self, demo: Watching
    ) -> None:
        await demo.online()
        demo.tell("disable")
        await demo.reached(State.DISABLED)
        view = demo.views[-1]
        assert (view.enabled, view.pid, view.actions) == (False, 101, ("enable", "stop"))
        demo.prober.by_purpose["first"] = "ok"
        demo.tell("enable")
        await demo.reached(State.ONLINE)
        assert demo.views[-1].pid == 101
        assert demo.host.did == ["look", "start"]

    async def test_a_disabled_endpoint_is_not_checked(self, demo: Watching) -> None:
        await demo.online()
        demo.tell("disable")
        await settle()
        asked = len(demo.prober.asked)
        await demo.pass_time(600.0)
        assert len(demo.prober.asked) == asked

    async def test_a_process_that_ends_while_disabled_is_not_healed(self, demo: Watching) -> None:
        await demo.online()
        demo.tell("disable")
        await settle()
        demo.host.die(code=0)
        await demo.until(lambda: demo.views[-1].pid is None)
        assert (demo.state, demo.incidents) == (State.DISABLED, [])

    async def test_one_that_is_configured_as_disabled_is_left_alone(self, tmp_path: Path) -> None:
        async with Watching(tmp_path, enabled=False) as demo:
            demo.tell("watch")
            await demo.pass_time(60.0)
            assert (demo.state, demo.host.did) == (State.DISABLED, [])

    async def test_a_process_of_an_earlier_sidecar_is_adopted(self, demo: Watching) -> None:
        demo.host.found = 4242
        demo.prober.by_purpose["first"] = "ok"
        demo.tell("watch")
        await demo.reached(State.ONLINE)
        assert (demo.views[-1].pid, demo.views[-1].incarnation) == (4242, 1)
        demo.host.die()
        await demo.until(lambda: demo.host.incarnation == 2)
        assert demo.host.did == ["look", "start"]

    async def test_an_adopted_process_that_is_still_starting_is_given_time(
        self, demo: Watching
    ) -> None:
        demo.host.found = 4242
        demo.prober.by_purpose["startup"] = "refused"
        demo.tell("watch")
        await demo.reached(State.STARTING)
        await demo.pass_time(60.0)
        assert demo.host.did == ["look"]
        demo.prober.by_purpose["startup"] = "ok"
        await demo.pass_time(0.1)
        assert demo.state is State.ONLINE


class TestStopped:
    async def test_monitoring_off_and_on_restarts_nothing(self, demo: Watching) -> None:
        await demo.online()
        demo.tell("stop")
        await demo.reached(State.STOPPED)
        demo.tell("unwatch", "watch")
        await demo.pass_time(120.0)
        assert demo.host.did == ["look", "start", "stop"]

    async def test_start_brings_it_back(self, demo: Watching) -> None:
        await demo.online()
        demo.tell("stop")
        await demo.reached(State.STOPPED)
        demo.tell("start")
        await demo.reached(State.STARTING)
        await demo.pass_time(0.1)
        assert demo.state is State.ONLINE

    async def test_a_death_while_monitoring_is_off_waits_until_it_is_on(
        self, demo: Watching
    ) -> None:
        await demo.online()
        demo.tell("unwatch")
        demo.host.die(code=1)
        await demo.reached(State.OFFLINE)
        assert demo.host.did.count("start") == 1
        demo.tell("watch")
        await demo.until(lambda: demo.host.did.count("start") == 2)

    async def test_a_wait_for_the_next_attempt_ends_with_monitoring(self, demo: Watching) -> None:
        await demo.online()
        for _ in range(2):
            await demo.until(lambda: demo.host.running)
            demo.host.die(code=1)
            await settle()
        await demo.reached(State.BACKOFF)
        starts = demo.host.did.count("start")
        demo.tell("unwatch")
        await demo.reached(State.STOPPED)
        await demo.pass_time(600.0)
        assert demo.host.did.count("start") == starts
        assert demo.incidents[-1].outcome == "stopped"


class TestHeal:
    async def test_joins_a_repair_that_runs(self, demo: Watching) -> None:
        await demo.online()
        demo.prober.by_purpose["startup"] = "refused"
        demo.host.die(code=1)
        await demo.until(lambda: demo.host.incarnation == 2)
        demo.tell("heal", "heal_now")
        async with asyncio.TaskGroup() as group:
            settled = group.create_task(demo.monitor.settled())
            await settle()
            assert not settled.done()
            demo.prober.by_purpose["startup"] = "ok"
            await demo.pass_time(0.1)
        assert settled.result().state is State.ONLINE
        assert demo.host.did == ["look", "start", "start"]
        assert len({incident.id for incident in demo.incidents}) == 1

    async def test_cuts_a_wait_short(self, demo: Watching) -> None:
        await demo.online()
        for _ in range(2):
            await demo.until(lambda: demo.host.running)
            demo.host.die(code=1)
            await settle()
        await demo.reached(State.BACKOFF)
        demo.tell("heal")
        await demo.until(lambda: demo.host.incarnation == 3)

    async def test_of_a_well_endpoint_looks_and_leaves_it(self, demo: Watching) -> None:
        await demo.online()
        demo.tell("heal")
        assert (await demo.monitor.settled()).state is State.ONLINE
        assert demo.prober.asked[-1] == "verify"
        assert demo.incidents == []

    async def test_of_a_sick_one_that_looks_well_repairs_it(self, demo: Watching) -> None:
        await demo.online()
        demo.prober.by_purpose["verify"] = "failed"
        demo.tell("heal")
        await demo.until(lambda: demo.host.incarnation == 2)
        assert demo.incidents[0].cause == "unresponsive"


async def test_a_hang_is_noticed_within_twenty_seconds(demo: Watching) -> None:
    await demo.online()
    await demo.pass_time(4.9)
    demo.prober.holding = True
    for _ in range(3):
        while not demo.prober.held:
            await demo.pass_time(0.1)
        await demo.pass_time(2.0)
        demo.prober.answer("timeout")
        await settle()
    assert demo.state is State.HEALING
    assert demo.clock.monotonic() < 5.1 + 20.0


class TestViews:
    async def test_every_visible_change_is_published_once(self, demo: Watching) -> None:
        await demo.online()
        demo.prober.verdict = "timeout"
        await demo.pass_time(5.0)
        demo.prober.verdict = "ok"
        await demo.pass_time(5.0)
        assert demo.states == ["stopped", "starting", "online", "degraded", "online"]
        for before, after in zip(demo.views, demo.views[1:], strict=False):
            assert before != after

    async def test_a_quiet_start_publishes_nothing_while_nothing_changes(
        self, demo: Watching
    ) -> None:
        demo.prober.verdict = "refused"
        demo.tell("watch")
        await demo.until(lambda: demo.views[-1].pid)
        known = len(demo.views)
        await demo.pass_time(30.0)
        assert len(demo.prober.asked) > 250
        assert len(demo.views) == known
        assert demo.beats == []

    async def test_at_most_sixty_heartbeats_are_kept(self, demo: Watching) -> None:
        await demo.online()
        await demo.pass_time(5.0 * 100)
        beats = demo.monitor.view().heartbeats
        assert len(demo.beats) > 100
        assert len(beats) == 60
        assert beats[-1] == demo.beats[-1]

    async def test_a_heartbeat_alone_is_told_without_the_whole_view(self, demo: Watching) -> None:
        await demo.online()
        known = len(demo.views)
        await demo.pass_time(5.0 * 20)
        assert len(demo.beats) > 20
        assert len(demo.views) == known

    async def test_a_command_that_was_taken_shows_in_the_view(self, demo: Watching) -> None:
        await demo.online()
        demo.tell("disable")
        await demo.monitor.taken()
        assert demo.monitor.view().state is State.DISABLED

    async def test_times_stay_when_only_other_things_change(self, demo: Watching) -> None:
        await demo.online()
        since_ms = demo.views[-1].since_ms
        demo.clock.skip(3.0)
        await demo.pass_time(5.0)
        assert demo.monitor.view().since_ms == since_ms


class TestDebugMode:
    async def test_each_incident_is_looked_into_before_anything_is_done(
        self, demo: Watching
    ) -> None:
        await demo.online()
        demo.host.die(code=1)
        await demo.reached(State.HEALING)
        await demo.pass_time(0.1)
        await demo.reached(State.ONLINE)
        assert demo.diagnosed == []
        demo.debug = True
        done = list(demo.host.did)
        demo.host.die(code=1)
        await demo.until(lambda: demo.diagnosed)
        assert demo.diagnosed == [(demo.incidents[-1].id, done)]

    async def test_the_budget_is_doubled_while_it_is_on(self, demo: Watching) -> None:
        await demo.online()
        usual = demo.monitor.view().attempts_max
        demo.debug = True
        assert demo.monitor.view().attempts_max == 2 * usual
        demo.debug = False
        assert demo.monitor.view().attempts_max == usual


class TestClients:
    """What is told of the requests of real clients."""

    async def test_three_errors_in_a_row_make_one_token_decide(self, tmp_path: Path) -> None:
        async with Watching(tmp_path, replace(OURS, inference=True)) as demo:
            await demo.online()
            for ok in (False, False, True, False, False):
                demo.monitor.completed(ok=ok)
            await settle()
            assert demo.state is State.ONLINE
            demo.prober.by_purpose["verify"] = "failed"
            demo.monitor.completed(ok=False)
            await demo.until(lambda: "stop" in demo.host.did)
            assert demo.incidents[-1].summary == "3 completions in a row failed"
