"""How a start goes, part by part, with real processes."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.children import until
from fakes.yard import Yard

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.spec import LimitsSpec
from llama_runner_pro.supervision.effects import Effort
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from llama_runner_pro.supervision.effects import StepReport

SLEEP = "import time; print('ready'); time.sleep(60)"


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    made = Yard(tmp_path)
    yield made
    await made.clean()


def told(reports: list[StepReport]) -> list[str]:
    return [f"{one.step} {'ended' if one.ended else 'begins'}" for one in reports]


async def test_every_part_of_a_start_is_reported(yard: Yard, tmp_path: Path) -> None:
    host = yard.python(SLEEP, port=free_port(), temp_paths=(f"{tmp_path}/tmp/*.lock",))
    first = await yard.start(host)
    stale = tmp_path / "tmp" / "a.lock"
    stale.parent.mkdir()
    stale.write_text("x")
    os.utime(stale, (1.0, 1.0))
    os.kill(first, signal.SIGKILL)
    await yard.end(host)
    reports: list[StepReport] = []
    await yard.start(host, 2, reports.append)
    assert told(reports) == [
        *("port begins", "port ended"),
        *("temp_cleanup begins", "temp_cleanup ended", "start begins"),
    ]
    assert not stale.exists()
    assert reports[3].detail == f"removed {stale}"


async def test_a_first_start_cleans_nothing_up(yard: Yard, tmp_path: Path) -> None:
    stale = tmp_path / "a.lock"
    stale.write_text("x")
    os.utime(stale, (1.0, 1.0))
    reports: list[StepReport] = []
    await yard.start(yard.python(SLEEP, temp_paths=(str(stale),)), 1, reports.append)
    assert told(reports) == ["start begins"]
    assert stale.exists()


async def test_the_next_sidecar_counts_on_and_cleans_up(yard: Yard, tmp_path: Path) -> None:
    stale = tmp_path / "a.lock"
    host = yard.python(SLEEP, temp_paths=(str(stale),))
    assert host.recall() is None
    os.kill(await yard.start(host, 7, restarts=3), signal.SIGKILL)
    await yard.end(host)
    stale.write_text("x")
    os.utime(stale, (1.0, 1.0))
    yard.sidecar_restarts()
    again = yard.python(SLEEP, temp_paths=(str(stale),))
    past = again.recall()
    assert past is not None
    assert (past.incarnation, past.restarts) == (7, 3)
    await yard.start(again, 8)
    assert not stale.exists()


async def test_processor_time_of_the_process_is_known(yard: Yard) -> None:
    host = yard.python("sum(range(9_000_000)); import time; print('ready'); time.sleep(60)")
    assert await host.effort() == Effort()
    await yard.start(host)
    await until(lambda: host.output.refresh() or host.output.tail.last(1))
    cpu_s = (await host.effort()).cpu_s
    assert cpu_s is not None
    assert cpu_s > 0.05


class TestMemory:
    @pytest.mark.skipif(sys.platform != "linux", reason="no such limit elsewhere")
    async def test_a_limit_holds_and_running_into_it_is_recognised(self, yard: Yard) -> None:
        code = (
            "import resource, time\n"
            "while resource.getrlimit(resource.RLIMIT_AS)[0] < 0: time.sleep(0.01)\n"
            "bytearray(900_000_000)"
        )
        host = yard.python(code, limits=LimitsSpec(memory_bytes=400_000_000))
        await yard.start(host)
        host.tend()
        ended = await yard.end(host)
        assert (ended.code, ended.oom) == (1, "its log says: MemoryError")
        assert ended.words == "exited with code 1, out of memory: its log says: MemoryError"

    async def test_an_engine_that_refuses_for_lack_of_memory_is_recognised(
        self, yard: Yard
    ) -> None:
        code = (
            "import sys; print('llama-runner-pro engine: it needs 9 GB, 4 GB are free');"
            "sys.exit(71)"
        )
        host = yard.python(code, kind="embedded", port=free_port())
        await yard.start(host)
        assert (await yard.end(host)).oom == "it says: it needs 9 GB, 4 GB are free"


async def test_a_start_that_fails_is_not_written_down(yard: Yard) -> None:
    missing = yard.host("no-such-program")
    reports: list[StepReport] = []
    with pytest.raises(StartFailed):
        await yard.start(missing, 1, reports.append)
    assert told(reports) == ["start begins"]
    assert missing.recall() is None
