"""The support archive tells much, and no secret."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from fakes.archives import unpacked

from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.doctor.archive import support_archive
from llama_runner_pro.doctor.examine import Subject
from llama_runner_pro.doctor.finding import ok
from llama_runner_pro.supervision.process.identity import identify
from llama_runner_pro.supervision.process.state_file import ProcessRecord, StateFile

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HEADER, ENV_KEY, ARGV = "header-7f3a9c", "env-key-51bd2e", "argv-token-c04e88"
TOKEN, OUTER = "own-tok-3311ff", "outer-env-99ab10"
PLANTED = (HEADER, ENV_KEY, ARGV, TOKEN, OUTER)


def prepared(folder: Path, **more: object) -> Subject:
    """A data folder with secrets in its configuration and its logs."""
    paths = DataPaths(folder / "data")
    paths.create()
    entry = {
        "name": "demo",
        "port": 8099,
        "headers": {"X-Plain": HEADER},
        "env": {"OPENAI_API_KEY": ENV_KEY},
        "start_command": ["python3", "--api-token", ARGV],
        **more,
    }
    paths.config_file.write_text(json.dumps({"endpoints": [entry]}))
    paths.token_file.write_text(TOKEN)
    careless = " ".join(PLANTED) + "\nall is quiet\n"
    for log in (paths.monitor_log, paths.recovery_log, paths.endpoint_log("demo")):
        log.write_text(careless)
    own = identify(os.getpid())
    assert own is not None
    StateFile(paths.processes_file).save({"demo": ProcessRecord(identity=own, nonce="n")})
    return Subject(paths, paths.config_file, 8585, None)


def texts(subject: Subject) -> dict[str, str]:
    """Name without the folder → text."""
    found = unpacked(support_archive(subject, [ok("clock", "it ticks")], "1.2.3"))
    return {path.partition("/")[2]: text for path, text in found.items()}


def test_no_planted_secret_is_in_any_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", OUTER)
    found = texts(prepared(tmp_path))
    assert {"doctor.json", "config.json", "endpoints/demo.log", "ai_monitor.log"} <= set(found)
    for path, text in found.items():
        assert not [secret for secret in PLANTED if secret in text], path
    assert "all is quiet" in found["endpoints/demo.log"]


def test_findings_configuration_and_processes_are_told(tmp_path: Path) -> None:
    found = texts(prepared(tmp_path))
    assert json.loads(found["doctor.json"])[0]["what"] == "it ticks"
    assert json.loads(found["config.json"])["endpoints"][0]["name"] == "demo"
    assert f"pid {os.getpid()} " in found["processes/tree.txt"]
    assert "llama-runner-pro 1.2.3" in found["versions.txt"]


def test_a_refused_configuration_is_told_without_its_secrets(tmp_path: Path) -> None:
    found = texts(prepared(tmp_path, port="eighty"))
    assert json.loads(found["config.json"])["endpoints"][0]["port"] == "eighty"
    for path, text in found.items():
        inherited = [secret for secret in (HEADER, ENV_KEY, ARGV, TOKEN) if secret in text]
        assert not inherited, path


def test_a_configuration_that_is_no_json_is_left_out(tmp_path: Path) -> None:
    subject = prepared(tmp_path)
    subject.config_file.write_text('{"headers": {"X": "' + HEADER)
    assert "left out" in texts(subject)["config.json"]
    assert HEADER not in texts(subject)["config.json"]


def test_an_empty_data_folder_makes_an_archive_too(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path / "none")
    found = texts(Subject(paths, paths.config_file, 8585, None))
    assert found["processes/tree.txt"] == "No process was running.\n"
    assert not paths.root.exists()
