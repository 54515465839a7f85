"""The processes we started, kept on disk."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from fakes.children import until
from fakes.clock import FakeClock

from llama_runner_pro.supervision.process.identity import Identity
from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start, StateFile
from llama_runner_pro.supervision.records import Records

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def record(pid: int) -> ProcessRecord:
    identity = Identity(pid=pid, create_time=1.5, exe="/bin/x", command_hash="h")
    return ProcessRecord(identity=identity, nonce=f"n{pid}", port=8080, incarnation=pid)


async def test_a_record_is_on_disk_when_put_returns(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "processes.json")
    await Records(file, FakeClock()).put("a", record(1))
    assert file.load() == {"a": record(1)}


async def test_the_next_sidecar_finds_it(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "processes.json")
    await Records(file, FakeClock()).put("a", record(1))
    assert Records(file, FakeClock()).get("a") == record(1)
    assert Records(file, FakeClock()).get("b") is None


async def test_a_dropped_record_is_gone_for_good(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "processes.json")
    records = Records(file, FakeClock())
    await records.put("a", record(1))
    await records.drop("a")
    await records.drop("never there")
    assert records.get("a") is None
    assert file.load() == {}


async def test_many_at_once_all_arrive(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "processes.json")
    records = Records(file, FakeClock())
    await asyncio.gather(*(records.put(f"e{n}", record(n)) for n in range(20)))
    await asyncio.gather(*(records.drop(f"e{n}") for n in range(0, 20, 2)))
    assert sorted(file.load()) == sorted(f"e{n}" for n in range(1, 20, 2))


async def test_a_disk_that_takes_nothing_is_told_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = Records(StateFile(tmp_path / "processes.json"), FakeClock())
    (tmp_path / "processes.json").mkdir()
    await records.put("a", record(1))
    assert records.get("a") == record(1)
    assert "running processes cannot be recorded" in caplog.text


async def test_what_a_full_disk_refused_is_saved_once_there_is_room(tmp_path: Path) -> None:
    file, clock = StateFile(tmp_path / "processes.json"), FakeClock()
    records = Records(file, clock)
    (tmp_path / "processes.json").mkdir()
    saving = asyncio.create_task(records.keep_saved())
    await records.put("a", record(1))
    (tmp_path / "processes.json").rmdir()
    await clock.advance(2)
    await until(lambda: file.load() == {"a": record(1)})
    saving.cancel()


async def test_a_disk_that_stays_full_is_told_once_and_so_is_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    file, clock = StateFile(tmp_path / "processes.json"), FakeClock()
    records = Records(file, clock)
    (tmp_path / "processes.json").mkdir()
    saving = asyncio.create_task(records.keep_saved())
    for number in range(3):
        await records.put(f"e{number}", record(number))
    (tmp_path / "processes.json").rmdir()
    await clock.advance(2)
    await until(lambda: "recorded again" in caplog.text)
    assert caplog.text.count("cannot be recorded") == 1
    saving.cancel()


async def test_whoever_listens_hears_of_every_change(tmp_path: Path) -> None:
    records = Records(StateFile(tmp_path / "processes.json"), FakeClock())
    heard: list[list[str]] = []
    records.listen(lambda: heard.append(sorted(records.all())))
    await records.put("a", record(1))
    await records.put("b", record(2))
    await records.drop("a")
    await records.drop("a")
    assert heard == [["a"], ["a", "b"], ["b"]]


async def test_whoever_listens_hears_of_a_start_before_it_has_a_process(tmp_path: Path) -> None:
    records = Records(StateFile(tmp_path / "processes.json"), FakeClock())
    heard: list[list[str]] = []
    records.listen(lambda: heard.append(sorted(records.starting())))
    await records.begin("a", Start(nonce="n1"))
    await records.put("a", record(1))
    await records.begin("b", Start(nonce="n2"))
    records.give_up("b")
    assert heard == [["a"], [], ["b"], []]


async def test_a_start_is_on_disk_until_its_process_is(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "processes.json")
    records = Records(file, FakeClock())
    await records.begin("a", Start(nonce="n1"))
    assert Records(file, FakeClock()).starting() == {"a": Start(nonce="n1")}
    await records.put("a", record(1))
    assert Records(file, FakeClock()).starting() == {}
    assert Records(file, FakeClock()).get("a") == record(1)


async def test_a_start_without_a_process_is_forgotten_with_the_next_change(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "processes.json")
    records = Records(file, FakeClock())
    await records.begin("a", Start(nonce="n1"))
    records.give_up("a")
    assert records.starting() == {}
    await records.put("b", record(1))
    assert Records(file, FakeClock()).starting() == {}
