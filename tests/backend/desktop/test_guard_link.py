"""The sidecar's side of its guard, with a real guard process."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.children import NONCE, Launcher, until
from fakes.clock import FakeClock
from fakes.slow_clock import SlowClock

from llama_runner_pro.desktop.guard_link import (
    AGAIN_S,
    START_WITHIN_S,
    GuardLink,
    ending_with_us,
    guard_argv,
)
from llama_runner_pro.desktop.guard_words import Begin
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.process.command import Runtime, this_runtime
from llama_runner_pro.supervision.process.identity import Identity
from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start
from tests.tools.loopback import alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock

STAY = "import time; print('ready', flush=True); time.sleep(60)"
GONE = Identity(pid=2**22 + 5, create_time=1.0, exe="", command_hash="")


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.clean()


class Sidecar:
    """What a guard sees of a sidecar: its link, and what that is told to guard."""

    def __init__(self, folder: Path, clock: Clock, runtime: Runtime | None = None) -> None:
        self.records: dict[str, Start] = {}
        begin = Begin(
            instance="mine",
            window=GONE,
            presence_file=str(folder / "sidecar.json"),
            keep_models=False,
            successor_within_s=15.0,
        )
        self.link = GuardLink(
            begin,
            runtime=runtime or this_runtime(),
            log_path=folder / "guard.log",
            wanted=lambda: self.records,
            clock=clock,
        )

    async def with_model(self, launcher: Launcher) -> int:
        """Start the guard, and then one model."""
        await self.link.start()
        process = await launcher.python(STAY)
        self.records["one"] = ProcessRecord(identity=process.identity, nonce=NONCE)
        self.link.compare()
        return process.pid


async def test_models_left_at_a_farewell_are_ended_by_the_guard(
    tmp_path: Path, launcher: Launcher
) -> None:
    sidecar = Sidecar(tmp_path, SlowClock())
    pid = await sidecar.with_model(launcher)
    await sidecar.link.farewell(keep_models=False)
    await until(lambda: not alive(pid))


async def test_a_process_that_nobody_came_to_record_is_ended_by_the_guard(
    tmp_path: Path, launcher: Launcher
) -> None:
    sidecar = Sidecar(tmp_path, SlowClock())
    await sidecar.link.start()
    sidecar.records["one"] = Start(nonce=NONCE)
    sidecar.link.compare()
    process = await launcher.python(STAY)
    await sidecar.link.farewell(keep_models=False)
    await until(lambda: not alive(process.pid))


async def test_a_farewell_may_leave_them(tmp_path: Path, launcher: Launcher) -> None:
    sidecar = Sidecar(tmp_path, SlowClock())
    pid = await sidecar.with_model(launcher)
    guard = sidecar.link.pid
    assert guard is not None
    await sidecar.link.farewell(keep_models=True)
    await until(lambda: not alive(guard))
    assert alive(pid)


async def test_a_model_that_ended_is_not_guarded_any_more(
    tmp_path: Path, launcher: Launcher
) -> None:
    sidecar = Sidecar(tmp_path, SlowClock())
    pid = await sidecar.with_model(launcher)
    guard = sidecar.link.pid
    assert guard is not None
    del sidecar.records["one"]
    await sidecar.link.farewell(keep_models=False)
    await until(lambda: not alive(guard))
    assert alive(pid)


async def test_the_guard_that_replaces_a_killed_one_knows_the_models(
    tmp_path: Path, launcher: Launcher
) -> None:
    clock = FakeClock()
    sidecar = Sidecar(tmp_path, clock)
    pid = await sidecar.with_model(launcher)
    running = asyncio.ensure_future(sidecar.link.run())
    first = sidecar.link.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: sidecar.link.pid is None)
    await until(lambda: clock.sleeping == 2)
    await clock.advance(AGAIN_S)
    await until(lambda: sidecar.link.pid not in (None, first))
    running.cancel()
    await sidecar.link.farewell(keep_models=False)
    await until(lambda: not alive(pid))


async def test_without_a_guard_the_sidecar_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = Runtime(executable="/no/such/program", frozen=True, environ={}, home="/")
    sidecar = Sidecar(tmp_path, FakeClock(), runtime)
    await sidecar.link.start()
    assert "cannot be started" in caplog.text
    sidecar.link.compare()
    await sidecar.link.farewell(keep_models=False)


async def test_a_disk_that_hangs_does_not_hold_the_start_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, log = FakeClock(), tmp_path / "guard.log"
    # Whoever opens it to write waits for somebody who reads.
    os.mkfifo(log)
    sidecar = Sidecar(tmp_path, clock)
    starting = asyncio.ensure_future(sidecar.link.start())
    await until(lambda: clock.sleeping == 1)
    await clock.advance(START_WITHIN_S)
    await starting
    assert "not within 5 s" in caplog.text
    assert sidecar.link.pid is None
    reading = os.open(log, os.O_RDONLY)
    await until(lambda: not [one for one in threading.enumerate() if one.name == "guard"])
    os.close(reading)


def test_the_guard_is_the_same_program() -> None:
    frozen = Runtime(executable="/opt/backend", frozen=True, environ={}, home="/")
    plain = Runtime(executable="/usr/bin/python3", frozen=False, environ={}, home="/")
    assert guard_argv(frozen) == ["/opt/backend", "guard"]
    assert guard_argv(plain)[0] == "/usr/bin/python3"
    assert guard_argv(plain)[-1] == "guard"


def test_only_what_ends_with_the_sidecar_is_guarded() -> None:
    specs = [EndpointSpec(name="ends"), EndpointSpec(name="kept", on_exit="keep")]
    record = ProcessRecord(identity=GONE, nonce="n")
    records = {"ends": record, "kept": Start(nonce="n"), "no longer configured": record}
    assert set(ending_with_us(specs, records)) == {"ends", "no longer configured"}
