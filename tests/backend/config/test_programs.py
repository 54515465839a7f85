"""Programs and folders that a configuration names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.config.programs import check_programs
from llama_runner_pro.config.validate import Checker
from llama_runner_pro.endpoints.spec import EndpointSpec

if TYPE_CHECKING:
    from pathlib import Path


def noted(**fields: object) -> list[str]:
    checker = Checker()
    check_programs(checker, "e", EndpointSpec(name="a", **fields))  # type: ignore[arg-type]
    return [problem.path for problem in checker.problems]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "bin" / "server"
    path.parent.mkdir()
    path.touch(0o755)
    return path


def test_whole_path_and_name_on_the_path_are_found() -> None:
    assert noted(start_command=(sys.executable,), stop_command=("sh", "-c", "")) == []


def test_both_commands_are_looked_for() -> None:
    commands = {"start_command": ("no-such-1",), "stop_command": ("/no/such-2",)}
    assert noted(**commands) == ["e.start_command[0]", "e.stop_command[0]"]


def test_relative_path_is_looked_for_in_the_working_folder(program: Path) -> None:
    folder = str(program.parent.parent)
    assert noted(cwd=folder, start_command=("bin/server",)) == []
    assert noted(cwd=folder, start_command=("server",)) == ["e.start_command[0]"]


def test_path_of_the_endpoint_is_searched(program: Path) -> None:
    assert noted(env={"PATH": str(program.parent)}, start_command=("server",)) == []


def test_file_that_cannot_be_executed_is_no_program(program: Path) -> None:
    program.chmod(0o644)
    assert noted(start_command=(str(program),)) == ["e.start_command[0]"]


def test_missing_working_folder_is_the_one_thing_said() -> None:
    assert noted(cwd="/no/such", start_command=("no-such",)) == ["e.cwd"]


def test_disabled_endpoint_may_lack_its_program() -> None:
    assert noted(enabled=False, start_command=("no-such",), cwd="/no/such") == []


def test_what_is_known_at_the_start_only_is_not_judged() -> None:
    assert noted(start_command=("${MODEL}",), cwd="/srv/${PORT}") == []
