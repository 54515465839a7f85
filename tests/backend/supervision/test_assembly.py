"""From a spec to what watches it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from msgspec.structs import replace

from llama_runner_pro.endpoints.spec import EndpointSpec, ProbeSpec, ProbesSpec, RestartSpec
from llama_runner_pro.supervision.assembly import Assembly
from llama_runner_pro.supervision.process.state_file import StateFile
from llama_runner_pro.supervision.records import Records
from llama_runner_pro.supervision.recovery_log import RecoveryLog
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEC = EndpointSpec(name="a", port=9000, start_command=("server",), model="tiny")


class NoBundles:
    """Gathers nothing."""

    async def record(self, incident: object, pid: int | None, nonce: str) -> str | None:
        return None


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def assembly(tmp_path: Path, clock: FakeClock) -> Iterator[Assembly]:
    recovery = RecoveryLog(tmp_path / "ai_recovery.log", clock, lambda incident: None)
    yield Assembly(
        check_interval_s=7.0,
        endpoints=1,
        log_path=lambda name: tmp_path / f"{name}.log",
        records=Records(StateFile(tmp_path / "processes.json"), clock),
        recovery=recovery,
        http=HttpClient(clock),
        clock=clock,
        publish=lambda news: None,
        reserved=tuple,
        debug=lambda: False,
        diagnostics=NoBundles(),  # type: ignore[arg-type]
    )
    recovery.shut()


async def test_the_policy_comes_from_the_spec_and_what_all_share(assembly: Assembly) -> None:
    policy = assembly.watch(SPEC).monitor.policy
    assert policy.startable
    assert policy.liveness_period_s == 7.0
    assert not assembly.watch(replace(SPEC, start_command=None)).monitor.policy.startable


async def test_very_many_endpoints_are_checked_less_often_which_is_said(
    assembly: Assembly, caplog: pytest.LogCaptureFixture
) -> None:
    assembly.adjust(7.0, 700)
    assert not caplog.text
    assembly.adjust(7.0, 10_000)
    assert assembly.watch(SPEC).monitor.policy.liveness_period_s == 100.0
    assert "10000 endpoints: each is checked every 100 s instead of every 7 s" in caplog.text
    slower = replace(SPEC, probes=ProbesSpec(liveness=ProbeSpec(period_s=300.0)))
    assert assembly.watch(slower).monitor.policy.liveness_period_s == 300.0


async def test_adjusting_reaches_the_monitor_and_keeps_it(assembly: Assembly) -> None:
    watched = assembly.watch(SPEC)
    assembly.adjust(3.0, 1)
    changed = replace(SPEC, restart=RestartSpec(budget=9), on_exit="keep", model="other")
    watched.adjust(changed)
    assert watched.monitor.spec == changed
    assert watched.monitor.policy.budget == 9
    assert watched.monitor.policy.liveness_period_s == 3.0
    assert watched.monitor.view().model == "other"
    assert not watched.stops_on_exit()
    silent = replace(SPEC, probes=ProbesSpec(startup_budget_s=5.0))
    watched.adjust(silent)
    assert watched.monitor.policy.startup_budget_s == 5.0


async def test_a_replaced_endpoint_keeps_its_heartbeats(
    assembly: Assembly, clock: FakeClock
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    first = assembly.watch(EndpointSpec(name="a", port=port))
    running = asyncio.create_task(first.monitor.run())
    first.monitor.tell("watch")
    async with asyncio.timeout(60):
        while not (beats := first.monitor.view().heartbeats):
            await clock.advance(7)
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    assert assembly.watch(SPEC).monitor.view().heartbeats == beats
