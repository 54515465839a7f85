"""Healing as an operation: asked for now, told about later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.watching import Watching

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.operations import Operation, Patient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Watching]:
    async with Watching(tmp_path) as watching:
        await watching.online()
        yield watching


async def break_for_good(demo: Watching) -> None:
    demo.host.start_fails = [StartFailed("no such program", final=True)]
    demo.host.die(code=1)
    await demo.reached(State.FAILED)


async def test_tells_what_a_heal_did_and_how_long_it_took(demo: Watching) -> None:
    await break_for_good(demo)
    demo.prober.by_purpose["startup"] = "refused"
    operation, patient = Operation(), Patient.of(demo.monitor)
    demo.tell("heal")
    async with asyncio.TaskGroup() as group:
        group.create_task(operation.follow([patient], demo.clock))
        await demo.until(lambda: demo.host.running)
        await demo.pass_time(2.0)
        assert not operation.finished
        demo.prober.by_purpose["startup"] = "ok"
        await demo.pass_time(0.1)
        await operation.wait()
    outcome = operation.results[0]
    assert (outcome.name, outcome.before, outcome.after) == ("demo", "failed", "online")
    assert (outcome.healed, outcome.detail) == (True, "ready")
    assert outcome.duration_ms == pytest.approx(2100, abs=150)
    assert outcome.incident_id == demo.incidents[-1].id


async def test_a_heal_that_fails_says_why(demo: Watching) -> None:
    await break_for_good(demo)
    demo.host.start_fails = [StartFailed("still no such program", final=True)]
    operation, patient = Operation(), Patient.of(demo.monitor)
    demo.tell("heal")
    await operation.follow([patient], demo.clock)
    outcome = operation.results[0]
    assert (outcome.after, outcome.healed) == ("failed", False)
    assert outcome.detail == "still no such program"


async def test_a_heal_of_what_is_well_names_no_incident_of_the_past(demo: Watching) -> None:
    demo.host.die(code=1)
    await demo.reached(State.HEALING)
    await demo.pass_time(0.1)
    await demo.reached(State.ONLINE)
    assert demo.monitor.last_incident_id
    operation, patient = Operation(), Patient.of(demo.monitor)
    demo.tell("heal")
    await operation.follow([patient], demo.clock)
    assert (operation.results[0].healed, operation.results[0].incident_id) == (True, None)
    assert operation.results[0].detail == "nothing to repair: it is ready"


async def test_joining_a_repair_names_its_incident(demo: Watching) -> None:
    demo.prober.by_purpose["startup"] = "refused"
    demo.host.die(code=1)
    await demo.until(lambda: demo.host.incarnation == 2)
    operation, patient = Operation(), Patient.of(demo.monitor)
    demo.tell("heal")
    async with asyncio.TaskGroup() as group:
        group.create_task(operation.follow([patient], demo.clock))
        await settle()
        demo.prober.by_purpose["startup"] = "ok"
        await demo.pass_time(0.1)
    assert operation.results[0].incident_id == demo.incidents[0].id


async def test_something_serving_but_not_well_is_told_as_such(demo: Watching) -> None:
    demo.prober.by_purpose["liveness"] = "timeout"
    await demo.pass_time(5.0)
    assert demo.state is State.DEGRADED
    operation = Operation()
    await operation.follow([Patient.of(demo.monitor)], demo.clock)
    assert operation.results[0].detail == "ready, but no answer within 2 s"


async def test_patience_has_an_end(demo: Watching) -> None:
    demo.host.gate = asyncio.Event()
    demo.host.die(code=1)
    await demo.reached(State.HEALING)
    operation = Operation()
    async with asyncio.TaskGroup() as group:
        group.create_task(operation.follow([Patient.of(demo.monitor)], demo.clock))
        await demo.pass_time(151.0)
    assert operation.finished
    assert (operation.results[0].after, operation.results[0].healed) == ("healing", False)


async def test_who_waits_may_leave_without_ending_it(demo: Watching) -> None:
    operation = Operation()
    waiting = asyncio.create_task(operation.wait())
    await settle()
    waiting.cancel()
    await asyncio.wait([waiting])
    await operation.follow([Patient.of(demo.monitor)], demo.clock)
    assert operation.finished
    assert len(operation.results) == 1


def test_each_operation_has_its_own_id() -> None:
    assert Operation().id != Operation().id
