"""One endpoint over time: dies, hangs, fails to start, is switched off and on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.recovery import story, written
from fakes.watching import OURS, Watching
from msgspec.structs import replace

from llama_runner_pro.core.errors import Refused, StartFailed
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ASKED = replace(OURS, inference=True)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Watching]:
    async with Watching(tmp_path) as watching:
        yield watching


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Watching]:
    async with Watching(tmp_path, ASKED) as watching:
        yield watching


class TestDeath:
    async def test_a_killed_process_is_back_online_as_a_new_incarnation(
        self, demo: Watching
    ) -> None:
        await demo.online()
        demo.host.die(signal="SIGKILL")
        await demo.reached(State.HEALING)
        await demo.pass_time(0.1)
        await demo.reached(State.ONLINE)
        view = demo.views[-1]
        assert (view.incarnation, view.pid, view.restart_count) == (2, 102, 1)
        assert demo.states == ["stopped", "starting", "online", "healing", "online"]

    async def test_the_incident_is_on_disk_before_the_next_start(self, demo: Watching) -> None:
        await demo.online()
        found: list[list[str]] = []
        demo.host.on_start = lambda: found.append(story(demo.log_path))
        demo.host.die(signal="SIGKILL")
        await demo.until(lambda: demo.host.running)
        assert found == [["opened exit"]]

    async def test_the_incident_tells_the_whole_repair(self, asked: Watching) -> None:
        await asked.online()
        asked.host.die(signal="SIGKILL")
        await asked.reached(State.HEALING)
        await asked.pass_time(0.1)
        await asked.reached(State.ONLINE)
        assert story(asked.log_path) == [
            "opened exit",
            "start ok",
            "wait_ready ok",
            "verify_ready ok",
            "closed healed",
        ]
        incident = asked.incidents[-1]
        assert incident.evidence.signal == "SIGKILL"
        assert incident.evidence.log_tail == ("last words",)
        assert incident.outcome == "healed"
        assert asked.views[-1].incident_id is None

    async def test_the_step_is_shown_while_it_runs(self, demo: Watching) -> None:
        await demo.online()
        demo.prober.by_purpose["startup"] = "refused"
        demo.host.die(code=1)
        await demo.until(lambda: demo.views[-1].step == "wait_ready")
        assert demo.views[-1].incident_id == demo.incidents[-1].id

    async def test_a_missed_heartbeat_tells_how_it_ended(self, demo: Watching) -> None:
        await demo.online()
        demo.host.die(code=139)
        await demo.reached(State.HEALING)
        assert (demo.beats[-1].ok, demo.beats[-1].reason) == (False, "exited with code 139")


class TestHang:
    async def test_is_verified_then_stopped_gracefully_then_by_force_then_started(
        self, asked: Watching
    ) -> None:
        await asked.online()
        asked.host.ignores_asking = True
        asked.prober.by_purpose |= {"liveness": "timeout", "verify": "timeout"}
        for _ in range(3):
            await asked.pass_time(5.0)
        await asked.until(lambda: asked.host.incarnation == 2)
        await asked.pass_time(0.1)
        await asked.reached(State.ONLINE)
        assert story(asked.log_path) == [
            "opened unresponsive",
            "verify ok",
            "graceful_stop failed",
            "forced_stop ok",
            "start ok",
            "wait_ready ok",
            "verify_ready ok",
            "closed healed",
        ]
        assert asked.host.did == ["look", "start", "stop", "start"]

    async def test_one_that_completes_is_left_alone(self, asked: Watching) -> None:
        await asked.online()
        asked.prober.by_purpose |= {"liveness": "timeout"}
        for _ in range(3):
            await asked.pass_time(5.0)
        await asked.until(lambda: asked.incidents and asked.incidents[-1].outcome)
        assert asked.incidents[-1].outcome == "false_alarm"
        await asked.pass_time(300.0)
        assert asked.prober.asked.count("verify") > 10
        assert len({incident.id for incident in asked.incidents}) == 1
        assert "stop" not in asked.host.did

    async def test_what_survives_being_killed_needs_the_user(self, demo: Watching) -> None:
        await demo.online()
        demo.host.ignores_asking = demo.host.survives = True
        demo.prober.verdict = "timeout"
        for _ in range(3):
            await demo.pass_time(5.0)
        await demo.reached(State.FAILED)
        assert demo.views[-1].reason == "could not be stopped: pid 101 survived being killed"
        assert demo.views[-1].hint
        assert demo.host.did.count("start") == 1


class TestFailedStarts:
    async def test_wait_longer_each_time_until_the_budget_is_spent(self, demo: Watching) -> None:
        demo.host.start_fails = [StartFailed("no memory") for _ in range(5)]
        demo.tell("watch")
        for wait_s in (1.0, 2.0, 4.0):
            await demo.reached(State.BACKOFF)
            view = demo.views[-1]
            now_ms = demo.clock.wall_ms()
            assert view.next_attempt_at_ms == now_ms + wait_s * 1000
            starts = demo.host.did.count("start")
            await demo.pass_time(wait_s - 0.01)
            assert demo.host.did.count("start") == starts
            await demo.pass_time(0.01)
            await demo.until(lambda n=starts: demo.host.did.count("start") == n + 1)
        await demo.reached(State.FAILED)
        assert demo.views[-1].reason == "5 starts in a row failed; the last one: no memory"
        assert demo.views[-1].hint
        assert demo.incidents[-1].outcome == "failed"
        assert len({incident.id for incident in demo.incidents}) == 1

    async def test_that_cannot_be_mended_by_repeating_are_not_repeated(
        self, demo: Watching
    ) -> None:
        demo.host.start_fails = [StartFailed("port 80 is held by nginx", "move it", final=True)]
        demo.tell("watch")
        await demo.reached(State.FAILED)
        view = demo.views[-1]
        assert (view.reason, view.hint) == ("port 80 is held by nginx", "move it")
        assert demo.host.did.count("start") == 1

    async def test_with_a_final_exit_code_give_the_engines_own_line(self, demo: Watching) -> None:
        demo.prober.verdict = "refused"
        demo.tell("watch")
        await demo.until(lambda: demo.host.running)
        demo.host.die(code=66, last_line="there is no model file at model.gguf")
        await demo.reached(State.FAILED)
        assert demo.views[-1].reason == "there is no model file at model.gguf"
        assert demo.incidents[-1].evidence.exit_code == 66

    async def test_that_take_too_long_are_ended_but_not_while_they_make_progress(
        self, tmp_path: Path
    ) -> None:
        patient = replace(OURS, startup_budget_s=10.0, startup_period_s=1.0)
        async with Watching(tmp_path, patient) as slow:
            slow.prober.verdict = "loading"
            slow.tell("watch")
            for megabytes in range(1, 31):
                slow.host.moved = (0, megabytes * 1_000_000)
                await slow.pass_time(1.0)
            assert slow.state is State.LOADING
            await slow.pass_time(12.0)
            await slow.until(lambda: slow.incidents)
            assert slow.incidents[0].summary == "not ready within 10 s (Loading model)"
            assert slow.host.did == ["look", "start", "stop", "start"]


class TestOrders:
    async def test_an_answer_that_was_superseded_is_dropped(self, demo: Watching) -> None:
        await demo.online()
        demo.prober.holding = True
        await demo.pass_time(5.0)
        demo.tell("unwatch", "watch")
        await settle()
        demo.prober.answer("refused")
        await settle()
        assert demo.state is State.ONLINE
        assert all(beat.ok for beat in demo.beats)

    async def test_a_stop_that_overtakes_a_start_leaves_nothing_running(
        self, demo: Watching
    ) -> None:
        demo.host.gate = asyncio.Event()
        demo.tell("watch")
        await demo.reached(State.STARTING)
        demo.tell("stop")
        await demo.reached(State.STOPPING)
        demo.host.gate.set()
        await demo.reached(State.STOPPED)
        await demo.monitor.at_rest()
        assert demo.host.did == ["look", "start", "stop"]
        assert not demo.host.running

    async def test_a_stop_while_it_is_looked_for_prevents_the_start(self, demo: Watching) -> None:
        demo.prober.holding = True
        demo.tell("watch")
        await settle()
        demo.tell("stop")
        await settle()
        demo.prober.answer("refused")
        await demo.pass_time(60.0)
        assert demo.host.did == ["look"]
        assert demo.state is State.STOPPED

    async def test_a_restart_within_a_repair_goes_on_with_that_repair(self, demo: Watching) -> None:
        await demo.online()
        demo.prober.by_purpose["startup"] = "refused"
        demo.host.die(code=1)
        await demo.until(lambda: demo.views[-1].step == "wait_ready")
        demo.tell("restart")
        await demo.until(lambda: demo.host.incarnation == 3)
        demo.prober.by_purpose["startup"] = "ok"
        await demo.pass_time(0.1)
        await demo.reached(State.ONLINE)
        assert len({incident.id for incident in demo.incidents}) == 1
        assert demo.incidents[-1].outcome == "healed"

    async def test_what_makes_no_sense_is_refused_with_the_reason(self, demo: Watching) -> None:
        await demo.online()
        with pytest.raises(Refused, match="demo: it is already running"):
            demo.tell("start")

    async def test_too_many_commands_at_once_are_refused(self, demo: Watching) -> None:
        with pytest.raises(Refused, match="busy"):
            demo.tell(*["watch"] * 300)  # type: ignore[list-item]


async def test_a_bug_in_a_check_ends_no_model_and_the_next_run_goes_on(tmp_path: Path) -> None:
    demo = Watching(tmp_path)
    run = asyncio.create_task(demo.monitor.run())
    await demo.online()
    demo.prober.breaks = ZeroDivisionError("a bug")
    with pytest.raises(ExceptionGroup):
        await asyncio.gather(demo.pass_time(5.0), run)
    assert demo.monitor.condition.pending == "liveness"
    async with demo:
        await demo.pass_time(5.0)
        assert (demo.state, demo.host.did) == (State.ONLINE, ["look", "start"])
        demo.host.die(signal="SIGKILL")
        await demo.until(lambda: demo.host.incarnation == 2)


async def test_written_lines_carry_incident_endpoint_and_time(demo: Watching) -> None:
    await demo.online()
    demo.host.die(code=1)
    await demo.reached(State.HEALING)
    line = written(demo.log_path)[0]
    assert line["endpoint"] == "demo"
    assert line["incident"] == demo.incidents[0].id
    assert line["t"].startswith("2023-11-14T22:13:20")
