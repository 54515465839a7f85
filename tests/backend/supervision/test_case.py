"""The incident of one endpoint, also over the end of a sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.situations import FOREIGN
from fakes.watching import Watching

from llama_runner_pro.endpoints.ports import Evidence
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.recovery_log import RecoveryLog

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.endpoints.ports import Incident


async def left_open(folder: Path) -> FakeClock:
    """A sidecar is killed in the middle of a repair of `demo`; ten seconds pass."""
    clock = FakeClock()
    log = RecoveryLog(folder / "ai_recovery.log", clock, [].append)
    await log.open(
        "demo", "exit", "it crashed", Evidence(), detected_ms=clock.wall_ms(), evidence_ms=1.0
    )
    log.shut()
    await clock.advance(10.0)
    return clock


def closed(watching: Watching) -> Incident:
    (incident,) = watching.recovery.recent()
    assert incident.closed_ms is not None
    return incident


async def test_it_is_healed_when_the_next_sidecar_finds_the_endpoint_well(tmp_path: Path) -> None:
    async with Watching(tmp_path, clock=await left_open(tmp_path)) as demo:
        assert demo.recovery.recent()[0].closed_ms is None
        demo.host.found = 4242
        demo.prober.by_purpose["first"] = "ok"
        demo.tell("watch")
        await demo.reached(State.ONLINE)
        incident = closed(demo)
    assert (incident.outcome, incident.duration_ms) == ("healed", 10_000.0)
    assert "started anew during this repair" in incident.steps[-1].detail


async def test_it_is_healed_when_the_next_sidecar_starts_the_endpoint(tmp_path: Path) -> None:
    async with Watching(tmp_path, clock=await left_open(tmp_path)) as demo:
        await demo.online()
        incident = closed(demo)
    assert (incident.outcome, incident.duration_ms) == ("healed", 10_100.0)


async def test_a_repair_of_the_next_sidecar_goes_on_with_it(tmp_path: Path) -> None:
    async with Watching(tmp_path, clock=await left_open(tmp_path)) as demo:
        demo.prober.by_purpose["startup"] = "refused"
        demo.tell("watch")
        await demo.reached(State.STARTING)
        demo.host.die(code=66)
        await demo.reached(State.FAILED)
        incident = closed(demo)
    assert incident.outcome == "failed"
    assert [step.step for step in incident.steps] == ["detected", "evidence", "detected", "close"]
    assert demo.monitor.last_incident_id == incident.id


@pytest.mark.parametrize(
    ("enabled", "told"), [(False, "nobody watches it"), (True, "nobody listens")]
)
async def test_it_failed_when_nobody_can_mend_it(tmp_path: Path, enabled: bool, told: str) -> None:
    clock = await left_open(tmp_path)
    foreign = Watching(tmp_path, FOREIGN, enabled=enabled, clock=clock)
    async with foreign as demo:
        demo.tell("watch")
        await demo.pass_time(0.1)
        incident = closed(demo)
    assert incident.outcome == "failed"
    assert told in incident.steps[-1].detail
