"""Picking the subcommand."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from llama_runner_pro.cli.main import COMMANDS, main


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "llama_runner_pro", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_names_every_command_and_every_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    for name in COMMANDS:
        assert re.search(rf"^    {name}\s", printed, re.MULTILINE)
    assert "exit codes:" in printed
    assert " 69  " in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: llama-runner-pro {name}")
    assert "exit codes:" in printed


@pytest.mark.parametrize(
    "words",
    [[], ["dance"], ["status", "--loud"], ["logs", "--lines", "many"], ["logs", "-n", "-1"]],
)
def test_a_wrong_command_line_is_told_with_exit_code_64(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 64
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("llama-runner-pro: ")
    assert "--help" in printed.err


def test_a_small_command_imports_nothing_large() -> None:
    code = (
        "import sys; from llama_runner_pro.cli.main import main; main(['version']);"
        "large = {'starlette', 'uvicorn', 'psutil', 'msgspec', 'websockets', 'asyncio'};"
        "sys.exit(repr(large & set(sys.modules)) if large & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_package_runs_as_a_module() -> None:
    done = run("version")
    assert done.returncode == 0
    assert done.stdout.startswith("llama-runner-pro ")


def test_a_reader_that_has_enough_ends_the_command_quietly() -> None:
    program = f"{sys.executable} -m llama_runner_pro"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {program} version | true; exit $?"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
