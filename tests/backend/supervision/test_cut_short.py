"""A sidecar that is killed between starting a process and recording it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.yard import Yard, gone

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.supervision.cut_short import record_cut_starts
from llama_runner_pro.supervision.process.state_file import Start, StateFile
from llama_runner_pro.supervision.records import Records

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from pathlib import Path

    from llama_runner_pro.supervision.process.identity import Identity
    from llama_runner_pro.supervision.process.state_file import ProcessRecord

SLEEP = "import time; print('ready'); time.sleep(60)"


class CutOff(StateFile):
    """What a kill right after a start leaves: no process gets into the file any more."""

    def save(
        self,
        records: Mapping[str, ProcessRecord],
        starting: Mapping[str, Start] | None = None,
        *,
        lasting: bool = True,
    ) -> None:
        if not records:
            super().save(records, starting, lasting=lasting)


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    made = Yard(tmp_path)
    yield made
    await made.clean()


def test_nobody_looks_around_when_no_start_was_cut_short(tmp_path: Path) -> None:
    def look(nonces: Collection[str]) -> dict[str, Identity]:
        raise AssertionError("nothing to look for")

    records = Records(StateFile(tmp_path / "processes.json"), SystemClock())
    asyncio.run(record_cut_starts(records, SystemClock(), look))


async def test_the_next_sidecar_takes_the_process_over_with_its_numbers(
    yard: Yard, tmp_path: Path
) -> None:
    yard.records = Records(CutOff(tmp_path / "processes.json"), SystemClock())
    pid = await yard.start(yard.python(SLEEP), 3, restarts=2)
    yard.sidecar_restarts()
    assert yard.records.get("demo") is None
    await record_cut_starts(yard.records, SystemClock())
    host = yard.python(SLEEP)
    recalled = host.recall()
    assert recalled is not None
    assert (recalled.incarnation, recalled.restarts) == (3, 2)
    assert await host.adopt(3) == pid
    assert (await host.stop(lambda _: None)).ok
    assert gone(pid)


async def test_the_process_of_an_earlier_start_is_not_taken_for_it(
    yard: Yard, tmp_path: Path
) -> None:
    yard.records = Records(CutOff(tmp_path / "processes.json"), SystemClock())
    pid = await yard.start(yard.python(SLEEP))
    records = Records(StateFile(tmp_path / "other.json"), SystemClock())
    await records.begin("demo", Start(nonce="of another start"))
    await record_cut_starts(records, SystemClock())
    assert (records.get("demo"), records.starting()) == (None, {})
    assert not gone(pid)


async def test_of_a_whole_tree_the_one_that_was_started_is_recorded(
    yard: Yard, tmp_path: Path
) -> None:
    yard.records = Records(CutOff(tmp_path / "processes.json"), SystemClock())
    pid = await yard.serve(yard.server("--fork-holder", "session"))
    yard.sidecar_restarts()
    await record_cut_starts(yard.records, SystemClock())
    record = yard.records.get("demo")
    assert record is not None
    assert record.identity.pid == pid


async def test_a_look_that_hangs_ends_with_words_and_the_start_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looking, over = threading.Event(), threading.Event()

    def look(nonces: Collection[str]) -> dict[str, Identity]:
        looking.set()
        over.wait()
        return {}

    clock = FakeClock()
    records = Records(StateFile(tmp_path / "processes.json"), clock)
    await records.begin("demo", Start(nonce="n"))
    task = asyncio.create_task(record_cut_starts(records, clock, look))
    await asyncio.to_thread(looking.wait)
    await clock.advance(5)
    await task
    over.set()
    assert "killed while it started demo" in caplog.text
    assert set(records.starting()) == {"demo"}
