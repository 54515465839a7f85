"""All checks together, on this machine."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.doctor.examine import (
    Subject,
    examine,
    private_files,
    read_config,
    try_engine,
    write_problem,
)

if TYPE_CHECKING:
    from pathlib import Path

IDS = [
    "python-version",
    "data-folder-writable",
    "token-permissions",
    "disk-space",
    "clock",
    "config-valid",
    "model-files",
    "port-free",
    "other-instances",
    "endpoint-ports",
    "gpu-access",
    "engine-installed",
    "page-built",
]
"""Stable: scripts look for them. `engine-library` comes where an engine is installed."""
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing there")


def subject(folder: Path, **more: object) -> Subject:
    """A data folder to look at."""
    paths = DataPaths(folder / "data")
    known: dict[str, object] = {"config_file": paths.config_file, "port": 0, "static_dir": None}
    return Subject(paths, **(known | more))  # type: ignore[arg-type]


def test_every_check_runs_once_and_in_its_order(tmp_path: Path) -> None:
    found = [finding.id for finding in examine(subject(tmp_path))]
    unique = list(dict.fromkeys(found))
    assert [one for one in unique if one != "engine-library"] == IDS


def test_what_pushing_needs_is_looked_at_where_pushing_is_on(tmp_path: Path) -> None:
    config = tmp_path / "pushing.json"
    config.write_text(json.dumps({"endpoints": [], "otlp": {"enabled": True}}))
    found = list(examine(subject(tmp_path, config_file=config)))
    assert [one.level for one in found if one.id == "otlp-installed"] == ["ok"]


def test_a_first_look_changes_nothing(tmp_path: Path) -> None:
    list(examine(subject(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_configuration_fails_and_the_other_checks_go_on(tmp_path: Path) -> None:
    config = tmp_path / "wrong.json"
    config.write_text(json.dumps({"endpoints": [{"name": "a", "port": 0}], "colour": 1}))
    found = list(examine(subject(tmp_path, config_file=config)))
    problems = [one for one in found if one.id == "config-valid"]
    assert len(problems) >= 2
    assert all(one.level == "fail" for one in problems)
    assert {one.id for one in found} >= set(IDS)


def test_a_configuration_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    config, problems = read_config(tmp_path)
    assert config.endpoints == ()
    assert problems


def test_a_file_where_the_folder_should_be_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert write_problem(tmp_path / "data")
    assert write_problem(tmp_path / "data" / "below")


def test_a_trial_write_leaves_nothing(tmp_path: Path) -> None:
    assert write_problem(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@posix_only
def test_modes_of_our_files_are_measured(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path / "data")
    paths.create()
    paths.token_file.write_text("t")
    paths.token_file.chmod(0o640)
    token, folder = private_files(paths, None)
    assert (token.mode, token.secret) == (0o640, True)
    assert (folder.path, folder.mode, folder.secret) == (paths.root, 0o700, False)


@posix_only
@pytest.mark.parametrize(("headers", "level"), [({"X-Key": "secret-1"}, "fail"), ({}, "ok")])
def test_a_configuration_that_others_can_read_must_hold_no_secret(
    tmp_path: Path, headers: dict[str, str], level: str
) -> None:
    config = tmp_path / "given.json"
    config.write_text(json.dumps({"endpoints": [{"name": "a", "port": 8099, "headers": headers}]}))
    config.chmod(0o644)
    found = examine(subject(tmp_path, config_file=config))
    (finding,) = (one for one in found if one.id == "token-permissions")
    assert finding.level == level


def test_an_engine_that_does_not_load_in_time_is_ended() -> None:
    finding = try_engine(within_s=0.001)
    assert (finding.id, finding.level) == ("engine-library", "fail")
