"""What the next sidecar finds of the processes of this one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest

from llama_runner_pro.supervision.process.identity import identify
from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start, StateFile, became

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "processes.json"


def record() -> ProcessRecord:
    own = identify(os.getpid())
    assert own is not None
    return ProcessRecord(identity=own, nonce="n", port=8081, incarnation=3)


def test_records_survive_as_they_are(path: Path) -> None:
    records = {"a/b": record()}
    StateFile(path).save(records)
    assert StateFile(path).load() == records


def test_no_file_means_no_processes(path: Path) -> None:
    assert StateFile(path).load() == {}


def test_damaged_file_is_set_aside_and_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_text('{"processes": {"a": {"iden')
    assert StateFile(path).load() == {}
    assert path.with_name("processes.json.damaged").exists()
    assert "processes.json is damaged" in caplog.text
    StateFile(path).save({"a": record()})
    assert set(StateFile(path).load()) == {"a"}


def test_records_from_before_a_reboot_are_dropped(path: Path) -> None:
    StateFile(path).save({"a": record()})
    document = msgspec.json.decode(path.read_bytes())
    document["boot"] = "another boot"
    path.write_bytes(msgspec.json.encode(document))
    assert StateFile(path).load() == {}


def test_saving_nothing_leaves_an_empty_file(path: Path) -> None:
    StateFile(path).save({"a": record()})
    StateFile(path).save({})
    assert StateFile(path).load() == {}


def test_a_start_is_noted_before_it_has_a_process(path: Path) -> None:
    start = Start(nonce="n2", port=8082, incarnation=4, restarts=1, began_ms=5)
    StateFile(path).save({"a": record()}, {"b": start}, lasting=False)
    noted = StateFile(path).read()
    assert (noted.processes, noted.starting) == ({"a": record()}, {"b": start})
    assert StateFile(path).load() == {"a": record()}


def test_a_file_of_an_older_version_holds_no_starts(path: Path) -> None:
    StateFile(path).save({"a": record()})
    document = msgspec.json.decode(path.read_bytes())
    del document["starting"]
    path.write_bytes(msgspec.json.encode(document))
    noted = StateFile(path).read()
    assert (noted.processes, noted.starting) == ({"a": record()}, {})


def test_what_a_start_became_keeps_all_that_was_noted_of_it() -> None:
    start = Start(nonce="n2", port=8082, incarnation=4, restarts=1, began_ms=5)
    found = became(start, record().identity)
    assert found == ProcessRecord(
        identity=record().identity, nonce="n2", port=8082, incarnation=4, restarts=1, began_ms=5
    )
