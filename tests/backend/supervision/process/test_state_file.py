"""What the next sidecar finds of the processes of this one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest

from llama_runner_pro.supervision.process.identity import identify
from llama_runner_pro.supervision.process.state_file import ProcessRecord, StateFile

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
