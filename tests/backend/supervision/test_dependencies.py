"""Endpoints that need others: who waits, who ends first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock, settle
from fakes.watching import Watching

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.dependencies import Dependencies, stop_waves, waited_for
from llama_runner_pro.supervision.events import EndpointChanged
from llama_runner_pro.supervision.recovery_log import RecoveryLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def spec(name: str, *depends_on: str) -> EndpointSpec:
    return EndpointSpec(name=name, port=8080, depends_on=depends_on)


class TestWaitedFor:
    @pytest.mark.parametrize("state", [State.ONLINE, State.DEGRADED, State.DISABLED, None])
    def test_nobody_waits_for_what_is_ready_or_not_watched(self, state: State | None) -> None:
        assert waited_for(spec("app", "db"), lambda _: state) is None

    @pytest.mark.parametrize("state", set(State) - {State.ONLINE, State.DEGRADED, State.DISABLED})
    def test_every_other_state_is_an_outage(self, state: State) -> None:
        assert waited_for(spec("app", "db"), lambda _: state) == "db"

    def test_the_first_one_that_is_down_is_named(self) -> None:
        states = {"a": State.ONLINE, "b": State.FAILED, "c": State.OFFLINE}
        assert waited_for(spec("app", "a", "b", "c"), states.get) == "b"


class TestStopWaves:
    def test_dependents_end_before_what_they_need(self) -> None:
        chain = [spec("db"), spec("api", "db"), spec("page", "api"), spec("alone")]
        assert stop_waves(chain) == [["page", "alone"], ["api"], ["db"]]

    def test_names_that_do_not_end_now_do_not_matter(self) -> None:
        assert stop_waves([spec("api", "db")]) == [["api"]]

    def test_a_cycle_ends_all_the_same(self) -> None:
        assert stop_waves([spec("a", "b"), spec("b", "a")]) == [["a", "b"]]

    def test_nothing_ends_in_no_wave(self) -> None:
        assert stop_waves([]) == []


class Family:
    """`app` depends on `db`; both are real monitors."""

    def __init__(self, folder: Path) -> None:
        clock = FakeClock()
        recovery = RecoveryLog(folder / "ai_recovery.log", clock, lambda incident: None)
        self.clock = clock
        self.db = Watching(folder, name="db", clock=clock, recovery=recovery)
        self.app = Watching(
            folder, name="app", spec=spec("app", "db"), clock=clock, recovery=recovery
        )
        self.dependencies = Dependencies({"db": self.db, "app": self.app})
        self.dependencies.rearrange()

    async def pass_time(self, seconds: float) -> None:
        """Let time pass and tell what was published."""
        await self.clock.advance(seconds)
        self.dependencies.heard(EndpointChanged(self.db.monitor.view()))
        await settle()


@pytest.fixture
async def family(tmp_path: Path) -> AsyncIterator[Family]:
    made = Family(tmp_path)
    async with made.db, made.app:
        yield made


class TestOutage:
    async def test_a_child_starts_once_its_parent_is_ready(self, family: Family) -> None:
        family.app.tell("watch")
        await family.app.reached(State.OFFLINE)
        view = family.app.views[-1]
        assert (view.reason, view.waiting_for, view.depends_on) == (
            "waiting for db",
            "db",
            ("db",),
        )
        assert "start" not in family.app.host.did
        await family.db.online()
        await family.pass_time(0.0)
        await family.pass_time(0.2)
        await family.app.reached(State.ONLINE)
        assert family.app.views[-1].waiting_for is None

    async def test_a_death_during_a_parents_outage_raises_no_alarm(self, family: Family) -> None:
        await family.db.online()
        await family.pass_time(0.0)
        await family.app.online()
        family.db.prober.by_purpose["startup"] = "refused"
        family.db.host.die(signal="SIGKILL")
        await family.db.reached(State.HEALING)
        await family.pass_time(0.0)
        family.app.host.die(signal="SIGKILL")
        await family.app.reached(State.OFFLINE)
        assert family.app.views[-1].reason == "waiting for db (killed by SIGKILL)"
        assert family.app.recovery.recent(endpoint="app") == []
        family.db.prober.by_purpose["startup"] = "ok"
        await family.pass_time(0.5)
        await family.pass_time(0.5)
        await family.app.reached(State.ONLINE)

    async def test_other_news_concern_nobody(self, family: Family) -> None:
        family.dependencies.heard(EndpointChanged(family.app.monitor.view()))
        await asyncio.sleep(0)
        assert family.db.monitor.condition.waiting_for is None
